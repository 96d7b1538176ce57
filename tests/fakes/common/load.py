"""Many things told to the app at a steady rate, and how long its acks take.

An open loop: each is sent when its time has come, whatever became of those before it. What is measured is the time from
writing it to reading its ack, in real time. There is no redelivery and no record of single ones: the fake's own share
must stay small against the bot's.
"""
import asyncio
import time

from common.refusals import Impossible


class Load:
    """A fake adds `send(number)`, which calls `sending(id)` for what it writes, and `judged(ack)` if it counts more."""

    def __init__(self, world, id, count, rate):
        if count < 1 or rate <= 0:
            raise Impossible("count and rate must be positive", 400)
        self.world, self.id, self.count, self.rate = world, id, count, rate
        self.waiting = {}  # id: when it was sent
        self.latencies = []
        self.counts = {"sent": 0, "acked": 0, "late": 0, "duplicate": 0, "no_socket": 0}
        self.behind_ms = 0.0
        self.state, self.seconds = "running", 0.0
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self):
        started, sent = time.monotonic(), 0
        while sent < self.count:
            due = min(self.count, int((time.monotonic() - started) * self.rate) + 1)
            while sent < due:
                self.behind_ms = max(self.behind_ms, (time.monotonic() - started - sent / self.rate) * 1000)
                self.send(sent)
                sent += 1
            await asyncio.sleep(max(0.0, started + sent / self.rate - time.monotonic()))
        self.seconds = time.monotonic() - started
        end = time.monotonic() + self.world.settings["ack_seconds"]
        while self.waiting and time.monotonic() < end:
            await asyncio.sleep(0.005)
        self.state = "done"
        self.world.journal.changed()

    def sending(self, id):
        self.waiting[id] = time.monotonic()
        self.counts["sent"] += 1

    def acked(self, id, ack):
        sent_at = self.waiting.pop(id, None)
        if sent_at is None:
            self.counts["duplicate"] += 1
            return
        took = time.monotonic() - sent_at
        self.latencies.append(took * 1000)
        self.counts["acked"] += 1
        self.counts["late"] += took > self.world.settings["ack_seconds"]
        self.judged(ack)

    def judged(self, ack):
        """What else is counted of an ack."""

    def shown(self):
        return {"id": self.id, "state": self.state, **self.counts, "missing": len(self.waiting),
                "seconds": round(self.seconds, 3), "behind_ms": round(self.behind_ms, 3),
                "rate": round(self.counts["sent"] / self.seconds, 1) if self.seconds else None,
                "latency_ms": percentiles(self.latencies) if self.latencies else None}


def percentiles(milliseconds):
    ordered = sorted(milliseconds)
    pick = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
    found = {name: round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 3) for name, part in pick.items()}
    return {**found, "max": round(ordered[-1], 3)}
