"""The program itself: its start, its end, TLS, its clock, waiting, load."""
import json
import pathlib
import ssl
import subprocess
import tempfile
import threading

import client
from case import OPS, Case
from common.checks_process import EndsAsToldTo
from common.raw_client import http_call
from raw_client import Api, WebSocket

FAKES = pathlib.Path(__file__).resolve().parents[1]


class Control(Case):
    def test_waiting_ends_when_it_comes(self):
        found = []
        waiting = threading.Thread(
            target=lambda: found.extend(self.slack.wait("messages", channel=OPS, contains="two")))
        waiting.start()
        self.slack.say("alice", "one", "ops")
        self.slack.say("alice", "two", "ops")
        waiting.join(10)
        self.assertEqual([row["text"] for row in found], ["two"])

    def test_waiting_in_vain_says_what_there_is(self):
        self.slack.say("alice", "one", "ops")
        with self.assertRaisesRegex(AssertionError, "not within the time.*one"):
            self.slack.wait("messages", 2, timeout=0)

    def test_rows_after_another(self):
        self.api("auth.test")
        last = self.slack.get("counts")["seq"]
        self.api("users.list")
        self.assertEqual([row["method"] for row in self.slack.get("calls", after=last)], ["users.list"])
        self.assertEqual(self.slack.get("counts")["calls"], {"auth.test": 1, "users.list": 1})

    def test_what_it_does_not_know_it_refuses(self):
        self.impossible(404, self.slack.get, "nothing")
        self.impossible(404, self.slack.post, "nothing")
        self.impossible(400, self.slack.post, "commands", user="alice")
        self.impossible(400, self.slack.post, "tokens", token="bot", state="sleepy")

    def test_a_reset_begins_anew(self):
        mine = self.connect()
        self.slack.say("alice", "one", "ops")
        self.slack.settings(ghosts=3)
        self.slack.reset()
        self.assertTrue(mine.ended())
        self.assertEqual((self.slack.get("messages"), self.slack.get("settings")["ghosts"]), ([], 0))
        self.assertEqual(self.dial().json()["num_connections"], 1)

    def test_a_frozen_clock_stands_still(self):
        now = self.slack.get("time")["now"]
        self.assertEqual(self.slack.get("time")["now"], now)
        self.assertEqual(self.slack.advance(2.5), now + 2.5)


class Load(Case):
    def test_commands_at_a_rate(self):
        sockets = [self.connect() for _ in range(2)]
        threads = [threading.Thread(target=self.answer, args=(each,)) for each in sockets]
        for each in threads:
            each.start()
        found = self.slack.load(200, 1000, text="number {n}", users=["alice", "bob"], channel="ops")
        for each in threads:
            each.join(10)
        self.assertEqual((found["sent"], found["acked"], found["missing"], found["with_payload"]), (200, 200, 0, 100))
        self.assertLessEqual(found["latency_ms"]["p50"], found["latency_ms"]["max"])
        self.assertGreaterEqual(found["seconds"], 0.19)
        self.assertEqual(self.slack.get("acks"), [])

    @staticmethod
    def answer(socket):
        for _ in range(100):
            envelope = socket.json()
            number = int(envelope["payload"]["text"].removeprefix("number "))
            socket.ack(envelope, {"text": "x"} if number % 4 < 2 else None)

    def test_nobody_there(self):
        found = self.slack.load(3, 1000)
        self.assertEqual((found["sent"], found["no_socket"], found["latency_ms"]), (0, 3, None))


class Process(EndsAsToldTo, Case):
    new_server = staticmethod(client.SlackServer)
    program = client.SERVER

    def setUp(self):
        """A server of its own each time."""

    def test_a_running_clock_and_a_setting_by_flag(self):
        with client.SlackServer(ack_seconds=0.05, deadline=10) as slack:
            url = Api(slack, slack.app_token)("apps.connections.open")["url"]
            mine = WebSocket(url)
            mine.json()
            self.assertEqual(slack.answer(slack.command("alice", "x"))["outcome"], "operation_timeout")
            mine.socket.close()

    def test_a_workspace_of_ones_own(self):
        seed = json.loads((FAKES / "slack/workspace.json").read_text(encoding="utf-8"))
        seed["app"]["bot_token"] = "xoxb-other"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(seed, file)
            file.flush()
            with client.SlackServer("--seed", file.name) as slack:
                self.assertEqual(slack.bot_token, "xoxb-other")
                self.ok(Api(slack)("auth.test"))

    def test_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["/usr/bin/python3", str(FAKES / "make_ca.py"), folder], check=True)
            trust = ssl.create_default_context(cafile=f"{folder}/ca.pem")
            files = ["--cert", f"{folder}/good.pem", "--key", f"{folder}/good.key"]
            with client.SlackServer(*files, frozen=True) as slack:
                self.assertTrue(slack.api_url.startswith("https://localhost:"))
                url = self.ok(Api(slack, slack.app_token, trust)("apps.connections.open"))["url"]
                self.assertTrue(url.startswith("wss://localhost:"))
                mine = WebSocket(url, context=trust)
                self.assertEqual(mine.json()["type"], "hello")
                slack.command("alice", "x")
                mine.ack(mine.json(), {"text": "y" * 15_000})
                slack.wait("ephemerals")
                self.assertEqual({row["tls"] for row in slack.get("connections")}, {"TLSv1.3"})
                mine.close()
                nameless = slack.ready["files_url"].replace("localhost", "127.0.0.1")
                self.assertRaises((ssl.SSLError, ConnectionError), http_call, nameless, context=trust)
