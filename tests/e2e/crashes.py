#!/usr/bin/python3
"""kill -9 at random instants of the main job: no page lost, a repeat only where the outcome was unknown and then
marked, timeline and audit whole, the database sound. `crashes.py [KILLS] [SEED]`.

What is due is worked out here, by plain arithmetic on the start of each incident, the manual's targets and its chain,
and compared row by row with what the bot stored and the mail server took."""
import collections
import pathlib
import random
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20261123
RATE = 120  # one real second is two minutes of the bot's clock
ACCEPTED = 2  # DeliveryState::accepted
MARK = "可能重复"
MINUTE = 60_000  # milliseconds of the bot's clock
# Real milliseconds: for the bot to notice what has become due, and for a verdict to be stored after it was given.
NOTICE = 400

# The manual: response and recovery target, and who is paged when. `until` is the clock whose answer ends the step.
TARGETS = {0: (5 * MINUTE, 30 * MINUTE), 1: (15 * MINUTE, 120 * MINUTE)}
REPEAT = 5 * MINUTE  # of step 1
CHAIN = {  # step: (clock, share of its target, people, until)
    1: ("response", 0.0, ["devops"], "response"),
    2: ("response", 1.0, ["lead"], "response"),
    3: ("response", 2.0, ["chief"], "response"),
    4: ("recovery", 0.8, ["lead"], "recovery"),
    5: ("recovery", 1.0, ["lead", "chief"], "recovery"),
}

Incident = collections.namedtuple("Incident", "id severity start response recovery")


def rows(folder, sql):
    with sqlite3.connect(f"file:{folder}/tocsin.db?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


class Clock:
    """The bot's clock as seen from outside."""

    def __init__(self, bot):
        facts = dict(part.split("=") for part in bot.clock.split(","))
        self.epoch = int(facts["epoch"])
        self.origin = None

    def learn(self, started, real_ms):
        """From one incident: opened at `started` (bot), typed at `real_ms`."""
        self.origin = started - (real_ms - self.epoch) * RATE

    def bot_ms(self, real_ms):
        return self.origin + (real_ms - self.epoch) * RATE


def incidents_of(folder):
    sql = "SELECT id, severity, started_at, response_met_at, recovery_met_at, round, arming, pauses FROM incidents"
    found = []
    for number, severity, start, response, recovery, around, arming, pauses in rows(folder, sql):
        assert (around, arming, pauses) == (1, 1, 0), "nobody reopened, changed or paused anything here"
        assert response is not None and recovery is not None, f"INC-{number} is still open"
        found.append(Incident(number, severity, start, response, recovery))
    return found


def due_instant(incident, step, occurrence=0):
    clock, share, _, _ = CHAIN[step]
    target = TARGETS[incident.severity][0 if clock == "response" else 1]
    return incident.start + int(target * share) + occurrence * REPEAT


def check_pages(folder, incidents, down):
    """Each step that came due before its clock was answered has exactly one page row for each person, due on its
    instant; no other step has any. `down`: when the bot was not there, on its own clock."""
    stored = collections.Counter()
    for row in rows(folder, "SELECT incident, step, occurrence, person, due FROM pages WHERE step BETWEEN 1 AND 5"):
        stored[row] += 1
    expected = missed = 0
    for incident in incidents:
        for step, (_, _, people, until) in CHAIN.items():
            answered = incident.response if until == "response" else incident.recovery
            occurrence = 0
            while due_instant(incident, step, occurrence) <= answered:
                due = due_instant(incident, step, occurrence)
                after = min(due_instant(incident, step, occurrence + 1), answered)
                # Repeats that were slept through are not made up for, but for the last one.
                slept = occurrence > 0 and any(since <= due + NOTICE * RATE and until >= after - NOTICE * RATE
                                               for since, until in down)
                for person in people:
                    row = (incident.id, step, occurrence, person, due)
                    count = stored.pop(row, 0)
                    assert count == 1 or (count == 0 and slept), f"{row}: {count} rows"
                    expected += 1
                    missed += count == 0
                if step != 1:
                    break
                occurrence += 1
    assert not stored, f"pages that were not due: {dict(stored)}"
    return expected, missed


def check_timeline(folder, incidents):
    """Every lapse once, none that did not happen, no gap in the numbers."""
    for incident, count, last in rows(folder, "SELECT incident, count(*), max(sequence) FROM timeline GROUP BY 1"):
        assert count == last, f"timeline of {incident} has gaps"
    lapses = 0
    for incident in incidents:
        for clock, met in (("response", incident.response), ("recovery", incident.recovery)):
            target = TARGETS[incident.severity][0 if clock == "response" else 1]
            sql = (f"SELECT happened FROM timeline WHERE incident = {incident.id} AND kind = 'lapse' "
                   f"AND what LIKE '%timeline.{clock}_lapsed%'")
            due = incident.start + target
            assert rows(folder, sql) == ([(due,)] if due <= met else []), f"{clock} lapse of INC-{incident.id}"
            lapses += due <= met
    return lapses


def check_mails(folder, mail, kills):
    """The first of each page is bare or marked, each further one marked, and between two there was a kill."""
    seen = {}
    for each in mail.mails():
        seen.setdefault(each["message_id"].strip("<>"), []).append(each)
    may_repeat = {(page, position): flag for page, position, flag in
                  rows(folder, "SELECT page, position, may_repeat FROM deliveries")}
    repeats = 0
    for identity, copies in seen.items():
        page, position = (int(part) for part in identity.split("@")[0].split("-")[1:3])
        for before, after in zip(copies, copies[1:]):
            repeats += 1
            assert MARK in after["subject"], f"{identity} came {len(copies)} times, unmarked: {after['subject']}"
            unknown = [at for at in kills if before["at"] - NOTICE <= at <= after["at"]]
            assert unknown, f"{identity} was repeated although nothing had been lost"
        if any(MARK in each["subject"] for each in copies):
            assert may_repeat[page, position] == 1, f"{identity} is marked for no reason"
    # Nothing lost: what is stored as accepted did arrive, and nobody was left without any channel.
    accepted = f"SELECT page, position FROM deliveries WHERE channel = 'email' AND state = {ACCEPTED}"
    for page, position in rows(folder, accepted):
        assert any(identity.startswith(f"page-{page}-{position}@") for identity in seen), f"page {page} was lost"
    # PageState: accepted 2, acknowledged 5, superseded 7; folded pages have no delivery of their own.
    lost = ("SELECT id, state FROM pages WHERE state NOT IN (2, 5, 7) AND EXISTS "
            "(SELECT 1 FROM deliveries WHERE page = pages.id)")
    assert rows(folder, lost) == [], "pages that reached nobody"
    return len(seen), repeats


def check(folder, mail, bot, clock, kills, gaps):
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)], "integrity_check"
    assert rows(folder, "PRAGMA foreign_key_check") == [], "foreign_key_check"
    verify = bot.tocsin("audit", "verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
    down = [(clock.bot_ms(since), clock.bot_ms(until)) for since, until in gaps]
    incidents = incidents_of(folder)
    expected, missed = check_pages(folder, incidents, down)
    lapses = check_timeline(folder, incidents)
    mails, repeats = check_mails(folder, mail, kills)
    return (f"{len(incidents)} incidents, {lapses} lapses, {expected} pages due ({missed} repeats slept through), "
            f"{mails} by mail, {repeats} marked repeats")


def now_ms():
    return time.time() * 1000


def main():
    chance = random.Random(SEED)
    with stage.scratch() as name:
        folder = pathlib.Path(name)
        mail = stage.MailServer(folder)
        bot = stage.Bot(folder, mail.port, rate=RATE)
        clock = Clock(bot)
        kills, gaps = [], []
        opened = 0

        def kill_and_start():
            since = now_ms()
            bot.kill()
            kills.append(since)
            # Some die again before they are ready, while they sort out what was left.
            while chance.random() < 0.15 and len(kills) < KILLS:
                bot.spawn()
                stage.select.select([], [], [], chance.random() * 0.15)
                kills.append(now_ms())
                bot.kill()
            bot.start()
            gaps.append((since, now_ms()))

        try:
            # The server takes its time over the final dot, so that kills fall between hand-over and verdict, too.
            mail.fault({"at": "dot", "do": "wait", "delay_ms": 150, "times": -1})
            bot.start()
            while len(kills) < KILLS:
                opened += 1
                typed = now_ms()
                bot.say(f"新建 P{chance.randrange(2)} 第 {opened} 次演习前的故障")
                if clock.origin is None:
                    clock.learn(rows(folder, "SELECT min(opened_at) FROM incidents")[0][0], typed)
                for _ in range(chance.randrange(5, 15)):
                    # Around 2.5 s, one response target, there is most to lose.
                    stage.select.select([], [], [], chance.random() * chance.random() * 2.0)
                    if chance.random() < 0.05:
                        bot.say(f"认领 INC-{opened}", who="lead", expect=None)
                    if chance.random() < 0.2:
                        bot.say(f"备注 INC-{opened} 第 {len(kills)} 次", expect=None)
                    kill_and_start()
                    if len(kills) >= KILLS:
                        break
                bot.say(f"解决 INC-{opened}", who="lead")
            settled = "SELECT count(*) FROM deliveries WHERE state < 2"
            stage.wait_for("the last pages", lambda: rows(folder, settled) == [(0,)], 60)
            print(f"{len(kills)} kills: {check(folder, mail, bot, clock, kills, gaps)}, seed {SEED}")
        except BaseException:
            print(f"seed {SEED}, after {len(kills)} kills", file=sys.stderr)
            raise
        finally:
            bot.stop()
            mail.stop()


if __name__ == "__main__":
    main()
