"""The fake Slack as end-to-end tests use it: started as a child, asked and told through its control port.

    with SlackServer() as slack:
        ... start a bot with slack.api_url, slack.app_token, slack.bot_token
        slack.wait("sockets", ready=True)
        asked = slack.command("alice", "open P0 the site is down", channel="ops")
        slack.answer(asked)["answers"][0]["text"]
        card = slack.wait("messages", channel="C0OPS", contains="INC-1")[0]
        slack.press("bob", "ack", channel="C0OPS", ts=card["ts"], value="1")

What every fake's client can (wait, advance, fault, ...) is in common/client.py.
"""
import pathlib

from common.client import DEADLINE, FakeServer, Refused

__all__ = ["DEADLINE", "Refused", "SERVER", "SlackServer"]
SERVER = pathlib.Path(__file__).with_name("server.py")


class SlackServer(FakeServer):
    def __init__(self, *arguments, **how):
        """`how`: frozen, deadline, and settings of service.py, such as ack_seconds=0.5."""
        super().__init__(SERVER, *arguments, **how)
        self.api_url = self.ready["api_url"]
        self.app_token, self.bot_token = self.ready["app_token"], self.ready["bot_token"]

    # People

    def command(self, user, text="", channel="general", command="/incident"):
        return self.post("commands", user=user, channel=channel, command=command, text=text)

    def say(self, user, text, channel="general", **more):
        return self.post("messages", user=user, channel=channel, text=text, **more)

    def press(self, user, action_id, **where):
        """`channel` and `ts` of a message, or `view_id`; `block_id` and `value` if there are several alike."""
        return self.post("press", user=user, action_id=action_id, **where)

    def submit(self, user, view_id, values=None):
        return self.post("submit", user=user, view_id=view_id, values=values or {})

    def answer(self, interaction, timeout=None):
        """The interaction once its author saw something: a message, a change of a view, or a failure."""
        return self.wait("interactions", timeout=timeout, id=interaction["id"], answered=True)[0]

    def acked(self, interaction, timeout=None):
        """The interaction once it was acked; a bare ack shows nothing and is enough."""
        return self.wait("interactions", timeout=timeout, id=interaction["id"], state="acked")[0]
