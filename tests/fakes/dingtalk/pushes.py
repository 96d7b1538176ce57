"""What is pushed to the app: each to one connection, waiting for its acknowledgement, pushed again with a new
messageId (dingtalk.md 1.3 to 1.5)."""
import json
import time
import uuid

from acks import ack_of, data_of, event_is_taken
from common.faults import swollen
from common.held_back import HeldBack
from stream_connection import GHOST

MESSAGES, CARDS = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
WAITS = {"message": "message_again_seconds", "event": "event_again_seconds"}  # others are pushed once


class Push:
    """One thing to be told. Its data is text from the start: what changes later must not change it."""

    def __init__(self, id, type, topic, data, kind, key, headers, on_ack, on_fail):
        self.id, self.type, self.topic, self.kind, self.key = id, type, topic, kind, key
        self.data = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.headers, self.on_ack, self.on_fail = headers, on_ack, on_fail
        self.attempt, self.state, self.connection = 0, "waiting", None
        self.message_id, self.sent_at, self.timer = None, 0.0, None
        self.sendings = []

    def shown(self):
        try:
            data = json.loads(self.data)
        except ValueError:
            data = self.data
        return {"id": self.id, "type": self.type, "topic": self.topic, "kind": self.kind, "key": self.key,
                "attempt": self.attempt, "state": self.state, "message_id": self.message_id, "sendings": self.sendings,
                "data": data}


class Pushes:
    def __init__(self, world):
        self.world = world
        self.every = {}  # by id, in the order in which they were made
        self.by_message_id = {}
        self.counts = {"sent": 0, "acked": 0, "lost": 0}
        self.bulk = {}  # by messageId: pushes of the load mode, which nobody wants to read one by one
        self._held_back = HeldBack(world.clock)

    def new_message_id(self):
        return uuid.uuid4().hex[:16] + "_" + uuid.uuid4().hex[:12]

    def time(self):
        """Epoch milliseconds: a string, though some saw a number."""
        now = int(self.world.clock.now() * 1000)
        return now if self.world.settings["time_as_number"] else str(now)

    def post(self, type, topic, data, kind="other", key=None, headers=None, on_ack=None, on_fail=None):
        """`on_ack(ack)` is called once if it is acknowledged in time, `on_fail(why)` once if it never is: "timeout",
        or "no_connection" when nobody was there."""
        push = Push(f"P{len(self.every) + 1}", type, topic, data, kind, key, headers or {}, on_ack, on_fail)
        self.every[push.id] = push
        self._attempt(push)
        return push

    def text(self, push, message_id, connection, data=None):
        headers = {"appId": self.world.organization.app["app_id"], "connectionId": connection.connection_id,
                   "contentType": "application/json", "messageId": message_id, "time": self.time(),
                   "topic": push.topic, **push.headers}
        return json.dumps({"specVersion": "1.0", "type": push.type, "headers": headers,
                           "data": push.data if data is None else data})

    # Out

    def _attempt(self, push):
        connection = self.world.gateway.choose(push.type, push.topic)
        if connection is None:
            self._wait(push, "no_connection")
            return
        facts = {"kind": push.kind, "topic": push.topic, "attempt": push.attempt, "key": push.key}
        rule = self.world.faults.take(("frame",), facts) or {"do": "pass"}
        do = rule["do"]
        if do == "lose":
            self._note(push, self.new_message_id(), "lost")
        elif do == "late":
            self.world.clock.later(rule.get("seconds", 1.0), lambda: self._send(push, connection, rule))
        elif do == "hold":
            self.world.faults.when_released(lambda: self._send(push, connection, rule))
        elif do == "hold_back":
            self._held_back.add(rule.get("behind", 1), rule.get("seconds", 2.0),
                                lambda: self._send(push, connection, rule))
        else:
            id = self._send(push, connection, rule)
            for _ in range(rule.get("copies", 2) - 1 if do == "repeat" else 0):
                again = self.world.gateway.choose(push.type, push.topic) or connection
                self._send(push, again, rule, id if rule.get("same_id") else None)
            self._held_back.let_pass()

    def _send(self, push, connection, rule, id=None):
        """A connection that has gone since it was chosen takes the push with it, as does a half-open one."""
        id, do = id or self.new_message_id(), rule["do"]
        if connection == GHOST or not connection.ready:
            self._note(push, id, GHOST if connection == GHOST else connection.id)
            return id
        text = self.text(push, id, connection, swollen(push.data, rule, 900_000) if do in ("pad", "nest") else None)
        if do == "truncate":
            text = text[:len(text) // 2]
        push.connection = connection
        connection.row["frames"] += 1
        self._note(push, id, connection.id)
        if do == "binary":
            connection.send_binary(text.encode())
        elif do == "slow":
            connection.send_slowly(text, rule.get("bytes", 16), rule.get("ms", 1))
        else:
            connection.send_text(text, rule.get("bytes", 1024) if do == "fragment" else 0, rule.get("ping", False))
        if do == "cut_after":
            connection.cut()
        return id

    def _note(self, push, message_id, where):
        push.message_id, push.sent_at, push.state = message_id, time.monotonic(), "sent"
        self.by_message_id[message_id] = push
        push.sendings.append({"connection": where, "message_id": message_id, "attempt": push.attempt,
                              "clock": round(self.world.clock.now(), 6)})
        self.counts["sent"] += 1
        self._wait(push, "timeout")

    def _wait(self, push, why):
        """Until it is pushed again, or given up. What found nobody waits like what was not acknowledged."""
        settings = self.world.settings
        again = settings[WAITS[push.kind]] if push.kind in WAITS else []
        last = settings["card_seconds_to_answer"] if push.kind == "card" else settings["ack_seconds"]
        if push.timer:
            push.timer.cancel()
        if push.attempt < len(again):
            push.timer = self.world.clock.later(again[push.attempt], lambda: self._again(push))
        elif why == "no_connection":
            self._lost(push, why)
        else:
            push.timer = self.world.clock.later(last, lambda: self._lost(push, why))
        self.world.journal.changed()

    def _again(self, push):
        push.attempt += 1
        self._attempt(push)

    def _lost(self, push, why):
        push.state = "lost"
        self.counts["lost"] += 1
        if push.on_fail:
            push.on_fail(why)
        self.world.journal.changed()

    def repeat(self, push, same_id):
        """The same once more, also of what was acknowledged: duplicates happen even then."""
        connection = self.world.gateway.choose(push.type, push.topic)
        if connection not in (None, GHOST):
            id = push.message_id if same_id and push.message_id else self.new_message_id()
            self.by_message_id[id] = push
            push.sendings.append({"connection": connection.id, "message_id": id, "attempt": push.attempt,
                                  "clock": round(self.world.clock.now(), 6), "repeat": True})
            connection.send_text(self.text(push, id, connection))

    # In

    def on_ack(self, connection, text, size):
        ack, message_id, problems, unexpected = ack_of(text)
        if ack is None:
            self.world.journal.note("bad_frame", socket=connection.id, why="no ack", text=text[:2000])
            return
        bulk = self.bulk.get(message_id)
        if bulk and not problems:
            bulk.acked(message_id, ack)
            return
        push = self.by_message_id.get(message_id)
        known, right, took = (False, False, None) if push else connection.pong_to(message_id, data_of(ack))
        kind = push.kind if push else "ping" if known else "disconnect" if not message_id else None
        state, doubts = "ok", []
        if problems and kind != "disconnect":
            state = "malformed"
        elif kind == "ping":
            state = "ok" if right and ack["code"] == 200 else "wrong_opaque"
        elif kind is None:
            state = "unknown"
        elif push is not None:
            state = self._judged(push, message_id, connection)
            took = round((time.monotonic() - push.sent_at) * 1000, 3)
        row = self.world.journal.note(
            "ack", message_id=message_id, socket=connection.id, kind=kind, state=state, problems=problems,
            unexpected=unexpected, doubts=doubts, code=ack.get("code"), data=data_of(ack), bytes=size, latency_ms=took,
            push=push.id if push else None, key=push.key if push else None, attempt=push.attempt if push else None)
        if state == "ok" and push is not None:
            self._acked(push, ack, row)

    def _judged(self, push, message_id, connection):
        # The same messageId may have gone out twice: each is acknowledged where it went.
        sendings = [each for each in reversed(push.sendings) if each["message_id"] == message_id]
        here = [each for each in sendings if each["connection"] == connection.id]
        if not here and not self.world.settings["ack_on_any_connection"]:
            return "other_connection"
        sending = (here or sendings)[0]
        if push.state == "acked":
            return "duplicate"
        if message_id != push.message_id and sending["attempt"] != push.attempt:
            return "late"
        return "ok" if push.state == "sent" else "late"

    def _acked(self, push, ack, row):
        if push.kind == "event":
            taken, row["doubts"] = event_is_taken(ack)
            if not taken:
                push.state = "later"
                row["later"] = True
                self._wait(push, "later")
                return
        push.state = "acked"
        push.timer.cancel()
        self.counts["acked"] += 1
        if push.kind == "message" and "response" not in (data_of(ack) or {}):
            row["doubts"] = ["no response"]
        if push.on_ack:
            push.on_ack(ack)
        self.world.journal.changed()
