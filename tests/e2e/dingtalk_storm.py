#!/usr/bin/python3
"""Bad weather at DingTalk: connections end in every way there is while people type, what they typed comes again,
webhooks and tickets are too old, calls are throttled or say with an HTTP 200 that they failed, and the bot is killed in
between. Each command acts once and is answered once. `dingtalk_storm.py 30` is the short form."""
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
from dingtalk_scene import OPEN, SOCKETS, TO_GROUP, TO_PEOPLE, TOKEN, DingTalkScene

DISCONNECTS = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 200
RATE = 40  # commands a second that are typed,
LOAD = 100  # and as many of the load mode beside them
SEED = 20261128
FAST = 600  # the bot's clock: a minute of it is a tenth of a second
LONG_AGO = 3 * 24 * 3600  # seconds by which it starts behind DingTalk's, so that nothing typed is ever old to it
LATE = 1000  # milliseconds for an acknowledgement
# DingTalk's words with and without the end of TCP; a close frame, a close of TCP, a reset, one without the frame that
# announces it, one that welcomes nobody, a frame that announces more than anybody reads.
ENDS = [{"do": "disconnect", "reason": "connection is expired", "after": 1.0},
        {"do": "disconnect", "reason": "persistent connection is timeout", "after": 0.1},
        {"do": "disconnect", "reason": "a reason of tomorrow", "after": 0.0},
        {"do": "disconnect", "reason": "connection is expired", "after": 0.1, "at": "disconnect", "act": "withhold"},
        {"do": "close", "code": 1001}, {"do": "close", "code": 1011}, {"do": "cut"}, {"do": "cut", "reset": True},
        {"do": "cut", "at": "welcome", "act": "cut"}, {"do": "cut", "at": "welcome", "act": "disconnect"},
        {"do": "send", "raw": base64.b64encode(b"\x81\x7f" + (1 << 40).to_bytes(8, "big")).decode()}]
# The network goes, and nobody sees it.
HALF_OPEN = {"do": "freeze", "cut_after": 0.3}
RARELY = 25
# What else is wrong meanwhile. Nothing of it does what it says it did not.
WEATHER = [("hooks", {"do": "refuse", "refusal": "session_gone", "times": 3}),
           ("hooks", {"do": "refuse", "refusal": "too_fast"}), ("hooks", {"do": "refuse", "refusal": "busy"}),
           (TO_PEOPLE, {"do": "refuse", "refusal": "qps"}), (TO_PEOPLE, {"do": "refuse", "refusal": "busy"}),
           (TO_GROUP, {"do": "refuse", "refusal": "qps429"}), (TOKEN, {"do": "refuse", "refusal": "qps"}),
           (OPEN, {"do": "refuse", "refusal": "busy"}), (OPEN, {"do": "html"}), (OPEN, {"do": "cut"}),
           ("handshake", {"do": "status", "status": 503}),
           ("frame", {"do": "repeat", "copies": 2, "match": {"kind": "message"}, "times": 3}),
           ("frame", {"do": "repeat", "copies": 2, "match": {"kind": "message"}, "same_id": True}),
           ("frame", {"do": "hold_back", "behind": 3, "match": {"kind": "message"}}),
           ("frame", {"do": "lose", "match": {"kind": "message", "attempt": 0}}),
           ("frame", {"do": "cut_after", "match": {"kind": "message"}})]
WORD = re.compile(r"(?<![0-9A-Za-z])(?:word|load)\d+(?![0-9A-Za-z])")


class Storm(DingTalkScene):
    def begin(self, rate=1):
        """What is not acknowledged comes again: DingTalk's 16 and 60 seconds, shorter and more often, so that nothing
        is lost but by the bot."""
        origin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - (LONG_AGO if rate > 1 else 0)))
        self.open(start=False, rate=rate, options=["opens_per_minute: 1000", "silence: 10m"], origin=origin,
                  settings={"message_again_seconds": [0.5, 1.0] + [2.0] * 10, "ping_seconds": 0.05,
                            "missed_pings": 200})
        self.bot.start()
        self.connected()
        # By clocks that differ nobody can be in step: the bot's is behind, whatever is typed.
        self.in_step = lambda: None
        self.bot.say("/incident open P3 storm")
        self.bot.say("/ack INC-1")

    def type_on(self):
        """Commands at RATE from a few hands, alone with the robot and in the group; (word, interaction) of each, and
        what makes an end of it. Half of them act, and half are answered with their own word."""
        def type_one(number):
            line = f"/note INC-1 -- word{number}" if number % 2 else f"ping word{number}"
            said = self.direct("alice", line) if number % 4 < 3 else self.say("alice", line)
            return number, said["id"]

        return self.type_by_hands(RATE, type_one)

    def noted(self):
        """How often each word acted."""
        notes = "\n".join(what for what, in self.bot.rows("SELECT what FROM timeline WHERE kind = 'note'"))
        return collections.Counter(WORD.findall(notes))

    def told(self):
        """How often each word was answered, and how many notes."""
        texts = [each["text"] for each in self.ding.get("said") if each["group"] in ("alice", "ops")]
        return (collections.Counter(word for text in texts for word in WORD.findall(text)),
                sum(text.count("记入 INC-1") for text in texts))

    def check(self, typed, kills=0):
        """Each acted once, and its author saw one answer. Whose answer was on its way at the instant of a kill may have
        seen none or two, at most one for each kill."""
        notes = {f"word{number}" for number, _ in typed if number % 2}
        pings = {f"word{number}" for number, _ in typed if number % 2 == 0}

        def settled():
            noted, (told, answered) = self.noted(), self.told()
            missing = len(notes - set(noted)) + max(0, len(notes) - answered) + len(pings - set(told))
            if missing <= (kills if time.monotonic() > begun + 20 else 0):
                return noted, told, answered
            select.select([], [], [], 0.3)
            return None
        begun = time.monotonic()
        try:
            stage.wait_for("all of it", settled, 60)
        except AssertionError:
            pass  # what is missing is named below
        for gesture in (self.ping("over"), self.ping("over-alone", group=None)):
            self.fence(gesture)
        noted, (told, answered) = self.noted(), self.told()
        acted = {word: noted[word] for word in notes if noted[word] != 1}
        self.assertEqual(acted, {}, "acted other than once")
        odd = {word: told[word] for word in pings if told[word] != 1}
        self.assertLessEqual(len(odd) + abs(answered - len(notes)), kills, f"answered other than once: {odd}, "
                             f"and {answered} answers to {len(notes)} notes")
        self.assertEqual(set(noted) - notes - {word for word in noted if word.startswith("load")}, set())
        self.assertEqual(self.pushes_lost(), [])
        self.assertEqual(self.ding.get("bad_frames"), [])
        self.assertEqual([row for row in self.ding.get("acks") if row["problems"]], [])
        self.assertEqual(self.ding.get("acks", state="other_connection"), [])

    def check_load(self, load):
        """Of the load nothing comes again: what went with its connection is gone. What was acknowledged acted, and
        nothing acted or was answered twice."""
        seen = {word: count for word, count in self.noted().items() if word.startswith("load")}
        self.assertEqual({word: count for word, count in seen.items() if count != 1}, {}, "acted other than once")
        self.assertGreaterEqual(len(seen), load["acked"], f"acknowledged and not done: {load}")
        self.assertGreater(load["acked"], load["sent"] * 0.8, load)
        self.assertEqual((load["not_200"], load["duplicate"]), (0, 0), load)
        self.assertLess(load["latency_ms"]["p99"], LATE, load)

        def answers():
            """By the webhook, and by the other way."""
            others = sum(each["text"].count("记入 INC-1") for each in self.ding.get("said", group="bob"))
            return self.ding.get("loads")[0]["answers"] + others

        stage.wait_for("the load's answers", lambda: answers() >= len(seen), 120)
        self.fence(self.ping("over-alone", "bob", None))
        self.assertEqual(answers(), len(seen), "answered other than once")

    def well(self):
        """All that the bot wants are there, and none was asked to leave."""
        return self.staying() if len(self.staying()) >= SOCKETS else None

    def disconnect(self, end, chance):
        how = {name: value for name, value in end.items() if name not in ("at", "act")}
        if "at" in end:
            self.ding.fault(end["at"], end["act"])
        for _ in range(100):
            there = stage.wait_for("a connection", self.staying)
            if self.cut(chance.choice(there), **how):
                return
        raise AssertionError("no connection stays for a moment")

    def worsen(self, chance):
        """One more thing goes wrong, or all webhooks and unused tickets are suddenly too old, or something that was
        acknowledged long ago comes again with a new messageId."""
        what = chance.randrange(len(WEATHER) + 4)
        if what < len(WEATHER):
            at, rule = WEATHER[what]
            self.ding.fault(at, **rule)
        elif what == len(WEATHER):
            self.ding.post("sessions")
        elif what == len(WEATHER) + 1:
            self.ding.post("tickets")
        else:
            acked = [row["id"] for row in self.ding.get("pushes", state="acked")]
            if acked:
                self.ding.post("pushes/repeat", id=chance.choice(acked), same_id=what == len(WEATHER) + 2)

    def test_disconnects(self):
        self.begin(rate=FAST)
        chance = random.Random(SEED)
        # About as long as the storm: what it sends when that is over counts as well.
        started = self.ding.post("load", count=max(200, DISCONNECTS * LOAD // 10), rate=LOAD,
                                 text="/note INC-1 -- load{n}", users=["bob"], answer="记入 INC-1")
        typed, stop = self.type_on()
        begun = time.monotonic()
        for number in range(1, DISCONNECTS + 1):
            select.select([], [], [], max(0, begun + number / 10 - time.monotonic()))
            stage.wait_for("all connections", self.well)
            self.disconnect(chance.choice(ENDS), chance)
            self.worsen(chance)
            if number % RARELY == RARELY // 2:
                stage.wait_for("all connections", self.well)
                self.disconnect(HALF_OPEN, chance)
            elif number % RARELY == 0:
                # All at once: for a moment nobody is there.
                stage.wait_for("all connections", self.well)
                self.cut("all", reset=True)
        stop()
        rate = len(typed) / (time.monotonic() - begun)
        self.ding.no_faults()
        load = self.ding.wait("loads", timeout=100, id=started["id"], state="done")[0]
        self.check(typed)
        self.check_load(load)
        stage.wait_for("no connection to be left over", lambda: len(self.staying()) == SOCKETS == self.connections_to(
            self.ding.ready["ports"]["gateway"]))
        print(f"{DISCONNECTS} disconnects, {len(typed)} commands, {rate:.0f}/s, beside a load of {load['sent']}, "
              f"{load['acked']} of it acknowledged", flush=True)

    def test_killed_in_between(self):
        self.begin()
        chance = random.Random(SEED)
        kills, done = max(3, DISCONNECTS // 40), 0
        typed, stop = self.type_on()
        for kill in range(1, kills + 1):
            while done < kills * 4 * kill // kills:
                select.select([], [], [], 0.1)
                self.disconnect(chance.choice(ENDS), chance)
                done += 1
            self.bot.kill()
            self.bot.start()
            self.connected()
        stop()
        self.ding.no_faults()
        self.check(typed, kills=kills)
        print(f"{kills} kills, {done} disconnects, {len(typed)} commands", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
