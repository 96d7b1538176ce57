"""Pains of the connection: what slack_pains.py runs of them."""
import sys
import time

import bot as stage
from slack_scene import TOCSIN, SlackScene


class Connecting(SlackScene):
    def pain_01_reconnects_lose_nothing(self):
        """Events lost around reconnects; "stops receiving after hours"."""
        self.open()
        mentions = []
        weather = [{"do": "disconnect", "reason": "warning", "after": 1.0}, {"do": "disconnect"},
                   {"do": "cut", "reset": True}, {"do": "close", "code": 1001}]
        for count, what in enumerate(weather):
            # What is under way when it happens: events come again, if the socket took them with it.
            mentions.append(self.mention(f"ping before-{count}"))
            self.slack.post("sockets", {"socket": self.staying()[0], **what})
            # Between the end of one socket and its replacement: the other one is there.
            commands = [self.ping(f"command-{count}-{n}") for n in range(5)]
            mentions.append(self.mention(f"ping after-{count}", channel="general"))
            self.slack.wait("sockets", 3 + count, hello=True)
            for n, command in enumerate(commands):
                self.answered_once(command, f"command-{count}-{n}")
        self.replied_once(*mentions)
        self.assertEqual(self.slack.get("envelopes", state="lost"), [])

    def pain_01_what_never_came_is_read_up_on(self):
        """Slack's own repeats are over before the connection is back."""
        self.open(options=["channel: C0OPS", "opens_per_minute: 100"])
        self.answered_once(self.ping("before"), "before")
        self.slack.fault("envelope", "lose", times=-1, match={"type": "events_api"})
        self.slack.fault("apps.connections.open", "status", times=3, status=500)
        self.slack.post("sockets", socket="all", do="cut")
        missed = [self.mention("ping one"), self.mention("ping two"),
                  self.slack.say("bob", "ping three", channel="dm")]
        nothing = self.slack.say("bob", "4", channel="dm")  # what it meant is forgotten
        self.slack.wait("sockets", 4, hello=True)
        for message in missed[:2]:
            self.replies(message)
        self.slack.wait("messages", user=TOCSIN, channel=missed[2]["channel"])
        # Once more, and a longer way back: nothing is answered twice.
        for word in ("both", "sockets", "proved"):
            self.answered_once(self.ping(word), word, after_a_gap=True)
        later = self.mention("ping four")
        self.slack.post("sockets", socket="all", do="cut")
        self.replies(later)
        for message in (*missed[:2], later):
            self.assertEqual(len(self.replies(message)), 1, message["text"])
        self.assertEqual(len(self.slack.get("messages", user=TOCSIN, channel=nothing["channel"])), 1)
        # And while there was no bot at all.
        self.bot.stop()
        five = self.mention("ping five")
        self.bot.start()
        self.replies(five)
        self.assertEqual(len(self.replies(missed[0])), 1)

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

    def pain_03_fewer_than_it_wants(self):
        """The same where others have taken all places but one: that one serves."""
        self.open(start=False, settings={"socket_limit": 1})
        self.bot.start()
        self.slack.wait("sockets", disconnect="too_many_websockets")
        self.slack.wait("sockets", ready=True)
        for count in range(5):
            self.answered_once(self.ping(f"one-is-enough-{count}"), f"one-is-enough-{count}")
        self.assertEqual(len(self.opens()), 2)

    def pain_04_ghosts_are_told(self):
        """Ghost connections take a share of the traffic while everything looks healthy."""
        self.open(settings={"num_connections": 5})
        self.logged("Slack counts 3 more sockets of this app than are ours")
        self.assertEqual(self.chat("strangers"), 3)

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
        return self.connections_to(self.slack.ready["ports"]["sockets"])

    def pain_06_a_limit_is_waited_out(self):
        """A reconnect storm ends in 429."""
        self.open(start=False)
        self.slack.fault("apps.connections.open", "status", status=429, retry_after=2, times=2)
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True)
        times = [row["at"] for row in self.opens()]
        self.assertEqual(len(times), 4)
        self.assertGreaterEqual(times[2] - times[0], 2000)
        self.assertLess(times[2] - times[0], 10_000)

    def pain_13_no_handshake(self):
        """408, or a page of HTML with 200, instead of 101."""
        self.open(start=False)
        self.slack.fault("handshake", "status", status=408, body="Request Time-out")
        self.slack.fault("handshake", "html")
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True)
        self.assertEqual([row["status"] for row in self.slack.get("refusals")], [408, 200])
        for word in ("status 408 Request Time-out", "status 200 <!DOCTYPE html>", "Your network wants a word"):
            self.assertIn(word, self.log())
        self.assertRegex(self.log().lower(), "the answer's headers: .*content-type: text/html")

    def pain_12_nothing_passing_is_for_ever(self):
        """Never reconnects after a refused connection or an error of apps.connections.open."""
        self.open(start=False)
        self.slack.post("listening", api=False)
        self.bot.start()
        self.logged("Connection refused")
        # As many as the budget of a minute leaves beside two that succeed.
        for do in ({"do": "status", "status": 500}, {"do": "html"}, {"do": "error", "error": "internal_error"},
                   {"do": "cut"}):
            self.slack.fault("apps.connections.open", **do)
        self.slack.post("listening", api=True)
        self.slack.wait("sockets", 2, ready=True)
        self.assertEqual(len(self.opens()), 6)
        self.answered_once(self.ping("at-last"), "at-last")

    def pain_12_a_name_that_leads_nowhere(self):
        """Never reconnects after a failure of DNS (of the socket's host: that of the API would stay wrong)."""
        self.open(start=False)
        self.slack.fault("apps.connections.open", "body", times=2,
                         body='{"ok": true, "url": "wss://nowhere.invalid/link/?ticket=1"}')
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True)
        self.assertIn("nowhere.invalid", self.log())

    def pain_04_nothing_comes_though_all_looks_well(self):
        """The sockets answer every ping, and nothing that happens comes over them (two seconds are ten minutes)."""
        self.open(rate=300, settings={"ping_seconds": 1.0})
        # The bot speaks with itself, and hears it.
        stage.wait_for("words that came back",
                       lambda: self.bot.rows("SELECT 1 FROM facts WHERE name='slack echo heard'"))
        room = self.bot.rows("SELECT value FROM facts WHERE name='slack echo channel'")[0][0]
        stage.wait_for("its words to go again", lambda: all(
            row["deleted"] for row in self.slack.get("messages", channel=room, user=TOCSIN) if not row.get("subtype")))
        before = self.staying()
        self.assertEqual((len(before), self.chat("up")), (2, 1))
        self.slack.fault("envelope", "lose", times=-1)
        stage.wait_for("a word of its own about it", lambda: self.chat("up") == 0)
        stage.wait_for("other sockets", lambda: not set(before) & set(self.staying()))
        self.assertIn("bring nothing", self.log())
        self.slack.no_faults()
        stage.wait_for("hearing again", lambda: self.chat("up") == 1)
        self.answered_once(self.ping("heard"), "heard")

    def pain_12_a_bad_token_is_said(self):
        """A token that is no good any more makes a loop, or silence (five minutes of this clock are five seconds)."""
        self.open(rate=60)
        self.slack.post("tokens", token="app", state="token_revoked")
        self.slack.post("sockets", socket="all", do="cut")
        self.logged("token_revoked")
        stage.wait_for("word in the room", lambda: self.in_the_room("slack.refused"))
        stage.wait_for("word by mail", lambda: self.mails_with("token_revoked"))
        asked = len(self.opens())
        self.assertLessEqual(asked, 4)
        self.slack.wait("calls", asked + 1, method="apps.connections.open")  # after the long wait, of its own accord
        again = [row["at"] for row in self.opens()[asked - 1:]]
        self.assertGreaterEqual(again[1] - again[0], 4500)
        self.slack.post("tokens", token="app", state="ok")
        self.slack.wait("sockets", 3, hello=True)
        stage.wait_for("the good news in the room", lambda: self.in_the_room("slack.back"))
        self.answered_once(self.ping("healed"), "healed", after_a_gap=True)

    def pain_12_a_bad_token_at_the_start(self):
        """The same with the other token, before there is any connection."""
        self.open(start=False, rate=60)
        self.slack.post("tokens", token="bot", state="account_inactive")
        self.bot.start()
        stage.wait_for("word in the room", lambda: self.in_the_room("slack.refused"))
        stage.wait_for("word by mail", lambda: self.mails_with("account_inactive"))
        self.assertEqual(len(self.slack.get("calls")), 1)
        self.slack.post("tokens", token="bot", state="ok")
        self.slack.wait("sockets", 2, ready=True)
        stage.wait_for("the good news in the room", lambda: self.in_the_room("slack.back"))

    def pain_12_an_outage_is_told_elsewhere(self):
        """Slack is gone for longer than a moment: told wherever else people are, once, and its end too."""
        self.open(rate=400)
        self.slack.answer(self.slack.command("alice", "open P3 a slow page", channel="ops"))
        self.slack.wait("messages", channel="C0OPS", contains="a slow page")
        self.slack.fault("envelope", "lose", times=-1)
        self.mention("open P3 another page")
        self.slack.no_faults()
        self.slack.fault("apps.connections.open", "hold", times=2)
        self.slack.post("sockets", socket="all", do="cut", reset=True)
        told = stage.wait_for("word by mail", lambda: self.mails_with("Slack"))
        self.assertIn("起中断", told[0]["body"])
        self.assertTrue(self.in_the_room("slack.cut_off"))
        self.bot.say("/note INC-1 -- the pool is full")
        self.slack.post("release")
        self.slack.wait("sockets", 2, ready=True, state="open")
        # Typed minutes ago, by this clock, and sent once more: nobody may want that done any more.
        for each in self.slack.get("envelopes", contains="another page"):
            self.slack.post("envelopes/repeat", envelope_id=each["envelope_id"])
        back = stage.wait_for("the good news in the room", lambda: self.in_the_room("slack.back", "message"))
        self.assertIn("events", back[0][0])
        self.assertIn("commands", back[0][0])
        self.answered_once(self.ping("back"), "back", after_a_gap=True)
        self.assertEqual(len([mail for mail in self.mails_with("Slack") if "起中断" in mail["body"]]), 1)

    def pain_12_the_other_token_goes_bad_while_it_runs(self):
        """Commands arrive, so all looks well, but nothing can be said any more."""
        self.open(rate=60)
        self.slack.post("tokens", token="bot", state="token_revoked")
        self.slack.answer(self.slack.command("alice", "open P2 checkout is slow", channel="ops"))
        stage.wait_for("word by mail", lambda: self.mails_with("token_revoked"))
        self.assertTrue(self.in_the_room("slack.token"))
        self.assertEqual((self.chat("up"), self.chat("connections")), (0, 2))
        # A page takes another way at once.
        self.bot.say("/page lead the disk is full")
        stage.wait_for("a page by mail", lambda: [mail for mail in self.mail.to("tech-lead@lawsker.com")
                                                  if "the disk is full" in str(mail)])
        self.slack.post("tokens", token="bot", state="ok")
        stage.wait_for("the good news in the room", lambda: self.in_the_room("slack.back"))
        self.assertEqual(self.chat("up"), 1)
        self.slack.wait("messages", user="U0TOCSIN", contains="checkout is slow")  # said late, not lost

    def pain_12_one_connection_is_missing_for_long(self):
        """Of two, one can't be had: nothing is lost yet, and so nobody would look."""
        self.open(rate=600)
        self.slack.wait("sockets", 2, ready=True)
        self.slack.fault("apps.connections.open", "error", error="token_revoked", times=500)
        self.slack.post("sockets", socket="S1", do="cut")
        stage.wait_for("word by mail", lambda: self.mails_with("token_revoked"))
        self.assertTrue(self.in_the_room("slack.thin"))
        self.assertEqual((self.chat("up"), self.chat("connections")), (1, 1))
        self.answered_once(self.ping("still"), "still")

    def pain_12_socket_mode_is_switched_off(self):
        """The same with link_disabled, which comes in place of hello ever after."""
        self.open(rate=60)
        self.slack.settings(socket_mode=False)
        stage.wait_for("word by mail", lambda: self.mails_with("link_disabled"))
        self.assertLessEqual(len(self.slack.get("sockets")), 4)
        self.assertEqual(self.chat("up"), 0)
        self.slack.settings(socket_mode=True)
        self.slack.wait("sockets", ready=True)
        stage.wait_for("the good news in the room", lambda: self.in_the_room("slack.back"))
        self.answered_once(self.ping("switched-on"), "switched-on", after_a_gap=True)

    def pain_14_a_proxy_is_for_all(self):
        """The proxy is used for the Web API, and ignored by the socket."""
        clean, tunnels = self.new_proxy()
        self.open(environment=clean)
        ports = self.slack.ready["ports"]
        self.answered_once(self.ping("through"), "through")
        self.assertEqual(set(tunnels()), {f"localhost:{ports[name]}" for name in ("api", "sockets")})
        self.assertEqual(tunnels()[f"localhost:{ports['sockets']}"], 2)
        before = tunnels()
        self.bot.stop()
        self.bot.environment = {**clean, "NO_PROXY": "example.org,localhost"}
        self.bot.start()
        self.slack.wait("sockets", 4, hello=True)
        self.assertEqual(tunnels(), before)

    def pain_15_one_socket_is_half_open(self):
        """A half-open socket is never noticed: its share of what happens is lost."""
        self.open(settings={"ack_seconds": 1.0, "redelivery_seconds": [0, 1, 1]})
        frozen = self.staying()[0]
        self.slack.post("sockets", socket=frozen, do="freeze")
        for word in ("one", "two", "three"):  # each is two events, one for each socket
            self.replied_once(self.mention("ping " + word))
        # Replaced while Slack still believes in it.
        self.slack.wait("sockets", 3, hello=True, timeout=40)
        self.assertEqual(len([id for id in self.staying() if id != frozen]), 2)

    def pain_15_both_sockets_are_half_open(self):
        """A half-open socket is never noticed: with nothing else the bot is deaf for ever."""
        self.open()
        self.slack.post("sockets", socket="all", do="freeze")
        # Twenty seconds of silence, then new ones beside them; ten more, and the old ones are given up.
        self.slack.wait("sockets", 4, hello=True, timeout=40)
        stage.wait_for("the end of the old ones", lambda: self.sockets_of_the_bot() == 2, 20)
        first, *_, last = [row["opened_at"] for row in self.slack.get("sockets")]
        self.assertLess(last - first, 26_000)
        for row in self.slack.get("sockets")[:2]:
            self.slack.post("sockets", socket=row["id"], do="thaw")  # now Slack, too, sees that they have ended
        self.slack.wait("sockets", 2, state="closed")
        self.answered_once(self.ping("heard-again"), "heard-again")

    def pain_18_two_bots_on_one_app(self):
        """Two processes on one app split what happens, silently."""
        self.open()
        other = self.new_bot(self.new_folder())
        other.start()
        self.logged("more sockets of this app than are ours", other)

    def pain_19_health_is_said(self):
        """What hello says is not exposed: nobody sees how the connection is."""
        self.open()
        self.logged("Slack is connected")
        self.assertEqual([self.chat(name) for name in ("up", "connections", "strangers")], [1, 2, 0])
        served = self.chats("connection_start_time_seconds")
        for place, ((labels, since), (_, renewal)) in enumerate(
                zip(served, self.chats("connection_renewal_time_seconds"), strict=True), 1):
            self.assertRegex(labels, rf'^place="{place}",host="applink-[^"]+"$')
            self.assertLess(abs(time.time() - since), 60)
            self.assertGreater(renewal, since + 60)
        self.assertEqual(len(served), 2)
        self.slack.fault("apps.connections.open", "hold", times=2)
        self.slack.post("sockets", socket="all", do="cut", reset=True)
        stage.wait_for("a figure of it", lambda: self.chat("up") == 0)
        self.assertEqual(self.chat("connections"), 0)
        self.assertIn('"level":"warning","message":"Slack: ', self.log())
        self.slack.post("release")
        stage.wait_for("the figures of before", lambda: (self.chat("up"), self.chat("connections")) == (1, 2))
        self.assertEqual(self.log().count("Slack is connected"), 2)

    def pain_23_an_end_is_clean(self):
        """Threads and sockets leak at shutdown."""
        self.open()
        self.assertEqual(self.bot.stop(), 0)
        self.slack.wait("sockets", 2, state="closed")
        self.assertEqual([(row["close"]["by"], row["close"]["code"], row["close"]["clean"])
                          for row in self.slack.get("sockets")], [("client", 1000, True)] * 2)
        # And where nobody answers: promptly all the same.
        self.bot.start()
        self.slack.wait("sockets", 4, hello=True)
        self.slack.post("sockets", socket="all", do="freeze")
        begun = time.monotonic()
        self.assertEqual(self.bot.stop(), 0)
        self.assertLess(time.monotonic() - begun, 8)
        self.assertEqual(self.sockets_of_the_bot(), 0)


if __name__ == "__main__":
    sys.exit("a module of the tests")
