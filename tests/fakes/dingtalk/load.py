"""The load mode: many robot messages at a steady rate, and how long from the frame to its acknowledgement. A load's
answers by sessionWebhook are counted and become no messages; several in one post count as so many."""
import json
import re

from common import load
from conversations import Message
from pushes import MESSAGES
from refusals import said
from stream_connection import GHOST


def _words(body):
    """Of a message its text: the title says some of it again."""
    try:
        said = json.loads(body)
        return str(said[said["msgtype"]].get("text") or said[said["msgtype"]].get("content"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


class Load(load.Load):
    """`group`: said there with a mention; without one by each of `users` to the robot alone. `answer`: what stands once
    in each answer; the last word of the text, if not said."""

    def __init__(self, world, id, count, rate, text="{n}", users=("alice",), group=None, answer=None):
        self._templates = [self._template(world, id, user, group, text) for user in users]
        self._word = re.compile(re.escape(answer or text.split()[-1]).replace(re.escape("{n}"), r"\d+"))
        super().__init__(world, id, count, rate)
        self.counts.update(not_200=0, answers=0, ghost=0)

    def _template(self, world, id, user, group, text):
        """The data in pieces: putting a frame together must cost next to nothing."""
        people = world.people
        person = world.organization.person(user)
        place = people.place(person, group)
        message = Message("\1ID\1", place, person.name, "person", "text", world.organization.milliseconds())
        words = (" " if group else "") + text.replace("{n}", "\1N\1")
        data = people.data(person, place, message, {"text": {"content": words}}, [], person.platform)
        data["sessionWebhook"] = world.hooks.new_session(place, None, self)
        data["sessionWebhookExpiredTime"] = message.at + int(world.settings["session_seconds"] * 1000)
        frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": {
            "appId": world.organization.app["app_id"], "connectionId": "\1C\1", "contentType": "application/json",
            "messageId": "\1ID\1", "time": str(message.at), "topic": MESSAGES},
            "data": json.dumps(data, ensure_ascii=False).replace("\\u0001", "\1")}
        return json.dumps(frame).replace("\\u0001", "\1")

    def send(self, number):
        connection = self.world.gateway.choose("CALLBACK", MESSAGES)
        if connection in (None, GHOST):
            self.counts["no_socket" if connection is None else "ghost"] += 1
            return
        id = self.world.pushes.new_message_id()
        self.sending(id)
        self.world.pushes.bulk[id] = self
        template = self._templates[number % len(self._templates)]
        connection.send_text(template.replace("\1ID\1", id).replace("\1N\1", str(number))
                             .replace("\1C\1", connection.connection_id))

    def judged(self, ack):
        self.counts["not_200"] += ack["code"] != 200

    def answered(self, request):
        self.counts["answers"] += max(1, len(self._word.findall(_words(request.body))))
        self.world.journal.changed()
        return said({"errcode": 0, "errmsg": "ok"})
