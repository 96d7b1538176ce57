"""A bot at a pseudo-terminal, and a model of the screen (pyte) that a person would see."""
import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

import bot as stage

DEADLINE = 15.0  # seconds; of anything that should appear


def demo_config(folder, port, extra=""):
    """The shipped demo on a port and in a folder of its own."""
    text = (stage.ROOT / "config/demo.yaml").read_text()
    text = text.replace("8088", str(port)).replace("\nworkdir: demo\n", f"\nworkdir: {folder}\n") + extra
    config = folder / "demo.yaml"
    config.write_text(text)
    return config


class Terminal:
    """`arguments` under a terminal of `rows` times `columns`; `environment` on top of an almost empty one."""

    def __init__(self, arguments, folder, rows=30, columns=100, environment=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw = b""
        self.code = None
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(arguments[0], arguments,
                      {"TERM": "xterm-256color", "PATH": "/usr/bin:/bin", "HOME": str(folder), **(environment or {})})

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines()).rstrip()

    def last(self):
        """The row of the cursor."""
        return self.lines()[self.screen.cursor.y]

    def read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.raw += data
        # pyte drops what follows a variation selector.
        self.stream.feed(self.decoder.decode(data).replace("\ufe0f", ""))
        return bool(data)

    def wait(self, what, found):
        """Reads until `found(self)` is true; shows the screen if it does not become so."""
        end = time.monotonic() + DEADLINE
        while not found(self):
            if time.monotonic() > end or (not self.read(0.2) and self.ended()):
                raise AssertionError(f"{what}: not on the screen:\n{self.text()}")
        return self

    def wait_text(self, text):
        return self.wait(repr(text), lambda me: text in me.text())

    def wait_last(self, line):
        return self.wait(f"the line {line!r}", lambda me: me.last() == line)

    def type(self, text):
        os.write(self.master, text.encode())

    def enter(self, text):
        self.type(text + "\r")

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self):
        if self.code is None:
            pid, status = os.waitpid(self.process, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def wait_end(self, reading=True):
        """The exit code."""
        end = time.monotonic() + DEADLINE
        while not self.ended():
            if time.monotonic() > end:
                raise AssertionError(f"it does not end:\n{self.text()}")
            if reading:
                self.read(0.05)
            else:
                select.select([], [], [], 0.05)
        return self.code

    def signal(self, number):
        os.kill(self.process, number)

    def close(self):
        if not self.ended():
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.code = -9
        try:
            os.close(self.master)
        except OSError:
            pass
