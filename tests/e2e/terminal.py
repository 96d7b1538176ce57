#!/usr/bin/python3
"""The prompt as a person sees it: typed in Chinese, interrupted by pages, completed, remembered, left."""
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
import screen

PROMPT = "alice@tocsin>"
UP, LEFT, HOME, BACKSPACE = "\x1b[A", "\x1b[D", "\x1b[H", "\x7f"
CTRL_C, CTRL_D, CTRL_R, CTRL_Z = "\x03", "\x04", "\x12", "\x1a"
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
FOLLOW = """
  - name: follow
    aliases: [盯着]
    title: {zh-CN: 盯着一个文件, en: Follow a file}
    effect: read
    steps: [{run: [/usr/bin/tail, -f, follow.txt]}]
    timeout: 60s
"""


class AtTheTerminal(unittest.TestCase):
    def setUp(self):
        scratch = stage.scratch()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "follow.txt").write_text("one\ntwo\n")
        self.config = screen.demo_config(self.folder, stage.free_port(), FOLLOW + "guard: {rate_limit: off}\n")

    def start(self, ready=PROMPT, **how):
        terminal = screen.Terminal([stage.BINARY, "run", "--config", str(self.config)], self.folder, **how)
        self.addCleanup(terminal.close)
        return terminal.wait_last(ready) if ready else terminal

    def say(self, text, who="bob"):
        done = subprocess.run([stage.BINARY, "say", "--config", str(self.config), "--as", who, "--", text],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def tocsin(self, *arguments):
        done = subprocess.run([stage.BINARY, *arguments, "--config", str(self.config)], capture_output=True, text=True,
                              timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_typing_chinese_and_editing(self):
        terminal = self.start()
        terminal.type("新建 P0 网站X访问")
        terminal.wait_last(PROMPT + " 新建 P0 网站X访问")
        terminal.type(LEFT + LEFT + BACKSPACE + "无法")
        terminal.wait_last(PROMPT + " 新建 P0 网站无法访问")
        terminal.type(HOME + "/")
        terminal.wait_last(PROMPT + " /新建 P0 网站无法访问")
        terminal.type("\r")
        terminal.wait_text("🔴 P0 INC-1 网站无法访问").wait_last(PROMPT)
        self.assertIn("网站无法访问", self.tocsin("incident", "list"))

    def test_a_page_leaves_the_half_typed_line_whole(self):
        terminal = self.start(columns=44)
        half = "备注 这一句很长,长到屏幕的一行放不下,要折到第二行甚至第三行,还没有打完"
        terminal.type(half)
        joined = lambda me: me.text().replace("\n", "").endswith(PROMPT + " " + half)
        terminal.wait("the half-typed line", joined)
        self.say("新建 P0 数据库起不来")
        terminal.wait_text("🔴 P0 INC-1 数据库起不来")
        terminal.wait("the line again, at the end", joined)
        self.assertEqual(terminal.text().count("备注"), 1, terminal.text())
        self.assertIn(b"\a", terminal.raw, "a page rings the bell")
        terminal.enter("。")
        terminal.wait_last(PROMPT)
        terminal.wait_text("INC-1")
        self.assertIn("要折到第二行甚至第三行,还没有打完", self.tocsin("timeline", "1"))

    def test_the_window_changes_its_size_while_a_line_is_typed(self):
        terminal = self.start()
        terminal.type("新建 P1 登录慢")
        terminal.wait_last(PROMPT + " 新建 P1 登录慢")
        terminal.resize(20, 60)
        terminal.type(",而且越来越慢,从昨天晚上开始就是这样了")
        whole = PROMPT + " 新建 P1 登录慢,而且越来越慢,从昨天晚上开始就是这样了"
        terminal.wait("the line, wrapped", lambda me: whole in me.text().replace("\n", ""))
        terminal.enter("")
        terminal.wait_text("P1 INC-1").wait_last(PROMPT)
        self.assertIn("从昨天晚上开始就是这样了", self.tocsin("incident", "list"))

    def test_tab_completes_commands_incidents_and_people_in_both_languages(self):
        terminal = self.start()
        self.say("新建 P0 网站无法访问")
        self.say("新建 P2 搜索慢")
        for typed, shown in (("认\t", "认领"), ("/incident esc\t", None), ("/incident res\t", None),
                             ("/incident ac\t", "/incident ack"), ("认领 IN\t1\t", "认领 INC-1"),
                             ("ack INC-2\t", "ack INC-2"), ("改级 INC-1 P\t", "改级 INC-1 P"),
                             ("as bo\t", "as bob"), ("呼叫 管\t", "呼叫 管理员"), ("page Bo\t", None)):
            terminal.type(typed)
            if shown is not None:
                terminal.wait_last(f"{PROMPT} {shown}")
            terminal.type("\x15")
            terminal.wait_last(PROMPT)
        terminal.type("认领 \t\t")
        terminal.wait("both incidents", lambda me: "认领 INC-1" in me.text() and "认领 INC-2" in me.text())
        terminal.wait_last(PROMPT + " 认领 INC-")

    def test_ctrl_c_drops_the_line_and_ctrl_d_leaves(self):
        terminal = self.start()
        before = termios.tcgetattr(terminal.master)
        terminal.type("新建 P0 打错了")
        terminal.wait_last(PROMPT + " 新建 P0 打错了")
        terminal.type(CTRL_C)
        terminal.wait_text("打错了^C").wait_last(PROMPT)
        terminal.type(CTRL_C)
        terminal.wait_text("Ctrl-D 停下警钟").wait_last(PROMPT)
        terminal.type(CTRL_Z)
        terminal.enter("列表")
        terminal.wait_text("没有").wait_last(PROMPT)
        terminal.type(CTRL_D)
        self.assertEqual(terminal.wait_end(), 0)
        self.assertIn("警钟停了", terminal.text())
        self.assertEqual(self.tocsin("incident", "list", "--all"), "没有要列的单\n")
        self.assertFalse(before[3] & termios.ECHO)
        self.assertNotIn(PROMPT, terminal.last())

    def test_history_outlives_even_kill_9(self):
        terminal = self.start()
        terminal.enter("备注 第一句 “引号”")
        terminal.wait_text("没有执行").wait_last(PROMPT)
        terminal.enter("/ping 你好")
        terminal.wait_text("你好").wait_last(PROMPT)
        terminal.signal(signal.SIGKILL)
        terminal.wait_end()
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "tocsin.db.history").st_mode), 0o600)
        terminal = self.start()
        terminal.type(UP)
        terminal.wait_last(PROMPT + " /ping 你好")
        terminal.type(UP)
        terminal.wait_last(PROMPT + " 备注 第一句 “引号”")
        terminal.type(CTRL_C)
        terminal.wait_last(PROMPT)
        terminal.type("引" + CTRL_R)
        terminal.wait_last(PROMPT + " 备注 第一句 “引号”")

    def test_colours_are_for_terminals_that_want_them(self):
        coloured = self.start()
        coloured.enter("帮助")
        coloured.wait_text("清空草稿文件").wait_last(PROMPT)
        self.assertRegex(coloured.raw, COLOUR)
        coloured.type(CTRL_D)
        coloured.wait_end()
        bare = self.start(environment={"NO_COLOR": "1"})
        bare.enter("帮助")
        bare.wait_text("清空草稿文件").wait_last(PROMPT)
        self.assertNotRegex(bare.raw, COLOUR)
        bare.type(CTRL_D)
        bare.wait_end()
        dumb = self.start(environment={"TERM": "dumb"}, ready=None)
        dumb.wait("a prompt", lambda me: PROMPT.encode() in me.raw)
        dumb.enter("/ping hello")
        dumb.wait("the answer", lambda me: me.raw.count(b"hello") > 1)
        self.assertNotIn(b"\x1b", dumb.raw)

    def test_progress_changes_in_place_and_can_be_stopped(self):
        terminal = self.start()
        terminal.enter("盯着")
        step = "⏳ 第 1/1 步"
        terminal.wait_text(step).wait_last(PROMPT)
        self.say("新建 P2 搜索慢")
        terminal.wait_text("P2 INC-1")
        terminal.wait_last(PROMPT)
        self.assertEqual(terminal.text().count(step), 1, terminal.text())
        lines = terminal.lines()
        row = next(i for i, line in enumerate(lines) if step in line)
        self.assertGreater(row, next(i for i, line in enumerate(lines) if "P2 INC-1" in line), "progress stays below")
        terminal.enter("停")
        terminal.wait("the end of it", lambda me: step not in me.text())
        terminal.wait_last(PROMPT)

    def test_one_human_plays_two_people(self):
        terminal = self.start()
        terminal.enter("新建 P0 网站无法访问")
        terminal.wait_text("INC-1").wait_last(PROMPT)
        terminal.enter("清空草稿")
        code = re.search(r"批准 (K\d+)", terminal.wait_text("批准 K").text()).group(1)
        terminal.enter(f"as bob 批准 {code}")
        terminal.wait("the approval", lambda me: "Bob批准 " + code in me.text())
        terminal.wait_last(PROMPT)
        terminal.enter("as bob")
        terminal.wait_last("bob@tocsin>")
        terminal.enter("我是谁")
        terminal.wait("who", lambda me: "bob" in me.text().split("bob@tocsin> 我是谁")[-1])
        terminal.enter("as nobody")
        terminal.wait_text("没有「nobody」这个人").wait_last("bob@tocsin>")

    def test_output_longer_than_the_screen(self):
        (self.folder / "logs").mkdir()
        (self.folder / "logs/demo.log").write_text("".join(f"2026-11-23 03:10:00 line {i}\n" for i in range(5000)))
        terminal = self.start(rows=12)
        terminal.type("日志 demo 500")
        terminal.wait_last(PROMPT + " 日志 demo 500")
        terminal.type("\r")
        terminal.wait_text("line 4999").wait_last(PROMPT)
        terminal.enter("/ping still here")
        terminal.wait_text("still here").wait_last(PROMPT)

    def test_a_terminal_that_takes_nothing_does_not_hold_the_bot(self):
        terminal = self.start()
        for _ in range(60):
            terminal.enter("帮助")
        terminal.wait_text("清空草稿文件")
        begun = time.monotonic()
        terminal.signal(signal.SIGTERM)
        self.assertEqual(terminal.wait_end(reading=False), 0)
        self.assertLess(time.monotonic() - begun, 10)

    def test_a_closed_window_stops_the_bot(self):
        terminal = self.start()
        os.close(terminal.master)
        self.assertEqual(terminal.wait_end(reading=False), 0)

    def test_no_terminal_no_prompt_and_json_for_the_log(self):
        process = subprocess.Popen([stage.BINARY, "run", "--config", str(self.config)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        first = json.loads(process.stderr.readline())
        self.assertRegex(first["message"], r"listens on http://127\.0\.0\.1:\d+")
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        links = [process.stdout.readline() for _ in range(3)]
        self.assertRegex(links[0], r"^Alice: http://127\.0\.0\.1:\d+/login/[0-9a-f]+\n$")
        process.terminate()
        out, rest = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(out, "")
        for line in rest.splitlines():
            json.loads(line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
