"""The load mode: many slash commands at a steady rate. A load's answers become no messages."""
import json
import uuid

from common import load


class Load(load.Load):
    def __init__(self, slack, id, count, rate, command="/ping", text="{n}", users=("alice",), channel="general"):
        self.slack = slack
        people = [slack.people.person(user) for user in users]
        self.templates = [self._template(user, slack.people.place(user, channel), command, text) for user in people]
        super().__init__(slack, id, count, rate)
        self.counts.update(with_payload=0, ghost=0)

    def _template(self, user, channel, command, text):
        """The envelope in pieces: putting one together must cost next to nothing."""
        payload = {**self.slack.people.command_payload(user, channel, command), "text": text.replace("{n}", "\1N\1"),
                   "response_url": self.slack.addresses["hooks"] + "/commands/load/\1ID\1", "trigger_id": "\1ID\1.load"}
        whole = json.dumps({"envelope_id": "\1ID\1", "type": "slash_commands", "accepts_response_payload": True,
                            "payload": payload})
        return whole.replace("\\u0001", "\1")

    def send(self, number):
        socket = self.slack.sockets.next_in_turn()
        if socket is None or socket == "ghost":
            self.counts["no_socket" if socket is None else "ghost"] += 1
            return
        id = str(uuid.uuid4())
        self.sending(id)
        self.slack.envelopes.bulk[id] = self
        template = self.templates[number % len(self.templates)]
        socket.send_text(template.replace("\1ID\1", id).replace("\1N\1", str(number)))

    def judged(self, ack):
        self.counts["with_payload"] += bool(ack.get("payload"))
