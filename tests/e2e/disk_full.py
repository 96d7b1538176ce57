#!/usr/bin/python3
"""Paging outlives the disk: a P0 is open when the disk fills up, turns read-only, or the database is overwritten. The
pages still go out by real e-mail, the bot says so, takes acknowledgements, frees space by its own command, is killed in
between, and afterwards everything is in the database. Needs a small disk of its own; where none may be mounted it is
skipped (77). `disk_full.py [TEST…]`."""
import errno
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

DUTY, LEAD, CTO = "devops@lawsker.com", "tech-lead@lawsker.com", "cto@lawsker.com"
MINUTE = 1000  # real milliseconds of one minute of the bot's clock at rate 60
DISK_MIB = 16
SEED = 20261123
CLEAN = """actions:
  - name: clean-logs
    aliases: [清日志]
    title: {zh-CN: 删掉旧日志, en: Delete old logs}
    effect: change
    steps: [{run: [/usr/bin/find, logs, -name, "app.log.*", -delete]}]
    timeout: 10s
"""


class Disk:
    """A file system of its own in memory, so that full means full."""

    def __init__(self):
        self.scratch = stage.scratch()
        self.folder = pathlib.Path(self.scratch.name)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tocsin-test", str(self.folder)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            self.scratch.cleanup()
            raise OSError(done.stderr.strip())
        (self.folder / "logs").mkdir()

    def fill(self):
        with open(self.folder / "logs/app.log.1", "ab", buffering=0) as log:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        log.write(b"x" * size)
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error
        assert os.statvfs(self.folder).f_bavail == 0

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)

    def unmount(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)
        self.scratch.cleanup()


class PagingOutlivesTheDisk(unittest.TestCase):
    def setUp(self):
        self.elsewhere = stage.scratch()
        self.addCleanup(self.elsewhere.cleanup)
        self.disk = Disk()
        self.addCleanup(self.disk.unmount)
        self.mail = stage.MailServer(pathlib.Path(self.elsewhere.name))
        self.addCleanup(self.mail.stop)
        self.bot = stage.Bot(self.disk.folder, self.mail.port)
        text = self.bot.config.read_text()
        self.bot.config.write_text(text.replace("\nactions:\n", "\n" + CLEAN) if "\nactions:\n" in text
                                   else text + CLEAN)
        self.bot.log_file = pathlib.Path(self.elsewhere.name) / "bot.log"
        self.addCleanup(self.bot.stop)
        self.bot.start()

    def mails(self, address, words):
        return [mail for mail in self.mail.to(address) if words in mail["subject"]]

    def await_mail(self, address, words, deadline=stage.DEADLINE):
        return stage.wait_for(f"'{words}' to {address}", lambda: self.mails(address, words), deadline)[0]

    def ready(self):
        return stage.fetch(f"http://127.0.0.1:{self.bot.port}/readyz")

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.disk.folder}/tocsin.db?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()

    def await_well(self, before=0):
        return stage.wait_for("the bot to be well again", lambda: self.mails(LEAD, "又能写")[before:])[0]

    def clean_logs(self):
        asked = self.bot.say("清日志")
        self.bot.say("执行 " + re.search(r"执行 (K\d+)", asked).group(1))

    def check_whole(self):
        verify = self.bot.tocsin("audit", "verify")
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])
        for incident, count, last in self.rows("SELECT incident, count(*), max(sequence) FROM timeline GROUP BY 1"):
            self.assertEqual(count, last, f"the timeline of INC-{incident} has gaps")
        self.assertEqual(self.rows("SELECT incident, arming, step, occurrence, person FROM pages "
                                   "GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1"), [])
        # What is stored as accepted did arrive; what came twice said so.
        seen = {}
        for each in self.mail.mails():
            seen.setdefault(each["message_id"].strip("<>"), []).append(each["subject"])
        for page, position in self.rows("SELECT page, position FROM deliveries WHERE channel = 'email' AND state = 2"):
            self.assertTrue(any(name.startswith(f"page-{page}-{position}@") for name in seen), f"page {page} was lost")
        for name, subjects in seen.items():
            for subject in subjects[1:]:
                self.assertIn("可能重复", subject, name)

    def acknowledged_by(self, incident=1):
        return self.rows(f"SELECT acknowledged_by FROM incidents WHERE id = {incident}")[0][0]

    def test_full_in_the_middle_of_a_p0(self):
        self.bot.say("新建 P0 网站无法访问")
        first = self.await_mail(DUTY, "P0 INC-1")
        self.disk.fill()
        lead = self.await_mail(LEAD, "P0 INC-1")
        self.assertAlmostEqual(lead["at"] - first["at"], 5 * MINUTE, delta=0.9 * MINUTE)
        for address in (DUTY, LEAD):
            self.assertIn("100 %", self.await_mail(address, "写不了盘")["subject"])
        status, text = self.ready()
        self.assertEqual(status, 503)
        self.assertIn("can't be written", text)
        self.assertEqual(stage.fetch(f"http://127.0.0.1:{self.bot.port}/healthz")[0], 200)
        status, text = stage.fetch(f"http://127.0.0.1:{self.bot.port}/metrics")
        self.assertEqual(status, 200)
        self.assertIn('\ntocsin_ready 0\n', text)
        self.assertIn('\ntocsin_incidents_open{severity="P0",status="open"} 1\n', text)
        self.assertIn("网站无法访问", self.bot.say("状态"))
        self.assertIn("CPU", self.bot.say("诊断").upper())
        link = re.search(r"http://127\.0\.0\.1:\d+/ack/[0-9a-f-]+", lead["body"]).group()
        self.assertEqual(stage.fetch(link, b"")[0], 200)
        self.assertIn("技术负责人", self.bot.say("状态"))
        self.bot.say("备注 盘满,正在清")
        self.assertIn("INC-2", self.bot.say("新建 P1 磁盘满"))
        self.assertEqual(self.rows("SELECT count(*) FROM incidents"), [(1,)], "the disk is full, is it not?")
        self.assertEqual(self.bot.say("审计", who="lead").count("❌"), 0)

        self.clean_logs()
        back = self.await_well()
        self.assertRegex(back["body"], r"补记 \d+ 笔")
        self.assertEqual(self.ready()[0], 200)
        self.bot.say("解决 INC-1 清了日志", who="lead")
        self.bot.say("解决 INC-2 清了日志", who="lead")
        self.check_whole()
        self.assertEqual(self.acknowledged_by(), "lead")
        self.assertEqual(self.rows("SELECT count(*) FROM audit WHERE what = 'back-fill'"), [(1,)])
        self.assertEqual(self.rows("SELECT state FROM runs WHERE action = 'clean-logs'"), [("ran",)])
        markdown = self.bot.tocsin("postmortem", "1", "--locale", "zh-CN").stdout
        for fact in ("技术负责人", "盘满,正在清", "清了日志"):
            self.assertIn(fact, markdown)
        for words in ("写不了盘", "又能写"):
            for address in (DUTY, LEAD):
                self.assertEqual(len(self.mails(address, words)), 1, f"{words} to {address}")
        self.assertEqual(self.bot.stop(), 0)

    def test_killed_and_started_again_while_it_is_full(self):
        chance = random.Random(SEED)
        self.bot.say("新建 P0 网站无法访问")
        first = self.await_mail(DUTY, "P0 INC-1")
        self.disk.fill()
        self.await_mail(LEAD, "写不了盘")
        self.bot.kill()
        self.bot.start()
        lead = self.await_mail(LEAD, "P0 INC-1")
        self.assertLess(lead["at"] - first["at"], 5 * MINUTE + 3000, "late by the restart alone")
        self.bot.say("认领", who="lead")
        notes = 0
        for kill in range(8):
            for _ in range(chance.randrange(4)):
                self.bot.say(f"备注 INC-1 第 {notes} 条")
                notes += 1
            stage.select.select([], [], [], chance.random() * 0.3)
            self.bot.kill()
            self.bot.start()
            self.assertIn("技术负责人", self.bot.say("状态"), f"after kill {kill}, seed {SEED}")
        self.clean_logs()
        self.await_well()
        self.check_whole()
        self.assertEqual(self.acknowledged_by(), "lead")
        self.assertEqual(self.rows("SELECT count(*) FROM timeline WHERE kind = 'note'"), [(notes,)])
        # Freed while nobody ran: the next start stores what was kept.
        self.disk.fill()
        self.bot.say("备注 INC-1 又满了")
        stage.wait_for("the second episode", lambda: self.ready()[0] == 503)
        self.bot.kill()
        (self.disk.folder / "logs/app.log.1").unlink()
        self.bot.start()
        stage.wait_for("well at the start", lambda: self.ready()[0] == 200)
        self.check_whole()
        self.assertEqual(self.rows("SELECT count(*) FROM timeline WHERE kind = 'note'"), [(notes + 1,)])

    @stage.not_sanitized
    def test_read_only(self):
        self.bot.say("新建 P1 慢")
        self.bot.kill()
        self.disk.remount("ro")
        self.bot.start()
        self.await_mail(LEAD, "只读")
        self.assertIn("慢", self.bot.say("列表"))
        answer = self.bot.say("新建 P0 网站无法访问")
        self.assertIn("INC-2", answer)
        self.await_mail(LEAD, "P0 INC-2")
        self.bot.say("认领 INC-2", who="lead")
        self.disk.remount("rw")
        self.await_well()
        self.check_whole()
        self.assertEqual(self.acknowledged_by(2), "lead")

    @stage.not_sanitized
    def test_overwritten(self):
        self.bot.say("新建 P0 网站无法访问")
        self.await_mail(DUTY, "P0 INC-1")
        self.assertEqual(self.bot.stop(), 0)
        database = self.disk.folder / "tocsin.db"
        with open(database, "r+b") as file:
            file.seek(100)
            file.write(b"\x7f" * (database.stat().st_size - 100))
        damaged = database.read_bytes()
        self.bot.start()
        self.await_mail(LEAD, "数据库坏了")
        self.assertIn("INC-", self.bot.say("新建 P0 网站还是打不开"))
        self.await_mail(LEAD, "还是打不开")
        self.bot.say("认领", who="lead")
        self.assertEqual(database.read_bytes(), damaged, "a human may still save something from it")
        aside = self.bot.tocsin("db", "aside")
        self.assertEqual(aside.returncode, 0, aside.stderr)
        self.await_well()
        self.check_whole()
        self.assertEqual(self.rows("SELECT acknowledged_by FROM incidents"), [("lead",)])
        self.assertEqual(pathlib.Path(aside.stdout.strip()).read_bytes(), damaged)
        self.assertEqual(self.bot.tocsin("db", "aside").returncode, 1)


if __name__ == "__main__":
    try:
        Disk().unmount()
    except (OSError, FileNotFoundError) as refused:
        print(f"skipped: no file system can be mounted here ({refused})")
        sys.exit(77)
    unittest.main(verbosity=2)
