#!/usr/bin/python3
"""Second thoughts on real input: two incidents that are one, a step that is taken back, a false alarm. What was joined
to another, or was no incident, calls nobody any more."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

RATE = 60
DUTY, LEAD = "devops@lawsker.com", "tech-lead@lawsker.com"


class SecondThoughts(stage.Scene):
    bot_options = {"rate": RATE}

    def subjects(self, to, word):
        return [mail["subject"] for mail in self.mail.to(to) if word in mail["subject"]]

    def status(self, number):
        return self.bot.rows("SELECT status, merged_into, false_alarm FROM incidents WHERE id = ?", number)[0]

    def test_two_that_are_one(self):
        self.bot.say("新建 P0 网站无法访问")
        self.bot.say("新建 P0 登录失败", who="lead")
        said = self.bot.say("合并 INC-1 INC-2")
        self.assertIn("INC-1", said)
        self.assertEqual(self.status(2)[1], 1)
        # The response lapses for the one that is left, and for that one alone.
        stage.wait_for("the lapse of the first", lambda: self.subjects(LEAD, "INC-1"))
        self.bot.say("认领 INC-1")
        self.assertEqual(self.subjects(LEAD, "INC-2 登录失败 · 轮到"), [])
        self.assertEqual(self.bot.rows("SELECT next_due FROM incidents WHERE id = 2"), [(None,)])
        self.assertIn("INC-1", self.bot.say("状态 INC-2"))
        self.assertIn("没有执行", self.bot.say("认领 INC-2", expect=None))
        # Their timelines are told together a week later.
        report = self.bot.say("复盘 INC-1")
        self.assertIn("登录失败", report)

    def test_a_step_is_taken_back_for_a_minute(self):
        self.bot.say("新建 P1 支付慢")
        self.bot.say("认领")
        self.bot.say("解决")
        self.assertEqual(self.status(1)[0], 3)
        self.bot.say("撤回")
        self.assertEqual(self.status(1)[0], 1)
        # A second of this machine is a minute of its clock.
        self.bot.say("解决")
        over = time.monotonic() + 1.1
        stage.wait_for("the end of the minute", lambda: time.monotonic() > over)
        self.assertIn("没有执行", self.bot.say("撤回", expect=None))
        self.assertEqual(self.status(1)[0], 3)

    def test_a_false_alarm_calls_everybody_off(self):
        self.bot.say("新建 P0 监控告警")
        stage.wait_for("the first page", lambda: self.subjects(DUTY, "INC-1"))
        stage.wait_for("the lead's page", lambda: self.subjects(LEAD, "INC-1"))
        self.bot.say("误报 INC-1", who="lead")
        self.assertEqual(self.status(1)[2], 1)
        self.assertEqual(self.bot.rows("SELECT count(*) FROM pages WHERE next_due IS NOT NULL"), [(0,)])
        self.assertEqual(self.bot.rows("SELECT next_due FROM incidents"), [(None,)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
