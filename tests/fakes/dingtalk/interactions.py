"""One gesture of a person that the app hears of, and what came of it."""
import time


class Interaction:
    """`state`: sent, acked, failed (nobody acknowledged it), unheard (it was none of the robot's business).
    `outcome` says what the person saw: of a click updated, kept, invalid, timeout, no_connection; of a link said,
    opened, ignored. `answers` are the messages that came by its sessionWebhook."""

    def __init__(self, world, kind, person, conversation, **facts):
        self.world, self.kind, self.person, self.conversation = world, kind, person, conversation
        self.id = f"I{len(world.interactions) + 1}"
        self.state, self.outcome, self.facts = "unheard", None, facts
        self.answers, self.push = [], None
        self.session_webhook = None
        self.started, self.acked_after = time.monotonic(), None
        world.interactions[self.id] = self

    def send(self, topic, data, kind, key, on_ack=lambda ack: None):
        """`on_ack(ack)` returns the outcome."""

        def acked(ack):
            self.acked_after = round((time.monotonic() - self.started) * 1000, 3)
            self.state, self.outcome = "acked", on_ack(ack)

        def failed(why):
            self.state, self.outcome = "failed", why

        self.state = "sent"
        self.push = self.world.pushes.post("CALLBACK", topic, data, kind, key, None, acked, failed)
        return self

    def shown(self):
        push = self.push
        return {"id": self.id, "kind": self.kind, "user": self.person.name, "conversation": self.conversation.id,
                "group": self.conversation.name, "state": self.state, "outcome": self.outcome,
                "answered": bool(self.answers) or self.outcome is not None, "latency_ms": self.acked_after,
                "answers": [each.row() for each in self.answers], "session_webhook": self.session_webhook,
                "push": push.id if push else None, "sendings": push.sendings if push else [], **self.facts}
