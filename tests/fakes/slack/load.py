"""Many slash commands at a steady rate, and how long their acks take.

An open loop: a command is sent when its time has come, whatever became of those before it. What is measured is the time
from writing the envelope to reading its ack, in real time. There is no redelivery and no record of single envelopes:
the fake's own share must stay small against the bot's.
"""
import asyncio
import json
import time
import uuid

from refusals import Impossible


class Load:
    def __init__(self, slack, id, count, rate, command="/ping", text="{n}", users=("alice",), channel="general"):
        if count < 1 or rate <= 0:
            raise Impossible("count and rate must be positive", 400)
        self.slack, self.id, self.count, self.rate = slack, id, count, rate
        people = [slack.people.person(user) for user in users]
        self.templates = [self._template(user, slack.people.place(user, channel), command, text) for user in people]
        self.waiting = {}  # envelope_id: when it was sent
        self.latencies = []
        self.counts = {"sent": 0, "acked": 0, "late": 0, "duplicate": 0, "with_payload": 0, "no_socket": 0, "ghost": 0}
        self.behind_ms = 0.0
        self.state, self.seconds = "running", 0.0
        self.task = asyncio.get_running_loop().create_task(self._run())

    def _template(self, user, channel, command, text):
        """The envelope in pieces: putting one together must cost next to nothing."""
        payload = {**self.slack.people.command_payload(user, channel, command), "text": text.replace("{n}", "\1N\1"),
                   "response_url": self.slack.addresses["hooks"] + "/commands/load/\1ID\1", "trigger_id": "\1ID\1.load"}
        whole = json.dumps({"envelope_id": "\1ID\1", "type": "slash_commands", "accepts_response_payload": True,
                            "payload": payload})
        return whole.replace("\\u0001", "\1")

    async def _run(self):
        started, sent = time.monotonic(), 0
        while sent < self.count:
            due = min(self.count, int((time.monotonic() - started) * self.rate) + 1)
            while sent < due:
                self.behind_ms = max(self.behind_ms, (time.monotonic() - started - sent / self.rate) * 1000)
                self._send(sent)
                sent += 1
            await asyncio.sleep(max(0.0, started + sent / self.rate - time.monotonic()))
        self.seconds = time.monotonic() - started
        end = time.monotonic() + self.slack.settings["ack_seconds"]
        while self.waiting and time.monotonic() < end:
            await asyncio.sleep(0.005)
        self.state = "done"
        self.slack.journal.changed()

    def _send(self, number):
        socket = self.slack.sockets.next_in_turn()
        if socket is None or socket == "ghost":
            self.counts["no_socket" if socket is None else "ghost"] += 1
            return
        id = str(uuid.uuid4())
        self.waiting[id] = time.monotonic()
        self.slack.envelopes.bulk[id] = self
        template = self.templates[number % len(self.templates)]
        socket.send_text(template.replace("\1ID\1", id).replace("\1N\1", str(number)))
        self.counts["sent"] += 1

    def acked(self, id, ack):
        sent_at = self.waiting.pop(id, None)
        if sent_at is None:
            self.counts["duplicate"] += 1
            return
        took = time.monotonic() - sent_at
        self.latencies.append(took * 1000)
        self.counts["acked"] += 1
        self.counts["late"] += took > self.slack.settings["ack_seconds"]
        self.counts["with_payload"] += bool(ack.get("payload"))

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
