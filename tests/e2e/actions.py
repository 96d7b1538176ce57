#!/usr/bin/python3
"""A long action on a real bot: seen by whoever comes second, stopped with its whole process group, cut off by a crash;
and an approval that outlives a restart, for one use."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

ACTIONS = """
actions:
  - name: long
    title: {zh-CN: 长活, en: long job}
    effect: change
    target: service:web
    steps: [{run: [/usr/bin/true]}, {run: [./long.sh]}]
    timeout: 10m
  - name: other
    title: {zh-CN: 别的活, en: other job}
    effect: change
    target: service:web
    steps: [{run: [/usr/bin/touch, other]}]
  - name: cut
    title: {zh-CN: 断开, en: cut}
    effect: danger
    loses_service: [web]
    steps: [{run: [/usr/bin/touch, cut]}]
"""


class Actions(unittest.TestCase):
    def setUp(self):
        self.scratch = stage.scratch()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        self.mail = stage.MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        self.bot = stage.Bot(self.folder, self.mail.port, rate=1,
                             changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", ACTIONS)])
        self.addCleanup(self.bot.stop)
        script = self.folder / "long.sh"
        script.write_text("#!/bin/sh\necho begun\nsleep 300 &\necho $$ > pid.new\nmv pid.new pid\nwait\n")
        script.chmod(0o755)
        self.bot.start()

    def begin_long(self):
        """The process group of the running action, and whoever waits for its answer."""
        self.assertIn("长活", self.bot.say("/fix long"))
        waiting = subprocess.Popen([stage.BINARY, "say", "--config", str(self.bot.config), "--as", "devops", "--json",
                                    "--", "执行"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(waiting.stdout.close)
        self.addCleanup(waiting.wait)
        pid = self.folder / "pid"
        stage.wait_for("the long action", pid.exists)
        group = int(pid.read_text())
        os.killpg(group, 0)
        return group, waiting

    def gone(self, group):
        """No process of it runs. A zombie is none: when an orphan is collected is its new parent's affair."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(its_group) == group and state not in "ZX":
                return False
        return True

    def test_seen_by_the_second_and_stopped_as_a_group(self):
        self.bot.say("新建 P1 网页慢")
        group, waiting = self.begin_long()
        self.bot.say("/fix other", who="lead")
        refused = self.bot.say("执行", who="lead", expect=1)
        for fact in ("没有执行", "service:web", "运维工程师", "long", "第 2/2 步"):
            self.assertIn(fact, refused)
        self.assertFalse((self.folder / "other").exists())
        # A responder stops their own work only.
        self.assertIn("没有执行", self.bot.say("停 R2", who="product-owner", expect=1))
        os.killpg(group, 0)
        self.assertIn("正在停", self.bot.say("停 R2", who="lead"))
        lines = [json.loads(line) for line in waiting.stdout]
        stage.wait_for("the end of the group", lambda: self.gone(group))
        self.assertEqual([lines[0]["state"], lines[-1]["state"]], ["accepted", "done"])
        steps = [line["text"] for line in lines if line["state"] == "progress"]
        self.assertIn("第 1/2 步", steps[0])
        self.assertIn("发 停 R2", steps[0])
        self.assertIn("第 2/2 步", steps[1])
        for fact in ("叫停", "长活", "技术负责人", "停在第 2/2 步", "begun"):
            self.assertIn(fact, lines[-1]["text"])
        self.assertEqual(self.bot.rows("SELECT action, target, effect, person, state FROM runs"),
                         [("long", "service:web", "change", "devops", "stopped")])
        timeline = self.bot.say("时间线")
        self.assertIn("长活", timeline)
        self.assertIn("被技术负责人叫停", timeline)
        # The target is free again.
        self.bot.say("/fix other", who="lead")
        self.assertIn("别的活", self.bot.say("执行", who="lead"))
        self.assertTrue((self.folder / "other").exists())

    def test_cut_off_by_a_crash(self):
        self.bot.say("新建 P1 网页慢")
        group, _ = self.begin_long()
        self.bot.kill()
        # What the program itself had started is out of the kernel's reach; the report says to look.
        self.addCleanup(lambda: self.gone(group) or os.killpg(group, signal.SIGKILL))
        self.bot.start()
        self.assertEqual(self.bot.rows("SELECT state FROM runs"), [("interrupted",)])
        self.assertIn("跑到一半警钟重启", self.bot.say("时间线"))
        self.bot.say("/fix other", who="lead")
        self.assertIn("别的活", self.bot.say("执行", who="lead"))
        self.assertIn("interrupted", self.bot.tocsin("audit", "export").stdout)
        self.assertEqual(self.bot.tocsin("audit", "verify").returncode, 0)

    def test_an_approval_outlives_a_restart_and_is_used_once(self):
        self.assertIn("K1", self.bot.say("/fix cut"))
        self.assertIn("没有执行", self.bot.say("批准 K1", expect=1))
        self.bot.kill()
        self.bot.start()
        self.assertIn("没有执行", self.bot.say("执行 K1", expect=1))
        self.assertIn("批准", self.bot.say("批准 K1", who="lead"))
        self.bot.kill()
        self.bot.start()
        self.assertFalse((self.folder / "cut").exists())
        self.bot.say("执行 K1")
        self.assertTrue((self.folder / "cut").exists())
        (self.folder / "cut").unlink()
        self.bot.kill()
        self.bot.start()
        self.assertIn("没有执行", self.bot.say("执行 K1", expect=1))
        self.assertFalse((self.folder / "cut").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
