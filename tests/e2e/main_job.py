#!/usr/bin/python3
"""The main job on real input: a P0 opened in Chinese pages the chain by real e-mail, is taken through the link, looked
into, resolved, and told in the postmortem. The same P0 left alone pages for the recovery target too."""
import datetime
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

MINUTE = 1000  # real milliseconds of one minute of the bot's clock at rate 60
DUTY, LEAD, CTO = "devops@lawsker.com", "tech-lead@lawsker.com", "cto@lawsker.com"
NAMES = {DUTY: "运维工程师", LEAD: "技术负责人", CTO: "CTO"}
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+08:00"
AT_ONCE = 1500  # real milliseconds: from the typed line to a mail that the server has, on a machine under test


def now():
    return time.time() * 1000


def instant(stamp):
    return datetime.datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S %z").timestamp() * 1000


def section(markdown, head):
    return markdown.split(f"\n## {head}\n", 1)[1].split("\n## ", 1)[0]


def rows(text):
    """The rows of a Markdown table, as lists of cells, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


class MainJob(unittest.TestCase):
    def setUp(self):
        self.scratch = stage.scratch()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        self.mail = stage.MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        self.bot = stage.Bot(self.folder, self.mail.port)
        self.addCleanup(self.bot.stop)
        self.bot.start()

    def mail_to(self, address, count=1):
        return stage.wait_for(f"mail {count} to {address}", lambda: self.mail.to(address)[count - 1:count])[0]

    def test_from_opening_to_postmortem(self):
        typed = now()
        answer = self.bot.say("新建 P0 网站无法访问")
        self.assertIn("INC-1", answer)
        self.assertIn("网站无法访问", answer)

        first = self.mail_to(DUTY)
        lead = self.mail_to(LEAD)
        chief = self.mail_to(CTO)
        self.assertTrue(first["subject"].startswith("P0 INC-1 网站无法访问"), first["subject"])
        self.assertLess(first["at"] - typed, AT_ONCE, "the duty is paged at once")
        self.assertAlmostEqual(lead["at"] - first["at"], 5 * MINUTE, delta=0.9 * MINUTE)
        self.assertAlmostEqual(chief["at"] - first["at"], 10 * MINUTE, delta=0.9 * MINUTE)
        self.assertIn("无人认领", lead["subject"])
        # The duty is called again every five minutes until somebody takes it.
        self.assertAlmostEqual(self.mail_to(DUTY, 2)["at"] - first["at"], 5 * MINUTE, delta=0.9 * MINUTE)

        # Looking at the link changes nothing, however often a scanner looks; one tap takes it, once.
        link = re.search(r"http://127\.0\.0\.1:\d+/ack/[0-9a-f-]+", lead["body"]).group()
        for _ in range(3):
            status, page = stage.fetch(link)
            self.assertEqual(status, 200)
            self.assertIn("<form", page)
        self.assertIn("未认领", self.bot.say("列表"))
        tapped = now()
        status, page = stage.fetch(link, b"")
        self.assertEqual(status, 200)
        self.assertIn("认领了", page)
        status, page = stage.fetch(link, b"")
        self.assertNotIn("<form", page)
        self.assertEqual(stage.fetch(link[:-1] + ("0" if link[-1] != "0" else "1"))[0], 404)

        diagnosis = self.bot.say("诊断")
        self.assertIn("CPU", diagnosis.upper())
        noted = now()
        self.bot.say("备注 回退到 v2.8.0", who="lead")
        ended = now()
        resolved = self.bot.say("解决 回退了 v2.8.1", who="lead")
        self.assertIn("INC-1", resolved)
        mails = len(self.mail.mails())

        markdown = self.bot.tocsin("postmortem", "1", "--locale", "zh-CN").stdout
        for fact in ("INC-1", "网站无法访问", "技术负责人", "CTO", "回退到 v2.8.0", "回退了 v2.8.1", "超时"):
            self.assertIn(fact, markdown)
        # What was looked at is told with what was found.
        self.assertIn("diag", markdown)
        self.assertIn("CPU", markdown.upper())
        self.compare(markdown, {"打开 P0": typed, "认领,": tapped, "回退到 v2.8.0": noted, "解决,": ended})
        english = self.bot.tocsin("postmortem", "1", "--locale", "en").stdout
        for part in ("## Summary", "## Impact", "## People", "## Targets", "## Timeline", "## Pages", "## To do"):
            self.assertIn(part, english)
        self.assertEqual(self.bot.tocsin("audit", "verify").returncode, 0)
        self.assertEqual(len(self.mail.mails()), mails, "nobody is paged for an incident that is over")
        pages = self.bot.rows("SELECT step, occurrence, person, count(*) FROM pages GROUP BY 1, 2, 3")
        self.assertTrue(all(row[3] == 1 for row in pages), pages)
        self.assertEqual(self.bot.stop(), 0)

    def bot_time(self, real):
        """What the bot's clock showed then."""
        origin, epoch, rate = re.fullmatch(r"origin=(.*),epoch=(\d+),rate=(\d+)", self.bot.clock).groups()
        return datetime.datetime.fromisoformat(origin.replace("Z", "+00:00")).timestamp() * 1000 \
            + (real - int(epoch)) * int(rate)

    def assert_when(self, stamp, real, what):
        self.assertAlmostEqual(instant(stamp), self.bot_time(real), delta=AT_ONCE * 60, msg=what)

    def compare(self, markdown, deeds):
        """The postmortem against what was seen from outside: when each line was typed, each mail arrived."""
        timeline = rows(section(markdown, "时间线"))
        for words, real in deeds.items():
            told = [row for row in timeline if row[3].startswith(words)]
            self.assertEqual(len(told), 1, words)
            self.assert_when(told[0][1], real, words)
        self.assertEqual([int(row[0]) for row in timeline], list(range(1, len(timeline) + 1)))
        self.assertEqual([row[1] for row in timeline], sorted(row[1] for row in timeline))
        # Each mail that the server took is a row, with the number the server gave it, and nothing else is.
        sent = self.mail.mails()
        paged = rows(section(markdown, "呼叫"))
        self.assertEqual(len(paged), len(sent))
        for number, mail in enumerate(sent, 1):
            told = [row for row in paged if re.search(rf"FAKE{number}\b", row[3])]
            self.assertEqual(len(told), 1, f"mail {number}")
            self.assertEqual(told[0][1], NAMES[mail["to"][0]])
            self.assert_when(told[0][0], mail["at"], f"mail {number}")
        # The lengths told are those between the instants told.
        summary = dict(re.findall(rf"- \*\*(\S+)\*\*: ({STAMP})", markdown))
        took = instant(summary["认领"]) - instant(summary["打开"])
        response = rows(section(markdown, "时限"))[0]
        self.assertEqual([response[0], response[1], response[3]], ["响应", "5 分", "超时"])
        self.assertIn(response[2], [f"{int((took + off) // 60000)} 分" for off in (-1000, 0, 1000)])
        self.assertEqual(summary["打开"], timeline[0][1])
        self.assertEqual(summary["解决"], timeline[-1][1])

    def test_left_alone_it_pages_for_the_recovery_target(self):
        self.bot.say("新建 P0 数据库起不来")
        first = self.mail_to(DUTY)
        near = stage.wait_for("the lead's warning at 80 % of the recovery target",
                              lambda: [mail for mail in self.mail.to(LEAD) if "前要恢复" in mail["subject"]], 60)[0]
        self.assertAlmostEqual(near["at"] - first["at"], 24 * MINUTE, delta=0.9 * MINUTE)
        for address in (LEAD, CTO):
            lapsed = stage.wait_for(f"the recovery lapse to {address}",
                                    lambda: [mail for mail in self.mail.to(address) if "未恢复" in mail["subject"]], 60)
            self.assertAlmostEqual(lapsed[0]["at"] - first["at"], 30 * MINUTE, delta=0.9 * MINUTE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
