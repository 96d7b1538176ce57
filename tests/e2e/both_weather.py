"""What both_chats.py runs of the weather: a page goes by one platform while the other is down, which is told there; a
kill loses no gesture of either."""
import signal
import sys
import unittest

import bot as stage
import dingtalk_stage
import slack_stage
from both_scene import CHANNEL, SLACK_FIRST, BothScene
from dingtalk_scene import CARD, DING, OPS, TO_GROUP, TO_PEOPLE
from slack_scene import TOCSIN

RATE = 15  # of the bot's clock, where it must wait: half a minute of it is two seconds
HAND_OVER, MARGIN = 10_000, 10_000  # milliseconds of that clock: to the next channel; of two busy processors
SOON = 5  # seconds: of what nothing hinders


class Weather(BothScene):
    # A platform that is down

    def after(self, channel):
        """So many milliseconds of the bot's clock after the page was made it was delivered by that."""
        made, = self.bot.rows("SELECT created FROM pages WHERE incident = 1 ORDER BY id LIMIT 1")[0]
        rows = stage.wait_for(f"a delivery by {channel}", lambda: self.bot.rows(
            "SELECT happened FROM timeline WHERE kind = 'delivery' AND instr(what, 'timeline.delivered') AND "
            f"instr(what, 'channel.{channel}') ORDER BY sequence"))
        return rows[0][0] - made

    def leases(self, count):
        """What waits for a platform that is down has been handed out so often."""
        stage.wait_for(f"{count} tries", lambda: self.bot.rows("SELECT 1 FROM outbox WHERE tries >= ?1", count))

    def test_while_dingtalk_is_down_slack_pages(self):
        self.open(rate=RATE)
        self.take_down(self.ding)
        self.bot.say("新建 P0 网站无法访问")
        page = self.slack.wait("messages", channel_kind="im", contains="/incident ack INC-1")[0]
        self.assertEqual(page["channel"], self.in_slack.direct(slack_stage.ALICE))
        self.assertLess(self.after("slack"), HAND_OVER + MARGIN)
        self.in_slack.message(channel=page["channel"], user=TOCSIN, contains="🆘 钉钉")
        self.bot.say("/escalate INC-1 数据库连不上")
        self.leases(3)
        home = self.slack.wait("messages", contains="INC-1", user=TOCSIN, pinned=True)[0]
        self.assertEqual(len(self.slack.wait("messages", channel=home["channel"], contains="数据库连不上")), 1)
        self.in_slack.press("alice", page, "/incident ack INC-1")
        self.in_slack.message(channel=page["channel"], ts=page["ts"], contains="已认领")
        # It is back: it is told what happened meanwhile, nobody is woken any more, and Slack hears that it is back.
        self.bring_back(self.ding)
        card = self.in_dingtalk.card(timeout=60)
        self.taken_in_dingtalk(card)
        self.in_slack.message(channel=page["channel"], user=TOCSIN, contains="✅ 钉钉")
        self.in_dingtalk.said(contains="数据库连不上", conversation=OPS)
        stage.wait_for("silence", lambda: not self.ding.get("dings", contains="INC-1", state="sent"))
        self.assertEqual(len(self.cards_in_dingtalk()), 1)

    def test_while_slack_is_down_dingtalk_pages(self):
        self.open(rate=RATE, channels=SLACK_FIRST)
        self.take_down(self.slack)
        self.bot.say("新建 P0 网站无法访问")
        rings = self.in_dingtalk.ding_for(dingtalk_stage.ALICE, kind="call")[0]
        self.assertLess(self.after("dingtalk"), HAND_OVER + MARGIN)
        self.in_dingtalk.ding_for(dingtalk_stage.ALICE, contains="🆘 Slack")
        card = self.in_dingtalk.card()
        self.bot.say("/escalate INC-1 数据库连不上")
        self.leases(3)
        self.assertEqual(len(self.in_dingtalk.said(contains="数据库连不上", conversation=OPS)), 1)
        self.assertEqual([each["id"] for each in self.cards_in_dingtalk()], [card["id"]])
        self.in_dingtalk.click("alice", card, "/incident ack INC-1")
        self.ding.wait("dings", id=rings["id"], state="recalled")
        self.bring_back(self.slack)
        told = self.slack.wait("messages", 1, 60, channel=CHANNEL, user=TOCSIN, contains="运维工程师")[0]
        self.assertIn("INC-1", told["text"])
        self.in_dingtalk.ding_for(dingtalk_stage.ALICE, contains="✅ Slack")
        stage.wait_for("no button to be left", lambda: not [
            each for each in self.slack.get("messages", channel_kind="im")
            if "/incident ack INC-1" in str(each.get("blocks"))])
        self.assertEqual(len(self.told_in_slack()), 1)
        self.assertEqual(len(self.in_dingtalk.said(contains="数据库连不上", conversation=OPS)), 1)

    def test_what_dingtalk_refuses_goes_by_slack_at_once(self):
        self.open()
        self.ding.fault(DING, "refuse", refusal="no_quota", times=-1)
        self.in_dingtalk.say("bob", "新建 P0 网站无法访问")
        page = self.slack.wait("messages", channel_kind="im", contains="/incident ack INC-1")[0]
        self.assertEqual(page["channel"], self.in_slack.direct(slack_stage.ALICE))
        self.assertLess(self.after("slack"), HAND_OVER / 2)
        self.in_slack.press("alice", page, "/incident ack INC-1")
        self.taken_in_dingtalk(self.in_dingtalk.card())
        self.slack.wait("messages", channel=page["channel"], contains="ding.serverquota.insufficient")

    # The end of the bot

    def test_killed_with_gestures_in_flight(self):
        """At each place on their way: read by nobody, run and not answered, answered and nobody learnt of it, typed
        while there was no bot."""
        self.open(slack={"ack_seconds": 1.0, "redelivery_seconds": [0, 1, 4]},
                  dingtalk={"message_again_seconds": [0.5, 1.0] + [2.0] * 10})
        for number, words in enumerate(("搜索慢", "登录慢"), 1):
            self.in_dingtalk.say("alice", f"新建 P3 {words}")
            self.told_in_slack(f"INC-{number}")
        first, second = self.in_dingtalk.card("INC-1"), self.told_in_slack("INC-2")[0]

        def ask(word, channel="ops", group="ops"):
            here = self.in_slack.mention(f"ping {word}", channel=channel)
            return word, here, self.in_dingtalk.ping(word, group=group)

        for fake, at, how in ((self.slack, "chat.postMessage", {"match": {"channel": "C0GENERAL"}, "performed": True}),
                              (self.slack, "chat.postMessage", {}), (self.slack, "chat.update", {}),
                              (self.ding, "hooks", {"performed": True, "times": 1}), (self.ding, "hooks", {}),
                              (self.ding, TO_GROUP, {}), (self.ding, TO_PEOPLE, {}), (self.ding, CARD, {})):
            fake.fault(at, "hold", **{"times": -1, **how})
        asked = [ask("unlearnt", "general", None)]
        self.ding.wait("hooks", fault="hold")
        asked.append(ask("unheard"))
        self.in_slack.press("alice", second, "/incident ack INC-2")
        self.in_dingtalk.click("alice", first, "/incident ack INC-1")
        self.slack.wait("calls", 2, method="chat.postMessage", fault="hold")
        self.slack.wait("calls", method="chat.update", fault="hold")
        self.ding.wait("hooks", 2, fault="hold")
        self.ding.wait("calls", api=CARD, fault="hold")
        self.bot.process.send_signal(signal.SIGSTOP)
        asked.append(ask("unread"))
        self.bot.kill()
        asked.append(ask("alone"))
        for fake in (self.slack, self.ding):
            fake.no_faults()
        self.start()
        for word, here, there in asked:
            self.in_slack.replies(here)
            self.in_dingtalk.said(contains=word, conversation=there["conversation"])
        self.taken_in_dingtalk(first)
        self.taken_in_slack(second)
        self.fence()
        self.in_slack.fence("general")
        for word, here, there in asked:
            self.assertEqual(len(self.in_slack.replies(here)), 1, word)
            # DingTalk shows robots no history: what may have been said is said again, and that it may be a repeat.
            repeats = len([each for each in self.ding.get("said", contains=word) if "可能已经收到过" in each["text"]])
            self.assertEqual(self.in_dingtalk.answers(word) - (repeats if word == "unlearnt" else 0), 1, word)
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind = 'acknowledged'"), [(2,)])

    # What was lent out by a bot that is gone is nobody's any more.
    def test_what_a_kill_cut_off_is_said_at_once(self):
        self.open()
        self.slack.fault("chat.postMessage", "hold")
        self.ding.fault("hooks", "hold")
        here, there = self.in_slack.mention("ping unheard"), self.in_dingtalk.ping("unheard")
        self.slack.wait("calls", method="chat.postMessage", fault="hold")
        self.ding.wait("hooks", fault="hold")
        self.bot.kill()
        self.start()
        self.in_slack.replies(here, timeout=SOON)
        self.in_dingtalk.said(contains="unheard", conversation=there["conversation"], timeout=SOON)

    def test_started_while_one_is_down_it_serves_the_other(self):
        self.open(start=False)
        for down in (self.slack, self.ding):
            down.post("listening", api=False)
            self.bot.start()
            if down is self.slack:
                self.in_dingtalk.connected()
                self.in_dingtalk.answered_once(self.in_dingtalk.ping("alone"), "alone")
            else:
                self.slack.wait("sockets", count=2, ready=True, state="open")
                self.in_slack.replied_once(self.in_slack.mention("ping alone"))
            self.bring_back(down)
            self.connected()
            self.bot.stop()


if __name__ == "__main__":
    sys.exit("a module of the tests")
