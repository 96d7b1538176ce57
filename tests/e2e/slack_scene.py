"""One Slack, one bot, one mail server for one test; and tests that run beside each other, for they mostly wait."""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_stage import ALICE, BOB, SlackBot, SlackServer, certificates
from slack.client import Refused

TOCSIN = "U0TOCSIN"
AT_ONCE = 5


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


class SlackScene(unittest.TestCase):
    """Starts nothing by itself: a test says what Slack and the bot are like."""

    def open(self, start=True, settings=None, environment=None, **bot):
        """`settings`: the fake's. `bot`: of SlackBot. Waits until the bot's two sockets are there, unless told not to
        start it."""
        authority = Authority.files()
        self.folder = self.new_folder()
        self.mail = stage.MailServer(self.folder)
        self.addCleanup(self.mail.stop)
        self.slack = SlackServer("--cert", str(authority / "good.pem"), "--key", str(authority / "good.key"),
                                 **(settings or {}))
        self.addCleanup(self.slack.stop)
        self.bot = self.new_bot(self.folder, **bot)
        self.bot.environment = environment or {}
        self.install()
        if start:
            self.bot.start()
            self.slack.wait("sockets", count=2, ready=True)

    def install(self):
        """The app is what its manifest makes it: what that does not ask for is not there."""
        printed = self.bot.tocsin("slack", "manifest")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        manifest = json.loads(printed.stdout)
        features = manifest["features"]
        self.scopes = manifest["oauth_config"]["scopes"]["bot"]
        self.events = manifest["settings"]["event_subscriptions"]["bot_events"]
        self.grant()
        self.subscribe()
        self.slack.post("subscriptions", commands=[each["command"] for each in features["slash_commands"]],
                        shortcuts=[each["callback_id"] for each in features["shortcuts"]])

    def grant(self, without=None):
        """All scopes of the manifest, but for one that would have been forgotten there."""
        self.slack.post("tokens", token="bot", scopes=self.all_but(without, self.scopes))

    def subscribe(self, without=None):
        """The same for its events."""
        self.slack.post("subscriptions", events=self.all_but(without, self.events))

    def all_but(self, left_out, asked_for):
        """A misspelt name would be left out of nothing."""
        self.assertIn(left_out, [None, *asked_for])
        return [each for each in asked_for if each != left_out]

    def new_folder(self):
        scratch = stage.scratch()
        self.addCleanup(scratch.cleanup)
        return pathlib.Path(scratch.name)

    def new_bot(self, folder, rate=1, changes=(), **more):
        bot = SlackBot(folder, self.mail.port, self.slack, str(Authority.files() / "ca.pem"), rate=rate,
                       changes=[("\nactions:\n", "\nguard: {rate_limit: off}\n\nactions:\n"), *changes], **more)
        self.addCleanup(bot.stop)
        return bot

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

    # What people do, and what came of it

    def ping(self, word):
        """A slash command that answers with its own words."""
        return self.slack.command("alice", word, command="/ping", channel="ops")

    def answered_once(self, gesture, word, after_a_gap=False):
        """A command's author saw the answer, once; in the acknowledgement, but shortly after nobody was connected."""
        shown = self.slack.answer(gesture)
        if after_a_gap:
            shown = stage.wait_for("the answer", lambda: [row for row in self.slack.get("interactions", id=shown["id"])
                                                          if row["answers"]])[0]
        acks = self.slack.get("acks", envelope_id=shown["envelope_id"])
        outcome = "nothing" if after_a_gap else "message"
        self.assertEqual((shown["state"], shown["outcome"]), ("acked", outcome), f"{shown} {acks}")
        texts = [answer["text"] for answer in shown["answers"]]
        self.assertEqual(len(texts), 1, texts)
        self.assertIn(word, texts[0])

    def mention(self, text, user="alice", channel="ops"):
        return self.slack.say(user, f"@tocsin {text}", channel=channel)

    def replies(self, message, count=1, timeout=None):
        """What the bot said in the thread of a message, as soon as it is so much."""
        return self.slack.wait("messages", count, timeout, user=TOCSIN, thread_ts=message["ts"])

    def fence(self, channel="ops"):
        """Posts keep their order in a channel: what was asked before is answered by now, as often as it ever will."""
        self.replies(self.mention("ping fence", channel=channel))

    def replied_once(self, *messages):
        for message in messages:
            self.replies(message)
        self.fence(messages[-1]["channel"])
        for message in messages:
            self.assertEqual(len(self.replies(message)), 1, message["text"])

    def message(self, **filters):
        return self.slack.wait("messages", deleted=False, **filters)[-1]

    def button(self, message, command):
        """Where the button that stands for `command` is."""
        blocks = message.get("blocks", []) + [b for a in message.get("attachments", []) for b in a.get("blocks", [])]
        for block in blocks:
            for element in block.get("elements", []):
                if element.get("value") == command:
                    return {"action_id": element["action_id"], "block_id": block["block_id"]}
        raise AssertionError(f"no button for {command!r} in {message}")

    def press(self, who, message, command):
        """As the message is by now: it may be edited between a look and a press, which gives its blocks new names."""
        place = {"channel": message["channel"], "ts": message["ts"]}

        def pressed():
            where = self.button(self.message(**place), command)
            try:
                return self.slack.press(who, where.pop("action_id"), **place, **where)
            except Refused as refused:
                if refused.status != 404:
                    raise
                return None

        return stage.wait_for("the press", pressed)

    def press_hidden(self, who, message, command):
        """A button of a message that only they see; the gesture."""
        where = self.button(message, command)
        return self.slack.press(who, where.pop("action_id"), channel=message["channel"], ts=message["ts"], **where)

    def direct(self, user):
        """Somebody's conversation with the bot."""
        return next(each["id"] for each in self.slack.get("channels") if each.get("user") == user)

    def log(self):
        return self.bot.log_file.read_text()

    def logged(self, word, bot=None, deadline=stage.DEADLINE):
        file = (bot or self.bot).log_file
        stage.wait_for(f"{word!r} in the log", lambda: word in file.read_text(), deadline)

    def opens(self):
        return self.slack.get("calls", method="apps.connections.open")

    def living(self):
        return [row for row in self.slack.get("sockets") if row["state"] != "closed"]

    def staying(self):
        """The sockets that serve and were not asked to leave, the oldest first."""
        return [row["id"] for row in self.slack.get("sockets", state="open") if row["disconnect"] is None]

    def chats(self, name):
        """Figures of /metrics about Slack: what stands between the braces beside the platform, and the value."""
        text = stage.fetch(f"http://127.0.0.1:{self.bot.port}/metrics")[1]
        return [(labels, float(value)) for labels, value in
                re.findall(rf'(?m)^tocsin_chat_{name}{{platform="slack",?([^}}]*)}} (\S+)$', text)]

    def chat(self, name):
        """The only one."""
        found = self.chats(name)
        return int(found[0][1]) if found else None


class Told:
    """A test's result, kept until it is its turn to be told."""

    failfast = False

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, arguments))


class Beside(unittest.TestSuite):
    """Runs its tests beside each other, each with a bot and a Slack of its own, and tells of them in their order."""

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
