"""A real bot beside the fake Slack, over TLS with a certificate of a private authority."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from chat_scene import CTO, DUTY, LEAD, Chat, ChatBot, certificates
from slack.client import SlackServer

__all__ = ["ALICE", "BOB", "CAROL", "PEOPLE", "SlackBot", "SlackServer", "certificates", "slack_chat"]
ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "W0CAROL"  # on duty; the tech lead; the CTO
PEOPLE = {DUTY: ALICE, LEAD: BOB, CTO: CAROL}


def slack_chat(folder, slack, ca_file="", options=()):
    """`options`: more lines of chat.slack."""
    lines = [f"app_token: file:{folder}/app.token", f"bot_token: file:{folder}/bot.token", f"api_url: {slack.api_url}"]
    if ca_file:
        lines.append(f"ca_file: {ca_file}")
    return Chat("slack", {"app.token": slack.app_token, "bot.token": slack.bot_token}, [*lines, *options], PEOPLE)


class SlackBot(ChatBot):
    """`options`: of slack_chat; `channels`: of its people, in order."""

    def __init__(self, folder, mail_port, slack, ca_file="", options=(), channels="[slack, email, inbox]", **more):
        super().__init__(folder, mail_port, [slack_chat(folder, slack, ca_file, options)], channels, **more)


if __name__ == "__main__":
    sys.exit("a module of the tests")
