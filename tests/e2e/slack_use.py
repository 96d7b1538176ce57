#!/usr/bin/python3
"""What people do in Slack beside the main job: one command where names collide, threads and direct messages, shortcuts,
an emoji that keeps a message, a long look that grows in one message, outputs that are too long for one."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import TOCSIN, Beside, SlackScene

# Both tell more as long as a test keeps their gate.
ACTIONS = """
actions:
  - name: slow-look
    title: {zh-CN: 慢查, en: slow look}
    effect: read
    steps: [{run: [./gate.sh, first]}, {run: [./gate.sh, second]}]
    timeout: 1m
  - name: long-look
    title: {zh-CN: 长查, en: long look}
    effect: read
    steps: [{run: [/usr/bin/seq, "-f", "line %g of the log", "5000"]}]
"""
DANGER = """
actions:
  - name: mark
    title: {zh-CN: 留痕, en: leave a mark}
    effect: danger
    loses_service: [web]
    steps: [{run: [/usr/bin/touch, mark]}]
"""
GATE = """#!/bin/sh
until [ -e "$1.gate" ]; do sleep 0.05; done
echo "passed the $1"
"""


class Use(SlackScene):
    def begin(self, *options):
        self.open(options=list(options), changes=[("\nactions:\n", ACTIONS)])
        gate = self.folder / "gate.sh"
        gate.write_text(GATE)
        gate.chmod(0o755)

    def pass_gate(self, name):
        (self.folder / f"{name}.gate").touch()

    def card(self, title, channel="C0OPS"):
        return self.slack.wait("messages", user=TOCSIN, channel=channel, contains=title)[0]

    def timeline(self):
        return self.bot.rows("SELECT author, what, happened FROM timeline WHERE incident = 1 AND kind = 'note'")

    def test_one_command_says_all(self):
        self.begin()
        for text, answer in (("incident open P3 a slow page", "INC-1"), ("新建 P3 又慢了", "INC-2"),
                             ("status INC-1", "a slow page"), ("ack INC-1", "INC-1"), ("help", "/incident open")):
            with self.subTest(text):
                shown = self.slack.answer(self.slack.command("alice", text, command="/ops", channel="ops"))
                self.assertIn(answer, str(shown["answers"][0]))
        # Without a word it does nothing: it says what can be typed.
        shown = self.slack.answer(self.slack.command("alice", "", command="/ops", channel="ops"))
        self.assertIn("/incident open", str(shown["answers"][0]))
        self.assertEqual(self.bot.rows("SELECT count(*) FROM incidents"), [(2,)])

    def test_a_thread_takes_mentions_and_answers_stay_in_it(self):
        self.begin("own_channel: never")
        self.slack.answer(self.slack.command("alice", "open P1 checkout is slow", channel="ops"))
        card = self.card("checkout is slow")
        self.slack.say("alice", "@tocsin 备注 the pool is full", channel="ops", thread_ts=card["ts"])
        self.slack.wait("messages", user=TOCSIN, thread_ts=card["ts"], contains="记入 INC-1")
        self.assertIn("the pool is full", self.timeline()[0][1])
        # Words among people are nobody's command.
        self.slack.say("bob", "status? ack? 6", channel="ops", thread_ts=card["ts"])
        self.slack.say("alice", "@tocsin status", channel="ops", thread_ts=card["ts"])
        self.slack.wait("messages", user=TOCSIN, thread_ts=card["ts"], count=2)
        self.fence()
        self.assertEqual(self.bot.rows("SELECT acknowledged_by FROM incidents"), [("",)])
        outside = [each for each in self.slack.get("messages", user=TOCSIN, channel="C0OPS")
                   if each.get("thread_ts") in (None, each["ts"])]
        self.assertEqual([each["ts"] for each in outside], [card["ts"]], "one card, all else in the thread")

    def test_alone_with_the_bot_no_mention_is_needed(self):
        self.begin()
        self.slack.post("home", user="alice")
        room = self.direct("U0ALICE")
        self.slack.say("alice", "open P3 a slow page", channel=room)
        self.slack.wait("messages", user=TOCSIN, channel=room, contains="INC-1")
        self.slack.say("alice", "8", channel=room)
        self.slack.wait("messages", user=TOCSIN, channel=room, contains="a slow page", count=2)

    def test_an_emoji_keeps_a_message_with_its_author_and_time(self):
        self.begin("own_channel: never")
        self.slack.answer(self.slack.command("alice", "open P2 checkout is slow", channel="ops"))
        card = self.card("checkout is slow")
        said = self.slack.say("bob", "the certificate ended at 03:00", channel="ops", thread_ts=card["ts"])
        other = self.slack.say("bob", "lunch?", channel="ops", thread_ts=card["ts"])
        self.slack.post("reactions", user="alice", channel="C0OPS", ts=other["ts"], name="eyes")
        self.slack.post("reactions", user="alice", channel="C0OPS", ts=said["ts"], name="pushpin")
        kept = stage.wait_for("the note", self.timeline)
        self.assertEqual(len(kept), 1)
        person, what, at = kept[0]
        self.assertEqual(person, "lead")
        self.assertIn("the certificate ended at 03:00", what)
        self.assertIn("slack.com/archives/C0OPS/p" + said["ts"].replace(".", ""), what)
        self.assertLess(abs(at - float(said["ts"]) * 1000), 1500)
        self.assertNotIn("lunch", self.bot.say("/timeline INC-1"))

    def test_where_the_bot_is_not_an_incident_is_told_elsewhere(self):
        self.begin("own_channel: never")
        self.slack.post("channels", do="create", user="bob", channel="secret", private=True)
        shown = self.slack.answer(self.slack.command("bob", "open P2 checkout is slow", channel="secret"))
        self.assertIn("INC-1", shown["answers"][0]["text"])
        card = self.slack.wait("messages", user=TOCSIN, channel_kind="im", contains="恢复:")[0]
        self.assertEqual(card["channel"], self.direct("U0BOB"))
        self.press("bob", card, "/incident ack INC-1")
        self.slack.wait("messages", channel=card["channel"], ts=card["ts"], contains="/incident mitigate INC-1")

    def test_a_public_channel_that_gets_an_incident_is_joined(self):
        self.begin("own_channel: never")
        room = self.slack.post("channels", do="create", user="bob", channel="web")["id"]
        self.slack.answer(self.slack.command("bob", "open P2 checkout is slow", channel="web"))
        card = self.card("checkout is slow", room)
        self.slack.wait("channels", id=room, contains='"U0TOCSIN"')
        # Once: it is known from then on.
        self.slack.answer(self.slack.command("bob", "open P3 search is slow", channel="web"))
        self.card("search is slow", room)
        self.assertEqual(len(self.slack.get("calls", method="conversations.join")), 1)
        # So what is said to it there is heard.
        self.slack.say("bob", "@tocsin note the pool is full", channel=room, thread_ts=card["ts"])
        self.assertIn("the pool is full", stage.wait_for("the note", self.timeline)[0][1])

    def test_what_takes_long_is_answered_where_the_bot_is_not(self):
        self.begin()
        self.slack.post("channels", do="create", user="bob", channel="secret", private=True)
        shown = self.slack.command("bob", "slow-look", command="/diag", channel="secret")
        self.slack.answer(shown)
        self.pass_gate("first")
        self.pass_gate("second")
        self.slack.wait("ephemerals", seen_by="U0BOB", contains="passed the second")
        self.fence()
        # Where no address is left either: told alone.
        (self.folder / "first.gate").unlink()
        (self.folder / "second.gate").unlink()
        self.slack.answer(self.slack.command("bob", "slow-look", command="/diag", channel="secret"))
        self.bot.kill()
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True, state="open")
        self.pass_gate("first")
        self.pass_gate("second")
        said = self.slack.wait("messages", user=TOCSIN, channel_kind="im", contains="passed the second")[0]
        self.assertEqual(said["channel"], self.direct("U0BOB"))

    def test_what_a_crash_cuts_off_does_not_stay_as_if_it_went_on(self):
        self.begin()
        asked = self.mention("diag slow-look", user="bob")
        progress = self.replies(asked)[0]
        self.assertIn("⏳", progress["text"])
        self.bot.kill()
        self.bot.start()
        self.slack.wait("sockets", 2, ready=True, state="open")
        self.pass_gate("first")
        self.pass_gate("second")
        self.slack.wait("ephemerals", seen_by="U0BOB", contains="passed the second")
        ended = self.slack.wait("messages", channel="C0OPS", ts=progress["ts"], contains="⚠️")[0]
        self.assertNotIn("⏳", ended["text"])
        # For whoever asked alone.
        self.assertNotIn("passed", ended["text"])
        self.assertEqual(len(self.replies(asked)), 1)

    def test_a_request_that_nobody_answered_in_time_keeps_no_buttons(self):
        self.open(rate=300, changes=[("{rate_limit: off}", "{rate_limit: off, approval: 5m}"),
                                     ("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", DANGER)])
        self.slack.answer(self.slack.command("alice", "mark", command="/fix", channel="ops"))
        for request in self.slack.wait("messages", channel_kind="im", contains="到期", count=2):
            self.assertNotIn("/approve K1", str(request["blocks"]))

    def test_what_takes_long_is_in_the_thread_of_the_incident(self):
        self.begin("own_channel: P0")
        self.slack.answer(self.slack.command("alice", "open P0 the site is down", channel="ops"))
        room = self.slack.wait("channels", name="inc-1-the-site-is-down", contains='"U0ALICE"')[0]["id"]
        card = self.card("the site is down", room)
        self.pass_gate("first")
        self.pass_gate("second")
        self.slack.answer(self.slack.command("alice", "slow-look", command="/diag", channel=room))
        found = self.slack.wait("messages", user=TOCSIN, channel=room, contains="passed the second")
        self.assertEqual([each.get("thread_ts") for each in found], [card["ts"]])

    def test_buttons_of_an_answer_that_only_one_sees(self):
        self.begin("own_channel: never")
        self.slack.answer(self.slack.command("alice", "open P2 checkout is slow", channel="ops"))
        self.slack.answer(self.slack.command("alice", "show INC-1", channel="ops"))
        shown = self.slack.wait("ephemerals", seen_by="U0ALICE", contains="/incident ack INC-1")[0]
        self.press_hidden("alice", shown, "/incident ack INC-1")
        stage.wait_for("its effect", lambda: self.bot.rows("SELECT 1 FROM incidents WHERE acknowledged_by <> ''"))
        self.slack.wait("ephemerals", seen_by="U0ALICE", count=3)
        # One that asks back is answered for them alone, too, and the message with the button stays.
        self.press_hidden("alice", shown, "/incident sev INC-1")
        self.slack.wait("ephemerals", seen_by="U0ALICE", count=4)
        self.assertIn("/incident ack INC-1", str(self.slack.get("ephemerals", ts=shown["ts"])[0]))

    def test_of_a_long_message_the_timeline_keeps_the_beginning_and_the_address(self):
        self.begin("own_channel: never")
        self.slack.answer(self.slack.command("alice", "open P2 checkout is slow", channel="ops"))
        card = self.card("checkout is slow")
        said = self.slack.say("bob", "栈 @alice https://x.test/a " + "溢出" * 1900, channel="ops",
                              thread_ts=card["ts"])
        self.slack.post("pins", user="alice", channel="C0OPS", ts=said["ts"])
        what = stage.wait_for("the note", self.timeline)[0][1]
        self.assertIn("栈 @devops https://x.test/a 溢出", what)
        self.assertRegex(what, r"溢出?" + " … https://.*/archives/C0OPS/p" + said["ts"].replace(".", ""))
        self.assertLessEqual(len(what.encode()), 4100)

    def test_shortcuts_open_the_form_and_keep_a_message(self):
        self.begin("own_channel: never")
        self.slack.post("shortcut", user="alice", callback_id="incident_open")
        view = self.slack.wait("views", open=True, callback_id="incident_open")[0]
        self.slack.submit("alice", view["id"], {"severity": {"value": "P2"}, "title": {"value": "checkout is slow"}})
        # No channel was named anywhere: whoever opened it is told.
        card = self.slack.wait("messages", user=TOCSIN, channel_kind="im", contains="恢复:")[0]
        self.assertEqual(card["channel"], self.direct("U0ALICE"))
        said = self.slack.say("bob", "payments fail, too", channel="ops")
        self.slack.post("shortcut", user="alice", callback_id="incident_open_from", channel="C0OPS", ts=said["ts"])
        view = self.slack.wait("views", open=True, callback_id="incident_open")[0]
        self.assertIn("payments fail, too", str(view["blocks"]))
        reply = self.slack.say("alice", "INC-1 version 2.8.1 went out", channel=card["channel"], thread_ts=card["ts"])
        self.slack.post("shortcut", user="alice", callback_id="timeline_note", channel=card["channel"], ts=reply["ts"])
        kept = stage.wait_for("the note", self.timeline)
        self.assertIn("version 2.8.1 went out", kept[0][1])

    def test_a_long_look_grows_in_one_message(self):
        self.begin()
        asked = self.mention("diag slow-look")
        message = self.replies(asked)[0]
        self.slack.wait("messages", ts=message["ts"], contains="1/2")
        self.pass_gate("first")
        self.slack.wait("messages", ts=message["ts"], contains="2/2")
        self.pass_gate("second")
        done = self.slack.wait("messages", ts=message["ts"], contains="慢查 ·")[0]
        self.assertIn("passed the second", str(done["blocks"]))
        self.fence()
        self.assertEqual([each["ts"] for each in self.replies(asked)], [message["ts"]])

    def test_what_is_too_long_is_whole_in_a_file_and_its_end_is_shown(self):
        self.begin()
        asked = self.mention("diag long-look")
        reply = self.slack.wait("messages", user=TOCSIN, thread_ts=asked["ts"], contains="line 5000 of the log")[0]
        self.assertNotIn("line 1 of the log", str(reply["blocks"]))
        shared = self.slack.wait("messages", subtype="file_share")[0]
        text = self.slack.file(self.slack.get("files")[0]["id"]).decode()
        self.assertEqual(text.count(" of the log"), 5000)
        self.assertEqual(shared["thread_ts"], asked["ts"], "in the thread where it was asked for")

    def test_a_file_that_slack_does_not_take_at_once_comes_once(self):
        self.begin()
        self.slack.fault("files.getUploadURLExternal", "error", error="fatal_error", times=3)
        asked = self.mention("diag long-look")
        self.slack.wait("messages", subtype="file_share", thread_ts=asked["ts"])
        self.slack.wait("messages", user=TOCSIN, thread_ts=asked["ts"], contains="line 5000 of the log")
        stage.wait_for("its row to go", lambda: not self.bot.rows("SELECT 1 FROM outbox"))
        self.assertEqual(len(self.slack.get("files")), 1)

    def test_a_file_that_slack_never_takes_is_not_passed_over(self):
        self.begin()
        self.slack.fault("files.getUploadURLExternal", "error", error="storage_limit_reached", times=-1)
        # Where all read the answer, all read it;
        asked = self.mention("diag long-look")
        said = self.slack.wait("messages", user=TOCSIN, thread_ts=asked["ts"], contains="storage_limit_reached")[0]
        self.assertIn("long-look.txt", said["text"])
        stage.wait_for("its row to go", lambda: not self.bot.rows("SELECT 1 FROM outbox"))
        # what one person asked for alone is told them, also where the bot is not.
        self.slack.answer(self.slack.command("alice", "open P3 a slow page", channel="ops"))
        self.slack.answer(self.slack.command("alice", "INC-1", command="/postmortem", channel="ops"))
        self.slack.wait("ephemerals", seen_by="U0ALICE", contains="storage_limit_reached")

    def test_the_topic_tells_the_deadline_and_the_bar_the_severity(self):
        self.begin()
        self.slack.answer(self.slack.command("alice", "open P0 all is down", channel="ops"))
        home = self.slack.wait("messages", contains="INC-1", channel_name="inc-1-all-is-down", pinned=True)[0]
        topic = stage.wait_for("the topic", lambda: self.slack.get("channels", id=home["channel"])[0]["topic"]["value"])
        self.assertIn("INC-1", topic)
        self.assertRegex(topic, r"\d\d:\d\d")
        self.assertRegex(home["attachments"][0]["color"], "#[0-9A-Fa-f]{6}")


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Use))


if __name__ == "__main__":
    unittest.main(verbosity=2)
