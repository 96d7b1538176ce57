#!/usr/bin/python3
"""A drill on real input: it mails whoever began it and nobody else, everything marked; a real P0 beside it pages the
real chain, unmarked and untouched; killed in the middle it goes on; it ends by itself with its report."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

MARK = "【演练】"
RATE = 20
SECOND = 1000 / RATE  # real milliseconds of one second of the bot's clock
SLACK = 400           # real milliseconds: of a busy machine, and of a restart
DUTY, LEAD, CTO, SECURITY = "devops@lawsker.com", "tech-lead@lawsker.com", "cto@lawsker.com", "security@lawsker.com"


class Drill(stage.Scene):
    bot_options = {"rate": RATE}

    def ended(self, number):
        """Waits for the drill's end; its report."""
        def over():
            (status,), = self.bot.rows("SELECT status FROM incidents WHERE id = ?", number)
            (sending,), = self.bot.rows("SELECT count(*) FROM deliveries WHERE state = 1")
            return status >= 3 and sending == 0
        stage.wait_for("the end of the drill", over, 60)
        return self.bot.say(f"演练报告 INC-{number}", who="security-officer")

    def test_left_alone_it_mails_its_starter_only_and_ends_with_a_report(self):
        begun = self.bot.say("演练 P0", who="security-officer")
        self.assertTrue(begun.startswith(MARK), begun)
        self.assertIn("10 倍速", begun)
        first = stage.wait_for("the first page", lambda: self.mail.to(SECURITY))[0]
        # A real one beside it: its chain, its clocks, its words are those of any other day.
        real = self.bot.say("新建 P0 网站无法访问", who="lead")
        self.assertTrue(real.startswith("🔴 P0 INC-2"), real)
        self.assertIn("INC-2", self.bot.say("认领", who="lead"))

        stage.wait_for("the page of the response lapse", lambda: len(self.mail.to(SECURITY)) >= 2)
        self.bot.kill()
        self.bot.start()
        report = self.ended(1)
        mails = self.mail.to(SECURITY)
        for each in mails:
            self.assertTrue(each["subject"].startswith(MARK), each["subject"])
            self.assertTrue(each["body"].startswith(MARK), each["body"])
            self.assertEqual(each["to"], [SECURITY])
        self.assertIn("安全专员", first["subject"])
        # The response target of five minutes is half a minute here, the recovery's three.
        lapse = next(each for each in mails if "无人认领" in each["subject"])
        self.assertAlmostEqual(lapse["at"] - first["at"], 30 * SECOND, delta=SLACK)
        missed = next(each for each in mails if "未恢复" in each["subject"])
        self.assertAlmostEqual(missed["at"] - first["at"], 180 * SECOND, delta=SLACK)
        # The real one: the duty at its opening, nobody after it was taken, nothing marked.
        others = [each for each in self.mail.mails() if each["to"] != [SECURITY]]
        self.assertEqual([each["to"] for each in others], [[DUTY]])
        self.assertIn("INC-2", others[0]["subject"])
        self.assertFalse(any(MARK in each["raw"] for each in others))

        self.assertTrue(report.startswith(MARK), report)
        for fact in ("没有人认领", "0:30 内没有人认领", "3:00 内没有缓解", "安全专员", "邮件", "10 倍速"):
            self.assertIn(fact, report)
        rows = [line for line in report.splitlines() if "安全专员" in line and "邮件" in line]
        # The kill may have come between a mail and the note of it: that one is sent again, and says so.
        again = [each for each in mails if "可能重复" in each["subject"]]
        self.assertLessEqual(len(again), 1)
        self.assertEqual(len({each["message_id"] for each in mails}), len(mails) - len(again))
        self.assertEqual(len(rows), len(mails) - len(again), report)
        # A day later nothing more has come of it, and what is counted is what is real.
        self.assertTrue(self.bot.say("列表", who="lead").startswith("📋 1 单"))
        markdown = self.bot.tocsin("postmortem", "1", "--locale", "zh-CN").stdout
        self.assertTrue(markdown.startswith(f"# {MARK}"), markdown[:80])
        self.assertEqual(self.bot.tocsin("audit", "verify").returncode, 0)

    def test_with_somebody_and_taken_in_time(self):
        self.bot.say("/drill P0 with @lead speed=5", who="security-officer")
        stage.wait_for("both are paged", lambda: self.mail.to(SECURITY) and self.mail.to(LEAD))
        self.assertTrue(self.bot.say("认领 INC-1", who="lead").startswith(MARK))
        self.assertTrue(self.bot.say("解决 INC-1 切了流量", who="lead").startswith(MARK))
        report = self.ended(1)
        for fact in ("响应:守住", "技术负责人认领", "没有漏的", "5 倍速"):
            self.assertIn(fact, report)
        self.assertEqual({address for each in self.mail.mails() for address in each["to"]}, {SECURITY, LEAD})

    def test_everyone_is_told_in_full_and_stopped(self):
        self.bot.say("演练 P0 所有人", who="security-officer")
        for address in (DUTY, LEAD, CTO):
            stage.wait_for(address, lambda: self.mail.to(address))
        self.assertTrue(all(each["subject"].startswith(MARK) for each in self.mail.mails()))
        self.assertEqual(self.mail.to(SECURITY), [])
        self.assertIn("停止演练", self.bot.say("停止演练", who="security-officer"))
        count = len(self.mail.mails())
        self.assertIn("没有人认领", self.ended(1))
        self.bot.say("停止演练", who="security-officer", expect=1)
        self.assertEqual(len(self.mail.mails()), count)


if __name__ == "__main__":
    unittest.main(verbosity=2)
