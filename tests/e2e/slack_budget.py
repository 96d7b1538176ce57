#!/usr/bin/python3
"""How fast Slack may be asked: with its limits switched on, a P0 goes before a hundred posts that wait, nobody has to
tell the bot to slow down, and nothing is lost; told to wait all the same, it says each thing once, afterwards."""
import collections
import json
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import ALICE, BOB, TOCSIN, Beside, SlackScene

P0 = "the site is down"
CHANNELS = ["ops", "general", "war-room"]  # a post a second in each
NOTES = 50  # in each channel
PAGES = 60
SOON = 1500  # milliseconds: a second until a channel takes another post, and a little
WAIT = 3  # seconds
REFUSALS = 3  # at most: both clocks are right, but the network between isn't even


class Budget(SlackScene):
    def open_p0(self):
        """When it was typed."""
        typed = time.time() * 1000
        self.slack.answer(self.slack.command("alice", f"open P0 {P0}", channel="ops"))
        return typed

    def said(self, typed, message):
        """How long after that."""
        return float(message["ts"]) * 1000 - typed

    def told(self):
        """Of the P0: the page, where it was opened, where it lives."""
        return {"page": self.slack.wait("messages", channel=self.direct(ALICE), contains=P0)[0],
                "opened": self.slack.wait("messages", channel="C0OPS", user=TOCSIN, contains=P0)[0],
                "home": self.slack.wait("messages", channel_name="inc-4-the-site-is-down", pinned=True)[0]}

    def said_once(self, told):
        """By their first lines: below that a card is edited."""
        for message in told.values():
            there = [each["text"].splitlines()[0] for each in
                     self.slack.get("messages", user=TOCSIN, channel=message["channel"])]
            self.assertEqual(there.count(message["text"].splitlines()[0]), 1, there)

    def answers(self):
        return self.slack.get("messages", user=TOCSIN, contains="记入")

    def refused(self):
        return [(row["at"], row["method"], row["arguments"]) for row in self.slack.get("calls", status=429)]

    def test_what_is_urgent_goes_before_what_waits(self):
        self.open(settings={"rate_limits": True})
        for number, channel in enumerate(CHANNELS, 1):
            self.slack.answer(self.slack.command("alice", f"open P3 slow page {number}", channel=channel))
        asked = [self.mention(f"note INC-{number} -- word{count}", channel=channel)
                 for count in range(NOTES) for number, channel in enumerate(CHANNELS, 1)]
        typed = self.open_p0()
        told = self.told()
        for what, message in told.items():
            self.assertLess(self.said(typed, message), SOON, what)
        # At most what was on its way went before it.
        before = [each["text"] for each in self.slack.get("messages", user=TOCSIN, channel="C0OPS")
                  if typed < float(each["ts"]) * 1000 < float(told["opened"]["ts"]) * 1000]
        self.assertLessEqual(len(before), 1, before)
        self.assertGreater(len(asked) - len(self.answers()), 100, "waiting still")
        # Nothing is lost and nothing said twice: each note has its answer in its own thread.
        stage.wait_for("all answers", lambda: len(self.answers()) >= len(asked), 150)
        self.assertEqual(sorted(each["thread_ts"] for each in self.answers()), sorted(each["ts"] for each in asked))
        self.said_once(told)
        self.assertLessEqual(len(self.refused()), REFUSALS, self.refused())

    def test_a_page_goes_before_pages_that_are_less_urgent(self):
        """Sixty P3 page the same person, each in its own right; then a P0 does."""
        self.open(settings={"rate_limits": True})
        for number in range(1, PAGES + 1):
            self.slack.answer(self.slack.command("alice", f"open P3 slow page {number}", channel="general"))
        typed = self.open_p0()
        page = self.slack.wait("messages", channel=self.direct(ALICE), contains=P0)[0]
        self.assertLess(self.said(typed, page), SOON)

        # Those that had to wait come together, each named once and with its button, and nobody is given up for it.
        def named():
            """Numbers of the incidents that Alice's messages speak of, with those of their buttons."""
            texts, buttons = collections.Counter(), collections.Counter()
            for message in self.slack.get("messages", channel=self.direct(ALICE)):
                written = json.dumps(message["blocks"])
                buttons.update(int(each) for each in re.findall(r'"/incident ack INC-(\d+)"', written))
                words = " ".join(each["text"]["text"] for each in message["blocks"] if each["type"] == "section")
                texts.update({int(each) for each in re.findall(r"INC-(\d+)", words)})
            return texts, buttons

        stage.wait_for("all pages", lambda: len(named()[0]) > PAGES, 20)
        for counted in named():
            self.assertEqual(counted, dict.fromkeys(range(1, PAGES + 2), 1))
        self.assertLess(len(self.slack.get("messages", channel=self.direct(ALICE))), PAGES // 3)
        self.assertEqual([each for each in self.slack.get("channels") if each.get("user") == BOB], [])
        self.assertEqual(self.mail.mails(), [])
        self.assertLessEqual(len(self.refused()), REFUSALS, self.refused())
        # One is taken, also in a later life of the bot: its button goes, those beside it stay, and what its room is to
        # be told still waits.
        taken = max(message_numbers[-1] for message_numbers in self.together())
        for each in (taken, taken - 1):
            self.bot.say(f"/ack INC-{each}")
            stage.wait_for("its button to go", lambda: each not in named()[1], 10)
            self.assertEqual(named()[0][each], 1)
            self.assertEqual(len(named()[1]), PAGES - taken + each, named()[1])
            self.bot.kill()
            self.bot.start()

    def together(self):
        """The numbers of each message that names several."""
        found = ([int(each) for each in re.findall(r'"/incident ack INC-(\d+)"', json.dumps(message["blocks"]))]
                 for message in self.slack.get("messages", channel=self.direct(ALICE)))
        return [numbers for numbers in found if len(numbers) > 2]

    def test_told_to_wait_it_says_it_once_and_afterwards(self):
        self.open()
        for number in range(1, 4):
            self.slack.answer(self.slack.command("alice", f"open P3 slow page {number}", channel="general"))
        self.slack.wait("messages", 3, user=TOCSIN, channel="C0GENERAL")
        # However many of them are in one message.
        for number in range(1, 4):
            self.slack.wait("messages", channel_kind="im", contains=f"/incident ack INC-{number}")
        self.slack.fault("chat.postMessage", "status", status=429, retry_after=WAIT)
        self.open_p0()
        told = self.told()
        (at, _, arguments), = self.refused()
        posts = [row for row in self.slack.get("calls", method="chat.postMessage", ok=True) if row["at"] >= at]
        # The others with it, but for those that were on their way.
        late = [row["at"] - at for row in posts if not row["at"] - at < 100]
        self.assertGreaterEqual(min(late), WAIT * 1000)
        self.assertLess(max(late), WAIT * 1000 + SOON)
        self.assertEqual(sum((row["arguments"]["channel"], row["arguments"]["text"])
                             == (arguments["channel"], arguments["text"]) for row in posts), 1)
        self.said_once(told)


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Budget))


if __name__ == "__main__":
    unittest.main(verbosity=2)
