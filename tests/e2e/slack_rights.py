#!/usr/bin/python3
"""Rights that the manifest asks for and that nothing else here would miss: what each is there for is done."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_scene import BOB, TOCSIN, Beside, SlackScene


class Rights(SlackScene):
    def opened(self, line, channel="ops", who="alice"):
        shown = self.slack.answer(self.slack.command(who, "open " + line, channel=channel))
        self.assertIn("INC-1", shown["answers"][0]["text"])

    def test_a_public_channel_needs_no_invitation(self):
        """chat:write.public"""
        self.open()
        self.opened("P2 checkout is slow", channel="random")
        self.slack.wait("messages", user=TOCSIN, channel="C0RANDOM", contains="checkout is slow")

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
