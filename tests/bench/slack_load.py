#!/usr/bin/python3
"""From the envelope to its acknowledgement, as the fake Slack measures it: at 500 commands a second beside a bare
commit of SQLite, at the highest rate that is sustained, and what the bot keeps in memory after many; how soon it is
connected, and again. Real bot, real store, TLS. `slack_load.py [COMMANDS]`."""
import contextlib
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import bot as stage
import slack_stage

COMMANDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
RATES = [1000, 2000, 3000, 4000, 5000, 6000, 8000, 12_000, 16_000, 24_000, 32_000]
KEEPS = 20.0  # milliseconds: a rate is sustained while its p99 stays below
NOTE = {"command": "/incident", "channel": "ops"}
PARTS = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def resident(pid):
    """MiB of this process alone, as the design counts it."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/smaps_rollup").read().splitlines()[1:])
    return (int(fields["Private_Dirty"].split()[0]) + int(fields["Private_Clean"].split()[0])) / 1024


def now():
    return time.time() * 1000


def ready(slack):
    return stage.wait_for("two sockets", lambda: len(rows := slack.get("sockets", ready=True)) == 2 and rows)


def started(bot, slack):
    """Milliseconds from its start, with what it had stored, until a first connection is there."""
    bot.stop()
    stage.wait_for("an end", lambda: not slack.get("sockets", ready=True))
    before = {row["id"] for row in slack.get("sockets")}
    begun = now()
    bot.start()
    return min(row["opened_at"] for row in ready(slack) if row["id"] not in before) - begun


def reset(slack):
    """Milliseconds from the reset of a connection until its successor is there, by its first try: who is cut off again
    and again waits longer each time."""
    victim, other = (row["id"] for row in ready(slack))
    slack.post("sockets", socket=victim, do="cut", reset=True)
    lost = now()
    return stage.wait_for("a new one", lambda: [row for row in slack.get("sockets", ready=True)
                                                if row["id"] not in (victim, other)])[0]["opened_at"] - lost


def refreshes(slack, count=20):
    """Both connections are asked to leave in turns while commands come at 500/s."""
    running = slack.post("load", count=250 * count, rate=500, **NOTE, text="note INC-1 r{n}")
    for _ in range(count):
        slack.post("sockets", socket=ready(slack)[0]["id"], do="disconnect", reason="refresh_requested")
        time.sleep(0.4)
    return slack.wait("loads", timeout=60, id=running["id"], state="done")[0]


class Bare:
    """One row of the inbox and its commit, by SQLite alone, with the store's settings and on its disk."""

    def __init__(self, bot):
        self.database = sqlite3.connect(bot.folder / "bare.db", isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + ";".join(
            sql for sql, in bot.rows("SELECT sql FROM sqlite_master WHERE tbl_name = 'inbox' AND sql <> ''")))
        self.times = []

    def commit(self, count=5000):
        """At 500/s."""
        begun = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begun + number / 500 - time.monotonic()))
            at = time.monotonic()
            self.database.execute("BEGIN IMMEDIATE")
            self.database.execute("INSERT INTO inbox (platform, id, person, at, state, text, room, answer) VALUES "
                                  "('slack', ?, 'devops', 1795403400000, 2, '/incident note INC-1 n', ?, ?)",
                                  (str(len(self.times)), "r" * 90, "a" * 130))
            self.database.execute("COMMIT")
            self.times.append((time.monotonic() - at) * 1000)

    def percentiles(self):
        times = sorted(self.times)
        return {name: round(times[int(part * len(times))], 3) for name, part in PARTS.items()}


@contextlib.contextmanager
def together():
    """A new bot beside a new fake, with one open incident."""
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir="/tmp") as name:
        folder = pathlib.Path(name)
        made = slack_stage.certificates(folder)
        mail = stage.MailServer(folder)
        slack = slack_stage.SlackServer("--cert", str(made / "good.pem"), "--key", str(made / "good.key"))
        bot = slack_stage.SlackBot(folder, mail.port, slack, str(made / "ca.pem"), rate=1,
                                   options=["opens_per_minute: 1000"],
                                   changes=[("\nroles:\n", "\nguard:\n  rate_limit: off\nroles:\n")])
        try:
            bot.start()
            slack.wait("sockets", count=2, ready=True)
            slack.answer(slack.command("alice", "open P3 bench", channel="ops"))
            yield bot, slack
        finally:
            bot.stop()
            slack.stop()
            mail.stop()


def remembered(bot, slack):
    before = resident(bot.process.pid)
    left = COMMANDS
    while left > 0:
        some = min(left, 10_000)
        done = slack.load(some, 1000, **NOTE, text="note INC-1 k{n}")
        assert done["missing"] == 0 and done["late"] == 0, done
        left -= some
    print(f"memory of the bot alone: {before:.1f} MiB before, {resident(bot.process.pid):.1f} MiB after "
          f"{COMMANDS} commands", flush=True)


def compared(bot, slack):
    # Before and after what it is compared with, for the disk has its moods.
    bare = Bare(bot)
    bare.commit()
    for what, command, text in (("a note, which is stored", "/incident", "note INC-1 n{n}"),
                                ("a look", "/ping", "{n}")):
        done = slack.load(10_000, 500, command=command, text=text, channel="ops")
        print(f"500/s, {what}: {shown(done)}", flush=True)
    bare.commit()
    print(f"500/s, a bare commit: {' '.join(f'{name} {at}' for name, at in bare.percentiles().items())} ms", flush=True)


def highest(slack):
    best = None
    for rate in RATES:
        done = slack.load(rate * 5, rate, **NOTE, text="note INC-1 m{n}")
        kept = done["missing"] == 0 and done["rate"] > rate * 0.97 and done["latency_ms"]["p99"] < KEEPS
        print(f"{rate}/s, a note: {shown(done)}, the fake {done['behind_ms']:.0f} ms behind at most"
              f"{'' if kept else ' (not sustained)'}", flush=True)
        if not kept:
            break
        best = rate
    print(f"highest rate sustained: {best}/s", flush=True)


def main():
    with together() as (bot, slack):
        remembered(bot, slack)
    with together() as (bot, slack):
        starts, again = zip(*[(started(bot, slack), reset(slack)) for _ in range(10)])
        print(f"start to connected: {statistics.median(starts):.0f} ms, at most {max(starts):.0f} ms", flush=True)
        print(f"a new connection after a reset: {statistics.median(again):.1f} ms, at most {max(again):.1f} ms",
              flush=True)
        print(f"asked to leave 20 times at 500/s: {shown(refreshes(slack))}", flush=True)
        compared(bot, slack)
        highest(slack)


def shown(done):
    times = done["latency_ms"]
    return (f"{done['acked']} acknowledged at {done['rate']}/s, p50 {times['p50']} p99 {times['p99']} p99.9 "
            f"{times['p99.9']} max {times['max']} ms, late {done['late']}, missing {done['missing']}")


if __name__ == "__main__":
    main()
