#!/usr/bin/python3
"""The main job in Slack, over wss with a certificate of a private authority: opened by the form, taken by a button, a
danger approved by a second person by a button, the postmortem handed over as a file."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import MARK
from slack_scene import SlackScene


def values(severity, title, details=""):
    return {"severity": {"value": severity}, "title": {"value": title}, "details": {"value": details}}


class Slack(SlackScene):
    def setUp(self):
        self.open(options=["meeting: https://meet.example.org/inc-{number}", "invite: [oncall, nobody]"],
                  changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", MARK)])

    def channel(self, name):
        return next(each for each in self.slack.get("channels") if each["name"] == name)

    def open_by_form(self, **filled):
        asked = self.slack.command("alice", "open", channel="ops")
        view = self.slack.wait("views", open=True, callback_id="incident_open")[0]
        self.slack.submit("alice", view["id"], values(**filled))
        self.slack.acked(asked)
        return self.slack.wait("messages", contains="INC-1", channel="C0OPS", deleted=False)[0]

    def test_from_the_form_to_the_postmortem(self):
        card = self.open_by_form(severity="P0", title="<!channel> the site & *all* is down", details="since 03:08")
        self.assertIn("P0 INC-1", card["text"])
        self.assertEqual(card["mentions"], [], "text of people pings nobody")
        home = self.slack.wait("messages", contains="INC-1", channel_name="inc-1-channel-the-site-all-is-down",
                               pinned=True)[0]
        room = home["channel"]

        # The duty is paged alone, with a button; it takes the incident by it.
        page = self.slack.wait("messages", channel_kind="im", contains="INC-1")[0]
        self.press("alice", page, "/incident ack INC-1")
        taken = self.message(channel=room, ts=home["ts"], contains="运维工程师")
        self.assertIn("恢复", taken["text"])
        self.assertIn("运维工程师", self.message(channel="C0OPS", ts=card["ts"], contains="运维工程师")["text"])
        # The page is answered: its buttons are gone, and it says why.
        self.message(channel=page["channel"], ts=page["ts"], contains="已认领")
        with self.assertRaises(AssertionError):
            self.button(self.message(channel=page["channel"], ts=page["ts"]), "/incident ack INC-1")
        self.assertEqual(self.mail.to("devops@lawsker.com"), [], "Slack reached the duty: no mail was needed")

        self.slack.wait("channels", id=room, contains='"U0ALICE"')
        # A danger waits for a second person. Whoever asks sees no button; whoever may is shown what runs.
        asked = self.slack.say("alice", "@tocsin /fix mark", channel=room)
        request = self.message(channel=room, thread_ts=asked["ts"], contains="K1")
        with self.assertRaises(AssertionError):
            self.button(request, "/approve K1")
        self.slack.wait("messages", channel_kind="im", contains="/approve K1", count=2)
        consent = next(each for each in self.slack.get("messages", channel_kind="im", contains="/approve K1")
                       if each["channel"] == self.direct("U0BOB"))
        self.assertIn("fix mark", str(consent["blocks"]))
        chief = next(each for each in self.slack.get("messages", channel_kind="im", contains="/approve K1")
                     if each["channel"] == self.direct("W0CAROL"))
        self.press("bob", consent, "/approve K1")
        # Whoever else was asked need not answer any more.
        settled = self.message(channel=chief["channel"], ts=chief["ts"], contains="技术负责人已批准 K1")
        self.assertNotIn("/approve K1", str(settled["blocks"]))
        self.slack.wait("messages", contains="K1", channel_kind="im", user="U0TOCSIN")
        self.assertFalse((self.folder / "mark").exists(), "approved is not run")
        # What is printed is what works where it is printed: in a channel with the bot's name, alone with it without.
        self.assertIn("<@U0TOCSIN> 批准 K1 或 <@U0TOCSIN> 拒绝 K1", str(request["blocks"]))
        alone = self.direct("U0ALICE")
        self.assertIn("要做就发 执行 K1", str(self.message(channel=alone, contains="要做就发")["blocks"]))
        self.slack.say("alice", "执行 K1", channel=alone)
        stage.wait_for("what was approved", (self.folder / "mark").exists)

        # A message that somebody pins is on the timeline at its own time.
        self.slack.wait("channels", id=room, contains='"U0BOB"')
        said = self.slack.say("bob", "the certificate ended at 03:00", channel=room)
        self.slack.post("pins", user="bob", channel=room, ts=said["ts"])
        self.slack.wait("messages", ts=said["ts"], contains="pencil2")
        timeline = self.bot.say("/timeline INC-1")
        self.assertIn("certificate ended", timeline)
        self.assertIn("since 03:08", timeline)

        self.press("alice", self.message(channel=room, ts=home["ts"]), "/incident mitigate INC-1")
        self.press("alice", self.message(channel=room, ts=home["ts"], contains="缓解"), "/incident resolve INC-1")
        resolved = self.message(channel=room, ts=home["ts"], contains="已解决")
        self.press("alice", resolved, "/postmortem INC-1")
        self.message(channel=room, contains="INC-1.md", subtype="file_share")
        file = self.slack.get("files", name="INC-1.md")[0]
        text = self.slack.file(file["id"]).decode()
        self.assertIn("is down", text.splitlines()[0])
        self.assertIn("certificate ended", text)

        # It is closed, and its channel with it; the last words are in it before that.
        self.press("alice", self.message(channel=room, ts=home["ts"], contains="已解决"), "/incident close INC-1")
        self.slack.wait("channels", id=room, is_archived=True)
        topic = self.slack.get("channels", id=room)[0]
        self.assertIn("INC-1", topic["topic"]["value"])
        links = [each["link"] for each in topic["bookmarks"]]
        self.assertIn("https://meet.example.org/inc-1", links)
        self.assertIn("https://monitor.lawsker.com", links)
        self.assertEqual(self.slack.get("bad_frames"), [])

    def test_only_whoever_must_act_is_mentioned(self):
        self.slack.answer(self.slack.command("alice", "open P1 checkout is slow", channel="ops"))
        home = self.slack.wait("messages", contains="INC-1", channel_name="inc-1-checkout-is-slow", pinned=True)[0]
        page = self.slack.wait("messages", channel_kind="im", contains="INC-1")[0]
        self.slack.wait("channels", id=home["channel"], contains='"U0ALICE"')
        # Of the group @oncall, too; that there is no @nobody keeps nobody out.
        self.slack.wait("channels", id=home["channel"], contains='"U0BOB"')
        self.slack.say("alice", "@tocsin /escalate INC-1", channel=home["channel"])
        # The answer to whoever called, and the news for all; either may come first.
        said = self.slack.wait("messages", 2, channel=home["channel"], user="U0TOCSIN", contains="呼叫技术负责人")
        self.assertEqual(sorted(each["mentions"] for each in said), [[], ["@U0BOB"]])
        called = next(each for each in said if each["mentions"])
        # Bob answers his page: both pages are settled, and nobody is mentioned for it.
        his = self.slack.wait("messages", channel_kind="im", contains="/incident ack INC-1", count=2)
        self.press("bob", next(each for each in his if each["channel"] != page["channel"]), "/incident ack INC-1")
        for each in his:
            self.message(channel=each["channel"], ts=each["ts"], contains="已认领")
        mentioned = [each["text"] for each in self.slack.get("messages", user="U0TOCSIN") if each["mentions"]
                     and not each.get("subtype")]
        self.assertEqual(mentioned, [called["text"]])

    def test_whoever_can_not_be_invited_is_named(self):
        self.slack.post("users", id="U0BOB", deleted=True)
        self.slack.answer(self.slack.command("alice", "open P1 checkout is slow", channel="ops"))
        home = self.slack.wait("messages", contains="INC-1", channel_name="inc-1-checkout-is-slow", pinned=True)[0]
        said = self.slack.wait("messages", channel=home["channel"], contains="没能邀请")[0]
        self.assertIn("技术负责人", said["text"])
        self.slack.wait("channels", id=home["channel"], contains='"U0ALICE"')

    def test_a_channel_that_somebody_archives_is_left(self):
        self.slack.answer(self.slack.command("alice", "open P1 checkout is slow", channel="ops"))
        home = self.slack.wait("messages", contains="INC-1", channel_name="inc-1-checkout-is-slow", pinned=True)[0]
        card = self.slack.wait("messages", contains="INC-1", channel="C0OPS")[0]
        self.slack.wait("channels", id=home["channel"], contains='"U0ALICE"')
        self.slack.post("channels", do="archive", user="alice", channel=home["channel"])
        # It goes on below its card where it was opened, and says why.
        stage.wait_for("the incident to move",
                       lambda: self.bot.rows("SELECT conversation FROM homes") == [("C0OPS",)])
        self.bot.say("/escalate INC-1 the database is down")
        self.slack.wait("messages", channel="C0OPS", thread_ts=card["ts"], contains="the database is down")
        self.press("alice", self.message(channel="C0OPS", ts=card["ts"]), "/incident ack INC-1")
        self.message(channel="C0OPS", ts=card["ts"], contains="/incident mitigate INC-1")

    def home(self, user, *words):
        """What the app's home shows somebody, as soon as it has all the words."""
        def shown():
            views = self.slack.get("views", type="home", user=user)
            return views and all(word in str(views[-1]["blocks"]) for word in words) and views[-1]
        return stage.wait_for(f"{words} at home", shown)

    def test_the_home_of_the_app(self):
        self.slack.answer(self.slack.command("alice", "open P2 checkout is slow", channel="ops"))
        self.slack.answer(self.slack.command("alice", "open P2 passwords in the log --private", channel="ops"))
        self.slack.say("alice", "@tocsin /fix mark", channel="ops")
        self.slack.wait("messages", channel_kind="im", contains="/approve K1", count=2)
        self.slack.post("home", user="bob")
        bobs = self.home("U0BOB", "checkout is slow", "/approve K1", "值班")
        self.assertNotIn("passwords", str(bobs))
        self.slack.post("home", user="alice")
        alices = self.home("U0ALICE", "checkout is slow", "passwords", "你正在值班")
        self.assertNotIn("/approve K1", str(alices))
        # What is pressed there is answered in one's own conversation, and is done there.
        button = self.button(bobs, "/approve K1")
        self.slack.press("bob", view_id=bobs["id"], **button)
        self.slack.wait("messages", channel=self.direct("U0BOB"), user="U0TOCSIN", contains="✅ 技术负责人批准 K1")
        stage.wait_for("the request to leave his home",
                       lambda: "/approve K1" not in str(self.home("U0BOB")["blocks"]))
        self.assertEqual(self.bot.rows("SELECT state, decided_by FROM approvals"), [("approved", "lead")])

    def test_a_private_incident_is_for_its_members(self):
        self.slack.command("alice", "open", channel="ops")
        view = self.slack.wait("views", open=True, callback_id="incident_open")[0]
        self.slack.submit("alice", view["id"], {**values("P2", "passwords in the log"),
                                                "private": {"value": ["private"]}})
        card = self.slack.wait("messages", contains="passwords", pinned=True)[0]
        self.assertEqual(card["channel_kind"], "group")
        self.assertNotIn("U0BOB", self.slack.get("channels", id=card["channel"])[0]["members"])
        # Asked for where others read, it is told to whoever asked; the list, too, and the file of a postmortem.
        for line in ("timeline INC-1", "incident list", "postmortem INC-1"):
            before = len(self.slack.get("ephemerals", contains="passwords"))
            self.slack.say("alice", f"@tocsin {line}", channel="ops")
            self.slack.wait("ephemerals", count=before + 1, contains="passwords", seen_by="U0ALICE")
        self.assertEqual(self.slack.get("messages", contains="passwords", channel="C0OPS"), [])
        self.slack.say("bob", "@tocsin timeline INC-1", channel="ops")
        self.slack.wait("ephemerals", seen_by="U0BOB", channel="C0OPS")
        self.assertEqual(self.slack.get("ephemerals", contains="passwords", seen_by="U0BOB"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
