"""What people say to the robot, and how it looks in `/v1.0/im/bot/messages/get` (dingtalk.md 2)."""
from common.refusals import Impossible
from interactions import Interaction
from organization import digest
from pushes import MESSAGES

ALL = "所有人"
_NOT_WITH_A_MENTION = ("audio", "video", "file")  # in a group (dingtalk.md 2.1)


class People:
    def __init__(self, world):
        self.world, self.organization = world, world.organization

    def place(self, person, group):
        """The group, in which the person must be; without one the person's own conversation with the robot."""
        if group is None:
            return self.organization.single(person)
        found = self.organization.group(group)
        if person.name not in found.members:
            raise Impossible(f"{person.name} is not in {found.name}", 403)
        return found

    def say(self, user, group=None, msgtype="text", at=None, reply_to=None, platform=None, **content):
        """`at`: does it mention the robot, where that can't be read from its words? (A picture in a group.)"""
        person = self.organization.person(user)
        place = self.place(person, group)
        kinds = {"text": self._text, "richText": self._rich, "picture": self._picture, "audio": self._audio,
                 "video": self._video, "file": self._file, "unknownMsgType": self._unknown}
        if msgtype not in kinds:
            raise Impossible(f"nobody can send {msgtype}", 400)
        if place.kind == "2" and at and msgtype in _NOT_WITH_A_MENTION:
            raise Impossible(f"in a group nobody can @ the robot with {msgtype}")
        message = self.world.conversations.add(place, person.name, "person", msgtype)
        words, fields = kinds[msgtype](message, **content)
        named, bot = self._named(words)
        message.text, message.body = words, fields
        interaction = Interaction(self.world, "message", person, place, message=message.id, msgtype=msgtype, text=words)
        if place.kind == "2" and not (bot or at) or not place.robots:
            self.world.journal.changed()
            return interaction
        message.data = self.data(person, place, message, fields, named, platform or person.platform)
        self._reply(message, reply_to)
        message.session = interaction.session_webhook = self.world.hooks.new_session(place, interaction)
        message.data["sessionWebhook"] = message.session
        message.data["sessionWebhookExpiredTime"] = message.at + int(self.world.settings["session_seconds"] * 1000)
        return interaction.send(MESSAGES, message.data, "message", message.id)

    def data(self, person, place, message, fields, named, platform):
        app, corp = self.organization.app, self.organization.corp
        data = {"msgId": message.id, "msgtype": message.kind, "createAt": message.at, "conversationId": place.id,
                "conversationType": place.kind, "openThreadId": place.id, "senderId": person.encrypted_id,
                "senderNick": person.nick, "senderPlatform": platform, "isAdmin": person.is_admin,
                "chatbotUserId": app["chatbot_user_id"], "chatbotCorpId": corp["id"],
                "robotCode": place.robots[0], **fields}
        if person.staff_id:
            data.update(senderStaffId=person.staff_id, senderCorpId=corp["id"])
        elif self.world.settings["outsiders_have_empty_staff_id"]:
            data.update(senderStaffId="")
        if self.world.settings["sender_union_id"]:
            data["senderUnionId"] = person.union_id
        if place.kind == "2":
            own = [{"dingtalkId": each.encrypted_id, **({"staffId": each.staff_id} if each.staff_id else {})}
                   for each in named]
            data.update(conversationTitle=place.title, isInAtList=True,
                        atUsers=[*own, {"dingtalkId": app["chatbot_user_id"]}])
        return data

    def _reply(self, message, reply_to):
        if reply_to is None:
            return
        quoted = self.world.conversations.message(reply_to)
        message.reply_to = quoted.id
        author = self.organization.people.get(quoted.author)
        replied = {"msgId": quoted.id, "msgType": quoted.kind, "createdAt": quoted.at,
                   "senderId": author.encrypted_id if author else self.organization.app["chatbot_user_id"],
                   "content": {"text": quoted.text}}
        message.data["originalMsgId"] = quoted.id
        if quoted.key:
            message.data["originalProcessQueryKey"] = quoted.key
        if "text" in message.data:
            message.data["text"].update(isReplyMsg=True, repliedMsg=replied)

    # Words

    def _called(self):
        """(what can stand behind an @, who that is), the longest first."""
        found = [(self.organization.app["name"], None)]
        for each in self.organization.people.values():
            found += [(each.nick, each), (each.name, each)]
        return sorted(found, key=lambda each: -len(each[0]))

    def _named(self, words):
        """(the people mentioned, whether the robot is)."""
        people, bot = [], False
        for name, person in self._called():
            if "@" + name in words:
                words = words.replace("@" + name, "")
                bot = bot or person is None
                if person is not None:
                    people.append(person)
        return people, bot

    def _without_mentions(self, words):
        """What is left has the blank behind the mention in front: a leading space remains."""
        for name, person in self._called():
            if person is None or not self.world.settings["other_mentions_stay"]:
                words = words.replace("@" + name, "")
        return words

    # Kinds

    def _text(self, message, text):
        if not isinstance(text, str):
            raise Impossible("words are a text", 400)
        return text, {"text": {"content": self._without_mentions(text) if message.conversation.kind == "2" else text}}

    def _rich(self, message, items):
        """`items`: {"text": ...} or {"picture": base64}, in order."""
        words, shown = "", []
        for each in items:
            if "text" not in each:
                shown.append({"type": "picture", **self._codes(message, each.get("picture"), "picture.png")})
                continue
            words += each["text"]
            shown += self._rich_text(each["text"], message.conversation.kind == "2")
        return words, {"content": {"richText": shown}}

    def _rich_text(self, text, in_group):
        name = "@" + self.organization.app["name"]
        if not in_group:
            return [{"text": text}]
        if not self.world.settings["rich_mentions_stay"] or not text.startswith(name):
            return [{"text": self._without_mentions(text)}]
        rest = self._without_mentions(text.removeprefix(name))
        return [{"text": name}, *([{"text": rest}] if rest else [])]

    def _codes(self, message, content, name):
        code = self.world.files.keep(message, content, name)
        return {"downloadCode": code, "pictureDownloadCode": "p" + code}

    def _picture(self, message, picture=None):
        return "", {"content": self._codes(message, picture, "picture.png")}

    def _audio(self, message, recognition, duration=None, sound=None):
        code = self.world.files.keep(message, sound, "audio.amr")
        return recognition, {"content": {"downloadCode": code, "recognition": recognition,
                                         **({"duration": duration} if duration is not None else {})}}

    def _video(self, message, video=None, duration="3000"):
        return "", {"content": {"downloadCode": self.world.files.keep(message, video, "video.mp4"),
                                "duration": duration, "videoType": "mp4"}}

    def _file(self, message, name="report.txt", content=None):
        code = self.world.files.keep(message, content, name)
        return "", {"content": {"downloadCode": code, "fileName": name, "fileId": digest(code)[:11],
                                "spaceId": "24701234567"}}

    def _unknown(self, message, notice="暂不支持的消息类型"):
        return "", {"content": {"unknownMsgType": notice}}
