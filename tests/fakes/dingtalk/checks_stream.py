"""Stream Mode: the open call, tickets, SYSTEM frames."""
import json
import xml.etree.ElementTree

from by_hand import CARD, EVENT, ROBOT, address
from case import MESSAGES, Case
from common.raw_client import PING, HandshakeRefused, http_call


class Opening(Case):
    def test_where_to_go_and_what_to_show(self):
        opened = self.opened()
        self.assertTrue(opened["endpoint"].startswith(self.ding.ready["gateway_url"]))
        self.assertTrue(opened["endpoint"].endswith("/stream/v3/connect"))
        self.dial(address(opened))
        row = self.ding.wait("sockets", ready=True)[0]
        self.assertEqual((row["ua"], row["subscriptions"]), ("dingtalk-sdk-test/v1.0", [ROBOT, CARD, EVENT]))
        self.assertFalse(row["authorization"])

    def test_without_accept_it_answers_in_xml(self):
        body = json.dumps({"clientId": self.ding.client_id, "clientSecret": self.ding.client_secret,
                           "subscriptions": [ROBOT]}).encode()
        url = self.ding.api_url + "/v1.0/gateway/connections/open"
        for accept in ({}, {"Accept": "*/*"}):
            status, headers, text = http_call(url, "POST", body, {"Content-Type": "application/json", **accept})
            self.assertEqual((status, headers["content-type"]), (200, "application/xml"))
            self.assertTrue(xml.etree.ElementTree.fromstring(text).find("ticket").text)
        status, headers, _ = http_call(url, "POST", b"{}", {"Content-Type": "application/json"})
        self.assertEqual((status, headers["content-type"]), (400, "application/xml"))

    def test_a_wrong_secret(self):
        for wrong in ({"clientSecret": self.ding.client_secret + " "}, {"clientId": "ding0other"}):
            found = self.refused("authFailed", self.api.open(**wrong), 401)
            self.assertEqual(found["message"], "鉴权失败")
        self.assertEqual(self.api.open(clientSecret=self.ding.client_secret)[0], 200)

    def test_malformed(self):
        for wrong in ({"clientId": ""}, {"subscriptions": []}, {"subscriptions": [{"type": "EVENT", "topic": "x"}]},
                      {"subscriptions": [{"type": "OTHER", "topic": "*"}]}, {"subscriptions": ["*"]},
                      {"ua": "tocsin"}, {"extras": {"a": 1}}):
            self.refused("invalidParameter", self.api.open(**wrong))
        self.refused("invalidParameter.param.invalid", self.api.open(localIp=7))
        for right in ({"ua": ""}, {"ua": "dingtalk-sdk-python/v0.24.4b1-union"}, {"extras": {"a": "1"}},
                      {"localIp": "10.0.0.1,10.0.0.2"}):
            self.ok(self.api.open(**right))
        status, _, _ = self.api.raw("/v1.0/gateway/connections/open", b"{}", headers={"Content-Type": "text/plain"})
        self.assertEqual(status, 400)

    def test_what_an_app_may_lack(self):
        for state in ("unpublished", "robot_off", "not_stream", "ip"):
            self.ding.post("app", state=state)
            self.refused("invalidParameter", self.api.open())
        self.ding.post("app", state="forbidden")
        self.refused("Forbidden.AccessDenied.IpNotInWhiteList", self.api.open(), 403)
        self.ding.post("app", state="ok")
        self.ok(self.api.open())
        self.impossible(400, self.ding.post, "app", state="sleepy")

    def test_too_many_of_them(self):
        self.ding.settings(opens_per_minute=2)
        self.assertEqual([self.api.open()[0] for _ in range(3)], [200, 200, 503])
        self.ding.advance(61)
        self.assertEqual(self.api.open()[0], 200)


class Tickets(Case):
    def attempt(self, url):
        with self.assertRaises(HandshakeRefused) as refused:
            self.dial(url)
        return refused.exception.status

    def test_one_serves_once(self):
        url = address(self.opened())
        self.dial(url)
        self.assertEqual(self.attempt(url), 401)

    def test_one_is_used_by_a_failed_attempt_too(self):
        url = address(self.opened())
        self.ding.fault("handshake", "status", status=503)
        self.assertEqual([self.attempt(url), self.attempt(url)], [503, 401])

    def test_one_lives_ninety_seconds(self):
        young, old = address(self.opened()), address(self.opened())
        self.ding.advance(90)
        self.dial(young)
        self.ding.advance(0.1)
        self.assertEqual(self.attempt(old), 401)
        url = address(self.opened())
        self.ding.post("tickets")
        self.assertEqual([self.attempt(url), self.attempt(url), self.attempt(url + "0")], [401, 401, 401])
        self.assertEqual([row["reason"] for row in self.ding.get("refusals")][1:], [
            "this ticket is too old", "this ticket was used", "unknown ticket"])

    def test_one_put_in_raw_does_not_fit(self):
        opened = self.opened()
        self.assertEqual(self.attempt(opened["endpoint"] + "?ticket=" + opened["ticket"]), 401)
        self.ding.settings(plain_tickets=True)
        opened = self.opened()
        self.dial(opened["endpoint"] + "?ticket=" + opened["ticket"])

    def test_the_path_counts(self):
        opened = self.opened()
        self.assertEqual(self.attempt(address(opened).replace("/stream/v3/connect", "/connect")), 404)
        self.assertEqual(self.ding.get("refusals")[0]["path"], "/connect")

    def test_what_is_no_handshake(self):
        url = address(self.opened()).replace("ws://", "http://")
        self.assertEqual(http_call(url, "GET")[0], 400)


class SystemFrames(Case):
    def test_a_ping_wants_its_opaque_back(self):
        mine = self.connect()
        self.ding.post("sockets", do="system_ping")
        ping = mine.frame_of("SYSTEM")
        self.assertEqual((ping["specVersion"], ping["headers"]["topic"], list(ping["inner"])),
                         ("1.0", "ping", ["opaque"]))
        mine.ack(ping, ping["inner"])
        row = self.ding.wait("acks", kind="ping", state="ok")[0]
        self.assertIsNotNone(row["latency_ms"])
        self.assertEqual(self.ding.get("sockets")[0]["system_pings_answered"], 1)

    def test_another_opaque_is_no_answer(self):
        mine = self.connect()
        self.ding.post("sockets", do="system_ping")
        mine.ack(mine.frame_of("SYSTEM"), {"opaque": "mine"})
        self.ding.wait("acks", kind="ping", state="wrong_opaque")
        self.assertEqual(self.ding.get("sockets")[0]["system_pings_answered"], 0)

    def test_pings_come_at_their_pace_and_who_leaves_them_is_sent_away(self):
        self.ding.settings(keepalive_seconds=0.0)
        mine = self.connect()
        for _ in range(5):
            self.ding.advance(30)
            ping = mine.frame_of()
            mine.ack(ping, ping["inner"])
            self.ding.wait("acks", self.ding.get("sockets")[0]["system_pings"], state="ok")
        self.ding.advance(90)  # nobody could have answered in between
        for _ in range(2):
            self.ding.advance(30)
        self.assertEqual([mine.frame_of()["headers"]["topic"] for _ in range(3)], ["ping"] * 3)
        self.assertEqual(self.ding.get("sockets")[0]["state"], "open")
        self.ding.advance(30)
        self.assertEqual(mine.frame_of()["inner"], {"reason": "persistent connection is timeout"})

    def test_a_disconnect_is_quiet_ten_seconds_and_then_the_end(self):
        first = self.connect()
        self.ding.post("sockets", do="disconnect")
        frame = first.frame_of()
        self.assertEqual(frame["inner"], {"reason": "connection is expired"})
        self.assertNotIn("messageId", frame["headers"])
        asked = self.ding.say("alice", "hello")
        self.assertEqual(asked["sendings"], [])
        first.send_frame(PING, b"still there?")
        self.assertEqual(first.frame()[:2], ("pong", b"still there?"))
        second = self.connect()
        self.ding.advance(9.9)
        self.assertEqual(self.ding.get("sockets", id="S1")[0]["state"], "open")
        self.ding.advance(0.1)
        self.assertTrue(first.ended())
        self.assertEqual(self.ding.get("sockets", id="S1")[0]["close"]["code"], 1006)
        self.ding.advance(6)
        self.assertEqual(self.heard(second)["inner"]["text"]["content"], "hello")

    def test_acks_of_the_quiet_still_count(self):
        mine = self.connect()
        asked = self.ding.say("alice", "hello")
        frame = mine.frame_of(MESSAGES)
        self.ding.post("sockets", do="disconnect", after=-1)
        mine.ack(frame)
        self.ding.acked(asked)
        self.ding.advance(10)
        self.assertEqual(self.ding.get("sockets")[0]["state"], "open")

    def test_an_answer_to_a_disconnect_is_fine(self):
        mine = self.connect()
        self.ding.post("sockets", do="disconnect")
        mine.send(json.dumps({"code": 200, "headers": {"contentType": "application/json"}, "message": "OK",
                              "data": ""}))
        self.ding.wait("acks", kind="disconnect", state="ok")
        self.ding.settings(disconnect_has_id=True)
        mine = self.connect()
        self.ding.post("sockets", socket="newest", do="disconnect")
        self.assertIn("messageId", mine.frame_of("SYSTEM")["headers"])

    def test_keepalives_and_announcements(self):
        self.ding.settings(announcements=["CONNECTED", "REGISTERED"], ping_seconds=1000.0)
        mine = self.connect()
        self.assertEqual([mine.frame_of()["headers"]["topic"] for _ in range(2)], ["CONNECTED", "REGISTERED"])
        self.ding.advance(50)
        for _ in range(2):
            frame = mine.frame_of()
            self.assertEqual(frame["headers"]["topic"], "KEEPALIVE")
            self.assertNotIn("specVersion", frame)
            self.assertNotIn("messageId", frame["headers"])

    def test_a_connection_expires(self):
        self.ding.settings(connection_seconds=100.0, ping_seconds=1000.0, keepalive_seconds=0.0)
        mine = self.connect()
        self.ding.advance(100)
        self.assertEqual(mine.frame_of()["inner"], {"reason": "connection is expired"})
