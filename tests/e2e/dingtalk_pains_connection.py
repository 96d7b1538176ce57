"""Pains of the connection: what dingtalk_pains.py runs of them."""
import base64
import sys
import time

import bot as stage
from chat_scene import SLOW
from dingtalk_scene import OPEN, SOCKETS, DingTalkScene

AGAIN = {"message_again_seconds": [1.0, 2.0, 4.0, 8.0, 16.0]}  # DingTalk's 16 and 60 seconds, shorter


class Connecting(DingTalkScene):
    def gateway(self):
        """How many connections the bot has there, as the kernel has them."""
        return self.connections_to(self.ding.ready["ports"]["gateway"])

    def replaced(self, gone, deadline=stage.DEADLINE):
        """All that the bot wants are there, and none of those."""
        stage.wait_for("other connections", lambda: len(self.staying()) >= SOCKETS
                       and not set(gone) & set(self.staying()), deadline)

    def pain_01_asked_to_leave_it_leaves(self):
        """Silent loss after the server's disconnect frame: the socket still answers pings, but brings nothing more."""
        self.open(settings=AGAIN, options=["opens_per_minute: 100"])
        for number, how in enumerate(({"reason": "connection is expired", "after": -1},
                                      {"reason": "persistent connection is timeout", "after": -1},
                                      {"reason": "a reason of tomorrow", "after": 0.2},
                                      {"reason": "connection is expired"})):
            for which in ("oldest", "all"):
                gone = self.cut(which, "disconnect", **how)
                # It is still good for what was under way, so DingTalk may still ping it.
                asked = [self.ping(f"word{number}{which}{n}") for n in range(5)]
                self.replaced(gone)
                for n, each in enumerate(asked):
                    self.answered_once(each, f"word{number}{which}{n}")
                # It is closed by the bot, though DingTalk never would.
                for each in gone:
                    self.ding.wait("sockets", id=each, state="closed")
        # The disconnect frame of a socket that is long gone harms nobody.
        before = self.connected()
        self.ding.post("sockets", socket=before[0], do="system", topic="KEEPALIVE", data={})
        self.answered_once(self.ping("still"), "still")
        self.assertEqual(self.staying(), before)
        self.assertEqual(self.pushes_lost(), [])

    def pain_02_a_network_cut(self):
        """After a network cut the server goes on sending to a dead channel: three or four of ten arrive."""
        # A tenth of the waits: the bot gives the dead up after 3 s, and those take half of the pushes until the end.
        self.open(rate=10, settings={"message_again_seconds": [0.4] * 60})
        frozen = self.connected()
        for each in frozen:
            self.cut(each, "freeze")
        asked = [self.ping(f"word{n}") for n in range(10)]
        self.replaced(frozen, 60)
        for n, each in enumerate(asked):
            self.answered_once(each, f"word{n}")
        # It gave them up by itself, before DingTalk did.
        for row in self.ding.get("sockets"):
            if row["id"] in frozen:
                self.assertIsNone(row["disconnect"])
        stage.wait_for("the end of the dead ones", lambda: self.gateway() == SOCKETS, 30)

    def pain_03_the_first_message_after_a_reconnect(self):
        """It is lost."""
        self.open(options=["opens_per_minute: 100"])
        for number, how in enumerate(({"do": "cut"}, {"do": "cut", "reset": True}, {"do": "close", "code": 1001},
                                      {"do": "disconnect", "after": 0.0})):
            gone = self.cut("all", **how)
            # As soon as DingTalk believes that somebody is there, and once: it does not come again for 16 s.
            stage.wait_for("the first connection", lambda: set(self.staying()) - set(gone))
            begun = time.monotonic()
            self.answered_once(self.ping(f"first{number}"), f"first{number}")
            self.assertLess(time.monotonic() - begun, 15)
            self.replaced(gone)

    def pain_04_renewed_before_it_expires(self):
        """Drops after about 20 h, or every two days. Ten minutes of the bot are a second here."""
        # The bot's clock starts days behind, so that on a busy machine, too, nothing typed is old to it.
        origin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 * 24 * 3600))
        self.open(rate=600, settings={"connection_seconds": 120.0}, options=["silence: 10m"], origin=origin)
        self.in_step = lambda: None
        first = self.connected()
        stage.wait_for("their renewal", lambda: all(
            row["state"] == "closed" for row in self.ding.get("sockets") if row["id"] in first), 100)
        for row in [row for row in self.ding.get("sockets") if row["id"] in first]:
            self.assertIsNone(row["disconnect"], "DingTalk had to ask")
            self.assertEqual(row["close"]["by"], "client", row)
            self.assertGreater(row["closed_at"] - row["opened_at"], 5_000, "an hour of it is six seconds")
        # There was another one before it went.
        log = self.ding.get("socket_log")
        for row in [row for row in log if row["socket"] in first and row["what"] == "closed"]:
            ended = {each["socket"] for each in log if each["what"] == "closed" and each["seq"] < row["seq"]}
            self.assertTrue([each for each in self.ding.get("sockets")
                             if each["opened_at"] <= row["at"] and each["id"] not in {row["socket"], *ended}], row)
        self.ding.advance(120)  # which is the end of all that DingTalk has by then
        self.connected()
        self.said(contains="still-here", conversation=self.ping("still-here")["conversation"])

    def pain_05_no_sockets_leak(self):
        """Sockets leak until the ports are used up, and a reconnect makes others."""
        self.open(rate=20, options=["opens_per_minute: 100"])  # waits are a twentieth
        self.assertEqual(self.gateway(), SOCKETS)
        # Goodbyes that nobody answers: they end all the same.
        self.ding.fault("close", "withhold", times=-1)
        for how in ({"do": "disconnect", "after": -1}, {"do": "cut"}, {"do": "close", "code": 1001},
                    {"do": "cut", "reset": True}, {"do": "disconnect"}):
            gone = self.cut("all", **how)
            self.replaced(gone)
        stage.wait_for("the end of what was replaced", lambda: self.gateway() == SOCKETS)
        self.assertEqual(len(self.staying()), SOCKETS)
        self.assertLessEqual(len(self.opens()), 6 * SOCKETS + 2)

    def pain_05_an_end_is_an_end(self):
        """disconnect() does not cancel a queued reconnect, and threads outlive it."""
        self.open()
        self.assertEqual(self.bot.stop(), 0)
        self.ding.wait("sockets", SOCKETS, state="closed")
        self.assertEqual({(row["close"]["by"], row["close"]["code"]) for row in self.ding.get("sockets")},
                         {("client", 1000)})
        # While it waits to try again, and while it tries.
        for act in ({"do": "refuse", "refusal": "busy"}, {"do": "hold"}):
            self.ding.fault(OPEN, **act, times=-1)
            asked = len(self.opens())
            self.bot.start()
            self.ding.wait("calls", asked + 1, api=OPEN)
            begun = time.monotonic()
            self.assertEqual(self.bot.stop(), 0)
            self.assertLess(time.monotonic() - begun, 8)
            self.ding.no_faults()
        self.assertEqual(self.gateway(), 0)

    def pain_06_slow_pongs(self):
        """A heartbeat that takes one missed pong for the end kills healthy links. Ten seconds are one here."""
        self.open(start=False, rate=10)
        self.ding.fault("pong", "withhold", times=-1)
        self.bot.start()
        first = self.connected()
        for each in first:
            stage.wait_for("pings of DingTalk's own, answered", lambda: self.ding.get("sockets", id=each)[0][
                "system_pings_answered"] >= 5)
        self.assertEqual(self.staying(), first)
        self.answered_once(self.ping("still-here"), "still-here")

    def pain_07_no_reconnect_storm(self):
        """Thousands of close 1006: whoever is let in and thrown out at once tries again at once. Here it waits longer
        each time, for both of its connections together."""
        self.open(start=False)
        self.ding.fault("welcome", "cut", times=-1)
        self.bot.start()
        self.ding.wait("calls", 6, api=OPEN, timeout=60)
        times = [row["at"] for row in self.opens()]
        self.assertGreater(times[5] - times[0], 3_000)
        self.ding.no_faults()
        self.connected(deadline=90)
        self.answered_once(self.ping("at-last"), "at-last")

    def pain_07_no_handshake(self):
        """Nor is anything that passes for ever: a dead port, a page of HTML, a ticket that is too old."""
        for faults in (({"do": "status", "status": 500},), ({"do": "html"},), ({"do": "refuse", "refusal": "qps"},),
                       ({"do": "cut"},), ({"do": "broken_json"},)):
            with self.subTest(faults=faults):
                self.open(start=False, options=["opens_per_minute: 60"])
                self.ding.post("listening", api=False)
                self.bot.start()
                self.logged("Connection refused")
                for each in faults:
                    self.ding.fault(OPEN, **each)
                self.ding.post("listening", api=True)
                self.connected()
                self.bot.stop()
        self.open(start=False, options=["opens_per_minute: 60"])
        self.ding.fault("handshake", "status", status=503, body="too many of you")
        self.ding.fault("handshake", "html")
        self.bot.start()
        self.connected()
        # A ticket is for one attempt: each had its own.
        self.assertEqual([row["reason"] for row in self.ding.get("refusals") if "ticket" in str(row["reason"])], [])
        self.assertEqual(len({row["ticket"] for row in self.ding.get("refusals")}), 2)
        self.answered_once(self.ping("at-last"), "at-last")

    def pain_08_hostile_frames(self):
        """A fault of the connection takes the process down."""
        self.open(settings=AGAIN, options=["opens_per_minute: 100"])
        process = self.bot.process.pid
        texts = ["not json", "[]", "{}", "7", '{"type":"SYSTEM"}', '{"type":"CALLBACK","headers":{}}',
                 '{"specVersion":"1.0","type":"SYSTEM","headers":{"topic":"ping","messageId":"x"},"data":"{"}',
                 '{"type":"EVENT","headers":{"topic":7,"messageId":[]},"data":{}}']
        for text in texts:
            self.ding.post("sockets", do="send", text=text)
        for data in ({}, [], "text", 7, None, {"msgtype": "text"}, {"msgtype": "text", "text": {"content": 1}},
                     {"msgtype": "richText", "content": {"richText": [7]}, "conversationType": 2}):
            for topic in ("/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback", "/of/tomorrow"):
                self.ding.post("pushes", topic=topic, data=data)
        asked = []
        for do in ({"do": "nest", "depth": 100_000}, {"do": "pad", "bytes": 900_000},
                   {"do": "fragment", "bytes": 7, "ping": True}, {"do": "truncate"}, {"do": "binary"},
                   {"do": "cut_after"}, {"do": "slow", "bytes": 100, "ms": 1}):
            self.ding.fault("frame", **do, match={"kind": "message"})
            word = do["do"].replace("_", "")  # which would be escaped where answers are said together
            asked.append((self.ping(word), word))
        self.ding.post("sockets", socket="oldest", do="send",
                       raw=base64.b64encode(b"\x81\x7f" + (1 << 40).to_bytes(8, "big")).decode())
        for gesture, word in asked:
            if word != "nest":  # nobody need read that
                self.answered_once(gesture, word)
        self.connected()
        self.answered_once(self.ping("unharmed"), "unharmed")
        self.assertIsNone(self.bot.process.poll())
        self.assertEqual(self.bot.process.pid, process)

    def pain_09_health_is_said(self):
        """It dies silently, and all looks well."""
        self.open()
        self.assertEqual((self.chat("up"), self.chat("connections")), (1, SOCKETS))
        self.ding.fault(OPEN, "hold", times=-1)
        self.cut("all", reset=True)
        stage.wait_for("a figure of it", lambda: self.chat("up") == 0)
        self.assertEqual(self.chat("connections"), 0)
        self.assertIn('"level":"warning","message":"DingTalk: ', self.log())
        self.ding.no_faults()
        stage.wait_for("the figures of before", lambda: (self.chat("up"), self.chat("connections")) == (1, SOCKETS))
        self.answered_once(self.ping("back"), "back")

    def pain_09_slow_work_delays_nobody(self):
        """A blocked loop answers neither pings nor anybody else."""
        self.open(changes=[("\nactions:\n", SLOW)])
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\necho it is over\n")
        script.chmod(0o755)
        slow = self.direct("alice", "/diag slow")
        self.assertLess(self.ding.acked(slow)["latency_ms"], 1000)
        for number in range(10):
            self.answered_once(self.ping(f"meanwhile{number}"), f"meanwhile{number}")
        answered = {row["id"]: row["system_pings_answered"] for row in self.ding.get("sockets")}
        self.ding.post("sockets", do="system_ping")
        stage.wait_for("pongs", lambda: all(row["system_pings_answered"] > answered[row["id"]]
                                            for row in self.ding.get("sockets")))
        self.assertEqual(self.ding.get("acks", state="wrong_opaque"), [])
        self.assertEqual(self.ding.get("said", contains="it is over"), [])
        (self.folder / "go").touch()
        self.said(contains="it is over", group="alice")

    def pain_16_a_bad_secret(self):
        """401 of the open call, and nobody says why: five minutes until it is tried again are five seconds here."""
        self.open(rate=60)
        self.ding.post("app", secret="another")
        self.ding.post("tokens", kind="new", forget=True)
        self.cut("all")
        self.logged("authFailed")
        stage.wait_for("word by mail", lambda: self.mails_with("authFailed") or self.mails_with("鉴权失败"))
        self.assertEqual(self.chat("up"), 0)
        self.assertLessEqual(len(self.opens()), SOCKETS + 4, "what only an operator can mend is not hammered at")
        # A page takes another way at once.
        self.bot.say("/incident open P1 磁盘满了")
        self.bot.say("/page lead INC-1 磁盘满了")
        stage.wait_for("a page by mail", lambda: [mail for mail in self.mail.to("tech-lead@lawsker.com")
                                                  if "磁盘满了" in str(mail)])
        self.ding.post("app", secret=self.ding.client_secret)
        self.connected()
        self.answered_once(self.ping("healed"), "healed")

    def pain_16_an_app_not_published(self):
        """400 of the open call: its message alone says what is missing in the console."""
        for state, words in (("unpublished", "应用版本未发布"), ("not_stream", "消息接收模式不是Stream模式"),
                             ("robot_off", "机器人能力未开启")):
            with self.subTest(state):
                self.open(start=False, rate=60)
                self.ding.post("app", state=state)
                self.bot.start()
                self.logged(words)
                stage.wait_for("word by mail", lambda: self.mails_with(words))
                self.assertLessEqual(len(self.opens()), 4)
                self.ding.post("app", state="ok")
                self.connected()
                self.answered_once(self.ping("healed"), "healed")
                self.bot.stop()

    def pain_17_subscriptions_stay_what_they_are(self):
        """Clients of a process share one list of subscriptions, which grows with each."""
        self.open(options=["opens_per_minute: 100"])
        for _ in range(3):
            self.replaced(self.cut("all"))
        other = self.new_bot(self.new_folder())
        other.start()
        stage.wait_for("the other's", lambda: len(self.staying()) >= 2 * SOCKETS)
        wanted = {("CALLBACK", "/v1.0/im/bot/messages/get"), ("CALLBACK", "/v1.0/card/instances/callback")}
        for row in self.ding.get("sockets"):
            asked = [(each["type"], each["topic"]) for each in row["subscriptions"]]
            self.assertEqual(len(asked), len(set(asked)), "each once")
            self.assertLessEqual(wanted, set(asked))
        self.assertEqual(len({str(row["subscriptions"]) for row in self.ding.get("sockets")}), 1)


if __name__ == "__main__":
    sys.exit("a module of the tests")
