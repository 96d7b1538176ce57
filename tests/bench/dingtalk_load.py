#!/usr/bin/python3
"""From the push to its acknowledgement, as the fake DingTalk measures it: at 500 messages a second beside a bare commit
of SQLite, at the highest rate that is sustained, and what the bot keeps in memory after many; how soon it is connected,
and again. Real bot, real store, TLS. `dingtalk_load.py [COMMANDS]`."""
import contextlib
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import slack_load as bench
from slack_load import stage
from chat_scene import certificates
from dingtalk_stage import DingTalkBot, DingTalkServer

COMMANDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
ALONE = {"users": ["alice", "bob", "carol"]}


@contextlib.contextmanager
def together():
    """A new bot beside a new fake, with one open incident."""
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir="/tmp") as name:
        folder = pathlib.Path(name)
        made = certificates(folder)
        mail = stage.MailServer(folder)
        ding = DingTalkServer("--cert", str(made / "good.pem"), "--key", str(made / "good.key"))
        bot = DingTalkBot(folder, mail.port, ding, str(made / "ca.pem"), rate=1, options=["opens_per_minute: 1000"],
                          changes=[("\nroles:\n", "\nguard:\n  rate_limit: off\nroles:\n")])
        try:
            bot.start()
            ding.wait("sockets", 2, ready=True)
            ding.say("alice", "新建 P3 测量", group="ops")
            ding.wait("cards", contains="INC-1")
            yield bot, ding
        finally:
            bot.stop()
            ding.stop()
            mail.stop()


def note(ding, count, rate):
    return ding.load(count, rate, text="/note INC-1 -- n{n}", answer="记入 INC-1", **ALONE)


def shown(done):
    times = done["latency_ms"]
    return (f"{done['acked']} acknowledged at {done['rate']}/s, p50 {times['p50']} p99 {times['p99']} p99.9 "
            f"{times['p99.9']} max {times['max']} ms, missing {done['missing']}")


def main():
    with together() as (bot, ding):
        before = bench.resident(bot.process.pid)
        left = COMMANDS
        while left > 0:
            done = note(ding, min(left, 10_000), 1000)
            assert done["missing"] == 0, done
            left -= 10_000
        print(f"memory of the bot alone: {before:.1f} MiB before, {bench.resident(bot.process.pid):.1f} MiB after "
              f"{COMMANDS} commands, whose answers wait for DingTalk's pace", flush=True)
    with together() as (bot, ding):
        starts, again = zip(*[(bench.started(bot, ding), bench.reset(ding)) for _ in range(5)])
        print(f"start to connected: {statistics.median(starts):.0f} ms, at most {max(starts):.0f} ms", flush=True)
        print(f"a new connection after a reset: {statistics.median(again):.1f} ms, at most {max(again):.1f} ms",
              flush=True)
    with together() as (bot, ding):
        bare = bench.Bare(bot)
        bare.commit()
        print(f"500/s, a note: {shown(note(ding, 10_000, 500))}", flush=True)
        bare.commit()
        print(f"500/s, a bare commit: {' '.join(f'{name} {at}' for name, at in bare.percentiles().items())} ms",
              flush=True)
        best = None
        for rate in bench.RATES:
            done = note(ding, rate * 3, rate)
            kept = done["missing"] == 0 and done["rate"] > rate * 0.97 and done["latency_ms"]["p99"] < bench.KEEPS
            print(f"{rate}/s, a note: {shown(done)}{'' if kept else ' (not sustained)'}", flush=True)
            if not kept:
                break
            best = rate
        print(f"highest rate sustained: {best}/s", flush=True)


if __name__ == "__main__":
    main()
