"""Every message that was said, by whom it was seen, whom it notifies, and what was recalled or read."""
import base64
import re
import uuid

import markdown
from common.refusals import Impossible


class Message:
    """`via`: person, session, robot, custom_robot. `key`: the processQueryKey of what the robot API sent."""

    def __init__(self, id, conversation, author, via, kind, at):
        self.id, self.conversation, self.author, self.via, self.kind, self.at = id, conversation, author, via, kind, at
        self.seq, self.title, self.text, self.buttons, self.body = 0, "", "", [], {}
        self.key = self.robot_code = None
        self.recipients = []  # staff ids of a single chat's message
        self.mentions, self.mentions_ignored, self.at_all = [], [], False
        self.doubts, self.unknown, self.reactions = [], [], []
        self.read_by = {}  # staff id: milliseconds
        self.state, self.session, self.reply_to, self.data = "sent", None, None, None

    def row(self):
        return {**{name: value for name, value in vars(self).items() if name != "conversation"},
                "conversation": self.conversation.id, "group": self.conversation.name,
                "conversation_type": self.conversation.kind}


class Conversations:
    def __init__(self, world):
        self.world, self.organization = world, world.organization
        self.messages = {}  # by id, in order

    def new_id(self):
        """msgId of a message of people, as `msg...==`."""
        return "msg" + base64.b64encode(uuid.uuid4().bytes).decode()

    def new_key(self):
        return base64.b64encode(uuid.uuid4().bytes + uuid.uuid4().bytes[:2]).decode()

    def add(self, conversation, author, via, kind, id=None):
        message = Message(id or self.new_id(), conversation, author, via, kind, self.organization.milliseconds())
        message.seq = self.world.journal.stamp()
        self.messages[message.id] = message
        self.world.journal.changed()
        return message

    def post(self, conversation, content, via, at=None, robot_code=None, recipients=(), key=None):
        """What a robot says. `content` is of messages.py, `at` of a webhook's body."""
        message = self.add(conversation, "robot", via, content.kind)
        message.title, message.text, message.buttons = content.title, content.text, list(content.buttons)
        message.body, message.unknown = content.body, content.unknown
        message.robot_code, message.recipients, message.key = robot_code, list(recipients), key
        if content.is_markdown:
            message.buttons += markdown.links(content.text)
            message.doubts = markdown.doubts(content.text)
        self._mention(message, at or {})
        return message

    def _mention(self, message, at):
        """Only people of the organisation, in its own groups (dingtalk.md 3.1). In Markdown a name is highlighted only
        where the text has it, too; a name in the text alone, as in all that the robot API sends, notifies nobody."""
        conversation, organization = message.conversation, self.organization
        wanted = [(id, organization.by_staff_id(id)) for id in at.get("atUserIds", [])]
        wanted += [(mobile, organization.by_mobile(mobile)) for mobile in at.get("atMobiles", [])]
        for name, person in wanted:
            if person and person.name in conversation.members and not conversation.external:
                message.mentions.append(person.staff_id)
                if message.kind != "text" and f"@{name}" not in message.text:
                    message.doubts.append(f"@{name} is not in the text")
            else:
                message.mentions_ignored.append(name)
        message.at_all = bool(at.get("isAtAll")) and not conversation.external
        shown = {str(name) for name, _ in wanted}
        for name in re.findall(r"@([\w-]+)", message.text):
            person = organization.by_staff_id(name) or organization.by_mobile(name)
            if person and name not in shown:
                message.doubts.append(f"@{name} is not in `at`")

    def message(self, id):
        if id not in self.messages:
            raise Impossible(f"there is no message {id}", 404)
        return self.messages[id]

    def by_key(self, key):
        return [each for each in self.messages.values() if each.key == key]

    def recall(self, messages):
        for each in messages:
            each.state = "recalled"
        self.world.journal.changed()

    def read(self, person, message):
        """A person has it on the screen."""
        readers = message.recipients or [each.staff_id for each in self.organization.staff_of(message.conversation)]
        if person.staff_id not in readers:
            raise Impossible(f"{person.name} does not see {message.id}", 403)
        message.read_by.setdefault(person.staff_id, self.organization.milliseconds())
        self.world.journal.changed()
        return message
