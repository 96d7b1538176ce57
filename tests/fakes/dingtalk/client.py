"""The fake DingTalk as end-to-end tests use it: started as a child, asked and told through its control port.

    with DingTalkServer() as dingtalk:
        ... start a bot with dingtalk.api_url, dingtalk.old_api_url, dingtalk.client_id, dingtalk.client_secret
        dingtalk.wait("sockets", ready=True)
        asked = dingtalk.say("alice", "新建 P0 网站无法访问", group="ops")
        dingtalk.answer(asked)["answers"][0]["text"]
        card = dingtalk.wait("cards", contains="INC-1")[0]
        dingtalk.click("bob", card["id"], "ack")
        dingtalk.wait("dings", kind="call", state="recalled")

What every fake's client can (wait, advance, fault, ...) is in common/client.py.
"""
import base64
import pathlib

from common.client import DEADLINE, FakeServer, Refused

__all__ = ["DEADLINE", "DingTalkServer", "Refused", "SERVER"]
SERVER = pathlib.Path(__file__).with_name("server.py")


class DingTalkServer(FakeServer):
    def __init__(self, *arguments, **how):
        """`how`: frozen, deadline, and settings of service.py, such as ticket_seconds=5."""
        super().__init__(SERVER, *arguments, **how)
        self.api_url, self.old_api_url = self.ready["api_url"], self.ready["old_api_url"]
        self.client_id, self.client_secret = self.ready["client_id"], self.ready["client_secret"]
        self.robot_code, self.bot_name = self.ready["robot_code"], self.ready["bot_name"]

    # People

    def say(self, user, text, group=None, at=True, **more):
        """To the robot alone, or in a group, where the robot is mentioned in front unless `at` is False."""
        words = f"@{self.bot_name} {text}" if group and at and "@" + self.bot_name not in text else text
        return self.post("messages", user=user, group=group, text=words, **more)

    def rich(self, user, *items, group=None, **more):
        """`items`: texts, or bytes of pictures, in order. In a group mention the robot in one of the texts."""
        made = [{"text": each} if isinstance(each, str) else {"picture": _text(each)} for each in items]
        return self.post("messages", user=user, group=group, msgtype="richText", items=made, **more)

    def picture(self, user, content=None, group=None, **more):
        return self.post("messages", user=user, group=group, msgtype="picture", picture=content and _text(content),
                         **more)

    def send_file(self, user, name, content, group=None, **more):
        return self.post("messages", user=user, group=group, msgtype="file", name=name, content=_text(content), **more)

    def speak(self, user, recognition, **more):
        """A voice message, and what DingTalk understood of it."""
        return self.post("messages", user=user, msgtype="audio", recognition=recognition, **more)

    def click(self, user, card, action, **params):
        """A button of a card, by the card's outTrackId."""
        return self.post("click", user=user, card=card, action=action, params=params)

    def tap(self, user, message, title):
        """A button or a link of a message."""
        return self.post("tap", user=user, message=message, title=title)

    def event(self, event_type, data=None, **more):
        return self.post("events", event_type=event_type, data=data or {}, **more)

    def answer(self, interaction, timeout=None):
        """The interaction once its author saw something: an answer by the webhook, a card that changed, a failure."""
        return self.wait("interactions", timeout=timeout, id=interaction["id"], answered=True)[0]

    def acked(self, interaction, timeout=None):
        return self.wait("interactions", timeout=timeout, id=interaction["id"], state="acked")[0]


def _text(content):
    return base64.b64encode(content).decode()
