"""What the tests of every chat platform need: a private certificate authority, a bot beside a fake of the platform, a
proxy between, and tests that run beside each other, for they mostly wait."""
import concurrent.futures
import itertools
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import typing
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

AT_ONCE = 5
DUTY, LEAD, CTO = "devops@lawsker.com", "tech-lead@lawsker.com", "cto@lawsker.com"
KNOWN = ((DUTY, "terminal: devops, web: devops", "&by-mail [email, inbox]"),
         (LEAD, "terminal: lead, web: lead", "*by-mail"),
         (CTO, "web: chief", "*by-mail"))


# A danger that leaves a mark, so that one sees whether it ran.
MARK = """
actions:
  - name: mark
    title: {zh-CN: 做记号, en: leave a mark}
    effect: danger
    loses_service: [web]
    steps: [{run: [/usr/bin/touch, mark]}]
"""
# An action that takes its time.
SLOW = """
actions:
  - name: slow
    title: {zh-CN: 慢活, en: slow job}
    effect: read
    steps: [{run: [./slow.sh]}]
    timeout: 60s
"""


class Authority:
    """One private certificate authority for all tests of a run."""

    _lock, _folder = threading.Lock(), None

    @classmethod
    def files(cls):
        with cls._lock:
            if cls._folder is None:
                cls._scratch = stage.scratch()
                cls._folder = certificates(pathlib.Path(cls._scratch.name))
            return cls._folder


def certificates(folder):
    made = folder / "ca"
    made.mkdir()
    subprocess.run(["/usr/bin/python3", str(stage.ROOT / "tests/fakes/make_ca.py"), str(made)], check=True,
                   capture_output=True)
    return made


class Chat(typing.NamedTuple):
    """A platform as a bot is told of it. `secrets`: files of its folder; `lines`: of chat.<name>; `known`: by mail
    address who somebody is there."""

    name: str
    secrets: dict
    lines: list
    known: dict


class ChatBot(stage.Bot):
    """The manual's people, known on each platform of `chats`, too; `channels`: theirs, in order."""

    def __init__(self, folder, mail_port, chats, channels, changes=(), **more):
        lines = ["chat:"]
        for chat in chats:
            lines += [f"  {chat.name}:", *(f"    {line}" for line in chat.lines)]
            for name, text in chat.secrets.items():
                (folder / name).write_text(text)
                (folder / name).chmod(0o600)

        def accounts(mail):
            return ", ".join(f"{chat.name}: {chat.known[mail]}" for chat in chats)

        changes = [("time_zone: Asia/Shanghai\n", "\n".join(["time_zone: Asia/Shanghai", *lines, ""])),
                   *((f"{{email: {mail}, {rest}}}\n    channels: {by_mail}\n",
                      f"{{email: {mail}, {accounts(mail)}, {rest}}}\n    channels: {channels}\n")
                     for mail, rest, by_mail in KNOWN),
                   ("web: product}\n    channels: *by-mail", "web: product}\n    channels: &by-mail [email, inbox]"),
                   *changes]
        # Both clocks show the same: what was sent is as old to the bot as it is to the platform.
        more.setdefault("origin", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        super().__init__(folder, mail_port, changes=changes, **more)


class ChatScene(unittest.TestCase):
    """Starts nothing by itself: a test says what the platform and the bot are like. A scene of a platform has
    `platform`, as /metrics names it, `made_bot(folder, **more)` and, once it is open, `mail` and `bot`."""

    platform = None

    def new_stage(self, server, settings):
        """A folder, a mail server and the platform's fake."""
        self.folder = self.new_folder()
        self.mail = stage.MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        return self.new_fake(server, settings)

    def new_fake(self, server, settings):
        """A platform that speaks TLS; `server`: a class of its client."""
        authority = Authority.files()
        fake = server("--cert", str(authority / "good.pem"), "--key", str(authority / "good.key"), **(settings or {}))
        self.addCleanup(fake.stop)
        return fake

    def new_folder(self):
        scratch = stage.scratch()
        self.addCleanup(scratch.cleanup)
        return pathlib.Path(scratch.name)

    def new_bot(self, folder, rate=1, changes=(), **more):
        bot = self.made_bot(folder, ca_file=str(Authority.files() / "ca.pem"), rate=rate,
                            changes=[("\nactions:\n", "\nguard: {rate_limit: off}\n\nactions:\n"), *changes], **more)
        self.addCleanup(bot.stop)
        self.addCleanup(self.explain, bot)
        return bot

    def explain(self, bot):
        """Of a test that failed one wants to know what the bot said."""
        result = self._outcome.result
        failed = any(name in ("addFailure", "addError") for name, _ in result.calls) if isinstance(result, Told) else \
            any(test is self for test, _ in [*result.failures, *result.errors])
        if failed and bot.log_file.exists():
            lines = bot.log_file.read_text().splitlines()[-60:]
            print(f"--- the end of the bot's log, {self.id()}", *lines, "---", sep="\n", file=sys.stderr)

    def new_proxy(self, *arguments):
        """A proxy between, of connect_proxy.py: the environment that leads to it, and what asks for its tunnels."""
        proxy = subprocess.Popen(["/usr/bin/python3", str(stage.ROOT / "tests/fakes/connect_proxy.py"), *arguments],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(proxy.stdout.close)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.terminate)
        url = f"http://127.0.0.1:{json.loads(proxy.stdout.readline())['port']}"
        return ({"HTTPS_PROXY": url, "NO_PROXY": "", "no_proxy": ""},
                lambda: json.loads(stage.fetch(url + "/")[1])["tunnels"])

    # What the bot says of itself

    def log(self):
        return self.bot.log_file.read_text()

    def logged(self, word, bot=None, deadline=stage.DEADLINE):
        file = (bot or self.bot).log_file
        stage.wait_for(f"{word!r} in the log", lambda: word in file.read_text(), deadline)

    def chats(self, name):
        """Figures of /metrics about the platform: what stands between the braces beside its name, and the value."""
        text = stage.fetch(f"http://127.0.0.1:{self.bot.port}/metrics")[1]
        return [(labels, float(value)) for labels, value in
                re.findall(rf'(?m)^tocsin_chat_{name}{{platform="{self.platform}",?([^}}]*)}} (\S+)$', text)]

    def chat(self, name):
        """The only one."""
        found = self.chats(name)
        return int(found[0][1]) if found else None

    def in_the_room(self, key, what="id"):
        return self.bot.rows(f"SELECT {what} FROM room WHERE instr(message, '{key}')")

    def mails_with(self, word):
        return [mail for mail in self.mail.to(DUTY) if word in str(mail)]

    def type_by_hands(self, rate, type_one, hands=4):
        """`type_one(number)` so often a second, from a few hands; what it gave of each, and what makes an end of it."""
        typed, begun, over = [], time.monotonic(), threading.Event()

        def type_(hand):
            for number in itertools.count(hand, hands):
                if over.wait(max(0, begun + number / rate - time.monotonic())):
                    return
                typed.append(type_one(number))

        def stop():
            over.set()
            for thread in threads:
                thread.join()
        threads = [threading.Thread(target=type_, args=(hand,)) for hand in range(hands)]
        for thread in threads:
            thread.start()
        self.addCleanup(stop)
        return typed, stop

    def connections_to(self, port):
        """How many there are, as the kernel has them."""
        table = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        return sum(row.split()[2].endswith(f":{port:04X}") and row.split()[3] == "01" for row in table)


class Told:
    """A test's result, kept until it is its turn to be told."""

    failfast = False

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, arguments))


class Beside(unittest.TestSuite):
    """Runs its tests beside each other, each with a bot and a platform of its own, and tells of them in their order."""

    def run(self, result, debug=False):
        def alone(test):
            told = Told()
            test.run(told)
            return told.calls

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for future in [pool.submit(alone, test) for test in self]:
                for name, arguments in future.result():
                    getattr(result, name)(*arguments)
        return result


if __name__ == "__main__":
    sys.exit("a module of the tests")
