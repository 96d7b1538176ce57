"""Pains of what is delivered: what slack_pains.py runs of them."""
import sys

from slack_scene import SlackScene


class Delivering(SlackScene):
    def incidents(self):
        return [title for title, in self.rows("SELECT title FROM incidents ORDER BY id")]

    def pain_07_duplicates(self):
        """The same event, command or press delivered several times acts several times."""
        self.open()
        self.slack.fault("envelope", "repeat", copies=3, times=-1)
        command = self.slack.command("alice", "open P3 slow search", channel="ops")
        self.slack.answer(command)
        self.mention("open P3 slow login", channel="general")
        self.slack.wait("messages", channel="C0GENERAL", contains="INC-2")
        self.assertEqual(self.incidents(), ["slow search", "slow login"])
        card = self.slack.wait("messages", channel="C0OPS", contains="slow search")[0]
        self.slack.acked(self.press(card, "ack"))
        asked = self.mention("ping thrice", channel="general")
        self.replied_once(asked)
        for envelope in self.slack.get("envelopes"):
            # Copies go to different sockets, and each wants its own acknowledgement.
            acks = [row["state"] for row in self.slack.wait("acks", 3, envelope_id=envelope["envelope_id"])]
            self.assertEqual((len(acks), acks.count("ok")), (3, 1), f"{envelope['kind']}: {acks}")
        self.assertEqual(self.rows("SELECT count(*) FROM timeline WHERE incident = 1 AND kind = 'acknowledged'"),
                         [(1,)])
        self.slack.no_faults()
        # The same once more, to another life of the bot.
        self.bot.kill()
        self.bot.start()
        self.slack.wait("sockets", 4, hello=True)
        for row in self.slack.get("envelopes"):
            self.slack.post("envelopes/repeat", envelope_id=row["envelope_id"])
        self.fence("general")
        self.assertEqual(self.incidents(), ["slow search", "slow login"])
        self.assertEqual(len(self.replies(asked)), 1)

    def press(self, card, word):
        """The button of a card whose command has this word."""
        blocks = card["blocks"] + [block for each in card.get("attachments", []) for block in each["blocks"]]
        for block in blocks:
            for button in block.get("elements", []):
                if word in button.get("value", "").split():
                    return self.slack.press("alice", button["action_id"], channel=card["channel"], ts=card["ts"])
        raise AssertionError(f"no button {word}: {blocks}")

    def pain_08_retries_are_taken(self):
        """Retries are discarded, and so are the events that come by a retry alone."""
        self.open(settings={"ack_seconds": 0.5})
        self.slack.fault("envelope", "lose", times=2, match={"type": "events_api", "attempt": 0})
        self.replied_once(self.mention("ping lost-at-first"))
        again = [row for row in self.slack.get("acks", kind="app_mention") if row["attempt"] == 1]
        self.assertEqual([row["state"] for row in again], ["ok"])

    def pain_09_a_mention_is_two_events(self):
        """A mention is a message and an app_mention: answered twice, or not at all."""
        self.open()
        messages = [self.mention("ping message-first")]
        self.slack.settings(mention_first=True)
        messages.append(self.mention("ping mention-first"))
        # And with one of the two missing for a while.
        for kind in ("message", "app_mention"):
            self.slack.fault("envelope", "hold_back", behind=1, match={"kind": kind})
            messages.append(self.mention(f"ping late-{kind}", channel="general"))
        self.replied_once(*messages[:2])
        self.replied_once(*messages[2:])


if __name__ == "__main__":
    sys.exit("a module of the tests")
