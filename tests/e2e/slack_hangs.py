#!/usr/bin/python3
"""Slack takes everything and says nothing for a long time: what is to be said waits once, however often it is tried
again, nobody else waits for it, and afterwards each thing is said once."""
import collections
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import ALICE, TOCSIN, Beside, SlackScene

RATE = 60  # the bot's clock: what is lent for half a minute is lent for half a second
NOTES = 20
LEASES = 20
PAGES = 4
GROWTH = 8 << 10  # KiB
SAYING = ["chat.postMessage", "chat.update"]


class Hanging(SlackScene):
    def memory(self):
        """What is its own, in KiB."""
        rows = dict(line.split(":", 1) for line in
                    pathlib.Path(f"/proc/{self.bot.process.pid}/smaps_rollup").read_text().splitlines()[1:])
        return int(rows["Private_Dirty"].split()[0])

    def test_what_waits_for_slack_waits_once(self):
        self.open(rate=RATE)
        self.slack.answer(self.slack.command("alice", "open P3 slow page", channel="ops"))
        card = self.slack.wait("messages", channel="C0OPS", user=TOCSIN, contains="slow page")[0]
        before = self.memory()
        for method in SAYING:
            self.slack.fault(method, "hold", times=-1)
        for number in range(NOTES):
            self.slack.answer(self.slack.command("alice", f"update INC-1 -- word{number:02} of what is done",
                                                 channel="general"))
        stage.wait_for("leases", lambda: self.bot.rows("SELECT min(tries) FROM outbox")[0][0] >= LEASES, 60)
        # One row for the card, however often it has changed.
        (rows,), = self.bot.rows("SELECT count(*) FROM outbox")
        self.assertLessEqual(rows, NOTES + 1)
        self.assertLess(self.memory() - before, GROWTH)
        self.assertIn(f"word{NOTES - 1:02}", self.bot.say("/timeline INC-1"))

        self.slack.no_faults()
        stage.wait_for("an empty outbox", lambda: self.bot.rows("SELECT count(*) FROM outbox") == [(0,)], 90)
        said = collections.Counter(word for message in self.slack.get("messages", user=TOCSIN, thread_ts=card["ts"])
                                   for word in message["text"].split() if word.startswith("word"))
        self.assertEqual(said, {f"word{number:02}": 1 for number in range(NOTES)})
        # And one card, beside what stands in its thread.
        self.assertEqual({each.get("thread_ts", each["ts"]) for each in
                          self.slack.get("messages", user=TOCSIN, channel="C0OPS")}, {card["ts"]})

    def test_a_page_that_could_not_begin_is_no_repeat_and_comes_once(self):
        self.open(channels="[slack, inbox]")
        for method in SAYING:
            self.slack.fault(method, "hold", times=-1)
        for number in range(1, PAGES + 1):
            self.slack.answer(self.slack.command("alice", f"open P3 slow page {number}", channel="ops"))
        # The first may have arrived; the others waited for it until nobody waited for them any more.
        tries = stage.wait_for("second tries", lambda: self.bot.rows(
            "SELECT page, may_repeat FROM deliveries WHERE channel = 'slack' AND tries > 1 AND page <= ?", PAGES), 60)
        stage.wait_for("all", lambda: len(self.bot.rows(
            "SELECT 1 FROM deliveries WHERE channel = 'slack' AND tries > 1 AND page <= ?", PAGES)) == PAGES, 60)
        marked = self.bot.rows("SELECT page FROM deliveries WHERE channel = 'slack' AND may_repeat AND page <= ?",
                               PAGES)
        self.assertLessEqual(marked, [(1,)], tries)
        self.slack.no_faults()
        alone = self.direct(ALICE)

        def paged():
            return collections.Counter(
                int(number) for message in self.slack.get("messages", channel=alone, user=TOCSIN)
                for number in set(re.findall(r'"/incident ack INC-(\d+)"', json.dumps(message))))

        stage.wait_for("all pages", lambda: len(paged()) == PAGES, 90)
        stage.wait_for("an end", lambda: not self.bot.rows(
            "SELECT 1 FROM deliveries JOIN pages ON pages.id = page WHERE channel = 'slack' AND person = 'devops' "
            "AND deliveries.state < 2"), 60)
        self.assertEqual(paged(), dict.fromkeys(range(1, PAGES + 1), 1))


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Hanging))


if __name__ == "__main__":
    unittest.main(verbosity=2)
