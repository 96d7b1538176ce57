"""Pains of what is delivered: what slack_pains.py runs of them."""
import sys

import bot as stage
from chat_scene import SLOW
from slack_scene import ALICE, BOB, TOCSIN, SlackScene


class Delivering(SlackScene):
    def incidents(self):
        return [title for title, in self.bot.rows("SELECT title FROM incidents ORDER BY id")]

    def pain_07_duplicates(self):
        """The same event, command or press delivered several times acts several times."""
        self.open()
        self.slack.fault("envelope", "repeat", copies=3, times=-1)
        command = self.slack.command("alice", "open P3 slow search", channel="ops")
        self.slack.answer(command)
        self.mention("open P3 slow login", channel="general")
        self.slack.wait("messages", channel="C0GENERAL", contains="INC-2")
        self.assertEqual(self.incidents(), ["slow search", "slow login"])
        card = self.slack.wait("messages", channel="C0OPS", contains="slow search")[0]
        self.slack.acked(self.press(card, "ack"))
        asked = self.mention("ping thrice", channel="general")
        self.replied_once(asked)
        for envelope in self.slack.get("envelopes"):
            # Copies go to different sockets, and each wants its own acknowledgement.
            acks = [row["state"] for row in self.slack.wait("acks", 3, envelope_id=envelope["envelope_id"])]
            self.assertEqual((len(acks), acks.count("ok")), (3, 1), f"{envelope['kind']}: {acks}")
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE incident = 1 AND kind = 'acknowledged'"),
                         [(1,)])
        self.slack.post("shortcut", user="alice", callback_id="incident_open")
        view = self.slack.wait("views", open=True, callback_id="incident_open")[0]
        self.assertEqual(len(self.slack.get("views", callback_id="incident_open")), 1, "three copies, one form")
        self.slack.submit("alice", view["id"], {"severity": {"value": "P3"}, "title": {"value": "slow checkout"}})
        stage.wait_for("what the form opens", lambda: len(self.incidents()) == 3)
        self.slack.no_faults()
        # The same once more, to another life of the bot.
        self.bot.kill()
        self.bot.start()
        self.slack.wait("sockets", 4, hello=True)
        for row in self.slack.get("envelopes"):
            self.slack.post("envelopes/repeat", envelope_id=row["envelope_id"])
        self.fence("general")
        self.assertEqual(self.incidents(), ["slow search", "slow login", "slow checkout"])
        self.assertEqual(len(self.replies(asked)), 1)

    def press(self, card, word):
        """The button of a card whose command has this word."""
        blocks = card["blocks"] + [block for each in card.get("attachments", []) for block in each["blocks"]]
        for block in blocks:
            for button in block.get("elements", []):
                if word in button.get("value", "").split():
                    return self.slack.press("alice", button["action_id"], channel=card["channel"], ts=card["ts"])
        raise AssertionError(f"no button {word}: {blocks}")

    def pain_08_retries_are_taken(self):
        """Retries are discarded, and so are the events that come by a retry alone."""
        self.open(settings={"ack_seconds": 0.5})
        self.slack.fault("envelope", "lose", times=2, match={"type": "events_api", "attempt": 0})
        self.replied_once(self.mention("ping lost-at-first"))
        again = [row for row in self.slack.get("acks", kind="app_mention") if row["attempt"] == 1]
        self.assertEqual([row["state"] for row in again], ["ok"])

    def pain_09_a_mention_is_two_events(self):
        """A mention is a message and an app_mention: answered twice, or not at all."""
        self.open()
        messages = [self.mention("ping message-first")]
        self.slack.settings(mention_first=True)
        messages.append(self.mention("ping mention-first"))
        # And with one of the two missing for a while.
        for kind in ("message", "app_mention"):
            self.slack.fault("envelope", "hold_back", behind=1, match={"kind": kind})
            messages.append(self.mention(f"ping late-{kind}", channel="general"))
        self.replied_once(*messages[:2])
        self.replied_once(*messages[2:])
        # And with one of the two missing for good.
        for kind in ("message", "app_mention"):
            self.slack.fault("envelope", "hold", match={"kind": kind})
            self.replies(self.mention(f"ping without-{kind}"))
            self.slack.no_faults()

    def pain_10_a_big_answer_arrives(self):
        """A big acknowledgement vanishes, or kills the socket (20 KiB)."""
        self.open()
        self.bot.say("新建 P3 搜索慢")
        for count in range(45):
            self.bot.say(f"/incident note INC-1 -- 第 {count} 条:" + "数据库连接满了,请看日志。" * 20)
        asked = self.slack.command("alice", "INC-1", command="/timeline", channel="ops")
        self.assertEqual(self.slack.answer(asked)["outcome"], "message")
        # It is for their eyes alone, and so is its file.
        shared = self.slack.wait("messages", channel_kind="im", subtype="file_share")[0]
        self.assertEqual(self.slack.get("messages", channel="C0OPS", subtype="file_share"), [])
        whole = self.slack.file(shared["files"][0]["id"]).decode()
        self.assertGreater(len(whole.encode()), 20_480)
        for count in range(45):
            self.assertIn(f"第 {count} 条", whole)
        # To a mention, too: no acknowledgement, but messages have limits of their own.
        asked = self.mention("timeline INC-1", channel="general")
        self.slack.wait("messages", thread_ts=asked["ts"], subtype="file_share")
        self.assertEqual(self.slack.get("bad_frames"), [])
        self.assertLess(max(row["bytes"] for row in self.slack.get("acks")), 20_480)

    def pain_11_acknowledged_in_time(self):
        """dispatch_failed, operation_timeout: acknowledgements that take longer than three seconds."""
        self.open()
        load = self.slack.load(300, 100)
        for what in ("missing", "late", "duplicate", "no_socket"):
            self.assertEqual(load[what], 0, load)
        self.assertEqual(load["with_payload"], 300)
        self.assertLess(load["latency_ms"]["p99"], 1000)
        # And whoever watches the bot sees it.
        self.assertGreaterEqual(self.chat("acknowledgement_seconds_count"), 300)
        self.assertGreater(self.chats("acknowledgement_seconds_sum")[0][1], 0)
        within = {labels: value for labels, value in self.chats("acknowledgement_seconds_bucket")}
        self.assertGreaterEqual(within['le="1"'], 297)

    def begin_slowly(self):
        """A command that works until it is let go."""
        self.open(changes=[("\nactions:\n", SLOW)])
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\necho it is over\n")
        script.chmod(0o755)
        return self.slack.command("alice", "slow", command="/diag", channel="ops")

    def pain_16_slow_work_delays_nobody(self):
        """A slow handler starves heartbeats and acknowledgements."""
        self.begin_slowly()
        for count in range(10):
            self.answered_once(self.ping(f"meanwhile-{count}"), f"meanwhile-{count}")
        self.slack.post("sockets", do="ping", payload="alive?")
        stage.wait_for("pongs", lambda: all("alive?" in row["pongs"] for row in self.slack.get("sockets")))
        self.assertLess(max(row["latency_ms"] for row in self.slack.get("acks")), 1000)
        self.assertEqual(self.slack.get("messages", contains="it is over"), [])
        (self.folder / "go").touch()
        self.slack.wait("messages", contains="it is over")
        self.fence()
        self.assertEqual(self.slack.get("files"), [])  # what is shown whole needs none

    def pain_17_what_cant_be_read_is_acknowledged(self):
        """An envelope that can't be decoded is redelivered for ever."""
        self.open()
        payloads = ({}, [], "text", 7, None, {"type": "event_callback", "event": {"type": "message", "text": 1}},
                    {"type": "block_actions", "actions": "none"}, {"command": ["/ping"]})
        for kind in ("events_api", "slash_commands", "interactive", "of_tomorrow"):
            for payload in payloads:
                self.slack.post("envelopes", type=kind, payload=payload)
        for do in ({"do": "truncate"}, {"do": "nest", "depth": 100_000}, {"do": "pad", "bytes": 1_000_000},
                   {"do": "fragment", "bytes": 7, "ping": True}):
            self.slack.fault("envelope", **do, match={"kind": "/ping"})
            self.ping("whatever")
        self.slack.wait("envelopes", len(payloads) * 4 + 4, state="acked")
        self.assertEqual(self.slack.get("socket_log", what="closed"), [])
        self.answered_once(self.ping("unharmed"), "unharmed")

    def pain_20_no_post_is_doubled(self):
        """Posts doubled by retries: it was done, but the answer said no, or never came."""
        self.open()
        for do in ({"do": "error", "error": "internal_error"}, {"do": "cut"}, {"do": "status", "status": 500},
                   {"do": "broken_json"}):
            self.slack.fault("chat.postMessage", **do, performed=True)
            self.replied_once(self.mention("ping " + do["do"]))
        self.slack.fault("conversations.create", "error", error="internal_error", performed=True)
        self.slack.fault("chat.postMessage", "cut", performed=True)
        self.slack.answer(self.slack.command("alice", "open P0 the site is down", channel="ops"))
        # The last thing that is done about a new incident.
        self.slack.wait("calls", method="conversations.invite", ok=True)
        made = [row for row in self.slack.get("channels") if row.get("name", "").startswith("inc-1-")]
        self.assertEqual(len(made), 1)
        for place in ("C0OPS", made[0]["id"]):
            self.slack.wait("messages", channel=place, contains="card:INC-1")
        self.fence()
        for place in ("C0OPS", made[0]["id"]):
            cards = self.slack.get("messages", channel=place, contains="card:INC-1", deleted=False)
            self.assertEqual(len(cards), 1, place)

    def cards_where_the_bot_was_not(self, severity="P2", do="cut", meanwhile=lambda: None):
        """All cards of an incident in a public channel that nobody asked the bot into: whether the first one arrived it
        is not told. Once they show who took the incident, none is on its way any more."""
        self.slack.fault("chat.postMessage", do, performed=True, match={"channel": "C0RANDOM"})
        self.slack.answer(self.slack.command("alice", f"open {severity} the site is slow", channel="random"))
        self.slack.wait("messages", channel="C0RANDOM", contains="card:INC-1")
        meanwhile()
        self.slack.answer(self.slack.command("alice", "ack INC-1", channel="random"))
        self.slack.wait("messages", channel="C0RANDOM", contains="/incident mitigate INC-1")
        return self.slack.get("messages", channel="C0RANDOM", contains="card:INC-1", deleted=False)

    def pain_20_no_post_is_doubled_where_the_bot_had_to_join(self):
        """Who is not in a channel may speak there, but reads nothing."""
        self.open()
        self.assertEqual(len(self.cards_where_the_bot_was_not()), 1)

    def pain_20_no_card_is_doubled_where_its_incident_does_not_live(self):
        """An incident with a channel of its own is shown where it was opened, too, and the bot does not join there."""
        self.open()
        self.assertEqual(len(self.cards_where_the_bot_was_not("P1")), 1)

    def pain_20_no_card_is_doubled_by_a_crash_where_its_incident_does_not_live(self):
        """The same for what another life of the bot said."""
        self.open()

        def crash():
            self.bot.kill()
            self.bot.start()
            self.slack.wait("sockets", 2, ready=True, state="open")

        self.assertEqual(len(self.cards_where_the_bot_was_not("P1", "hold", crash)), 1)

    def pain_20_no_card_is_doubled_while_the_bot_is_not_in_yet(self):
        """What was said may be there before the bot is: joining has to wait, or takes longer."""
        self.open()
        self.slack.fault("conversations.join", "status", status=429, retry_after=1)
        self.assertEqual(len(self.cards_where_the_bot_was_not()), 1)

    def pain_20_no_late_answer_is_doubled_where_the_bot_is_not(self):
        """What takes long is answered where it was asked for, and the bot need not be a member there."""
        self.begin_slowly()
        (self.folder / "go").touch()
        self.slack.wait("messages", channel="C0OPS", contains="it is over")
        self.slack.fault("chat.postMessage", "cut", performed=True, match={"channel": "C0RANDOM"})
        self.slack.answer(self.slack.command("alice", "slow", command="/diag", channel="random"))
        self.slack.wait("messages", channel="C0RANDOM", contains="it is over")
        stage.wait_for("all to be said", lambda: not self.bot.rows("SELECT 1 FROM outbox"))
        self.assertEqual(len(self.slack.get("messages", channel="C0RANDOM", contains="tocsin_message")), 1)

    def pain_20_twice_is_better_than_never(self):
        """Where it can't be looked for, it is said again, and what is said then is kept up to date."""
        self.open()
        self.grant(without="channels:join")
        cards = self.cards_where_the_bot_was_not()
        self.assertEqual(["/incident mitigate INC-1" in str(card) for card in cards], [False, True])

    def pain_20_neither_bookmarks_nor_files_are_doubled(self):
        """The same for what Slack has no key for: each is looked for, or done once only."""
        self.open()
        for method in ("bookmarks.add", "files.completeUploadExternal", "pins.add"):
            self.slack.fault(method, "error", error="internal_error", performed=True)
        self.slack.answer(self.slack.command("alice", "open P0 the site is down", channel="ops"))
        room = self.slack.wait("channels", name="inc-1-the-site-is-down", contains="logs.lawsker.com")[0]["id"]
        # What was not known to be done is seen to again half a minute later, or with the next news.
        self.slack.answer(self.slack.command("alice", "ack INC-1", channel="ops"))
        stage.wait_for("the bookmarks", lambda: len(self.links(room)) >= 3)
        self.assertEqual(len(self.links(room)), len(set(self.links(room))))
        for count in range(45):
            self.bot.say(f"/incident note INC-1 -- {count}: " + "x" * 250)
        asked = self.mention("timeline INC-1", channel="general")
        self.slack.wait("messages", thread_ts=asked["ts"], subtype="file_share")
        self.fence()
        self.assertEqual(len(self.slack.get("messages", thread_ts=asked["ts"], subtype="file_share")), 1)
        self.assertNotIn("could not be put", self.log())

    def links(self, channel):
        return [each["link"] for each in self.slack.get("channels", id=channel)[0]["bookmarks"]]

    def pain_21_one_bad_id_spoils_no_invitation(self):
        """One bad user fails a whole invitation."""
        self.open(changes=[(f"slack: {ALICE}", "slack: U0GONE")])
        self.slack.answer(self.slack.command("bob", "open P0 the site is down", channel="ops"))
        self.slack.wait("channels", contains=f'"{BOB}"', name="inc-1-the-site-is-down")
        self.assertNotIn("U0TOCSIN", str([row["arguments"].get("users") for row in
                                          self.slack.get("calls", method="conversations.invite")]))
        told = self.slack.wait("messages", user=TOCSIN, contains="U0GONE", channel_name="inc-1-the-site-is-down")
        self.assertIn("没能邀请", told[0]["text"])

    def pain_22_an_expired_trigger(self):
        """expired_trigger_id, and the person is left with nothing."""
        self.open(settings={"trigger_seconds": 0.0})
        self.slack.command("alice", "open", channel="ops")
        self.slack.wait("calls", method="views.open", error="expired_trigger_id")
        self.slack.wait("ephemerals", seen_by=ALICE, contains="新建")
        self.assertEqual(self.slack.get("views"), [])

    def pain_22_a_form_finds_its_connection_made(self):
        """The three seconds are spent on names, connections and certificates."""
        self.open(rate=60)  # forty idle seconds are less than one
        self.slack.wait("calls", 4, method="auth.test")
        before = len(self.slack.get("connections", listener="api"))
        self.slack.command("alice", "open", command="/incident", channel="ops")
        self.slack.wait("views", open=True)
        self.assertEqual(len(self.slack.get("connections", listener="api")), before)

    def pain_24_acknowledged_at_once(self):
        """The acknowledgement is buffered until the handler ends."""
        slow = self.begin_slowly()
        self.assertLess(self.slack.acked(slow)["latency_ms"], 1000)
        asked = self.mention("diag slow", channel="general")
        self.slack.wait("acks", kind="app_mention", state="ok")
        self.assertEqual(self.slack.get("messages", contains="it is over"), [])
        (self.folder / "go").touch()
        stage.wait_for("the answer", lambda: "it is over" in str(self.replies(asked)))

    def pain_25_more_answers_than_a_response_url_takes(self):
        """Only one reply for each envelope, and five for a response_url."""
        self.open()
        self.answered_once(self.ping("first"), "first")
        payload = self.slack.get("envelopes", kind="/ping")[0]["payload"]
        for count in range(7):
            # Of a kind whose acknowledgement takes no answer: it goes by the response_url, as long as that is good.
            self.slack.post("envelopes", type="slash_commands", accepts=False,
                            payload={**payload, "text": f"word-{count}", "trigger_id": f"{count}.1.trigger"})
            self.slack.wait("ephemerals", seen_by=ALICE, contains=f"word-{count}")
        self.assertEqual([row["status"] for row in self.slack.get("hooks")], [200] * 5 + [404] * 2)
        self.assertEqual(len(self.slack.get("calls", method="chat.postEphemeral", ok=True)), 2)
        self.assertEqual([row for row in self.slack.get("acks") if row.get("ignored_payload")], [])


if __name__ == "__main__":
    sys.exit("a module of the tests")
