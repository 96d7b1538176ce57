#!/usr/bin/python3
"""Bad weather at Slack: connections end in every way there is while people type, and the bot is killed in between. Each
command acts once and is answered once. `slack_storm.py DISCONNECTS` is the long form."""
import collections
import pathlib
import random
import re
import select
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import SlackScene
from slack import client

DISCONNECTS = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 30
RATE = 200  # commands a second
SEED = 20261126
AT_THE_INSTANT = 200  # milliseconds
ACTIONS = """
actions:
  - name: slow
    title: {zh-CN: 慢活, en: slow job}
    effect: change
    target: service:web
    steps: [{run: [./slow.sh]}]
    timeout: 1m
"""
# Ends of a connection: Slack's words, a close frame, a reset without a word, a close of TCP.
ENDS = [{"do": "disconnect", "reason": "warning", "after": 1.0}, {"do": "disconnect", "reason": "refresh_requested"},
        {"do": "disconnect", "reason": "something_new"}, {"do": "close", "code": 1001, "reason": "moving"},
        {"do": "cut"}, {"do": "cut", "reset": True}]


class Storm(SlackScene):
    def setUp(self):
        # What is not acknowledged in a second comes again at once, then after one, two, four: Slack's minutes, shorter.
        self.open(start=False, settings={"ack_seconds": 1.0, "redelivery_seconds": [0, 1, 4]},
                  options=["opens_per_minute: 1000", "own_channel: never"],
                  changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", ACTIONS)])
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\necho ran >> slow.ran\nexec sleep 20\n")
        script.chmod(0o755)
        self.bot.start()
        self.slack.wait("sockets", count=2, ready=True)
        opened = self.slack.command("alice", "open P3 storm", channel="ops")
        self.slack.answer(opened)

    def type_for(self, seconds):
        """Commands at RATE from a few hands; their interactions."""
        typed, hands, begun = [], 4, time.monotonic()

        def type_(hand):
            for number in range(hand, int(seconds * RATE), hands):
                late = begun + number / RATE - time.monotonic()
                if late > 0:
                    select.select([], [], [], late)
                typed.append((number, self.slack.command("alice", f"INC-1 word{number}", command="/note")["id"]))
        threads = [threading.Thread(target=type_, args=(hand,)) for hand in range(hands)]
        for thread in threads:
            thread.start()
        return typed, threads

    def check(self, typed, kills=()):
        """Each acted once, and its author saw one answer. Who typed while nobody was connected was told by Slack that
        it failed, and nothing happened. Whose answer was on its way at the instant of a kill saw Slack's time-out,
        nothing, or the same answer twice: at most one for each kill, as nothing can be said and be known to have been
        said at once. Returns how many typed while nobody was there, and how many saw no answer or two."""
        ids = {id for _, id in typed}

        def settled():
            # A failure that its author saw is not the end of it: Slack tries again.
            rows = {row["id"]: row for row in self.slack.get("interactions") if row["id"] in ids}
            left = [id for id, row in rows.items() if not row["answers"] and row["outcome"] != "dispatch_failed"]
            # Two seconds after Slack's last try nothing more comes.
            if len(left) > (len(kills) if time.monotonic() > begun + 8 else 0):
                select.select([], [], [], 0.3)
                return None
            return rows
        begun = time.monotonic()
        rows = stage.wait_for("all answers", settled, 30)
        notes = "\n".join(what for what, in self.bot.rows("SELECT what FROM timeline WHERE kind = 'note'"))
        seen = collections.Counter(re.findall(r"word\d+", notes))
        failed = {f"word{number}" for number, id in typed if rows[id]["outcome"] == "dispatch_failed"}
        self.assertEqual(failed & set(seen), set(), "said to have failed, and done")
        typed = [(number, id) for number, id in typed if f"word{number}" not in failed]
        lost = {f"word{number}": rows[id]["outcome"] for number, id in typed if f"word{number}" not in seen}
        self.assertEqual(lost, {}, "lost")
        self.assertEqual({word: count for word, count in seen.items() if count != 1}, {}, "acted other than once")
        odd = [rows[id] for _, id in typed if len(rows[id]["answers"]) != 1]
        self.assertLessEqual(len(odd), len(kills), f"answered other than once: {odd[:3]}")
        for row in odd:
            typed_at = int(row["trigger_id"].split(".")[1])
            self.assertTrue(any(0 <= kill - typed_at < AT_THE_INSTANT for kill in kills), f"{kills}: {row}")
        self.assertEqual({row["outcome"] for row in odd} - {"operation_timeout", "nothing"}, set())
        self.assertEqual(self.slack.get("bad_frames"), [])
        return len(failed), len(odd)

    def disconnect(self, chance, least=1):
        """One of at least so many that are ready: if the last one is cut without a word, nobody can be there."""
        ready = [each["id"] for each in self.slack.get("sockets", ready=True)]
        if len(ready) < least:
            return False
        end = dict(chance.choice(ENDS))
        if end.get("reason") == "warning":
            end["after"] = chance.choice([0.2, 1.0])
        try:
            self.slack.post("sockets", socket=chance.choice(ready), **end)
        except client.Refused:
            return False  # it went away by itself meanwhile
        return True

    def test_disconnects(self):
        chance = random.Random(SEED)
        seconds = DISCONNECTS / 10
        typed, threads = self.type_for(seconds)
        done, begun = 0, time.monotonic()
        while done < DISCONNECTS:
            select.select([], [], [], max(0, begun + done / 10 - time.monotonic()))
            done += self.disconnect(chance, least=2)
        for thread in threads:
            thread.join()
        self.assertEqual(self.check(typed), (0, 0), "at no moment nobody was there")
        # Those that were warned stay until their second has passed.
        stage.wait_for("no socket to be left over", lambda: len(self.slack.get("sockets", ready=True)) == 2)
        print(f"{done} disconnects, {len(typed)} commands, {len(typed) / (time.monotonic() - begun):.0f}/s", flush=True)

    def test_killed_in_between(self):
        # A job that takes time has begun: that it was cut off is reported, and it is not done again.
        self.slack.answer(self.slack.command("alice", "slow", command="/fix", channel="ops"))
        self.slack.answer(self.slack.command("alice", "", command="/run", channel="ops"))
        stage.wait_for("the job", (self.folder / "slow.ran").exists)
        chance = random.Random(SEED)
        kills, done, killed = max(3, DISCONNECTS // 20), 0, []
        typed, threads = self.type_for(DISCONNECTS / 10)
        for kill in range(1, kills + 1):
            while done < DISCONNECTS * kill // kills:
                select.select([], [], [], 0.1)
                done += self.disconnect(chance)
            killed.append(time.time() * 1000)
            self.bot.kill()
            self.bot.start()
        for thread in threads:
            thread.join()
        away, odd = self.check(typed, killed)
        self.assertEqual((self.folder / "slow.ran").read_text(), "ran\n", "the job ran once")
        stage.wait_for("the report of the interruption",
                       lambda: [row for row in self.slack.get("messages") + self.slack.get("ephemerals")
                                if "fix slow" in row.get("text", "") or "慢活" in row.get("text", "")
                                and "中断" in row.get("text", "")])
        print(f"{kills} kills, {done} disconnects, {len(typed)} commands, {away} of them while nobody was connected, "
              f"{odd} answered other than once", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
