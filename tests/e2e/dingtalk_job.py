#!/usr/bin/python3
"""The main job in DingTalk, over wss with a certificate of a private authority: opened by words, taken on the card, a
danger approved by a second person, the CTO reached by phone after the lapse, the postmortem handed over as a file. The
same without cards, by typed words and tapped links; and what people from outside can do, which is nothing."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import DUTY, MARK
from dingtalk_scene import ALICE, BOB, CAROL, OPS, PARTNERS, TEMPLATE, Beside, DingTalkScene

RATE = 60  # a minute of the bot's clock is a second
MINUTE = 1000  # milliseconds of it
AT_ONCE = 1500


class Job(DingTalkScene):
    def begin(self, **how):
        self.open(changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", MARK)], **how)

    def marked(self):
        return (self.folder / "mark").exists()

    def postmortem_of(self, **place):
        """The text of the file that was handed over there."""
        message = self.said(contains="INC-1.md", kind="sampleFile", **place)[0]
        self.assertEqual(message["body"]["fileName"], "INC-1.md")
        self.ding.wait("media", id=message["body"]["mediaId"])
        return self.ding.file(message["body"]["mediaId"]).decode()

    def test_from_the_words_to_the_postmortem(self):
        self.begin()
        asked = self.say("alice", "新建 P0 网站无法访问")
        card = self.card()
        self.assertEqual((card["template"], card["callback_type"]), (TEMPLATE, "STREAM"))
        self.assertTrue(all(isinstance(value, str) for value in card["data"].values()))
        space = card["spaces"][0]
        self.assertEqual((space["conversation"], space["at_all"]), (OPS, False))
        # The line on a locked screen holds the severity, the number and the symptom.
        for line in (space["alert"], card["data"]["title"]):
            self.assertRegex(line, "^🔴 P0 INC-1 网站无法访问")
        self.assertLess(self.ding.acked(asked)["latency_ms"], 2000)

        # The duty's phone rings, and nobody else's; whoever takes it on the card silences it.
        rings = self.ding_for(ALICE)[0]
        self.assertEqual((rings["kind"], rings["failed"]), ("call", {}))
        self.assertIn("网站无法访问", rings["content"])
        pressed = self.click("alice", card, "/incident ack INC-1")
        shown = self.ding.answer(pressed)
        self.assertIn(shown["outcome"], ("updated", "kept"))
        self.assertLess(shown["latency_ms"], 2000)
        self.ding.wait("dings", id=rings["id"], state="recalled")
        taken = stage.wait_for("who has it", lambda: [each for each in self.ding.get("cards", id=card["id"])
                                                      if "运维工程师" in each["data"]["title"]])[0]
        with self.assertRaises(AssertionError):
            self.button(taken, "/incident ack INC-1")
        self.assertEqual(self.mail.to(DUTY), [], "DingTalk reached the duty: no mail was needed")

        # A danger waits for a second person. Whoever asks has no button for it.
        self.say("alice", "/fix mark")
        request = self.said(contains="批准 K1", conversation=OPS)[0]
        self.assertRegex(request["text"], "[@＠]警钟 批准 K1")
        consent, message = self.asked_to_approve("bob")
        self.asked_to_approve("carol")
        self.assertIn("做记号", json.dumps(consent or message, ensure_ascii=False))
        self.assertEqual(self.may_approve(), {"bob", "carol"})
        self.ding.answer(self.approve("bob"))
        stage.wait_for("consent", lambda: self.bot.rows("SELECT state, decided_by FROM approvals") == [
            ("approved", "lead")])
        self.assertFalse(self.marked(), "approved is not run")
        # Whoever else was asked need not answer any more.
        stage.wait_for("carol's button to go", lambda: not self.may_approve())
        self.said(group="alice", contains="执行 K1")
        self.direct("alice", "执行 K1")
        stage.wait_for("what was approved", self.marked)

        for command, after in (("/incident mitigate INC-1", "还没解决"), ("/incident resolve INC-1", "已解决")):
            self.click("alice", card, command)
            self.showing(card, after)
        self.click("alice", card, "/postmortem INC-1")
        text = self.postmortem_of()
        self.assertIn("网站无法访问", text.splitlines()[0])
        self.assertIn("做记号", text)
        self.click("alice", card, "/incident close INC-1")
        self.showing(card, "已关闭")
        # It was one card all the time, changed by key.
        self.assertEqual([each["id"] for each in self.ding.get("cards", contains="INC-1")
                          if each["spaces"][0]["conversation"] == OPS], [card["id"]])
        self.assertEqual([each["api"] for each in self.ding.get("calls", api="/v1.0/card/instances", verb="PUT")
                          if each["arguments"].get("cardUpdateOptions", {}).get("updateCardDataByKey") is not True], [])
        self.nothing_odd()

    def test_left_alone_it_rings_up_the_cto(self):
        self.begin(rate=RATE)
        self.say("alice", "新建 P0 网站无法访问")
        card = self.card()
        rings = [self.ding_for(each, kind="call", timeout=60)[0] for each in (ALICE, BOB, CAROL)]
        # By the clock of DingTalk, which nobody moved meanwhile.
        self.assertAlmostEqual(rings[1]["at"] - rings[0]["at"], 5 * MINUTE, delta=AT_ONCE)
        self.assertAlmostEqual(rings[2]["at"] - rings[0]["at"], 10 * MINUTE, delta=AT_ONCE)
        self.assertIn("无人认领", rings[2]["content"])
        self.showing(card, "无人认领")
        self.direct("carol", "4")
        self.said(group="carol", contains="认领 INC-1")
        # All of them may sleep again, and those who ring next, too.
        stage.wait_for("silence", lambda: not self.ding.get("dings", state="sent"))
        stage.wait_for("who has it", lambda: "CTO" in self.ding.get("cards", id=card["id"])[0]["data"]["title"])
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind = 'acknowledged'"), [(1,)])

    def test_the_phone_is_for_the_worst(self):
        self.begin()
        for number, (severity, kind) in enumerate((("P0", "call"), ("P1", "sms"), ("P2", "app")), 1):
            self.say("alice", f"新建 {severity} 第{number}个故障")
            self.ding_for(ALICE, kind=kind, contains=f"INC-{number}")
        self.assertEqual(sorted(each["kind"] for each in self.ding.get("dings")), ["app", "call", "sms"])
        self.assertEqual(self.ding.get("counts")["dings"], {"sms": 1, "call": 1})

    def test_what_was_opened_elsewhere_is_told_to_the_group(self):
        self.begin()
        self.bot.say("新建 P0 网站无法访问")
        card = self.card()
        rings = self.ding_for(ALICE)[0]
        self.bot.say("认领 INC-1")
        self.ding.wait("dings", id=rings["id"], state="recalled")
        stage.wait_for("who has it", lambda: "运维工程师" in self.ding.get("cards", id=card["id"])[0]["data"]["title"])

    def test_without_cards(self):
        self.begin(template=None)
        self.say("alice", "新建 P0 网站无法访问")
        told = self.said(contains="INC-1 网站无法访问", conversation=OPS)[0]
        self.assertIn("网站无法访问", told["title"])
        rings = self.ding_for(ALICE, kind="call")[0]
        # A tap says the words as whoever tapped.
        tapped = self.tap("alice", told, "ack INC-1")
        self.assertEqual(tapped["outcome"], "said")
        self.ding.wait("dings", id=rings["id"], state="recalled")
        self.assertEqual(self.bot.rows("SELECT author FROM timeline WHERE kind = 'acknowledged'"), [("devops",)])
        self.assertEqual(self.ding.get("calls", api="/v1.0/card/instances/createAndDeliver"), [])

        self.say("alice", "/fix mark")
        self.said(contains="警钟 批准 K1", conversation=OPS)
        self.approve("bob")
        self.said(group="alice", contains="执行 K1")
        self.direct("alice", "执行 K1")
        stage.wait_for("what was approved", self.marked)
        for words, status in (("缓解 INC-1 退回了 v2.8.0", "缓解"), ("解决 INC-1", "解决")):
            self.direct("alice", words)
            self.said(group="alice", contains=f"✅ 运维工程师{status} INC-1")
        self.direct("alice", "复盘 INC-1")
        self.assertIn("退回了 v2.8.0", self.postmortem_of(group="alice"))
        self.nothing_odd()

    def test_where_taps_do_not_reach_it_words_do(self):
        """Whether a tapped text reaches the robot in a group is for DingTalk to say."""
        self.begin(template=None)
        self.say("alice", "新建 P0 网站无法访问")
        told = self.said(contains="INC-1 网站无法访问", conversation=OPS)[0]
        rings = self.ding_for(ALICE, kind="call")[0]
        self.assertIn("4 认领", told["text"])
        self.say("alice", "认领 INC-1", at=False)
        self.answered_once(self.ping("nothing-happened"), "nothing-happened")
        self.assertEqual(self.ding.get("dings", state="recalled"), [])
        self.direct("alice", "4")
        self.ding.wait("dings", id=rings["id"], state="recalled")

    def test_from_outside_nothing_is_done(self):
        for empty in (False, True):
            with self.subTest(staff_id="empty" if empty else "missing"):
                self.begin(settings={"outsiders_have_empty_staff_id": empty})
                self.say("alice", "新建 P1 密码在日志里")
                rings = self.ding_for(ALICE)[0]
                self.card()
                for words in ("新建 P0 假的", "认领 INC-1", "4", "解决 INC-1", "备注 INC-1 我来过", "/fix mark"):
                    asked = self.say("eve", words, group="partners")
                    answer = self.ding.answer(asked)["answers"][0]
                    self.assertRegex(answer["text"], "没有执行|什么都没做", words)
                    self.assertEqual(answer["mentions"], [])
                for words in ("列表", "时间线 INC-1", "复盘 INC-1"):
                    self.ding.answer(self.say("eve", words, group="partners"))
                # Alone with the robot they are no more.
                self.direct("eve", "4")
                self.answered_once(self.ping("all-well"), "all-well")
                self.assertEqual(self.ding.get("said", contains="密码在日志里", conversation=PARTNERS), [])
                self.assertEqual([each["id"] for each in self.ding.get("cards") if "eve" in each["shown"]], [])
                self.assertEqual(self.bot.rows("SELECT title FROM incidents"), [("密码在日志里",)])
                self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind IN ('acknowledged', 'note', "
                                               "'resolved')"), [(0,)])
                self.assertEqual(self.ding.get("dings", id=rings["id"])[0]["state"], "sent")
                self.assertEqual(len(self.ding.get("dings")), 1)
                self.assertEqual(self.bot.rows("SELECT 1 FROM approvals"), [])
                self.bot.stop()

    def test_a_colleague_nobody_named_is_a_stranger_too(self):
        self.begin()
        self.assertIn("没有执行", self.ding.answer(self.say("dave", "新建 P0 假的"))["answers"][0]["text"])
        self.answered_once(self.ping("all-well"), "all-well")
        self.assertEqual(self.bot.rows("SELECT 1 FROM incidents"), [])

    def test_what_is_private_stays_with_those_it_is_for(self):
        """Its card stands with each of them alone, is pressed and changed there, and the group hears nothing."""
        self.begin()
        self.direct("alice", "/incident open P2 --private 密码在日志里")
        card = self.card("INC-1 密码在日志里", group="alice")
        self.ding.answer(self.click("alice", card, "/incident ack INC-1"))
        self.showing(card, "运维工程师")
        self.answered_once(self.ping("heard"), "heard")
        self.assertEqual(self.ding.get("cards", id=card["id"])[0]["spaces"][0]["group"], "alice")
        self.assertEqual([each for each in self.ding.get("said", contains="密码在日志里") if each["group"] == "ops"], [])
        self.assertEqual([each for each in self.ding.get("cards", contains="密码在日志里")
                          if each["spaces"][0]["group"] == "ops"], [])

    def test_a_click_is_from_whoever_made_it(self):
        """What comes along with a click is the client's: it may be anything, and is worth what its author may do."""
        self.begin()
        self.say("alice", "新建 P1 网站很慢")
        card = self.card()
        self.ding.answer(self.click("dave", card, "/incident ack INC-1"))
        for command in ("/incident false-alarm INC-1", "/page chief 假的", "/fix mark", "x" * 5000, ""):
            self.ding.answer(self.ding.click("dave", card["id"], "run1", command=command))
        # And from somebody who may: a button of no card that the bot has, and one without anything.
        self.ding.click("bob", card["id"], "run4", command=["/incident false-alarm INC-1"])
        self.ding.click("bob", card["id"], "run4")
        self.answered_once(self.ping("all-well"), "all-well")
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind IN ('acknowledged', 'false_alarm')"),
                         [(0,)])
        self.assertEqual(self.ding.get("dings", receivers=[CAROL]), [])
        self.assertEqual(self.bot.rows("SELECT 1 FROM approvals"), [])


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Job))


if __name__ == "__main__":
    unittest.main(verbosity=2)
