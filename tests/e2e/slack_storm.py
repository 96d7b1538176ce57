#!/usr/bin/python3
"""Bad weather at Slack: connections end in every way there is while people type, and the bot is killed in between. Each
command acts once and is answered once. `slack_storm.py DISCONNECTS` is the long form."""
import base64
import collections
import pathlib
import random
import re
import select
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import ALICE, SlackScene
from slack import client

DISCONNECTS = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 200
RATE = 40 if stage.SANITIZED else 200  # commands a second; more would be another test, of a bot that can't keep up
SEED = 20261126
AT_THE_INSTANT = 200  # milliseconds
GAP = 500  # milliseconds until somebody is connected again
FAST = 1200  # the bot's clock: a minute of it is a twentieth of a second
ACTIONS = """
actions:
  - name: slow
    title: {zh-CN: 慢活, en: slow job}
    effect: change
    target: service:web
    steps: [{run: [./slow.sh]}]
    timeout: 1m
"""
# Ends of a connection: Slack's words, also instead of a greeting for its successor; a close frame, a close of TCP, a
# reset, a frame that announces more than anybody reads.
ENDS = [{"do": "disconnect", "reason": "warning", "after": 1.0},
        {"do": "disconnect", "reason": "warning", "after": 0.2},
        {"do": "disconnect", "reason": "refresh_requested"}, {"do": "disconnect", "reason": "something_new"},
        {"do": "disconnect", "reason": "refresh_requested", "hello": "refresh_requested"},
        {"do": "close", "code": 1001, "reason": "moving"}, {"do": "cut"}, {"do": "cut", "reset": True},
        {"do": "cut", "hello": "warning"},
        {"do": "send", "raw": base64.b64encode(b"\x81\x7f" + (1 << 40).to_bytes(8, "big")).decode()}]
# After these the bot rests, for minutes of its clock.
RESTING = [{"do": "disconnect", "reason": "too_many_websockets"}, {"do": "disconnect", "reason": "link_disabled"}]
# The network goes, and nobody sees it. Rare: what Slack tries four times in vain is lost.
HALF_OPEN = {"do": "freeze", "cut_after": 0.3}
RARELY = 50


def typed_at(interaction):
    """In milliseconds: Slack's fake writes it into the trigger."""
    return int(interaction["trigger_id"].split(".")[1])


class Storm(SlackScene):
    def begin(self, rate=1):
        self.unread = set()  # sockets that took what nobody read any more
        # What is not acknowledged in a second comes again at once, then after one, two, four: Slack's minutes, shorter.
        self.open(start=False, settings={"ack_seconds": 1.0, "redelivery_seconds": [0, 1, 4]}, rate=rate,
                  options=["opens_per_minute: 1000", "own_channel: never"],
                  changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", ACTIONS)])
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\necho ran >> slow.ran\nexec sleep 20\n")
        script.chmod(0o755)
        self.bot.start()
        self.slack.wait("sockets", count=2, ready=True)

    def type_on(self):
        """Commands at RATE from a few hands; their interactions, and what makes an end of it."""
        return self.type_by_hands(RATE, lambda number: (
            number, self.slack.command("alice", f"note INC-1 word{number}")["id"]))

    def taken_again(self):
        """What first went where nobody read it is acknowledged once it comes again; of that its author sees nothing."""
        there = [row["envelope_id"] for row in self.slack.get("envelopes", type="slash_commands")
                 if row["sendings"] and row["sendings"][0]["socket"] in self.unread]
        return {id for id in there if self.slack.wait("acks", envelope_id=id, state="ok")[0]["attempt"] > 0}

    def check(self, typed, kills=(), cuts=None):
        """Each acted once, and its author saw one answer. Who typed while nobody was connected (after one of the
        `cuts`, if they are given, and shortly) was told by Slack that it failed, and nothing happened. Who typed into a
        connection that nobody read any more saw Slack's time-out, and it was done when it came again. Whose answer was
        on its way at the instant of a kill saw Slack's time-out, nothing, or the same answer twice: at most one for
        each kill, as nothing can be said and be known to have been said at once. Returns how many typed while nobody
        was there, and how many saw no answer or two."""
        ids, again = {id for _, id in typed}, self.taken_again()

        def settled():
            # A failure that its author saw is not the end of it: Slack tries again.
            rows = {row["id"]: row for row in self.slack.get("interactions") if row["id"] in ids}
            left = [id for id, row in rows.items() if not row["answers"] and row["outcome"] != "dispatch_failed"
                    and row["envelope_id"] not in again]
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
        for at in [typed_at(rows[id]) for number, id in typed if f"word{number}" in failed]:
            self.assertTrue(cuts is None or any(0 <= at - cut < GAP for cut in cuts), f"{cuts}: {at}")
        typed = [(number, id) for number, id in typed if f"word{number}" not in failed]
        lost = {f"word{number}": rows[id]["outcome"] for number, id in typed if f"word{number}" not in seen}
        self.assertEqual(lost, {}, "lost")
        self.assertEqual({word: count for word, count in seen.items() if count != 1}, {}, "acted other than once")
        odd = [rows[id] for _, id in typed if len(rows[id]["answers"]) != 1 and rows[id]["envelope_id"] not in again]
        self.assertLessEqual(len(odd), len(kills), f"answered other than once: {odd[:3]}")
        for row in odd:
            self.assertTrue(any(0 <= kill - typed_at(row) < AT_THE_INSTANT for kill in kills), f"{kills}: {row}")
        self.assertEqual({row["outcome"] for row in odd} - {"operation_timeout", "nothing"}, set())
        self.assertEqual(self.slack.get("bad_frames"), [])
        return len(failed), len(odd)

    def ready(self):
        return self.slack.get("sockets", ready=True)

    def well(self):
        """Both that the bot wants have brought something, and neither was asked to leave."""
        return len([each for each in self.ready() if each["envelopes"] and each["disconnect"] is None]) >= 2

    def disconnect(self, end, chance):
        """One of those that are ready: if the last one is cut without a word, nobody can be there."""
        how = {name: value for name, value in end.items() if name != "hello"}

        def disconnected():
            ready = [each["id"] for each in self.ready()]
            try:
                return ready and self.slack.post("sockets", socket=chance.choice(ready), **how)
            except client.Refused:
                return None  # it went away by itself meanwhile
        if "hello" in end:
            self.slack.fault("hello", "disconnect", reason=end["hello"])
        socket = stage.wait_for("a connection", disconnected)["sockets"][0]
        if end["do"] in ("freeze", "send"):
            # Slack takes it for a good one until it sees its end.
            self.unread.add(socket)
            stage.wait_for("its end", lambda: self.slack.get("sockets", id=socket, state="closed"))

    def test_disconnects(self):
        self.begin(rate=FAST)
        for line in ("/incident open P3 storm", "/ack INC-1"):  # no card, no page: that clock is too fast for them
            self.bot.say(line)
        chance = random.Random(SEED)
        typed, stop = self.type_on()
        begun, cuts = time.monotonic(), []
        for number in range(1, DISCONNECTS + 1):
            select.select([], [], [], max(0, begun + number / 10 - time.monotonic()))
            stage.wait_for("both connections", self.well)
            self.disconnect(chance.choice(ENDS + RESTING), chance)
            if number % RARELY == RARELY // 2:
                stage.wait_for("both connections", self.well)
                self.disconnect(HALF_OPEN, chance)
            elif number % RARELY == 0:
                # Both at once: for a moment nobody is there.
                stage.wait_for("both connections", self.well)
                cuts.append(time.time() * 1000)
                self.slack.post("sockets", socket="all", do="cut", reset=True)
        stop()
        rate = len(typed) / (time.monotonic() - begun)
        away, _ = self.check(typed, cuts=cuts)
        # Those that were warned stay until their second has passed.
        stage.wait_for("no socket to be left over", lambda: len(self.ready()) == 2)
        print(f"{DISCONNECTS} disconnects, {len(typed)} commands, {rate:.0f}/s, "
              f"{away} of them while nobody was connected", flush=True)

    def test_killed_in_between(self):
        self.begin()
        self.slack.answer(self.slack.command("alice", "open P3 storm", channel="ops"))
        # A job that takes time has begun: that it was cut off is reported, and it is not done again.
        self.slack.answer(self.slack.command("alice", "slow", command="/fix", channel="ops"))
        self.slack.answer(self.slack.command("alice", "", command="/run", channel="ops"))
        stage.wait_for("the job", (self.folder / "slow.ran").exists)
        chance = random.Random(SEED)
        kills, done, killed = max(3, DISCONNECTS // 20), 0, []
        typed, stop = self.type_on()
        for kill in range(1, kills + 1):
            while done < DISCONNECTS * kill // kills:
                select.select([], [], [], 0.1)
                self.disconnect(chance.choice(ENDS), chance)
                done += 1
            killed.append(time.time() * 1000)
            self.bot.kill()
            self.bot.start()
        stop()
        away, odd = self.check(typed, kills=killed)
        self.check_interrupted()
        print(f"{kills} kills, {done} disconnects, {len(typed)} commands, {away} of them while nobody was connected, "
              f"{odd} answered other than once", flush=True)

    def check_interrupted(self):
        """The job ran once, and that it was cut off and may have had an effect is said: to whoever had it run, where
        they had, and once more by direct message, and on the timeline."""
        self.assertEqual((self.folder / "slow.ran").read_text(), "ran\n", "the job ran once")
        self.assertEqual(self.bot.rows("SELECT state FROM runs"), [("interrupted",)])
        self.slack.wait("messages", channel=self.direct(ALICE), contains="中断:slow(service:web)")
        told = [each["text"] for each in self.slack.get("messages", contains="中断:slow")]
        asked = [each["text"] for each in self.slack.wait("ephemerals", seen_by=ALICE, contains="可能已执行:/run")]
        self.assertEqual(len(told), 1, told)
        for words in told + asked:
            self.assertIn("先查做到哪一步", words)
        noted = self.bot.rows("SELECT what FROM timeline WHERE what LIKE '%timeline.run_interrupted%'")
        self.assertEqual(len(noted), 1, noted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
