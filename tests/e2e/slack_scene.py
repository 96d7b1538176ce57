"""One Slack, one bot, one mail server for one test."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import Beside, ChatScene
from slack_stage import ALICE, BOB, SlackBot, SlackServer
from slack.client import Refused

__all__ = ["ALICE", "BOB", "TOCSIN", "Beside", "SlackScene"]
TOCSIN = "U0TOCSIN"


class SlackScene(ChatScene):
    """Starts nothing by itself: a test says what Slack and the bot are like."""

    platform = "slack"

    def open(self, start=True, settings=None, environment=None, **bot):
        """`settings`: the fake's. `bot`: of SlackBot. Waits until the bot's two sockets are there, unless told not to
        start it."""
        self.slack = self.new_stage(SlackServer, settings)
        self.bot = self.new_bot(self.folder, **bot)
        self.bot.environment = environment or {}
        self.install()
        if start:
            self.bot.start()
            self.slack.wait("sockets", count=2, ready=True)

    def install(self):
        """The app is what its manifest makes it: what that does not ask for is not there."""
        printed = self.bot.tocsin("slack", "manifest")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        manifest = json.loads(printed.stdout)
        features = manifest["features"]
        self.scopes = manifest["oauth_config"]["scopes"]["bot"]
        self.events = manifest["settings"]["event_subscriptions"]["bot_events"]
        self.grant()
        self.subscribe()
        self.slack.post("subscriptions", commands=[each["command"] for each in features["slash_commands"]],
                        shortcuts=[each["callback_id"] for each in features["shortcuts"]])

    def grant(self, without=None):
        """All scopes of the manifest, but for one that would have been forgotten there."""
        self.slack.post("tokens", token="bot", scopes=self.all_but(without, self.scopes))

    def subscribe(self, without=None):
        """The same for its events."""
        self.slack.post("subscriptions", events=self.all_but(without, self.events))

    def all_but(self, left_out, asked_for):
        """A misspelt name would be left out of nothing."""
        self.assertIn(left_out, [None, *asked_for])
        return [each for each in asked_for if each != left_out]

    def made_bot(self, folder, **more):
        return SlackBot(folder, self.mail.port, self.slack, **more)

    # What people do, and what came of it

    def ping(self, word):
        """A slash command that answers with its own words."""
        return self.slack.command("alice", word, command="/ping", channel="ops")

    def answered_once(self, gesture, word, after_a_gap=False):
        """A command's author saw the answer, once; in the acknowledgement, but shortly after nobody was connected."""
        shown = self.slack.answer(gesture)
        if after_a_gap:
            shown = stage.wait_for("the answer", lambda: [row for row in self.slack.get("interactions", id=shown["id"])
                                                          if row["answers"]])[0]
        acks = self.slack.get("acks", envelope_id=shown["envelope_id"])
        outcome = "nothing" if after_a_gap else "message"
        self.assertEqual((shown["state"], shown["outcome"]), ("acked", outcome), f"{shown} {acks}")
        texts = [answer["text"] for answer in shown["answers"]]
        self.assertEqual(len(texts), 1, texts)
        self.assertIn(word, texts[0])

    def mention(self, text, user="alice", channel="ops"):
        return self.slack.say(user, f"@tocsin {text}", channel=channel)

    def replies(self, message, count=1, timeout=None):
        """What the bot said in the thread of a message, as soon as it is so much."""
        return self.slack.wait("messages", count, timeout, user=TOCSIN, thread_ts=message["ts"])

    def fence(self, channel="ops"):
        """Posts keep their order in a channel: what was asked before is answered by now, as often as it ever will."""
        self.replies(self.mention("ping fence", channel=channel))

    def replied_once(self, *messages):
        for message in messages:
            self.replies(message)
        self.fence(messages[-1]["channel"])
        for message in messages:
            self.assertEqual(len(self.replies(message)), 1, message["text"])

    def message(self, **filters):
        return self.slack.wait("messages", deleted=False, **filters)[-1]

    def button(self, message, command):
        """Where the button that stands for `command` is."""
        blocks = message.get("blocks", []) + [b for a in message.get("attachments", []) for b in a.get("blocks", [])]
        for block in blocks:
            for element in block.get("elements", []):
                if element.get("value") == command:
                    return {"action_id": element["action_id"], "block_id": block["block_id"]}
        raise AssertionError(f"no button for {command!r} in {message}")

    def press(self, who, message, command):
        """As the message is by now: it may be edited between a look and a press, which gives its blocks new names."""
        place = {"channel": message["channel"], "ts": message["ts"]}

        def pressed():
            where = self.button(self.message(**place), command)
            try:
                return self.slack.press(who, where.pop("action_id"), **place, **where)
            except Refused as refused:
                if refused.status != 404:
                    raise
                return None

        return stage.wait_for("the press", pressed)

    def press_hidden(self, who, message, command):
        """A button of a message that only they see; the gesture."""
        where = self.button(message, command)
        return self.slack.press(who, where.pop("action_id"), channel=message["channel"], ts=message["ts"], **where)

    def direct(self, user):
        """Somebody's conversation with the bot."""
        return next(each["id"] for each in self.slack.get("channels") if each.get("user") == user)

    def opens(self):
        return self.slack.get("calls", method="apps.connections.open")

    def living(self):
        return [row for row in self.slack.get("sockets") if row["state"] != "closed"]

    def staying(self):
        """The sockets that serve and were not asked to leave, the oldest first."""
        return [row["id"] for row in self.slack.get("sockets", state="open") if row["disconnect"] is None]


if __name__ == "__main__":
    sys.exit("a module of the tests")
