#!/usr/bin/python3
"""kill -9 in the middle of a long command: a read is run again and answered, a change and a danger are reported as
interrupted and never begin again by themselves."""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

WORK = '''#!/usr/bin/python3
import os, select, sys, time
name = sys.argv[1]
with open("work.log", "a") as log:
    log.write(name + " begun\\n")
end = time.monotonic() + 50
while not os.path.exists(name + ".go") and time.monotonic() < end:
    select.select([], [], [], 0.02)
with open("work.log", "a") as log:
    log.write(name + " ended\\n")
print("what " + name + " found")
'''
ACTIONS = '''
actions:
  - name: slow-look
    aliases: [慢慢看]
    title: {zh-CN: 慢慢看, en: A slow look}
    effect: read
    steps: [{run: [./work.py, look]}]
    timeout: 60s
  - name: slow-change
    aliases: [慢慢改]
    title: {zh-CN: 慢慢改, en: A slow change}
    effect: change
    target: service:nginx
    steps: [{run: [./work.py, change]}]
    timeout: 60s
  - name: slow-danger
    aliases: [慢慢停]
    title: {zh-CN: 慢慢停, en: A slow danger}
    effect: danger
    loses_service: [nginx]
    target: service:backend
    steps: [{run: [./work.py, danger]}]
    timeout: 60s
'''
DONE, INTERRUPTED = 2, 3  # EnvelopeState


class AfterCrash(unittest.TestCase):
    def setUp(self):
        self.scratch = stage.scratch()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        work = self.folder / "work.py"
        work.write_text(WORK)
        work.chmod(0o755)
        self.mail = stage.MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        self.bot = stage.Bot(self.folder, self.mail.port, rate=1, changes=[("\nactions:\n", ACTIONS)])
        self.addCleanup(self.let_go)
        self.addCleanup(self.bot.stop)
        self.bot.start()

    def let_go(self):
        """What outlived the bot ends, too."""
        for name in ("look", "change", "danger"):
            (self.folder / f"{name}.go").touch()

    def log(self):
        log = self.folder / "work.log"
        return log.read_text().splitlines() if log.exists() else []

    def kill_during(self, name, text):
        """Types `text` and kills the bot once its program has begun."""
        typing = subprocess.Popen([stage.BINARY, "say", "--config", str(self.bot.config), "--as", "devops", "--", text],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            stage.wait_for(f"{name} to begin", lambda: f"{name} begun" in self.log())
        finally:
            self.bot.kill()
            typing.kill()
            typing.wait()
        self.bot.start()

    def test_a_read_is_run_again_and_answered(self):
        (self.folder / "look.go").unlink(missing_ok=True)
        self.kill_during("look", "慢慢看")
        stage.wait_for("the look to begin again", lambda: self.log().count("look begun") == 2)
        (self.folder / "look.go").touch()
        stage.wait_for("its answer", lambda: self.bot.rows("SELECT state FROM inbox WHERE text LIKE '%slow-look%'")
                       == [(DONE,)])
        self.assertEqual(self.bot.rows("SELECT state FROM runs ORDER BY id"), [("interrupted",), ("ran",)])
        self.assertIn("what look found", self.bot.rows("SELECT answer FROM inbox WHERE text LIKE '%slow-look%'")[0][0])
        # Said where it was asked, once; then nothing is left to say.
        stage.wait_for("it to be said", lambda: self.bot.rows("SELECT count(*) FROM outbox") == [(0,)])
        self.bot.kill()
        self.bot.start()
        self.assertEqual(self.log().count("look begun"), 2)

    def check_interrupted(self, name, line):
        self.assertEqual(self.bot.rows("SELECT state FROM runs"), [("interrupted",)])
        self.assertEqual(self.bot.rows(f"SELECT state FROM inbox WHERE text LIKE '%{line}%'"), [(INTERRUPTED,)])
        self.assertEqual(self.bot.rows("SELECT count(*) FROM audit WHERE outcome = 'interrupted'"), [(1,)])
        self.bot.kill()
        self.bot.start()
        self.assertEqual(self.log().count(f"{name} begun"), 1)
        self.assertEqual(self.bot.rows("SELECT count(*) FROM runs"), [(1,)])
        self.assertEqual(self.bot.tocsin("audit", "verify").returncode, 0)

    def test_a_change_is_reported_as_interrupted(self):
        self.bot.say("慢慢改")
        self.kill_during("change", "执行")
        self.check_interrupted("change", "/run")
        # It can be asked for again: its target is free.
        self.assertIn("执行 K2", self.bot.say("慢慢改"))

    def test_a_danger_never_starts_by_itself(self):
        self.assertIn("K1", self.bot.say("慢慢停"))
        self.bot.say("批准 K1", who="lead")
        self.kill_during("danger", "执行 K1")
        self.check_interrupted("danger", "/run K1")
        self.assertIn("已经用过", self.bot.say("执行 K1", expect=1))
        self.assertEqual(self.log().count("danger begun"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
