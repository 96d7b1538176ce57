#!/usr/bin/python3
"""kill -9 at random instants of the main job: no page lost, a repeat only where the outcome was unknown and then
marked, timeline and audit whole, the database sound. `crashes.py [KILLS] [SEED]`."""
import pathlib
import random
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20261123
ACCEPTED = 2  # DeliveryState::accepted
MARK = "可能重复"


def rows(folder, sql):
    with sqlite3.connect(f"file:{folder}/tocsin.db?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def check(folder, mail, bot):
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)], "integrity_check"
    assert rows(folder, "PRAGMA foreign_key_check") == [], "foreign_key_check"
    verify = bot.tocsin("audit", "verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
    timelines = "SELECT incident, count(*), max(sequence) FROM timeline GROUP BY incident"
    for incident, count, last in rows(folder, timelines):
        assert count == last, f"timeline of {incident} has gaps"
    doubled = rows(folder, "SELECT incident, arming, step, occurrence, person, count(*) AS n FROM pages "
                           "GROUP BY 1, 2, 3, 4, 5 HAVING n > 1")
    assert doubled == [], doubled
    # What the server took, by the identity of the page: the first one bare, each further one marked.
    seen = {}
    for each in mail.mails():
        seen.setdefault(each["message_id"].strip("<>"), []).append(each["subject"])
    repeats = 0
    for identity, subjects in seen.items():
        for subject in subjects[1:]:
            repeats += 1
            assert MARK in subject, f"{identity} came {len(subjects)} times, unmarked: {subjects}"
    # Nothing lost: what is stored as accepted did arrive.
    accepted = f"SELECT page, position FROM deliveries WHERE channel = 'email' AND state = {ACCEPTED}"
    for page, position in rows(folder, accepted):
        assert any(identity.startswith(f"page-{page}-{position}@") for identity in seen), f"page {page} was lost"
    return len(seen), repeats


def main():
    chance = random.Random(SEED)
    with stage.scratch() as name:
        folder = pathlib.Path(name)
        mail = stage.MailServer(folder)
        bot = stage.Bot(folder, mail.port, rate=120)
        kills = opened = 0
        try:
            # The server takes its time over the final dot, so that kills fall between hand-over and verdict, too.
            mail.fault({"at": "dot", "do": "wait", "delay_ms": 150, "times": -1})
            bot.start()
            while kills < KILLS:
                opened += 1
                bot.say(f"新建 P{chance.randrange(2)} 第 {opened} 次演习前的故障")
                for _ in range(chance.randrange(5, 15)):
                    # Around 2.5 s, one response target, there is most to lose.
                    stage.select.select([], [], [], chance.random() * chance.random() * 2.0)
                    if chance.random() < 0.05:
                        bot.say(f"认领 INC-{opened}", who="lead", expect=None)
                    if chance.random() < 0.2:
                        bot.say(f"备注 INC-{opened} 第 {kills} 次", expect=None)
                    bot.kill()
                    kills += 1
                    bot.start()
                    if kills >= KILLS:
                        break
                bot.say(f"解决 INC-{opened}", who="lead", expect=None)
            settled = "SELECT count(*) FROM deliveries WHERE state < 2 AND channel = 'email'"
            stage.wait_for("the last pages", lambda: rows(folder, settled) == [(0,)], 60)
            pages, repeats = check(folder, mail, bot)
            lapses = rows(folder, "SELECT count(*) FROM timeline WHERE kind = 'lapse'")[0][0]
            print(f"{kills} kills, {opened} incidents, {lapses} lapses, {pages} pages by mail, "
                  f"{repeats} marked repeats, seed {SEED}")
        except BaseException:
            print(f"seed {SEED}, after {kills} kills", file=sys.stderr)
            raise
        finally:
            bot.stop()
            mail.stop()


if __name__ == "__main__":
    main()
