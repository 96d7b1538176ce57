"""The program itself: its start, its end, TLS, its clock, waiting, load."""
import json
import pathlib
import ssl
import subprocess
import tempfile
import threading

import client
from by_hand import Api, Old, StreamSocket, address
from case import ALICE, MESSAGES, Case
from common.checks_process import EndsAsToldTo
from common.raw_client import http_call

FAKES = pathlib.Path(__file__).resolve().parents[1]


class Control(Case):
    def test_waiting_ends_when_it_comes(self):
        found = []
        waiting = threading.Thread(target=lambda: found.extend(self.ding.wait("messages", contains="two")))
        waiting.start()
        self.ding.say("alice", "one")
        self.ding.say("alice", "two")
        waiting.join(10)
        self.assertEqual([row["text"] for row in found], ["two"])

    def test_waiting_in_vain_says_what_there_is(self):
        self.ding.say("alice", "one")
        with self.assertRaisesRegex(AssertionError, "not within the time.*one"):
            self.ding.wait("messages", 2, timeout=0)

    def test_rows_after_another(self):
        self.api.renew()
        last = self.ding.get("counts")["seq"]
        self.ok(self.to_group())
        rows = self.ding.get("calls", after=last, arguments__msgKey="sampleMarkdown")
        self.assertEqual([(row["api"], row["ok"], row["token"]) for row in rows],
                         [("/v1.0/robot/groupMessages/send", True, "new")])
        self.assertEqual(len(self.ding.get("said", after=last)), 1)
        self.assertEqual(self.ding.get("counts")["calls"]["/v1.0/oauth2/accessToken"], 1)

    def test_what_it_does_not_know_it_refuses(self):
        self.impossible(404, self.ding.get, "nothing")
        self.impossible(404, self.ding.post, "nothing")
        self.impossible(400, self.ding.post, "messages", text="x")
        self.impossible(400, self.ding.post, "messages", user="alice", words="x")
        self.impossible(400, self.ding.post, "app", without="x")
        self.impossible(400, self.ding.post, "groups", do="paint", group="ops")

    def test_a_reset_begins_anew(self):
        mine = self.connect()
        self.ding.say("alice", "one")
        self.ding.settings(limits=True)
        self.ding.post("app", state="unpublished")
        self.ding.reset()
        self.assertTrue(mine.ended())
        self.assertEqual((self.ding.get("messages"), self.ding.get("settings")["limits"]), ([], False))
        self.connect()

    def test_the_organisation_can_change(self):
        self.ding.post("people", name="frank", nick="弗兰克", mobile="13800000009", departments=[21])
        self.ding.post("groups", do="join", group="ops", person="frank")
        mine = self.connect()
        self.ding.say("frank", "hello", group="ops")
        self.assertEqual(self.heard(mine)["inner"]["senderStaffId"], "frank0001")
        self.ding.post("groups", do="leave", group="ops", person="frank")
        self.impossible(403, self.ding.say, "frank", "hello", group="ops")
        self.assertEqual(self.ding.post("groups", do="dissolve", group="quiet")["name"], "quiet")
        self.assertEqual([row["name"] for row in self.ding.get("groups")], ["ops", "partners"])
        made = self.ding.post("groups", do="create", title="作战室", members=["alice"])
        self.ding.say("alice", "hello", group="作战室")
        self.assertEqual(self.heard(mine)["inner"]["conversationId"], made["id"])
        self.ding.post("people", name="alice", active=False)
        self.assertEqual(self.ok(self.robot("oToMessages/batchSend", userIds=[ALICE], msgKey="sampleText",
                                            msgParam='{"content":"x"}'))["invalidStaffIdList"], [ALICE])

    def test_a_frozen_clock_stands_still(self):
        now = self.ding.get("time")["now"]
        self.assertEqual(self.ding.get("time")["now"], now)
        self.assertEqual(self.ding.advance(2.5), now + 2.5)

    def test_files_of_both_sides(self):
        self.ding.send_file("alice", "a.txt", b"theirs")
        self.assertEqual(self.ding.file(self.ding.get("files")[0]["id"]), b"theirs")
        self.assertEqual(http_call(self.ding.control_url + "/files/none", "GET")[0], 404)


class Load(Case):
    def test_messages_at_a_rate(self):
        sockets = [self.connect() for _ in range(2)]
        self.ding.settings(choice="turn")
        threads = [threading.Thread(target=self.answer, args=(each,)) for each in sockets]
        for each in threads:
            each.start()
        found = self.ding.load(200, 1000, text="number {n}", users=["alice", "bob"], group="ops")
        for each in threads:
            each.join(10)
        self.assertEqual((found["sent"], found["acked"], found["missing"], found["not_200"]), (200, 200, 0, 100))
        self.assertLessEqual(found["latency_ms"]["p50"], found["latency_ms"]["max"])
        self.assertEqual((self.ding.get("acks"), self.ding.get("pushes"), self.ding.get("said")), ([], [], []))
        self.assertEqual(self.ding.wait("loads", answers=2)[0]["answers"], 2)

    def answer(self, socket):
        seen = set()
        for number in range(100):
            frame = socket.frame_of(MESSAGES)
            data = frame["inner"]
            seen.add(data["msgId"])
            assert data["text"]["content"].startswith(" number ") and data["conversationType"] == "2", data
            socket.ack(frame, code=500 if number % 2 else 200)
        assert len(seen) == 100
        self.ok(self.old.hook(data["sessionWebhook"], {"msgtype": "text", "text": {"content": "x"}}))

    def test_nobody_there(self):
        found = self.ding.load(3, 1000)
        self.assertEqual((found["sent"], found["no_socket"], found["latency_ms"]), (0, 3, None))


class Process(EndsAsToldTo, Case):
    new_server = staticmethod(client.DingTalkServer)
    program = client.SERVER

    def setUp(self):
        """A server of its own each time."""

    def test_a_running_clock_and_a_setting_by_flag(self):
        with client.DingTalkServer(message_again_seconds=[0.05], ack_seconds=0.05, deadline=10) as ding:
            mine = StreamSocket(address(Api(ding).open()[1]))
            ding.wait("sockets", ready=True)
            asked = ding.say("alice", "x")
            self.assertEqual(len(ding.wait("interactions", id=asked["id"], state="failed")[0]["sendings"]), 2)
            mine.socket.close()

    def test_an_organisation_of_ones_own(self):
        seed = json.loads((FAKES / "dingtalk/organization.json").read_text(encoding="utf-8"))
        seed["app"]["client_secret"] = "other"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(seed, file)
            file.flush()
            with client.DingTalkServer("--seed", file.name) as ding:
                self.assertEqual(ding.client_secret, "other")
                self.ok(Api(ding).open())

    def test_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["/usr/bin/python3", str(FAKES / "make_ca.py"), folder], check=True)
            trust = ssl.create_default_context(cafile=f"{folder}/ca.pem")
            files = ["--cert", f"{folder}/good.pem", "--key", f"{folder}/good.key"]
            with client.DingTalkServer(*files, frozen=True) as ding:
                self.assertTrue(ding.api_url.startswith("https://localhost:"))
                opened = self.ok(Api(ding, trust).open())
                self.assertTrue(opened["endpoint"].startswith("wss://localhost:"))
                mine = StreamSocket(address(opened), context=trust)
                ding.wait("sockets", ready=True)
                asked = ding.say("alice", "x")
                mine.ack(mine.frame_of(MESSAGES))
                ding.acked(asked)
                self.ok(Old(ding, trust).hook(asked["session_webhook"], {"msgtype": "text", "text": {"content": "y"}}))
                self.assertEqual(ding.answer(asked)["answers"][0]["text"], "y")
                self.assertEqual({row["tls"] for row in ding.get("connections")}, {"TLSv1.3"})
                mine.close()
                nameless = ding.ready["files_url"].replace("localhost", "127.0.0.1")
                self.assertRaises((ssl.SSLError, ConnectionError), http_call, nameless, context=trust)
