#!/usr/bin/python3
"""Rights that the manifest asks for and that nothing else here would miss: what each is there for is done."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import BOB, TOCSIN, Beside, SlackScene


class Rights(SlackScene):
    def opened(self, line, channel="ops", who="alice", incident="INC-1"):
        shown = self.slack.answer(self.slack.command(who, "open " + line, channel=channel))
        self.assertIn(incident, shown["answers"][0]["text"])

    def test_a_public_channel_needs_no_invitation(self):
        """chat:write.public"""
        self.open()
        self.opened("P2 checkout is slow", channel="random")
        self.slack.wait("messages", user=TOCSIN, channel="C0RANDOM", contains="checkout is slow")

    def test_a_public_channel_is_joined_to_hear_what_is_said_there(self):
        """channels:join. Without it the incident is told there, all the same, but what is said to the bot is not heard;
        whoever looks after it is told why."""
        self.open()
        self.grant(without="channels:join")
        self.opened("P2 checkout is slow", channel="random")
        self.logged("could not join C0RANDOM: missing_scope channels:join")
        doctor = self.bot.tocsin("doctor", "--locale", "en").stdout
        self.assertIn("❌ Slack scopes: missing channels:join → import tocsin slack manifest again", doctor)
        self.noted_below("checkout is slow", "nobody hears")
        self.grant()
        self.opened("P2 search is slow", channel="random", incident="INC-2")
        self.slack.wait("channels", id="C0RANDOM", contains=f'"{TOCSIN}"')
        self.noted_below("search is slow", "the pool is full")
        notes = stage.wait_for("the note", lambda: self.bot.rows("SELECT what FROM timeline WHERE kind = 'note'"))
        self.assertEqual(len(notes), 1, notes)
        self.assertIn("the pool is full", notes[0][0])

    def noted_below(self, title, words):
        """Somebody tells the bot to note something, in the thread of a card."""
        card = self.slack.wait("messages", user=TOCSIN, channel="C0RANDOM", contains=title)[0]
        stage.wait_for("the thread", lambda: self.bot.rows("SELECT 1 FROM homes WHERE thread = ?", card["ts"]))
        self.slack.say("alice", f"@tocsin note {words}", channel="random", thread_ts=card["ts"])

    def test_a_stranger_in_a_private_channel_is_named(self):
        """groups:history, users:read"""
        self.open()
        self.slack.post("users", id="U0DAVE", name="dave", real_name="Dave Doe")
        self.slack.post("channels", do="invite", user="alice", channel="war-room", whom="U0DAVE")
        self.opened("P2 checkout is slow", channel="war-room")
        card = self.slack.wait("messages", user=TOCSIN, channel="G0WAR", contains="checkout is slow")[0]
        said = self.slack.say("dave", "the certificate ended", channel="war-room", thread_ts=card["ts"])
        self.slack.post("reactions", user="alice", channel="G0WAR", ts=said["ts"], name="pushpin")
        self.slack.wait("messages", ts=said["ts"], contains="pencil2")
        self.assertIn("Dave Doe: the certificate ended", self.bot.say("/timeline INC-1"))

    def test_a_group_of_people_takes_it_with_them(self):
        """mpim:history"""
        self.open()
        group = self.slack.post("channels", do="group", user="alice", whom=["bob"])["id"]
        self.replies(self.mention("ping together", channel=group))

    def test_people_are_found_by_their_address(self):
        """users:read.email"""
        bob = f" slack: {BOB}, terminal: lead, web: lead}}\n    channels: "
        self.open(start=False, changes=[(bob + "[slack, email, inbox]", bob.partition(",")[2] + "[email, inbox]")])
        self.slack.post("users", id=BOB, email="tech-lead@lawsker.com")
        self.bot.start()
        self.slack.wait("sockets", count=2, ready=True)
        self.opened("P0 the site is down")
        self.slack.answer(self.slack.command("alice", "INC-1", command="/escalate"))
        self.slack.wait("channels", name="inc-1-the-site-is-down", contains=f'"{BOB}"')

    def test_a_link_that_may_be_there_is_looked_for(self):
        """bookmarks:read"""
        self.open()
        self.slack.fault("bookmarks.add", "cut", performed=True)
        self.opened("P0 the site is down")
        self.slack.wait("channels", name="inc-1-the-site-is-down", contains='"U0ALICE"')
        self.bot.say("/ack INC-1")
        links = stage.wait_for("all links", lambda: len(found := self.links()) >= 3 and found)
        self.assertEqual(len(links), len(set(links)), links)

    def links(self):
        channel = self.slack.get("channels", name="inc-1-the-site-is-down")[0]
        return [each["link"] for each in channel["bookmarks"]]

    def test_a_private_channel_that_somebody_archives_is_left(self):
        """groups:read"""
        self.open()
        self.opened("P1 passwords in the log --private")
        home = self.slack.wait("messages", user=TOCSIN, channel_kind="group", contains="passwords", pinned=True)[0]
        self.slack.wait("channels", id=home["channel"], contains='"U0ALICE"')
        self.slack.post("channels", do="archive", user="alice", channel=home["channel"])
        stage.wait_for("the incident to move",
                       lambda: self.bot.rows("SELECT conversation FROM homes") != [(home["channel"],)])
        self.bot.say("/escalate INC-1")
        self.slack.wait("messages", user=TOCSIN, channel=self.direct("U0ALICE"), contains="passwords", count=2)


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Rights))


if __name__ == "__main__":
    unittest.main(verbosity=2)
