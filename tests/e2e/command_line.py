#!/usr/bin/python3
"""Every subcommand as a script uses it: what it prints, where, and its exit code; with the bot running and without."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
import screen

FINE, FAILED, USAGE = 0, 1, 2
SUBCOMMANDS = ("run", "check", "doctor", "say", "incident list", "incident show", "timeline", "postmortem",
               "audit verify", "audit export", "db backup", "slack manifest", "version")
HAN = re.compile("[一-鿿]")


class Folder(unittest.TestCase):
    def setUp(self):
        scratch = stage.scratch()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        # Tests speak faster than people.
        self.config = screen.demo_config(self.folder, stage.free_port(), "\nguard: {rate_limit: off}\n")
        self.socket = self.folder / "tocsin.db.sock"

    def raw(self, *arguments, environment=None):
        return subprocess.run([stage.BINARY, *arguments], capture_output=True, timeout=60, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment)

    def tocsin(self, *arguments, code=FINE, config=True, environment=None):
        """Standard output where that is what counts, else standard error."""
        done = self.raw(*arguments, *(("--config", str(self.config)) if config else ()), environment=environment)
        out, error = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{arguments}: {out}{error}")
        return out if code == FINE or not error else error

    def say(self, *arguments, code=FINE):
        return self.tocsin("say", *arguments, code=code)

    def start(self, *more):
        log = open(self.folder / "bot.log", "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen([stage.BINARY, "run", "--config", str(self.config), *more],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        self.addCleanup(self.stop, process)
        stage.wait_for("the bot", lambda: process.poll() is not None or self.answers())
        self.assertIsNone(process.poll(), (self.folder / "bot.log").read_text())
        return process

    def answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
                return True
            except OSError:
                return False

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.terminate()
        return process.wait(timeout=30)


class Usage(Folder):
    def test_help_names_every_subcommand_and_each_has_its_own(self):
        text = self.tocsin("--help", config=False)
        for name in SUBCOMMANDS:
            self.assertIn(name.split()[0], text)
            own = self.tocsin(*name.split(), "--help", config=False)
            self.assertIn("--config", own, name)
        self.assertNotIn("--test-mode", self.tocsin("run", "--help", config=False))
        self.assertRegex(self.tocsin("version", config=False), r"^tocsin \d+\.\d+\.\d+\n$")

    def test_what_can_not_be_meant_exits_2_and_says_why(self):
        for arguments in ((), ("nonsense",), ("incident",), ("incident", "nonsense"), ("incident", "show"), ("say",),
                          ("timeline",), ("postmortem", "1", "--format", "docx"), ("db",), ("db", "backup"),
                          ("audit",), ("check", "--nonsense"), ("check", "--locale", "fr"), ("run", "--config"),
                          ("say", "a", "b"), ("slack",), ("slack", "manifest", "--all"), ("version", "x")):
            done = self.raw(*arguments)
            self.assertEqual(done.returncode, USAGE, arguments)
            self.assertEqual(done.stdout, b"", arguments)
            self.assertIn(b"--help", done.stderr, arguments)

    def test_the_manifest_needs_no_configuration_and_follows_the_one_it_is_given(self):
        def made(*more, config=False):
            text = self.tocsin("slack", "manifest", *more, config=config)
            manifest = json.loads(text)
            return text, {each["command"] for each in manifest["features"]["slash_commands"]}
        text, built_in = made("--locale", "en")
        self.assertIn("Open an incident", text)
        self.assertLessEqual({"/incident", "/diag", "/ack", "/ops"}, built_in)
        text, ops = made("--ops", "--locale", "zh-CN")
        self.assertRegex(text, HAN)
        self.assertEqual(ops, {"/ops"})
        _, declared = made(config=True)
        self.assertIn("/fix", declared - built_in)
        # The tokens are got from the app that is made of it: they aren't there yet.
        self.config.write_text(self.config.read_text() +
                               "\nchat: {slack: {app_token: env:NOT_YET, bot_token: file:/not/yet, "
                               "api_url: http://127.0.0.1:1/}}\n")
        self.assertEqual(made(config=True)[1], declared)
        self.assertEqual(list(self.folder.iterdir()), [self.config], "it writes nothing")

    def test_a_configuration_that_is_not_there_fails_each_of_them(self):
        for name in SUBCOMMANDS:
            if name in ("version", "doctor"):
                continue
            more = {"say": ("状态",), "incident show": ("1",), "timeline": ("1",), "postmortem": ("1",),
                    "db backup": ("copy.db",)}.get(name, ())
            done = self.raw(*name.split(), *more, "--config", "missing.yaml")
            self.assertEqual(done.returncode, FAILED, name)
            self.assertIn(b"missing.yaml", done.stderr, name)

    def test_before_the_first_run_there_is_nothing_to_read(self):
        for arguments in (("incident", "list"), ("timeline", "1"), ("postmortem", "1"), ("audit", "verify"),
                          ("audit", "export"), ("db", "backup", "copy.db")):
            self.assertIn("tocsin.db", self.tocsin(*arguments, code=FAILED))
        self.assertFalse((self.folder / "tocsin.db").exists())


class Configuration(Folder):
    """tests/config/broken.txt through `tocsin check`: file, line and key of every mistake, in both languages."""

    def cases(self):
        for part in (stage.ROOT / "tests/config/broken.txt").read_text().split("\n### ")[1:]:
            lines = part.split("\n")
            count = next((i for i, line in enumerate(lines[1:]) if not line.startswith("> ")), len(lines) - 1)
            text = "\n".join(lines[1 + count:]).rstrip("\n") + "\n"
            text = "" if text == "\n" else text
            text = text.replace("<TAB>", "\t").replace("<ESC>", "\x1b").replace("<LONG>", "x" * 1001)
            expected = [line[2:].split(" ") for line in lines[1:1 + count]]
            yield lines[0], expected, text.encode().replace(b"<FF>", b"\xff")

    @stage.not_sanitized  # test_config has them all
    def test_broken_files(self):
        environment = {"PATH": "/usr/bin:/bin", "SMTP_PASSWORD": "correct-horse", "SLACK_APP_TOKEN": "xapp-1-secret",
                       "SLACK_BOT_TOKEN": "xoxb-secret", "EMPTY": "", "TWO_LINES": "one\ntwo"}
        broken = self.folder / "broken.yaml"
        count = 0
        for number, (title, expected, text) in enumerate(self.cases()):
            # A secret file of a fixed path can't be made here; the unit test of the same table has one.
            if b"/run/token" in text:
                continue
            count += 1
            broken.write_bytes(text)
            locale = ("zh-CN", "en")[number % 2]
            done = self.raw("check", "--config", str(broken), "--locale", locale, environment=environment)
            self.assertEqual(done.returncode, FAILED, f"{title}: {done}")
            self.assertEqual(done.stdout, b"", title)
            told = done.stderr.decode()
            found = [re.match(r"(?P<file>[^:]+)(:(?P<line>\d+))?: ", line) for line in told.splitlines()]
            found = [match for match in found if match and match["file"] == str(broken)]
            self.assertEqual([match["line"] or "0" for match in found],
                             [line.split(":")[0] for _, line, _ in expected], f"{title}\n{told}")
            for _, _, path in expected:
                self.assertIn(f": {path}: " if path != "-" else str(broken), told, title)
            self.assertNotIn("correct-horse", told)
            # What the file says is quoted in its own language.
            own = "".join(sign for sign in told if sign not in text.decode(errors="replace"))
            self.assertEqual(bool(HAN.search(own)), locale == "zh-CN", told)
        self.assertGreaterEqual(count, 100)
        self.assertEqual(sorted(each.name for each in self.folder.iterdir()), ["broken.yaml", "demo.yaml"])

    def test_a_good_one_is_said_to_be_fine(self):
        self.assertIn("3", self.tocsin("check"))
        self.assertIn("people", self.tocsin("check", "--locale", "en"))
        self.assertIn("人", self.tocsin("check", "--locale", "zh-CN"))


class Say(Folder):
    def test_the_person_is_who_the_kernel_says(self):
        self.start()
        me = pwd.getpwuid(os.getuid()).pw_name
        self.assertIn(me, self.say("我是谁"))
        self.assertEqual(stat.S_IMODE(os.stat(self.socket).st_mode), 0o600)
        self.assertIn("Bob", self.say("--as", "bob", "我是谁"))
        self.assertRegex(self.say("--as", "bob", "网页链接"), r"http://127\.0\.0\.1:\d+/login/[0-9a-f]+")
        self.assertIn("nobody", self.say("--as", "nobody", "我是谁", code=FAILED))
        # What a caller says about itself counts for nothing.
        with socket.socket(socket.AF_UNIX) as liar:
            liar.connect(str(self.socket))
            liar.sendall(json.dumps({"text": "我是谁", "account": "bob", "person": "bob"}).encode() + b"\n")
            self.assertIn(me, json.loads(liar.makefile().readline())["text"])

    def test_playing_somebody_else_is_for_demo_and_test_mode(self):
        text = self.config.read_text().replace("mode: demo", "mode: production")
        self.config.write_text(text)
        self.start()
        told = self.say("--as", "bob", "新建 P0 假的", code=FAILED)
        self.assertIn("--as", told)
        self.assertIn("没有要列的单", self.tocsin("incident", "list"))

    def test_answers_and_exit_codes(self):
        self.start()
        self.assertIn("INC-1", self.say("--as", "alice", "新建 P0 网站无法访问"))
        self.assertIn("没有执行", self.say("--as", "alice", "认领 INC-99", code=FAILED))
        self.assertIn("什么都没", self.say("--as", "alice", "看看看看", code=FAILED))
        self.assertIn("什么都没", self.say("", code=FAILED))
        self.assertIn("不是文字", self.tocsin("say", b"\xff\xfe", code=FAILED))
        self.assertIn("字节", self.say("--as", "alice", "备注 " + "很长" * 20_000, code=FAILED))
        lines = [json.loads(line) for line in self.say("--as", "alice", "--json", "诊断").splitlines()]
        self.assertEqual((lines[0]["state"], lines[-1]["state"]), ("accepted", "done"))
        refused = json.loads(self.say("--as", "alice", "--json", "认领 INC-99", code=FAILED))
        self.assertEqual(refused["state"], "refused")

    @stage.not_sanitized
    def test_a_big_answer_comes_whole(self):
        (self.folder / "logs").mkdir()
        long = "x" * 300
        lines = "".join(f"2026-11-23 03:10:00 行 {i} {long}\n" for i in range(900))
        (self.folder / "logs/demo.log").write_text(lines)
        self.start()
        self.assertIn("行 899", self.say("--as", "alice", "日志 demo 500"))
        self.say("--as", "alice", "新建 P2 很长的事")
        for i in range(60):
            self.say("--as", "alice", f"备注 第 {i} 句 " + "长" * 300)
        told = self.say("--as", "alice", "复盘 INC-1")
        self.assertIn("第 59 句", told)
        self.assertGreater(len(told), 15_000)

    def test_without_a_bot_it_says_so(self):
        told = self.say("状态", code=FAILED)
        self.assertIn("警钟没在跑", told)
        self.assertEqual(json.loads(self.tocsin("say", "--json", "状态", code=FAILED))["state"], "failed")
        self.assertIn("not running", self.say("status", "--locale", "en", code=FAILED))

    def test_a_socket_left_behind_is_replaced_and_one_of_a_long_name_works(self):
        process = self.start()
        process.kill()
        process.wait()
        self.assertTrue(self.socket.exists())
        self.assertIn("警钟没在跑", self.say("状态", code=FAILED))
        process = self.start()
        self.say("--as", "alice", "/ping")
        self.assertEqual(self.stop(process), 0)
        self.assertFalse(self.socket.exists())
        deep = self.folder.joinpath(*["a-folder-with-a-long-name"] * 5)
        deep.mkdir(parents=True)
        text = self.config.read_text().replace(f"workdir: {self.folder}\n", f"workdir: {deep}\n")
        self.config.write_text(text)
        process = subprocess.Popen([stage.BINARY, "run", "--config", str(self.config)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.stop, process)
        self.addCleanup(process.stderr.close)
        self.assertIn(b"listens on", process.stderr.readline())
        self.assertIn("pong", stage.wait_for("the socket", lambda: (deep / "tocsin.db.sock").exists() and
                                             self.say("--as", "alice", "/ping pong")))

    def test_one_database_has_one_bot(self):
        process = self.start()
        text = self.config.read_text()
        other = self.folder / "other.yaml"
        other.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{stage.free_port()}", text))
        done = self.raw("run", "--config", str(other))
        self.assertEqual(done.returncode, FAILED)
        self.assertIn(str(process.pid).encode(), done.stderr)
        self.assertIn(b"tocsin.db", done.stderr)
        self.say("--as", "alice", "/ping")  # the first one kept its socket


class Reading(Folder):
    def test_the_same_with_the_bot_running_and_without(self):
        process = self.start()
        self.say("--as", "alice", "新建 P0 网站无法访问")
        self.say("--as", "bob", "认领")
        self.say("--as", "bob", "备注 回退到 v2.8.0")
        commands = (("incident", "list"), ("incident", "list", "--all"), ("incident", "show", "1"),
                    ("incident", "show", "INC-1"), ("timeline", "1"), ("timeline", "#1", "--locale", "en"),
                    ("postmortem", "1"), ("postmortem", "1", "--format", "md", "--locale", "en"),
                    ("audit", "verify"), ("audit", "export"))
        running = [self.tocsin(*each) for each in commands]
        self.assertEqual(self.stop(process), 0)
        without = [self.tocsin(*each) for each in commands]
        clock = re.compile(r"[\d.:]+( ?(ms|s|min|分|秒))?")
        for command, one, other in zip(commands, running, without):
            if command[0] == "audit":
                continue  # ending may write a row
            self.assertEqual(clock.sub("", one), clock.sub("", other), command)
            self.assertIn("网站无法访问", one)
        self.assertIn("已认领", running[0])
        self.assertIn("回退到 v2.8.0", running[4])
        rows = [json.loads(line) for line in running[-1].splitlines()]
        self.assertEqual([row["sequence"] for row in rows], list(range(1, len(rows) + 1)))
        self.assertIn("incident ack", " ".join(row["what"] for row in rows))
        for unknown in ("99", "nonsense", "", "-1", "99999999999999999999"):
            told = self.raw("incident", "show", "--config", str(self.config), "--", unknown)
            self.assertEqual(told.returncode, FAILED, unknown)
            self.assertNotEqual(told.stderr, b"", unknown)

    def test_audit_names_the_first_bad_row(self):
        process = self.start()
        for i in range(5):
            self.say("--as", "alice", f"新建 P3 第 {i} 件")
        self.stop(process)
        with sqlite3.connect(self.folder / "tocsin.db") as database:
            triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                database.execute(f"DROP TRIGGER {name}")
            database.execute("UPDATE audit SET detail = 'x' WHERE sequence = 3")
        told = self.raw("audit", "verify", "--config", str(self.config))
        self.assertEqual(told.returncode, FAILED)
        self.assertIn("3", told.stdout.decode())

    def test_a_chain_that_was_cut_off_is_found_by_its_anchors(self):
        process = self.start()
        for i in range(3):
            self.say("--as", "alice", f"新建 P3 第 {i} 件")
        self.stop(process)
        process = self.start()  # each start sends the head away, if the chain went on
        anchors = self.folder / "tocsin.db.anchors"
        stage.wait_for("the anchor", lambda: anchors.exists() and anchors.read_text().endswith("\n"))
        line = anchors.read_text().splitlines()[-1]
        self.assertIn("个锚都对得上", self.say("--as", "alice", "审计校验"))
        self.stop(process)
        self.assertEqual(stat.S_IMODE(os.stat(anchors).st_mode), 0o600)
        self.assertIn("1 个锚", self.tocsin("audit", "verify"))
        self.assertIn("1 个锚", self.tocsin("audit", "verify", "--anchor", line).replace("2 个锚", "1 个锚"))
        with contextlib.closing(sqlite3.connect(self.folder / "tocsin.db")) as database, database:
            database.execute("DELETE FROM audit WHERE sequence > 1")
        self.assertIn("从第 2 行起被截断", self.tocsin("audit", "verify", code=FAILED))
        anchors.unlink()  # whoever can cut can do that, too; the copy in channel and mailbox is out of reach
        self.assertIn("完整", self.tocsin("audit", "verify"))
        self.assertIn("从第 2 行起被截断", self.tocsin("audit", "verify", "--anchor", line, code=FAILED))
        anchors.write_text(line.replace(line[0], "9", 1) + "\n")
        self.assertIn("第 1 行", self.tocsin("audit", "verify", code=FAILED))


class Databases(Folder):
    def test_a_backup_under_load_is_consistent(self):
        self.start()
        busy = [subprocess.Popen([sys.executable, "-c", LOAD, str(self.socket), str(i)]) for i in range(2)]
        for each in busy:
            self.addCleanup(each.wait)
            self.addCleanup(each.kill)
        count = lambda file: sqlite3.connect(f"file:{file}?mode=ro", uri=True).execute(
            "SELECT count(*) FROM incidents").fetchone()[0]
        stage.wait_for("some load", lambda: count(self.folder / "tocsin.db") > 20)
        for i in range(5):
            copy = self.folder / f"copy-{i}.db"
            self.assertIn(copy.name, self.tocsin("db", "backup", str(copy)))
            self.assertEqual(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
            with sqlite3.connect(copy) as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
                self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
                # One transaction writes an incident and the first line of its timeline: a copy has both or neither.
                self.assertEqual(database.execute(
                    "SELECT count(*) FROM incidents WHERE id NOT IN (SELECT incident FROM timeline)").fetchone(), (0,))
            os.rename(copy, self.folder / "tocsin-copy.db")
            other = self.folder / "other.yaml"
            other.write_text(self.config.read_text().replace("storage: tocsin.db", "storage: tocsin-copy.db"))
            self.assertEqual(self.raw("audit", "verify", "--config", str(other)).returncode, FINE)
        self.assertTrue(all(each.poll() is None for each in busy), "the load went on all the time")
        copy.write_text("mine")
        self.tocsin("db", "backup", str(copy), code=FAILED)
        self.assertEqual(copy.read_text(), "mine")

    def test_a_newer_database_and_a_foreign_one_are_refused(self):
        self.stop(self.start())
        with contextlib.closing(sqlite3.connect(self.folder / "tocsin.db")) as database, database:
            database.execute("INSERT INTO migrations (version, name, length, applied_at) VALUES (999, 'later', 1, 0)")
        before = (self.folder / "tocsin.db").read_bytes()
        done = self.raw("run", "--config", str(self.config))
        self.assertEqual(done.returncode, FAILED)
        self.assertIn(b"999", done.stderr)
        self.assertEqual((self.folder / "tocsin.db").read_bytes(), before)
        (self.folder / "tocsin.db").unlink()
        with contextlib.closing(sqlite3.connect(self.folder / "tocsin.db")) as database, database:
            database.execute("CREATE TABLE somebody (else_ TEXT)")
        self.assertEqual(self.raw("run", "--config", str(self.config)).returncode, FAILED)

    def test_a_damaged_database_is_told_and_left_as_it_is(self):
        damaged = b"not a database at all" * 500
        (self.folder / "tocsin.db").write_bytes(damaged)
        # A pager goes on, from memory, and says so to whoever asks and to whoever reads the log.
        process = self.start()
        self.assertIn("INC-1", self.say("--as", "alice", "新建 P1 慢"))
        self.assertIn("INC-1", self.say("--as", "alice", "列表"))
        self.assertIn("file is not a database", (self.folder / "bot.log").read_text())
        self.assertIn("file is not a database", self.tocsin("doctor", code=FAILED))
        self.assertEqual(self.stop(process), 0)
        self.assertEqual((self.folder / "tocsin.db").read_bytes(), damaged)


# Opens incidents through the socket until it is killed.
LOAD = """
import json, socket, sys
for i in range(100000):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(sys.argv[1])
        s.sendall(json.dumps({"as": "alice", "text": f"新建 P3 {sys.argv[2]} 第 {i} 件"}).encode() + b"\\n")
        s.makefile().read()
"""

if __name__ == "__main__":
    unittest.main(verbosity=2)
