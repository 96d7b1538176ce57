#!/usr/bin/python3
"""What each event of the manifest is there for: a use of which nothing shows without it.

Each use comes twice, to one bot: for bob while its event is left out of the subscriptions, then for alice with all of
them. Once hers shows, his would have shown long since.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import ALICE, BOB, TOCSIN, Beside, SlackScene


class Needed(SlackScene):
    """One event. A use is done for somebody, and returns what tells whether it shows."""

    def __init__(self, event):
        super().__init__("shows_with_its_event_alone")
        self.event = event

    def __str__(self):
        return self.event

    def shows_with_its_event_alone(self):
        self.open(options=["own_channel: P2"])
        use = USES[self.event]
        self.subscribe(without=self.event)
        bobs = use(self, "bob")
        self.subscribe()
        stage.wait_for("its use", use(self, "alice"))
        self.assertFalse(bobs(), "it shows without the event, too")

    # Words. Typed with a sign instead of a mention, for of a mention there is another event.

    def typed(self, who, channel, text="!ping"):
        said = self.slack.say(who, f"{text} for-{who}", channel=channel)
        return lambda: self.slack.get("messages", user=TOCSIN, channel=said["channel"], contains=f"for-{who}")

    def typed_in_a_public_channel(self, who):
        return self.typed(who, "ops")

    def typed_in_a_private_channel(self, who):
        room = self.slack.post("channels", do="create", user=who, channel=f"room-of-{who}", private=True)["id"]
        self.slack.post("channels", do="invite", user=who, channel=room, whom="tocsin")
        return self.typed(who, room)

    def typed_to_the_bot_alone(self, who):
        return self.typed(who, "dm")

    def typed_among_several(self, who):
        group = self.slack.post("channels", do="group", user="alice", whom=["bob"])["id"]
        return self.typed(who, group, "@tocsin ping")

    def mentioned_in_a_message_that_never_comes(self, who):
        """Of the two events of a mention the other one would do."""
        self.slack.fault("envelope", "hold", times=-1, match={"kind": "message"})
        return self.typed(who, "ops", "@tocsin ping")

    # Marks

    def marked(self, who, path, **mark):
        self.slack.answer(self.slack.command(who, f"open P3 search is slow for {who}", channel="ops"))
        card = self.slack.wait("messages", user=TOCSIN, channel="C0OPS", contains=f"search is slow for {who}")[0]
        stage.wait_for("the thread", lambda: self.bot.rows("SELECT 1 FROM homes WHERE thread = ?", card["ts"]))
        said = self.slack.say(who, f"the pool is full, says {who}", channel="ops", thread_ts=card["ts"])
        self.slack.post(path, user=who, channel="ops", ts=said["ts"], **mark)
        return lambda: self.bot.rows("SELECT 1 FROM timeline WHERE kind = 'note' AND what LIKE ?",
                                     f"%the pool is full, says {who}%")

    def pinned(self, who):
        return self.marked(who, "pins")

    def given_an_emoji(self, who):
        return self.marked(who, "reactions", name="pushpin")

    # Channels

    def lost(self, who, *options, **how):
        """Somebody does something to an incident's own channel, where the bot has nothing more to say: what it would
        say in vain would tell it, too."""
        title = f"search is slow for {who}"
        self.slack.answer(self.slack.command("alice", " ".join(["open P2", title, *options]), channel="ops"))
        card = self.slack.wait("messages", user=TOCSIN, contains=title, pinned=True)[0]
        room = self.slack.wait("channels", id=card["channel"], contains=f'"{ALICE}"')[0]["id"]
        (incident,), = self.bot.rows("SELECT id FROM incidents WHERE title = ?", title)
        self.bot.say(f"/ack INC-{incident}")
        self.slack.wait("messages", channel=room, ts=card["ts"], contains=f"/incident mitigate INC-{incident}")
        stage.wait_for("all to be said",
                       lambda: not self.bot.rows("SELECT 1 FROM outbox WHERE incident = ?", incident))
        self.slack.post("channels", user="alice", channel=room, **how)
        return lambda: self.bot.rows("SELECT 1 FROM homes WHERE incident = ? AND conversation <> ?", incident, room)

    def archived(self, who):
        return self.lost(who, do="archive")

    def archived_in_private(self, who):
        return self.lost(who, "--private", do="archive")

    def sent_away(self, who):
        return self.lost(who, do="remove", whom="tocsin")

    def sent_away_in_private(self, who):
        return self.lost(who, "--private", do="remove", whom="tocsin")

    def renamed(self, who, *options):
        self.lost(who, *options, do="rename", name=f"inc-{who}")
        return lambda: self.bot.rows("SELECT 1 FROM timeline WHERE what LIKE ?", f"%#inc-{who}%")

    def renamed_in_private(self, who):
        return self.renamed(who, "--private")

    def looked_at_home(self, who):
        self.slack.post("home", user=who)
        return lambda: self.slack.get("views", type="home", user={"alice": ALICE, "bob": BOB}[who])


USES = {
    "app_home_opened": Needed.looked_at_home,
    "app_mention": Needed.mentioned_in_a_message_that_never_comes,
    "channel_archive": Needed.archived,
    "channel_left": Needed.sent_away,
    "channel_rename": Needed.renamed,
    "group_archive": Needed.archived_in_private,
    "group_left": Needed.sent_away_in_private,
    "group_rename": Needed.renamed_in_private,
    "message.channels": Needed.typed_in_a_public_channel,
    "message.groups": Needed.typed_in_a_private_channel,
    "message.im": Needed.typed_to_the_bot_alone,
    "message.mpim": Needed.typed_among_several,
    "pin_added": Needed.pinned,
    "reaction_added": Needed.given_an_emoji,
}


class Table(SlackScene):
    def test_each_event_of_the_manifest_stands_in_it(self):
        self.open(start=False)
        self.assertEqual(sorted(self.events), sorted(USES))


def load_tests(loader, _, __):
    return Beside([*loader.loadTestsFromTestCase(Table), *map(Needed, USES)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
