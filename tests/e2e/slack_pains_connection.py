"""Pains of the connection: what slack_pains.py runs of them."""
import pathlib
import sys

import bot as stage
from slack_scene import SlackScene


class Connecting(SlackScene):
    def pain_01_reconnects_lose_nothing(self):
        """Events lost around reconnects; "stops receiving after hours"."""
        self.open(settings={"ack_seconds": 1.0})
        commands, mentions = [], []
        weather = [{"do": "disconnect", "reason": "warning", "after": 1.0}, {"do": "disconnect"},
                   {"do": "cut", "reset": True}, {"do": "close", "code": 1001}]
        for count, what in enumerate(weather):
            # What is under way when it happens: events come again, if the socket took them with it.
            mentions.append(self.mention(f"ping before-{count}"))
            self.slack.post("sockets", {"socket": self.staying()[0], **what})
            # Between the end of one socket and its replacement: the other one is there.
            commands += [(self.ping(f"command-{count}-{n}"), f"command-{count}-{n}") for n in range(5)]
            mentions.append(self.mention(f"ping after-{count}", channel="general"))
            self.slack.wait("sockets", 3 + count, hello=True)
        for gesture, word in commands:
            self.answered_once(gesture, word)
        self.replied_once(*mentions)
        self.assertEqual(self.slack.get("envelopes", state="lost"), [])

    def pain_02_slow_pongs(self):
        """Pongs that take longer than five seconds cause endless reconnects."""
        self.open(start=False, settings={"ping_seconds": 9.0})
        self.slack.fault("pong", "withhold", times=-1)
        self.bot.start()
        self.slack.wait("sockets", 2, hello=True)
        # Something is heard after 9 s and after 28 s; in between the bot asks, and no pong comes.
        self.slack.settings(ping_seconds=19.0)
        self.slack.wait("sockets", 2, timeout=40, pings_sent=2)
        self.assertEqual([(row["state"], row["pings_received"]) for row in self.slack.get("sockets")],
                         [("open", 1), ("open", 1)])
        self.answered_once(self.ping("still-here"), "still-here")

    def pain_03_too_many_websockets(self):
        """too_many_websockets crashes the client or makes it loop."""
        self.open(start=False, rate=60)
        self.slack.fault("hello", "disconnect", reason="too_many_websockets", times=2)
        self.bot.start()
        # In place of hello: a long wait (of the bot's clock, which is a fast one here), then it comes by itself.
        self.slack.wait("sockets", 2, ready=True)
        first, *later = [row["at"] for row in self.opens()]
        self.assertEqual(len(later), 3)
        self.assertGreaterEqual(later[1] - first, 900)
        # To one of two that serve.
        self.slack.post("sockets", socket="oldest", do="disconnect", reason="too_many_websockets")
        self.answered_once(self.ping("alone"), "alone")
        self.slack.wait("sockets", 2, ready=True)
        self.assertEqual(len(self.opens()), 5)

    def pain_04_ghosts_are_told(self):
        """Ghost connections take a share of the traffic while everything looks healthy."""
        self.open(settings={"num_connections": 5})
        self.logged("more sockets of this app than are ours")
        self.assertIn("Slack counts 3 more", self.log())

    def pain_05_no_sockets_leak(self):
        """The client leaks its own sockets on reconnect."""
        self.open()
        descriptors = self.sockets_of_the_bot()
        # Goodbyes that nobody answers: they end all the same.
        self.slack.fault("close", "withhold", times=-1)
        for count in range(2):
            self.slack.post("sockets", socket=self.staying()[0], do="disconnect", close=False)
            self.slack.wait("sockets", 3 + count, hello=True)
        stage.wait_for("the end of what was replaced", lambda: len(self.living()) == 2)
        for count in range(2):
            self.slack.post("sockets", socket="oldest", do="cut")
            self.slack.wait("sockets", 5 + count, hello=True)
        stage.wait_for("the end of what was lost", lambda: len(self.living()) == 2)
        self.assertEqual(len(self.slack.get("sockets")), 6)
        stage.wait_for("as many sockets as at first", lambda: self.sockets_of_the_bot() <= descriptors)

    def sockets_of_the_bot(self):
        """Those that lead to Slack's sockets, as the kernel has them."""
        port = self.slack.ready["ports"]["sockets"]
        table = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        return sum(row.split()[2].endswith(f":{port:04X}") and row.split()[3] == "01" for row in table)

    def pain_06_a_limit_is_waited_out(self):
        """A reconnect storm ends in 429."""
        self.open(start=False)
        self.slack.fault("apps.connections.open", "status", status=429, retry_after=2, times=2)
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True)
        times = [row["at"] for row in self.opens()]
        self.assertEqual(len(times), 4)
        self.assertGreaterEqual(times[2] - times[0], 2000)

    def pain_13_no_handshake(self):
        """408, or a page of HTML with 200, instead of 101."""
        self.open(start=False)
        self.slack.fault("handshake", "status", status=408, body="Request Time-out")
        self.slack.fault("handshake", "html")
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True)
        self.assertEqual([row["status"] for row in self.slack.get("refusals")], [408, 200])
        for word in ("408", "Request Time-out", "200", "Your network wants a word"):
            self.assertIn(word, self.log())


if __name__ == "__main__":
    sys.exit("a module of the tests")
