"""The weather of calls: each fault of both APIs, webhooks and downloads."""
import http.client
import json
import threading

from case import ALICE, OPS, Case
from common.raw_client import http_call
from refusals import KNOWN

GONE = (ConnectionError, http.client.HTTPException)
SEND = "/v1.0/robot/groupMessages/send"


class OfTheNewApi(Case):
    def setUp(self):
        super().setUp()
        self.api.renew()

    def raw(self):
        body = {"robotCode": self.ding.robot_code, "openConversationId": OPS, "msgKey": "sampleText",
                "msgParam": '{"content":"x"}'}
        return self.api.raw(SEND, json.dumps(body).encode())

    def sent(self):
        return len(self.ding.get("said"))

    def test_each_known_refusal(self):
        for name, status, code in (("qps", 403, "QpsLimit"), ("qps429", 429, "QpsLimit"), ("busy", 503, "Unavailable"),
                                   ("gateway_timeout", 504, "Timeout"), ("no_scope", 403, "TokenPermissionDenied"),
                                   ("ip", 403, "IpNotInWhiteList"), ("not_certified", 400, "orgAuthLevelNotEnough"),
                                   ("bad_token", 401, "InvalidAuthentication"), ("unsafe", 400, "contentUnsafe"),
                                   ("no_quota", 400, "ding.serverquota.insufficient")):
            self.ding.fault(SEND, "refuse", refusal=name)
            answer = self.to_group()
            self.assertEqual(answer[0], status, answer)
            self.assertIn(code, answer[1]["code"])
        self.assertEqual(self.sent(), 0)
        self.assertEqual({row["fault"] for row in self.ding.get("calls", api=SEND)}, {"refuse"})

    def test_any_error(self):
        self.ding.fault("api", "error", code="system.error", status=500)
        self.refused("system.error", self.to_group(), 500)
        self.ding.fault(SEND, "status", status=502)
        self.assertEqual(self.raw()[0], 502)
        self.ding.fault(SEND, "status", status=429, retry_after=3)
        status, headers, body = self.raw()
        self.assertEqual((status, headers["retry-after"], json.loads(body)["code"]), (429, "3", "QpsLimit"))
        self.assertEqual(self.sent(), 0)

    def test_after_the_work(self):
        self.ding.fault(SEND, "refuse", performed=True, refusal="gateway_timeout")
        self.assertEqual(self.to_group()[0], 504)
        self.assertEqual(self.sent(), 1)

    def test_nonsense_for_answers(self):
        self.ding.fault(SEND, "broken_json")
        status, _, body = self.raw()
        self.assertEqual(status, 200)
        self.assertRaises(ValueError, json.loads, body)
        self.ding.fault(SEND, "html")
        self.assertTrue(self.raw()[2].startswith(b"<!DOCTYPE"))
        self.ding.fault(SEND, "body", body='{"status":1111,"wait":5,"source":"x5","punish":"deny"}')
        self.assertEqual(json.loads(self.raw()[2])["punish"], "deny")

    def test_lost_after_the_work(self):
        for how in ({}, {"bytes": 30, "reset": True}):
            self.ding.fault(SEND, "cut", performed=True, **how)
            self.assertRaises(GONE, self.raw)
        self.assertEqual(self.sent(), 2)

    def test_slow_and_held(self):
        self.ding.fault(SEND, "pass", chunk_bytes=7, chunk_ms=0.1)
        self.assertEqual(self.raw()[0], 200)
        self.ding.fault(SEND, "hold", performed=True)
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(self.raw()[0]))
        waiting.start()
        self.ding.wait("said", 2)
        self.assertEqual(answers, [])
        self.ding.post("release")
        waiting.join(10)
        self.assertEqual(answers, [200])

    def test_rules_match_verb_and_fields(self):
        self.ding.fault("/v1.0/card/instances", "refuse", match={"verb": "PUT"}, refusal="busy")
        self.ding.fault("/v1.0/robot/ding/send", "refuse", match={"remindType": 3}, times=-1, refusal="no_quota")
        self.ok(self.new_card())
        update = {"outTrackId": "INC-1", "cardData": {"cardParamMap": {"a": "b"}}}
        self.assertEqual([self.api("/v1.0/card/instances", update, "PUT")[0] for _ in range(2)], [503, 200])
        how = {"receiverUserIdList": [ALICE], "content": "x"}
        self.refused("ding.serverquota.insufficient", self.robot("ding/send", remindType=3, **how))
        self.ok(self.robot("ding/send", remindType=1, **how))

    def test_the_open_call_and_the_token(self):
        self.ding.fault("/v1.0/gateway/connections/open", "refuse", refusal="busy")
        self.assertEqual([self.api.open()[0] for _ in range(2)], [503, 200])
        self.ding.fault("/v1.0/oauth2/accessToken", "status", status=500)
        self.assertRaises(ValueError, self.api.renew)
        self.api.renew()

    def test_closed_ports_and_ended_connections(self):
        self.ding.post("listening", api=False)
        self.assertRaises(ConnectionRefusedError, self.raw)
        self.ding.post("listening", api=True)
        self.assertEqual(self.raw()[0], 200)
        kept = http.client.HTTPConnection("127.0.0.1", self.ding.ready["ports"]["oapi"], timeout=10)
        self.addCleanup(kept.close)
        kept.request("GET", "/gettoken")
        kept.getresponse().read()
        self.ding.post("connections", listener="oapi", reset=False)
        self.assertEqual(kept.sock.recv(1), b"")


class OfTheRest(Case):
    def test_each_known_refusal_of_the_old_api(self):
        self.old.renew()
        for name, errcode, sub in (("qps", 88, "90018"), ("qps429", 90002, None), ("tenant_qps", 90019, None),
                                   ("busy", -1, None), ("gateway_timeout", 15, None), ("timeout88", 88, None),
                                   ("no_scope", 88, "60011"), ("bad_token", 40014, None), ("bad_token88", 88, "40014"),
                                   ("volume", 90030, None)):
            self.ding.fault("/topapi/v2/user/get", "refuse", refusal=name)
            body = self.refused(errcode, self.old("/topapi/v2/user/get", {"userid": ALICE}))
            self.assertEqual(body.get("sub_code"), sub)
        self.ding.fault("old", "error", errcode=7, sub_code="8")
        self.assertEqual(self.refused(7, self.old("/topapi/v2/user/get", {"userid": ALICE}))["sub_code"], "8")

    def test_of_webhooks(self):
        url = self.ding.say("alice", "x", group="ops")["session_webhook"]
        text = {"msgtype": "text", "text": {"content": "x"}}
        for name, errcode in (("session_gone", 300001), ("too_fast", 130101), ("volume", 90030)):
            self.ding.fault("hooks", "refuse", match={"msgtype": "text"}, refusal=name)
            self.refused(errcode, self.old.hook(url, text))
        self.ding.fault("hooks", "cut", performed=True)
        self.assertRaises(GONE, self.old.hook, url, text)
        self.ding.fault("hooks", "status", status=500)
        self.assertEqual(http_call(url, "POST", b"{}")[0], 500)
        self.assertEqual(len(self.ding.get("said")), 1)
        self.assertEqual([row["fault"] for row in self.ding.get("hooks")],
                         ["refuse", "refuse", "refuse", "cut", "status"])

    def test_of_downloads(self):
        mine = self.connect()
        self.ding.picture("alice", b"x" * 100)
        code = self.heard(mine)["inner"]["content"]["downloadCode"]
        url = self.ok(self.robot("messageFiles/download", downloadCode=code))["downloadUrl"]
        self.ding.fault("files", "status", status=503)
        self.assertEqual(http_call(url, "GET")[0], 503)
        self.ding.fault("files", "cut", bytes=150)
        self.assertRaises(GONE, http_call, url, "GET")
        self.assertEqual(http_call(url, "GET")[2], b"x" * 100)

    def test_every_refusal_can_be_said_both_ways(self):
        self.old.renew()
        for name in KNOWN:
            self.ding.fault(SEND, "refuse", refusal=name)
            self.assertIn("code", self.to_group()[1])
            self.ding.fault("old", "refuse", refusal=name)
            self.assertNotEqual(self.old("/topapi/v2/user/get", {"userid": ALICE})["errcode"], 0)

    def test_a_misspelt_rule_is_refused(self):
        for rule in ({"at": "/v1.0/robot/groupmessages/send", "do": "html"}, {"at": "api", "do": "explode"},
                     {"at": "pong", "do": "cut"}, {"at": "api", "do": "status", "stauts": 500},
                     {"at": "frame", "do": "late", "status": 500}, {"at": "api", "do": "refuse", "refusal": "qsp"},
                     {"at": "api", "do": "error"}, {"at": "handshake", "do": "pass"}):
            self.impossible(400, self.ding.post, "fault", rule)
        self.assertEqual(self.ding.get("faults"), [])
        for name, value in (("ack_secnods", 1), ("ack_seconds", "1"), ("limits", 1), ("announcements", "x")):
            self.impossible(400, self.ding.settings, **{name: value})
