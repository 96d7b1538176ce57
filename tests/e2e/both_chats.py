#!/usr/bin/python3
"""Slack and DingTalk serve one bot at once, and the same people are on both. What is opened on one is told on the
other and taken there; two accounts are one person; the same words at the same moment are two gestures, each answered
where it was made. both_weather.py: one of them is down, and the bot is killed."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
import dingtalk_stage
import slack_stage
from both_scene import CHANNEL, SLACK_FIRST, Beside, BothScene
from both_weather import Weather
from chat_scene import DUTY
from dingtalk_scene import OPS, PARTNERS
from slack_scene import TOCSIN

IN_SLACK, IN_DINGTALK = "slack:" + slack_stage.ALICE, "dingtalk:" + dingtalk_stage.ALICE  # Alice, who is on duty
# Each run of it leaves a line.
ACTIONS = """
actions:
  - name: mark
    title: {zh-CN: 做记号, en: leave a mark}
    effect: danger
    loses_service: [web]
    steps: [{run: [./mark.sh, danger]}]
  - name: this
    title: {zh-CN: 改这个, en: change this}
    effect: change
    steps: [{run: [./mark.sh, this]}]
  - name: that
    title: {zh-CN: 改那个, en: change that}
    effect: change
    steps: [{run: [./mark.sh, that]}]
"""
MARK = """#!/bin/sh
echo "marked $1"
echo "$1" >> marks
"""


class Both(BothScene):
    def open_with_actions(self):
        self.open(changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", ACTIONS)])
        (self.folder / "mark.sh").write_text(MARK)
        (self.folder / "mark.sh").chmod(0o755)

    def marks(self):
        file = self.folder / "marks"
        return file.read_text().split() if file.exists() else []

    # An incident

    def test_opened_in_dingtalk_taken_in_slack(self):
        self.open()
        self.in_dingtalk.say("alice", "新建 P0 网站无法访问")
        card = self.in_dingtalk.card()
        told = self.told_in_slack()[0]
        self.assertRegex(told["text"], "^🔴 P0 INC-1 网站无法访问")
        home = self.slack.wait("messages", contains="INC-1", user=TOCSIN, pinned=True)[0]
        first = self.in_dingtalk.ding_for(dingtalk_stage.ALICE, kind="call")[0]
        # What is asked for in Slack rings in DingTalk, and both rooms hear of it.
        self.slack.answer(self.slack.command("alice", "escalate INC-1", command="/ops", channel="general"))
        second = self.in_dingtalk.ding_for(dingtalk_stage.BOB, kind="call")[0]
        self.in_dingtalk.said(contains="呼叫技术负责人", conversation=OPS)
        self.slack.wait("messages", contains="呼叫技术负责人", channel=home["channel"])

        self.in_slack.press("alice", told, "/incident ack INC-1")
        taken = self.taken_in_dingtalk(card)
        with self.assertRaises(AssertionError):
            self.in_dingtalk.button(taken, "/incident ack INC-1")
        for each in (first, second):
            self.ding.wait("dings", id=each["id"], state="recalled")
        self.taken_in_slack(told)
        # What stood beside the telephone calls needs no answer any more either.
        stage.wait_for("no button to be left", lambda: not [
            each for each in self.ding.get("cards", contains="/incident ack INC-1")
            if "/incident ack INC-1" in each["data"].values()])

        # One person, by two accounts.
        self.assertEqual(self.bot.rows("SELECT kind, author FROM timeline WHERE kind IN ('opened', 'acknowledged') "
                                       "ORDER BY sequence"), [("opened", "devops"), ("acknowledged", "devops")])
        lines = [each for each in self.bot.say("/timeline INC-1").splitlines() if "打开 P0" in each or "认领" in each]
        self.assertEqual([("运维工程师" in line) for line in lines], [True, True], lines)
        self.assertEqual(self.audit("/incident open"), [("devops", IN_DINGTALK)])
        self.assertEqual(self.audit("/incident ack"), [("devops", IN_SLACK)])
        self.assertEqual(self.mail.to(DUTY), [])
        self.fence()
        self.assertEqual([each["ts"] for each in self.told_in_slack()], [told["ts"]], "told once")
        self.assertEqual([each["id"] for each in self.cards_in_dingtalk()], [card["id"]])
        self.assertEqual(len(self.ding.get("said", contains="呼叫技术负责人", conversation=OPS)), 1)

        # Closed in DingTalk, it leaves nothing open in Slack.
        for words in ("缓解 INC-1", "解决 INC-1", "关闭 INC-1"):
            self.in_dingtalk.direct("alice", words)
        self.in_dingtalk.showing(card, "已关闭")
        self.in_slack.message(channel=CHANNEL, ts=told["ts"], contains="已关闭")
        self.slack.wait("channels", id=home["channel"], is_archived=True)

    def test_opened_in_slack_taken_in_dingtalk(self):
        self.open(channels=SLACK_FIRST)
        self.slack.answer(self.slack.command("alice", "open P0 checkout is down", channel="ops"))
        card = self.in_dingtalk.card("INC-1 checkout is down")
        told = self.told_in_slack()[0]
        page = self.slack.wait("messages", channel_kind="im", contains="/incident ack INC-1")[0]
        self.assertEqual(page["channel"], self.in_slack.direct(slack_stage.ALICE))
        self.ding.answer(self.in_dingtalk.click("alice", card, "/incident ack INC-1"))
        self.taken_in_slack(told)
        settled = self.in_slack.message(channel=page["channel"], ts=page["ts"], contains="已认领")
        with self.assertRaises(AssertionError):
            self.in_slack.button(settled, "/incident ack INC-1")
        self.taken_in_dingtalk(card)
        self.fence()
        self.assertEqual(len(self.told_in_slack()), 1)
        self.assertEqual([each["id"] for each in self.cards_in_dingtalk()], [card["id"]])
        self.assertEqual(self.ding.get("dings"), [], "Slack reached the duty")
        self.assertEqual(self.audit("/incident open") + self.audit("/incident ack"),
                         [("devops", IN_SLACK), ("devops", IN_DINGTALK)])
        self.in_dingtalk.nothing_odd()

    # A second person

    def test_two_accounts_are_no_two_persons(self):
        self.open_with_actions()
        asked = self.in_slack.mention("/fix mark")
        self.in_slack.message(channel=CHANNEL, thread_ts=asked["ts"], contains="K1")
        for each in ("bob", "carol"):
            self.in_dingtalk.asked_to_approve(each)
        self.assertEqual(self.in_dingtalk.may_approve(), {"bob", "carol"})
        self.in_dingtalk.direct("alice", "批准 K1")
        self.in_dingtalk.say("alice", "批准 K1")
        self.in_dingtalk.said(2, contains="你自己申请的,要另一个人", group="alice")
        self.assertEqual(self.bot.rows("SELECT state FROM approvals"), [("waiting",)])

        self.ding.answer(self.in_dingtalk.approve("bob"))
        stage.wait_for("nobody to be asked any more", lambda: not self.in_dingtalk.may_approve())
        stage.wait_for("silence", lambda: not self.ding.get("dings", state="sent"))
        self.assertEqual(self.bot.rows("SELECT state, decided_by FROM approvals"), [("approved", "lead")])
        self.slack.wait("messages", channel=self.direct_in_slack(), user=TOCSIN, contains="执行 K1")
        self.assertEqual(self.marks(), [], "approved is not run")
        # Once, although it is said on both at the same moment; told where it was said.
        there, here = self.at_once(lambda: self.in_dingtalk.direct("alice", "执行 K1"),
                                   lambda: self.in_slack.mention("执行 K1"))
        self.ding.answer(there)
        stage.wait_for("both to be answered", lambda: len(self.audit("/run K1")) == 2)
        self.fence()
        self.assertEqual(self.marks(), ["danger"])
        for answer in ("K1 已经用过", "marked danger"):
            said = self.slack.get("messages", thread_ts=here["ts"]) + self.slack.get("ephemerals")
            said += self.ding.get("said", group="alice")
            self.assertEqual(len([each for each in said if answer in str(each)]), 1, answer)

    def test_the_result_is_where_it_was_asked_for(self):
        self.open_with_actions()
        self.in_slack.mention("/fix mark")
        self.ding.answer(self.in_dingtalk.approve("bob"))
        self.slack.wait("messages", channel=self.direct_in_slack(), user=TOCSIN, contains="执行 K1")
        run = self.in_slack.mention("执行 K1")
        self.in_slack.message(channel=CHANNEL, thread_ts=run["ts"], contains="marked danger")
        self.fence()
        self.assertEqual(self.ding.get("said", contains="marked danger"), [])
        self.assertEqual(self.marks(), ["danger"])

    def test_whoever_asked_in_dingtalk_is_told_there(self):
        self.open_with_actions()
        self.in_dingtalk.direct("alice", "/fix mark")
        self.in_dingtalk.asked_to_approve("bob")
        self.slack.post("home", user="bob")
        self.slack.say("bob", "批准 K1", channel=self.in_slack.direct(slack_stage.BOB))
        self.in_slack.message(channel=self.in_slack.direct(slack_stage.BOB), contains="✅ 技术负责人批准 K1")
        stage.wait_for("Alice to be told", lambda: not self.bot.rows("SELECT 1 FROM outbox WHERE person = 'devops'"))
        self.assertEqual(len(self.ding.get("said", contains="要做就发 执行 K1", group="alice")), 1)

    # The same words

    def test_the_same_words_at_the_same_moment(self):
        self.open()
        room = self.direct_in_slack()

        def both(words):
            return self.at_once(lambda: self.in_slack.mention(words), lambda: self.in_dingtalk.say("alice", words))

        both("新建 P3 同一件事")
        for incident in ("INC-1", "INC-2"):
            self.told_in_slack(incident)
            self.in_dingtalk.card(incident)
        self.assertEqual(self.bot.rows("SELECT platform, title FROM incidents ORDER BY platform"),
                         [("dingtalk", "同一件事"), ("slack", "同一件事")])
        for words, answer in (("ping same", "same"), ("备注 INC-1 都看到了", "记入 INC-1")):
            here, _ = both(words)
            self.in_slack.replies(here)
            self.in_dingtalk.said(contains=answer, conversation=OPS)
            self.fence()
            self.assertEqual([len(self.in_slack.replies(here)), len(self.ding.get("said", contains=answer))], [1, 1])
        self.assertEqual(self.bot.rows("SELECT author FROM timeline WHERE kind = 'note'"), [("devops",)] * 2)
        # Whoever was first has taken it; the other hears that they have.
        self.at_once(lambda: self.slack.say("alice", "认领 INC-1", channel=room),
                     lambda: self.in_dingtalk.direct("alice", "认领 INC-1"))
        stage.wait_for("both to be done", lambda: len(self.audit("/incident ack")) == 2)
        self.fence()
        said = self.slack.get("messages", channel=room) + self.ding.get("said", group="alice")
        self.assertEqual(len([each for each in said if "已经是你的" in each["text"]]), 1)
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind = 'acknowledged'"), [(1,)])
        for what in ("/incident open", "/incident note", "/incident ack"):
            self.assertEqual(sorted(self.audit(what)), [("devops", IN_DINGTALK), ("devops", IN_SLACK)], what)

    def test_keys_mean_what_was_asked_there(self):
        self.open()
        room = self.direct_in_slack()

        def here(words, answer=None):
            """In Slack, alone with the bot."""
            self.slack.say("alice", words, channel=room)
            if answer:
                self.slack.wait("messages", channel=room, user=TOCSIN, contains=answer)

        def there(words, answer):
            self.in_dingtalk.direct("alice", words)
            self.in_dingtalk.said(group="alice", contains=answer)

        there("新建 登录慢", "多严重")
        here("9", "没有可再看的")
        here("2", "没有第 2 项可选")
        here("新建 付款慢", "多严重")
        there("2", "P1 INC-1 登录慢")
        here("3")
        self.told_in_slack("P2 INC-2 付款慢")
        self.assertEqual(self.bot.rows("SELECT severity, title, platform FROM incidents ORDER BY id"),
                         [(1, "登录慢", "dingtalk"), (2, "付款慢", "slack")])

    # A bare 执行 runs what was asked for there, not what is newest.
    def test_a_bare_word_runs_what_was_asked_there(self):
        self.open_with_actions()
        room = self.direct_in_slack()
        self.slack.say("alice", "/fix this", channel=room)
        self.in_slack.message(channel=room, user=TOCSIN, contains="执行 K1")
        self.ding.answer(self.in_dingtalk.direct("alice", "/fix that"))
        self.slack.say("alice", "执行", channel=room)
        self.slack.wait("messages", 2, channel=room, user=TOCSIN)
        self.fence()
        self.assertNotIn("that", self.marks())

    # What is told where an incident lives is read by nobody elsewhere.
    def test_what_is_typed_elsewhere_is_answered_there(self):
        self.open()
        self.in_dingtalk.say("bob", "新建 P3 搜索慢")
        self.told_in_slack()
        taken = self.in_slack.mention("认领 INC-1", channel="general")
        self.in_slack.fence("general")
        self.in_dingtalk.say("alice", "缓解 INC-1", group="partners")
        self.in_dingtalk.fence(self.in_dingtalk.ping("last", group="partners"))
        self.assertEqual((len(self.in_slack.replies(taken, 0)),
                          len(self.ding.get("said", contains="缓解 INC-1", conversation=PARTNERS))), (1, 1))

    # What was opened alone is told in the channel that is configured, and to whoever opened it.
    def test_alone_with_the_bot_both_answer(self):
        self.open()
        room = self.direct_in_slack()
        for words, answer in (("新建 P3 搜索慢", "INC-1 搜索慢"), ("认领 INC-1", "✅ 运维工程师认领 INC-1")):
            self.in_dingtalk.direct("alice", words)
            self.in_dingtalk.said(group="alice", contains=answer)
        for words in ("新建 P3 登录慢", "认领 INC-2", "ping last"):
            self.slack.say("alice", words, channel=room)
        self.in_slack.message(channel=room, user=TOCSIN, contains="last")
        self.fence()
        self.assertEqual(len(self.slack.get("messages", channel=room, user=TOCSIN)), 3)

    def test_what_is_private_stays_so_on_both(self):
        self.open()
        self.in_dingtalk.direct("alice", "/incident open P2 --private 密码在日志里")
        self.in_dingtalk.card("INC-1 密码在日志里", group="alice")
        card = self.slack.wait("messages", user=TOCSIN, contains="密码在日志里", pinned=True)[0]
        self.assertEqual(card["channel_kind"], "group")
        room = self.slack.wait("channels", id=card["channel"], contains=slack_stage.ALICE)[0]
        self.assertNotIn(slack_stage.BOB, room["members"])
        self.fence()
        self.assertEqual(self.slack.get("messages", contains="密码在日志里", channel=CHANNEL), [])
        self.assertEqual(self.cards_in_dingtalk() + self.ding.get("said", contains="密码", conversation=OPS), [])

    # Looked at

    def test_the_doctor_tells_of_both(self):
        self.open()

        def visit():
            """Mark and words by what a line is about."""
            said = self.bot.tocsin("doctor", "--locale", "en").stdout
            lines = [line.partition(" ")[::2] for line in said.splitlines()]
            return {rest.partition(":")[0]: (mark, rest) for mark, rest in lines
                    if rest.startswith(("Slack ", "DingTalk "))}

        well = visit()
        self.assertEqual({mark for mark, _ in well.values()}, {"✅"}, well)
        for what in ("Slack bot token", "Slack Socket Mode", f"Slack channel {CHANNEL}", "Slack accounts",
                     "DingTalk app credential", "DingTalk Stream Mode", "DingTalk rights", "DingTalk group",
                     "DingTalk accounts"):
            self.assertIn(what, well)
        # What is wrong with one is not said of the other.
        self.ding.post("app", without="Robot.Ding.Write")
        self.slack.post("channels", do="leave", user=TOCSIN, channel=CHANNEL)
        bad = {what: words for what, (mark, words) in visit().items() if mark == "❌"}
        self.assertEqual(sorted(bad), ["DingTalk rights", f"Slack channel {CHANNEL}"], bad)
        self.assertIn("Robot.Ding.Write", bad["DingTalk rights"])


def load_tests(loader, _, __):
    return Beside(test for case in (Weather, Both) for test in loader.loadTestsFromTestCase(case))


if __name__ == "__main__":
    unittest.main(verbosity=2)
