"""A real bot for end-to-end tests: config/lawsker.yaml pointed at this machine, a real SMTP server, a fast clock."""
import fcntl
import json
import os
import pathlib
import random
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TOCSIN_BINARY", str(ROOT / "build/release/tocsin"))
DEADLINE = 30.0  # seconds; of any wait for something that comes by itself
# Of what takes a minute there and finds nothing that the rest does not.
SANITIZED = "TOCSIN_SANITIZED" in os.environ
not_sanitized = unittest.skipIf(SANITIZED, "without a sanitizer only")
PORTS_FILE = open(pathlib.Path(tempfile.gettempdir()) / f"tocsin-test-ports.{os.getuid()}", "ab")
TAKEN_PORTS = set()


def free_port():
    """Below those that the kernel hands out: what opens a connection before the bot listens doesn't take it. Handed out
    once, and held against other tests, by a lock on its byte of a file, until this process ends."""
    while True:
        port = random.randrange(10_000, 32_768)
        if port in TAKEN_PORTS:
            continue
        try:
            fcntl.lockf(PORTS_FILE, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except (BlockingIOError, PermissionError):
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("", port))  # at all addresses: whoever listens at one of them, has it
            except OSError:
                continue
        TAKEN_PORTS.add(port)
        return port


def wait_for(what, found, deadline=DEADLINE):
    """Asks `found` until it gives something; between two looks it waits on nothing but time, bounded."""
    end = time.monotonic() + deadline
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {deadline} s")
        select.select([], [], [], 0.02)


def fetch(url, data=None):
    """Status and text. As a browser does it: a form is posted with the origin of its page."""
    headers = {} if data is None else {"Origin": "/".join(url.split("/")[:3])}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class MailServer:
    def __init__(self, folder, *arguments):
        self.file = folder / "mails.jsonl"
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(ROOT / "tests/fakes/smtp_server.py"), "--output", str(self.file), *arguments],
            stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.port = self.ready["port"]

    def fault(self, *rules):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ready['control_port']}/faults",
                                         json.dumps(list(rules)).encode(), method="POST")
        urllib.request.urlopen(request, timeout=5).read()

    def mails(self):
        """The pages among them: heads of the audit go by mail, too."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ready['control_port']}/messages", timeout=5) as answer:
            return [mail for mail in json.load(answer) if not mail["message_id"].strip("<>").startswith("audit-")]

    def to(self, address):
        return [mail for mail in self.mails() if address in mail["to"]]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


ONE_SERVICE = """
services:
  - {name: web, title: web}
"""


class Bot:
    """The manual's configuration on loopback. `rate`: minutes of the bot's clock in one real second, times 60."""

    def __init__(self, folder, mail_port, rate=60, origin="2026-11-23T03:10:00Z", changes=()):
        self.folder = folder
        self.port, self.public_port = free_port(), free_port()
        self.clock = f"origin={origin},epoch={int(time.time() * 1000)},rate={rate}"
        text = (ROOT / "config/lawsker.yaml").read_text()
        here = "127.0.0.1"
        text = re.sub(r"(?m)^  listen: .*$",
                      f"  listen: {here}:{self.port}\n  public_listen: {here}:{self.public_port}\n"
                      f"  public_url: http://{here}:{self.public_port}", text, count=1)
        text = re.sub(r"(?m)^storage: .*$", f"storage: {folder}/tocsin.db", text)
        text = re.sub(r"(?m)^workdir: .*$", f"workdir: {folder}", text)
        text = re.sub(r"(?m)^mail:\n(?:  .*\n)+", f"mail:\n  host: 127.0.0.1\n  port: {mail_port}\n  security: none\n"
                      "  from: tocsin@lawsker.com\n", text)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        self.config = folder / "lawsker.yaml"
        self.config.write_text(text)
        self.log_file = folder / "bot.log"
        self.process = None
        self.environment = {}  # beside that of the test

    def start(self):
        self.spawn()
        wait_for("the bot", self.answers)
        return self

    def spawn(self):
        """Starts it and waits for nothing."""
        command = [BINARY, "run", "--config", str(self.config), "--no-terminal", "--test-mode",
                   "--test-clock", self.clock]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                            env={**os.environ, **self.environment})

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("the bot ended: " + self.log_file.read_text()[-2000:])
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200 and (self.folder / "tocsin.db.sock").exists()
        except OSError:
            return False

    def say(self, text, who="devops", expect=0):
        done = subprocess.run([BINARY, "say", "--config", str(self.config), "--as", who, "--", text],
                              capture_output=True, text=True, timeout=60)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{text!r}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def tocsin(self, *arguments):
        return subprocess.run([BINARY, *arguments, "--config", str(self.config)], capture_output=True, text=True,
                              timeout=60)

    def rows(self, sql, *values):
        """What a query finds in the bot's database, which it leaves as it is."""
        database = sqlite3.connect(f"file:{self.folder}/tocsin.db?mode=ro", uri=True)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.terminate()
        return self.process.wait(timeout=30)


def scratch():
    """A folder with a short path: a Unix socket's name has room for 107 bytes."""
    return tempfile.TemporaryDirectory(prefix="tocsin-", dir="/tmp")


class Scene(unittest.TestCase):
    """A bot beside a mail server, in a folder of their own. Whoever starts it by itself, later, says so."""

    bot_options = {}
    starts = True

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.mail = MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        self.bot = Bot(self.folder, self.mail.port, **self.bot_options)
        self.addCleanup(self.bot.stop)
        if self.starts:
            self.bot.start()


if __name__ == "__main__":
    sys.exit("a module of the tests")
