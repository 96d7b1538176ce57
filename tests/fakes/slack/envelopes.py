"""Envelopes: sent to one socket each, waiting for an ack, sent again."""
import json
import time
import uuid

from common.faults import swollen
from common.held_back import HeldBack

MOST_RETRIES = 3


class Envelope:
    """One thing to be told to the app. Its payload is text from the start: what changes later must not change it."""

    def __init__(self, type, payload, accepts, kind, on_ack, on_fail):
        self.id = str(uuid.uuid4())
        self.type, self.kind, self.accepts = type, kind, accepts
        self.payload = json.dumps(payload)
        self.event_id = payload.get("event_id") if isinstance(payload, dict) else None
        self.on_ack, self.on_fail = on_ack, on_fail
        self.attempt, self.state, self.socket = 0, "waiting", None
        self.sent_at = 0.0
        self.sendings = []
        self.timer = None

    def text(self, payload=None):
        """`retry_attempt` is seen with events only: whoever counts on it repeats commands."""
        retry = ""
        if self.type == "events_api":
            retry = ',"retry_attempt":%d,"retry_reason":"%s"' % (self.attempt, "timeout" if self.attempt else "")
        return '{"envelope_id":"%s","type":%s,"accepts_response_payload":%s,"payload":%s%s}' % (
            self.id, json.dumps(self.type), "true" if self.accepts else "false", payload or self.payload, retry)

    def shown(self):
        return {"envelope_id": self.id, "type": self.type, "kind": self.kind, "event_id": self.event_id,
                "attempt": self.attempt, "state": self.state, "sendings": self.sendings,
                "payload": json.loads(self.payload)}


class Envelopes:
    def __init__(self, slack):
        self.slack = slack
        self.every = {}  # by id, in the order in which they were made
        self.counts = {"sent": 0, "acked": 0, "lost": 0}
        self.bulk = {}  # by id: envelopes of the load mode, which nobody wants to read one by one
        self._held_back = HeldBack(slack.clock)

    def post(self, type, payload, accepts, kind="", on_ack=None, on_fail=None):
        """`on_ack(payload or None)` is called once if the app acks in time; `on_fail(why)` once if it doesn't:
        "timeout" after the deadline of the first attempt, "no_socket" when nobody is connected."""
        envelope = Envelope(type, payload, accepts, kind, on_ack, on_fail)
        self.every[envelope.id] = envelope
        self._attempt(envelope)
        return envelope

    # Out

    def _attempt(self, envelope):
        socket = self.slack.sockets.next_in_turn()
        if socket is None:
            self._failed(envelope, "no_socket")
            return
        facts = {"type": envelope.type, "kind": envelope.kind, "attempt": envelope.attempt}
        rule = self.slack.faults.take(("envelope",), facts) or {"do": "pass"}
        if rule["do"] == "lose":
            self._sent(envelope, "lost")
        elif rule["do"] == "late":
            self.slack.clock.later(rule.get("seconds", 1.0), lambda: self._send(envelope, socket, rule))
        elif rule["do"] == "hold":
            self.slack.faults.when_released(lambda: self._send(envelope, socket, rule))
        elif rule["do"] == "hold_back":
            self._held_back.add(rule.get("behind", 1), rule.get("seconds", 2.0),
                                lambda: self._send(envelope, socket, rule))
        else:
            self._send(envelope, socket, rule)
            for _ in range(rule.get("copies", 2) - 1 if rule["do"] == "repeat" else 0):
                self._send(envelope, self.slack.sockets.next_in_turn() or socket, rule)
            self._held_back.let_pass()

    def _send(self, envelope, socket, rule):
        """A socket that has gone since its turn came takes the envelope with it, as does a ghost."""
        if socket == "ghost" or not socket.ready:
            self._sent(envelope, "ghost" if socket == "ghost" else socket.id)
            return
        do = rule["do"]
        text = envelope.text(swollen(envelope.payload, rule, 10_000_000) if do in ("pad", "nest") else None)
        if do == "truncate":
            text = text[:len(text) - max(2, len(envelope.payload) // 2)]
        envelope.socket = socket
        fragment = rule.get("bytes", 1024) if do == "fragment" else 0
        socket.send_text(text, fragment, rule.get("ping", False))
        socket.row["envelopes"] += 1
        self._sent(envelope, socket.id)

    def _sent(self, envelope, where):
        envelope.sent_at = time.monotonic()
        envelope.state = "sent"
        envelope.sendings.append({"socket": where, "attempt": envelope.attempt,
                                  "clock": round(self.slack.clock.now(), 6)})
        self.counts["sent"] += 1
        if envelope.timer:
            envelope.timer.cancel()
        envelope.timer = self.slack.clock.later(self.slack.settings["ack_seconds"],
                                                lambda: self._failed(envelope, "timeout"))
        self.slack.journal.changed()

    def _failed(self, envelope, why):
        """The person is told once. Redelivery goes on behind their back, to sockets that may be others by then."""
        settings = self.slack.settings
        on_fail, envelope.on_fail = envelope.on_fail, None
        if on_fail:
            on_fail(why)
        again = envelope.type in settings["redelivered_types"] and envelope.attempt < MOST_RETRIES
        if envelope.type != "events_api" and why == "no_socket" and envelope.attempt == 0:
            again = False  # the command was never dispatched, and its author knows
        if again:
            delay = settings["redelivery_seconds"][envelope.attempt]
            envelope.state = "expired"
            if delay > 0:
                envelope.timer = self.slack.clock.later(delay, lambda: self._again(envelope))
            else:
                self._again(envelope)
        else:
            envelope.state = "lost"
            self.counts["lost"] += 1
        self.slack.journal.changed()

    def _again(self, envelope):
        envelope.attempt += 1
        self._attempt(envelope)

    def repeat(self, envelope):
        """The same once more, with the same attempt number, as has been seen; even of what was acked."""
        socket = self.slack.sockets.next_in_turn()
        if socket not in (None, "ghost"):
            socket.send_text(envelope.text())
            envelope.sendings.append({"socket": socket.id, "attempt": envelope.attempt,
                                      "clock": round(self.slack.clock.now(), 6)})

    # In

    def on_ack(self, socket, text, size):
        try:
            ack = json.loads(text)
            key = ack["envelope_id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self.slack.journal.note("bad_frame", socket=socket.id, why="no ack", text=text[:2000])
            return
        bulk = self.bulk.get(key) if isinstance(key, str) else None
        if bulk:
            bulk.acked(key, ack)
            return
        envelope = self.every.get(key) if isinstance(key, str) else None
        state = self._judged(envelope, socket)
        payload = ack.get("payload") or None
        row = self.slack.journal.note(
            "ack", envelope_id=key, socket=socket.id, state=state, bytes=size, payload=payload,
            type=envelope.type if envelope else None, kind=envelope.kind if envelope else None,
            attempt=envelope.attempt if envelope else None, unexpected=sorted(set(ack) - {"envelope_id", "payload"}),
            latency_ms=round((time.monotonic() - envelope.sent_at) * 1000, 3) if envelope else None)
        if state == "ok":
            self._acked(envelope, payload, row)

    def _judged(self, envelope, socket):
        if envelope is None:
            return "unknown"
        if envelope.state == "acked":
            return "duplicate"
        if socket is not envelope.socket and not self.slack.settings["ack_on_any_socket"]:
            return "other_socket"
        return "ok" if envelope.state == "sent" else "late"

    def _acked(self, envelope, payload, row):
        envelope.state = "acked"
        envelope.timer.cancel()
        self.counts["acked"] += 1
        if payload is not None and not envelope.accepts:
            row["ignored_payload"] = True
            payload = None
        if envelope.on_ack and envelope.on_fail:  # who was told of a failure is told nothing more
            envelope.on_ack(payload)
        self.slack.journal.changed()
