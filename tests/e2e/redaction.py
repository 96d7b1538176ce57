#!/usr/bin/python3
"""A secret that comes in by any route leaves by none: it is planted in what a program prints, in a log, in what a
person types, in a mail server's reply, in a broken configuration, and looked for in everything the bot wrote."""
import base64
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

SECRET = "Tr0ub4dor/&3=x"
FORMS = [SECRET, urllib.parse.quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1],
         base64.b64encode(f"\0tocsin\0{SECRET}".encode()).decode()]
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAplantedplantedplantedplanted\n-----END RSA PRIVATE KEY-----\n"
PLANTED = ["xoxb-123456789012-plantedABC", "AKIAPLANTED7EXAMPLE1", "hunter2planted", "MIIEowIBAAKCAQEAplanted"]


class Secrets(unittest.TestCase):
    def setUp(self):
        self.scratch = stage.scratch()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        os.environ["SMTP_PASSWORD"] = SECRET
        self.addCleanup(os.environ.pop, "SMTP_PASSWORD")
        self.mail = stage.MailServer(self.folder, "--user", "tocsin", "--password", SECRET)
        self.addCleanup(self.mail.stop)
        more = ("\nactions:\n"
                "  - name: leak\n    aliases: [泄漏]\n    title: leak\n    effect: read\n"
                "    steps: [{run: [/usr/bin/cat, leak.txt]}]\n"
                "  - name: surroundings\n    aliases: [环境]\n    title: surroundings\n    effect: read\n"
                "    steps: [{run: [/usr/bin/env]}, {run: [/usr/bin/cat, /proc/self/limits]}]\n")
        sender = "  from: tocsin@lawsker.com\n"
        self.bot = stage.Bot(self.folder, self.mail.port, changes=[
            (sender, "  user: tocsin\n  password: env:SMTP_PASSWORD\n" + sender), ("\nactions:\n", more)])
        self.addCleanup(self.bot.stop)
        (self.folder / "leak.txt").write_text("\n".join(FORMS + PLANTED[:2] + ["password=hunter2planted"]) + "\n" + KEY)
        logs = self.folder / "backend/logs"
        logs.mkdir(parents=True)
        (logs / "app.log").write_text(f"ERROR postgresql://bot:{SECRET}@db token={PLANTED[2]}\n" + KEY)
        self.bot.start()

    def assert_clean(self, where, text):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for planted in FORMS + PLANTED:
            self.assertNotIn(planted, text, where)

    def test_what_comes_in_by_any_route_leaves_by_none(self):
        said = self.bot.say(f"新建 P0 密码是 {SECRET} 的那台坏了")
        # The server repeats the login it was given, as some do.
        self.mail.fault({"at": "mail", "do": "reply", "text": f"451 4.3.0 no {SECRET} today", "times": 1})
        said += self.bot.say("泄漏") + self.bot.say("日志 backend") + self.bot.say("日志 backend --errors")
        self.assertIn("‹已隐去›", said)
        self.assertIn("postgresql://bot:‹已隐去›@db", said)
        said += self.bot.say(f"备注 用 https://bot:{PLANTED[2]}@host 和 {PLANTED[0]} 登录")
        surroundings = self.bot.say("环境")
        self.assertNotIn("SMTP_PASSWORD", surroundings)
        self.assertRegex(surroundings, r"Max core file size\s+0\s+0")
        said += surroundings + self.bot.say("时间线") + self.bot.say("状态") + self.bot.say("8")
        said += self.bot.say("升级") + self.bot.say("邮件测试不存在", expect=1)
        stage.wait_for("a page by mail", lambda: self.mail.to("devops@lawsker.com"))
        said += self.bot.say("解决 换了口令") + self.bot.say("复盘 INC-1") + self.bot.say("审计", who="lead")
        self.assert_clean("answers", said)
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.bot.port}{path}", timeout=5) as answer:
                self.assert_clean(path, answer.read())
        for mail in self.mail.mails():
            self.assert_clean("mail", mail["subject"] + mail["body"] + mail["raw"])
        for words in (["postmortem", "1"], ["timeline", "1"], ["audit", "export"], ["incident", "show", "1"]):
            self.assert_clean(words, self.bot.tocsin(*words).stdout)
        self.assertEqual(self.bot.tocsin("audit", "verify").returncode, 0)
        self.assert_clean("arguments", pathlib.Path(f"/proc/{self.bot.process.pid}/cmdline").read_bytes())
        limits = pathlib.Path(f"/proc/{self.bot.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        self.assertEqual(self.bot.stop(), 0)
        for file in self.folder.glob("tocsin.db*"):
            if file.is_file():
                self.assert_clean(file.name, file.read_bytes())
        self.assert_clean("log", (self.folder / "bot.log").read_bytes())

    def test_a_broken_configuration_is_complained_of_without_its_passwords(self):
        text = self.bot.config.read_text()
        broken = self.folder / "broken.yaml"
        broken.write_text(text.replace("http://localhost", f"http://bot:{PLANTED[2]}@localhost"))
        done = subprocess.run([stage.BINARY, "check", "--config", str(broken)], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("health", done.stderr)
        self.assert_clean("check", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
