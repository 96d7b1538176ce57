#!/usr/bin/python3
"""`tocsin doctor` about Slack: all is well, with the bot and without it; then one thing broken after the other, each
named with its cure, in both languages."""
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import Beside, SlackScene

NO_PROXY = {"NO_PROXY": "*"}
CHANNEL = ["channel: C0OPS", "invite: [oncall]"]


class Doctor(SlackScene):
    def visit(self, *arguments, environment=NO_PROXY):
        """What it says about Slack: mark and words of each line by what it is about."""
        done = subprocess.run([stage.BINARY, "doctor", "--config", str(self.bot.config), *arguments], text=True,
                              capture_output=True, timeout=60, cwd=self.folder, env={**os.environ, **environment})
        for token in (self.slack.app_token, self.slack.bot_token):
            self.assertNotIn(token, done.stdout + done.stderr)
        said = {}
        for line in done.stdout.splitlines():
            mark, _, rest = line.partition(" ")
            if rest.startswith("Slack"):
                what, _, words = rest.partition(":")
                said[what] = (mark, words.strip())
        return said

    def english(self, **how):
        return self.visit("--locale", "en", **how)

    def red(self, what, value, cure):
        """One line alone is red."""
        said = self.english()
        bad = {each: words for each, (mark, words) in said.items() if mark == "❌"}
        self.assertEqual(list(bad), [what], said)
        self.assertIn(value, bad[what])
        self.assertIn(cure, bad[what].partition("→")[2])

    def test_all_is_well_beside_the_running_bot(self):
        self.open(options=CHANNEL)
        sockets = len(self.slack.get("sockets"))
        said = self.english()
        self.assertEqual({mark for mark, _ in said.values()}, {"✅"}, said)
        self.assertEqual(list(said), ["Slack bot token", "Slack scopes", "Slack Socket Mode", "Slack channel C0OPS",
                                      "Slack accounts", "Slack user groups"])
        self.assertIn("tocsin in Acme", said["Slack bot token"][1])
        self.assertIn("2 connections", said["Slack Socket Mode"][1])
        self.assertIn("#ops", said["Slack channel C0OPS"][1])
        # It took no share of what is typed, and said nothing.
        self.assertEqual(len(self.slack.get("sockets")), sockets)
        self.assertEqual(self.slack.get("messages", user="U0TOCSIN"), [])
        chinese = self.visit()
        self.assertIn("在频道里", chinese["Slack 频道 C0OPS"][1])
        # Cut off, the bot says so itself.
        self.slack.settings(socket_mode=False)
        stage.wait_for("the bot to be cut off", lambda: self.chat("up") == 0)
        self.red("Slack Socket Mode", "0 connections", "is Socket Mode on?")
        self.assertIn("0 条连接", self.visit()["Slack Socket Mode"][1])

    def test_beside_a_bot_that_does_not_answer_no_socket_is_opened(self):
        self.open(options=CHANNEL)
        sockets = len(self.slack.get("sockets"))
        self.bot.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.bot.process.send_signal, signal.SIGCONT)
        said = self.english()
        self.assertEqual(said["Slack Socket Mode"][0], "✅")
        self.assertIn("an address was given", said["Slack Socket Mode"][1])
        self.assertEqual(len(self.slack.get("sockets")), sockets)

    def test_without_the_bot_it_says_hello_itself(self):
        self.open(start=False, options=CHANNEL)
        said = self.english()
        self.assertEqual({mark for mark, _ in said.values()}, {"✅"}, said)
        self.assertIn("says hello", said["Slack Socket Mode"][1])
        self.slack.wait("sockets", count=1, state="closed")
        self.assertEqual(self.slack.get("sockets")[0]["close"]["code"], 1000)

    def test_it_goes_through_the_proxy_as_the_bot_does(self):
        self.open(start=False, options=CHANNEL)
        environment, tunnels = self.new_proxy()
        said = self.english(environment=environment)
        self.assertEqual({mark for mark, _ in said.values()}, {"✅"}, said)
        ports = self.slack.ready["ports"]
        self.assertEqual(set(tunnels()), {f"localhost:{ports[name]}" for name in ("api", "sockets")})
        self.assertEqual(tunnels()[f"localhost:{ports['sockets']}"], 1)
        before, hellos = tunnels(), len(self.slack.get("sockets", hello=True))
        self.english()
        self.assertEqual((tunnels(), len(self.slack.get("sockets", hello=True))), (before, hellos + 1))
        # Where it lets nobody through, that is what is named.
        environment, _ = self.new_proxy("--answer", "403")
        for what, (mark, words) in self.english(environment=environment).items():
            self.assertEqual(mark, "❌", what)
            self.assertIn("refused the tunnel: status 403", words)

    def test_each_broken_thing_is_named_with_its_cure(self):
        self.open(start=False, options=CHANNEL)
        slack = self.slack
        with self.subTest("Socket Mode is off"):
            slack.settings(socket_mode=False)
            self.red("Slack Socket Mode", "link_disabled", "switch on Socket Mode")
            slack.settings(socket_mode=True)
        with self.subTest("too many sockets"):
            slack.fault("hello", "disconnect", reason="too_many_websockets")
            self.red("Slack Socket Mode", "too_many_websockets", "another bot")
        with self.subTest("a bad app token"):
            slack.post("tokens", token="app", state="token_revoked")
            self.red("Slack Socket Mode", "token_revoked", "chat.slack.app_token")
            slack.post("tokens", token="app", state="ok")
        with self.subTest("an app token that may not connect"):
            slack.post("tokens", token="app", scopes=[])
            self.red("Slack Socket Mode", "missing_scope: connections:write",
                     "give the app-level token connections:write")
            self.assertIn("给应用级令牌加 connections:write", self.visit()["Slack Socket Mode"][1])
            slack.post("tokens", token="app", scopes=["connections:write"])
        with self.subTest("the bot is not in the channel"):
            slack.post("channels", do="leave", user="U0TOCSIN", channel="C0OPS")
            self.red("Slack channel C0OPS", "not a member of #ops", "/invite")
            self.assertIn("不在 #ops 里", self.visit()["Slack 频道 C0OPS"][1])
            slack.post("channels", do="join", user="U0TOCSIN", channel="C0OPS")
        with self.subTest("somebody has left"):
            slack.post("users", id="U0BOB", deleted=True)
            mark, words = self.english()["Slack accounts"]
            self.assertEqual(mark, "⚠️")
            self.assertIn("deactivated: lead", words)
            self.assertIn("identities.slack", words)
            self.assertIn("已停用:lead", self.visit()["Slack 账号"][1])
            slack.post("users", id="U0BOB", deleted=False)
        with self.subTest("the bot token is revoked"):
            slack.post("tokens", token="bot", state="token_revoked")
            said = self.english()
            self.assertIn("chat.slack.bot_token", said["Slack bot token"][1])
            self.assertEqual(said["Slack Socket Mode"][0], "✅")
            slack.post("tokens", token="bot", state="ok")
        with self.subTest("the channel is archived"):
            slack.post("channels", do="archive", user="alice", channel="C0OPS")
            self.red("Slack channel C0OPS", "archived", "chat.slack.channel")
        with self.subTest("nobody answers"):
            slack.stop()
            said = self.english()
            self.assertEqual({mark for mark, _ in said.values()}, {"❌"}, said)

    def test_missing_scopes_are_named(self):
        self.open(start=False, options=["channel: C0OPS"], settings={})
        self.slack.post("tokens", token="bot", scopes=["channels:read", "users:read"])
        said = self.english()
        mark, words = said["Slack scopes"]
        self.assertEqual(mark, "❌")
        self.assertIn("pins:write", words)
        self.assertNotIn("channels:read", words)
        self.assertIn("tocsin slack manifest", words)


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Doctor))


if __name__ == "__main__":
    unittest.main(verbosity=2)
