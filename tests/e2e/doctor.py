#!/usr/bin/python3
"""`tocsin doctor` against real servers: everything green, then one thing broken after the other and named."""
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

CONFIG = """\
mode: production
http:
  listen: 127.0.0.1:{port}
  public_listen: 127.0.0.1:{public}
  public_url: https://localhost:{proxy}
  public_ca_file: {ca}
storage: {folder}/tocsin.db
time_zone: Asia/Shanghai
locale: zh-CN
workdir: {folder}/work
people:
  - id: ops
    name: Ops
    role: admin
    identities: {{email: ops@example.org, terminal: root}}
roles: {{tech-lead: [ops], cto: [ops], security: [ops], product: [ops]}}
duty:
  backups: [ops]
limits: {{disk: 100 %, latency: 5s}}
mail:
  host: localhost
  port: {mail}
  security: starttls
  user: tocsin
  password: env:DOCTOR_TEST_PASSWORD
  from: tocsin@example.org
  ca_file: {ca}
  deadline: 5s
health:
  - {{name: site, url: "https://localhost:{web}/ok", marker: hello, ca_file: "{ca}"}}
network:
  - {{name: web, address: "127.0.0.1:{web}"}}
logs:
  - {{name: app, path: app.log}}
data_sets:
  - {{name: files, kind: folder, path: files, backups: backups/files}}
actions:
  - name: look
    title: Look
    effect: read
    steps: [{{run: [./look.sh]}}]
"""


PLACE = "/self-test/"


def server(script, *arguments):
    process = subprocess.Popen(["/usr/bin/python3", str(stage.ROOT / "tests/fakes" / script), *arguments],
                               stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


class Doctor(unittest.TestCase):
    def setUp(self):
        scratch = stage.scratch()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.work = self.folder / "work"
        self.certificates = self.folder / "certificates"
        subprocess.run(["/usr/bin/python3", str(stage.ROOT / "tests/fakes/make_ca.py"), str(self.certificates)],
                       check=True, capture_output=True)
        (self.work / "files").mkdir(parents=True)
        (self.work / "app.log").write_text("2026-11-23 03:10:00 hello\n")
        self.program = self.work / "look.sh"
        self.program.write_text("#!/bin/sh\n")
        self.program.chmod(0o755)
        self.password = "right"
        self.mail_port = self.serve("smtp_server.py", "--mode", "starttls", *self.pair("good"), "--user", "tocsin",
                                    "--password", "right")["port"]
        self.web_port = self.serve("https_server.py", *self.pair("good"))["port"]
        public = stage.free_port()
        self.proxy_port = self.serve("tls_proxy.py", *self.pair("good"), "--to", str(public))["port"]
        self.other_proxy = self.serve("tls_proxy.py", *self.pair("stranger"), "--to", str(public))["port"]
        self.config = self.folder / "tocsin.yaml"
        self.text = CONFIG.format(port=stage.free_port(), folder=self.folder, mail=self.mail_port, web=self.web_port,
                                  ca=self.certificates / "ca.pem", public=public, proxy=self.proxy_port)
        self.configure()
        self.bot = None

    def pair(self, name):
        return "--cert", str(self.certificates / f"{name}.pem"), "--key", str(self.certificates / f"{name}.key")

    def serve(self, script, *arguments):
        process, ready = server(script, *arguments)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.addCleanup(process.stdout.close)
        return ready

    def configure(self, *changes):
        text = self.text
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        self.config.write_text(text)

    def tocsin(self, *arguments):
        return subprocess.run([stage.BINARY, *arguments, "--config", str(self.config)], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "DOCTOR_TEST_PASSWORD": self.password}, cwd=self.folder)

    def start_bot(self):
        self.bot = subprocess.Popen([stage.BINARY, "run", "--config", str(self.config), "--no-terminal"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    env={**os.environ, "DOCTOR_TEST_PASSWORD": self.password}, cwd=self.folder)
        self.addCleanup(self.stop_bot)
        stage.wait_for("the bot", lambda: (self.folder / "tocsin.db.sock").exists())

    def stop_bot(self):
        if self.bot.poll() is None:
            self.bot.terminate()
            self.bot.wait(timeout=30)

    def visit(self, code, *arguments):
        done = self.tocsin("doctor", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout.splitlines()

    def red(self, *arguments):
        """The one red line of a visit."""
        lines = [line for line in self.visit(1, *arguments) if line.startswith("❌")]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("→", lines[0], "a red line says what to do")
        return lines[0]

    def test_everything_is_well(self):
        self.start_bot()
        self.assertEqual(self.tocsin("db", "backup", str(self.folder / "copy.db")).returncode, 0)
        lines = self.visit(0)
        said = "\n".join(lines)
        self.assertNotIn("❌", said)
        self.assertRegex(lines[-1], r"^🔍 体检 \d+ 项:0 红 \d 黄 \d+ 绿 0 未检 · ")
        for what in ("配置 .*:1 人 · 1 个操作", r"数据库 .*:完好 · 结构 \d+\(认到 \d+\)· [\d.]+ kB · 上次备份 \d\d:\d\d",
                     r"运行中的警钟:[\d.]+ · 进程 \d+", "文件夹 .*/work:可写 · 磁盘 .*限 100 %",
                     "文件夹 .*/backups/files:可写", "日志 app:可读", "程序 .*/look.sh:可执行 · 用于 look",
                     r"时区 Asia/Shanghai:\+08:00", r"邮件 localhost:\d+:连上并登录 · .*限 5 s",
                     r"公网地址 https://localhost:\d+:答的是警钟自己 · .*呼叫带链接",
                     r"健康检查 site:HTTP 200 · .*限 2 s", "主机 web:.*限 5 s"):
            self.assertRegex(said, f"(?m)^✅ {what}")
        # What is merely not there yet, or a clock that nobody disciplines, is amber: worth a look, no failure.
        for line in lines:
            if line.startswith("⚠️"):
                self.assertRegex(line, "^⚠️ (备份 files|系统时钟):.*→ ")
        english = "\n".join(self.visit(0, "--locale", "en"))
        self.assertRegex(english, r"(?m)^✅ Mail localhost:\d+: reached and logged in")
        self.assertIn("0 red", english)

    def test_each_broken_thing_is_named_with_its_cure(self):
        self.start_bot()
        web = f"https://localhost:{self.web_port}/ok"
        for what, changes, expected in (
                ("a wrong path", [(web, web + "x")], "健康检查 site:.*404"),
                ("a missing marker", [("marker: hello", "marker: goodbye")], "健康检查 site:"),
                ("nobody there", [(f'127.0.0.1:{self.web_port}"', f'127.0.0.1:{stage.free_port()}"')], "主机 web:"),
                ("an authority nobody knows", [(f"{self.certificates}/ca.pem\n  deadline",
                                                f"{self.certificates}/stranger.pem\n  deadline")], "邮件 .*certificate"),
                ("a mail server that is down", [(f"port: {self.mail_port}", f"port: {stage.free_port()}")], "邮件 "),
                ("a public address with another's certificate",
                 [(f"public_url: https://localhost:{self.proxy_port}",
                   f"public_url: https://localhost:{self.other_proxy}")], "公网地址 .*certificate"),
                ("somebody else at the public address",
                 [(f"public_url: https://localhost:{self.proxy_port}",
                   f"public_url: https://localhost:{self.web_port}")], "公网地址 .*:HTTP 404"),
                ("a log elsewhere", [("path: app.log", "path: other.log")], "日志 app:没有这个文件"),
                ("no such program", [("./look.sh", "./luck.sh")], "程序 .*/luck.sh:没有这个程序 · 用于 look"),
                ("no such folder", [("path: files", "path: fills")], "文件夹 .*/fills:没有这个文件夹")):
            with self.subTest(what):
                self.configure(*changes)
                self.assertRegex(self.red(), expected)
        self.configure()
        with self.subTest("a program without the right to run"):
            self.program.chmod(0o644)
            self.assertRegex(self.red(), "程序 .*/look.sh:不能执行")
            self.program.chmod(0o755)
        with self.subTest("a wrong password"):
            self.password = "wrong"
            line = self.red()
            self.assertRegex(line, "邮件 .*535.*password")
            self.assertNotIn("wrong", line, "no secret in what is said")
            self.password = "right"
        with self.subTest("the bot does not run"):
            self.stop_bot()
            red = [line for line in self.visit(1) if line.startswith("❌")]
            self.assertEqual(len(red), 2, red)
            self.assertRegex(red[0], "运行中的警钟:.*systemctl start tocsin")
            self.assertRegex(red[1], "公网地址 ")
        with self.subTest("a damaged database"):
            database = self.folder / "tocsin.db"
            bytes_of_it = bytearray(database.read_bytes())
            bytes_of_it[4096:] = b"Z" * (len(bytes_of_it) - 4096)
            database.write_bytes(bytes_of_it)
            lines = [line for line in self.visit(1) if line.startswith("❌ 数据库")]
            self.assertEqual(len(lines), 1)
            self.assertIn("→", lines[0])
        with self.subTest("a configuration with mistakes"):
            self.configure(("time_zone: Asia/Shanghai", "time_zone: Asia/Nowhere"), ("effect: read", "effect: reed"))
            lines = self.visit(1, "--locale", "zh-CN")
            self.assertRegex(lines[0], "^❌ 配置 .*:2 处错误 → ")
            self.assertEqual(len(lines), 3, lines)

    def test_all_at_once_and_none_for_ever(self):
        """Ten services that never answer cost as much as one."""
        hanging = "".join(f'  - {{name: h{i}, url: "https://localhost:{self.web_port}/hang", ca_file: '
                          f'"{self.certificates}/ca.pem", latency: 500ms, deadline: 1s}}\n' for i in range(10))
        self.configure(("health:\n", "health:\n" + hanging))
        self.start_bot()
        begun = time.monotonic()
        lines = self.visit(1)
        took = time.monotonic() - begun
        self.assertEqual(len([line for line in lines if re.match("❌ 健康检查 h[0-9]:", line)]), 10, lines)
        self.assertGreater(took, 1.0)
        self.assertLess(took, 4.0, "side by side, not one after the other")


class Links(stage.Scene):
    """A page carries a link only while the address in it is proven."""

    bot_options = {"rate": 1}
    starts = False

    def newest_mail(self, title):
        found = stage.wait_for(title, lambda: [mail for mail in self.mail.mails() if title in mail["subject"]])
        return found[0]["body"]

    def test_unproven_then_proven_then_changed(self):
        right = self.bot.config.read_text()
        address = f"public_url: http://127.0.0.1:{self.bot.public_port}"
        self.bot.config.write_text(right.replace(address, f"public_url: http://127.0.0.1:{stage.free_port()}"))
        self.bot.start()
        self.bot.say("新建 P0 网站无法访问")
        body = self.newest_mail("网站无法访问")
        self.assertNotIn("http", body, "no link that leads nowhere")
        self.assertIn("没有链接(公网地址未证实)", body)
        self.assertIn("发 4", body, "how to take it without one")

        self.bot.config.write_text(right)
        self.assertIn("生效", self.bot.say("/reload", who="lead"))
        line = stage.wait_for("the proof", lambda: [each for each in self.bot.tocsin("doctor").stdout.splitlines()
                                                    if each.startswith("✅ 公网地址")])[0]
        self.assertIn(f"http://127.0.0.1:{self.bot.public_port}", line)
        self.bot.say("新建 P0 数据库连不上")
        body = self.newest_mail("数据库连不上")
        link = f"http://127.0.0.1:{self.bot.public_port}/ack/"
        self.assertIn(link, body)
        self.assertNotIn("没有链接", body)

        # A proof outlives a restart, and belongs to one address only.
        self.bot.stop()
        self.bot.config.write_text(right.replace(address, address + "/sub"))
        self.bot.start()
        self.bot.say("新建 P0 支付失败")
        self.assertIn("没有链接", self.newest_mail("支付失败"))

    def test_the_place_of_the_question_tells_strangers_nothing(self):
        self.bot.start()
        port = self.bot.public_port
        unknown = self.fetch(port, "/nothing-here")
        self.assertEqual(unknown[0], 404)
        unsigned = PLACE + "00112233445566778899aabbccddeeff-" + "0" * 32
        for path in (PLACE, PLACE + "x", unsigned, "/healthz", "/metrics"):
            self.assertEqual(self.fetch(port, path), unknown, path)

    def fetch(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders() if name.lower() != "date"}
        result = answer.status, headers, answer.read()
        connection.close()
        return result


if __name__ == "__main__":
    unittest.main(verbosity=2)
