"""conversations, users, marks and files."""
import os

from case import ALICE, BOB, BOT, CAROL, GENERAL, GONE, OLD, OPS, RANDOM, SECRET, WAR, Case
from common.raw_client import http_call


class Channels(Case):
    def create(self, name, **fields):
        return self.api("conversations.create", name=name, **fields)

    def test_rules_of_names(self):
        for error, name in (("invalid_name_required", ""), ("invalid_name_maxlength", "x" * 81),
                            ("invalid_name_specials", "Inc"), ("invalid_name_specials", "a b"),
                            ("invalid_name_specials", "警钟"), ("invalid_name_punctuation", "--"),
                            ("name_taken", "ops"), ("name_taken", "inc-1")):
            self.refused(error, self.create(name))
        self.ok(self.create("x" * 80))

    def test_the_creator_is_a_member(self):
        found = self.ok(self.create("inc-2"))["channel"]
        self.assertEqual((found["name"], found["creator"], found["is_member"]), ("inc-2", BOT, True))
        self.assertEqual(self.ok(self.api("conversations.members", channel=found["id"]))["members"], [BOT])
        private = self.ok(self.create("inc-3", is_private=True))["channel"]
        self.assertTrue(private["is_private"])

    def test_slack_may_name_it_otherwise(self):
        self.slack.settings(created_name_suffix="-x")
        self.assertEqual(self.ok(self.create("inc-2"))["channel"]["name"], "inc-2-x")

    def test_only_who_made_it_renames_it(self):
        made = self.ok(self.create("inc-2"))["channel"]["id"]
        renamed = self.ok(self.api("conversations.rename", channel=made, name="inc-9"))["channel"]
        self.assertEqual((renamed["name"], renamed["previous_names"]), ("inc-9", ["inc-2"]))
        self.refused("name_taken", self.api("conversations.rename", channel=made, name="ops"))
        self.refused("not_authorized", self.api("conversations.rename", channel=OPS, name="x"))

    def test_topics_and_their_notice(self):
        self.ok(self.api("conversations.setTopic", channel=OPS, topic="x" * 250))
        self.refused("too_long", self.api("conversations.setTopic", channel=OPS, topic="x" * 251))
        self.refused("not_in_channel", self.api("conversations.setTopic", channel=RANDOM, topic="x"))
        self.refused("is_archived", self.api("conversations.setPurpose", channel=OLD, purpose="x"))
        notice = self.api("conversations.history", channel=OPS)["messages"][0]
        self.assertEqual((notice["subtype"], notice["topic"]), ("channel_topic", "x" * 250))

    def test_invitations_are_all_or_nothing_unless_forced(self):
        invite = "conversations.invite"
        self.refused("already_in_channel", self.api(invite, channel=OPS, users=ALICE))
        self.refused("cant_invite_self", self.api(invite, channel=OPS, users=BOT))
        self.refused("not_in_channel", self.api(invite, channel=RANDOM, users=BOB))
        self.refused("is_archived", self.api(invite, channel=OLD, users=BOB))
        answer = self.refused("user_not_found", self.api(invite, channel=OPS, users=f"{CAROL},U0NOBODY"))
        self.assertEqual(answer["errors"], [{"user": "U0NOBODY", "ok": False, "error": "user_not_found"}])
        self.assertNotIn(CAROL, self.slack.get("channels", id=OPS)[0]["members"])
        answer = self.ok(self.api(invite, channel=OPS, users=f"{CAROL},{GONE},{ALICE}", force=True))
        self.assertEqual([each["error"] for each in answer["errors"]], ["cant_invite", "already_in_channel"])
        self.assertIn(CAROL, self.slack.get("channels", id=OPS)[0]["members"])
        self.refused("invalid_arguments", self.api(invite, channel=OPS, users=",".join(f"U{n}" for n in range(101))))

    def test_archiving(self):
        self.ok(self.api("conversations.archive", channel=OPS))
        self.refused("already_archived", self.api("conversations.archive", channel=OPS))
        self.refused("is_archived", self.api("chat.postMessage", channel=OPS, text="x"))
        self.refused("cant_archive_general", self.api("conversations.archive", channel=GENERAL))
        self.refused("not_in_channel", self.api("conversations.archive", channel=RANDOM))
        direct = self.api("conversations.open", users=ALICE)["channel"]["id"]
        self.refused("method_not_supported_for_channel_type",
                     self.api("conversations.archive", channel=direct))

    def test_direct_messages(self):
        first = self.ok(self.api("conversations.open", users=ALICE))["channel"]
        self.assertEqual(self.ok(self.api("conversations.open", users=ALICE))["channel"], first)
        several = self.ok(self.api("conversations.open", users=f"{ALICE},{BOB}", return_im=True))["channel"]
        self.assertTrue(several["is_mpim"])
        self.assertEqual(self.ok(self.api("conversations.open", channel=first["id"]))["channel"], first)
        for error, users in (("user_not_found", "U0NOBODY"), ("user_disabled", GONE), ("users_list_not_supplied", ""),
                             ("too_many_users", ",".join(f"U{n}" for n in range(9)))):
            self.refused(error, self.api("conversations.open", users=users))

    def test_joining(self):
        self.assertNotIn("warning", self.ok(self.api("conversations.join", channel=RANDOM)))
        self.assertEqual(self.ok(self.api("conversations.join", channel=RANDOM))["warning"], "already_in_channel")
        self.refused("is_archived", self.api("conversations.join", channel=OLD))
        self.refused("channel_not_found", self.api("conversations.join", channel=SECRET))
        self.refused("method_not_supported_for_channel_type", self.api("conversations.join", channel=WAR))

    def test_lists_show_what_the_bot_may_see(self):
        self.slack.settings(short_pages=False)

        def names(**fields):
            return [each["name"] for each in self.ok(self.api("conversations.list", **fields))["channels"]]

        self.assertEqual(names(), ["general", "ops", "random", "inc-1"])
        self.assertEqual(names(exclude_archived=True), ["general", "ops", "random"])
        self.assertEqual(names(types="private_channel"), ["war-room"])
        self.refused("channel_not_found", self.api("conversations.info", channel=SECRET))


class PeopleAndMarks(Case):
    def test_people(self):
        found = self.ok(self.api("users.info", user=ALICE))["user"]
        self.assertEqual((found["profile"]["email"], found["tz"], found["deleted"]),
                         ("alice@example.org", "Asia/Shanghai", False))
        self.refused("user_not_found", self.api("users.info", user="U0NOBODY"))
        self.assertEqual(self.ok(self.api("users.lookupByEmail", email="Bob@example.org"))["user"]["id"], BOB)
        self.refused("users_not_found", self.api("users.lookupByEmail", email="gone@example.org"))

    def test_groups(self):
        found = self.ok(self.api("usergroups.list", include_users=True))["usergroups"]
        self.assertEqual([(each["handle"], each["users"], each["date_delete"]) for each in found],
                         [("oncall", [ALICE, BOB], 0)])
        self.assertEqual(len(self.ok(self.api("usergroups.list", include_disabled=True))["usergroups"]), 2)
        self.assertEqual(self.ok(self.api("usergroups.users.list", usergroup="S0ONCALL"))["users"], [ALICE, BOB])
        self.refused("no_such_subteam", self.api("usergroups.users.list", usergroup="S0NONE"))

    def test_pins(self):
        ts = self.slack.say("alice", "x", "ops")["ts"]
        self.ok(self.api("pins.add", channel=OPS, timestamp=ts))
        self.refused("already_pinned", self.api("pins.add", channel=OPS, timestamp=ts))
        self.refused("message_not_found", self.api("pins.add", channel=OPS, timestamp="1.000000"))
        self.refused("bad_timestamp", self.api("pins.add", channel=OPS, timestamp="1"))
        self.assertEqual(self.ok(self.api("pins.list", channel=OPS))["items"][0]["message"]["ts"], ts)

    def test_reactions(self):
        ts = self.slack.say("alice", "x", "ops")["ts"]
        self.ok(self.api("reactions.add", channel=OPS, timestamp=ts, name="eyes"))
        self.refused("already_reacted", self.api("reactions.add", channel=OPS, timestamp=ts, name="eyes"))
        self.refused("invalid_name", self.api("reactions.add", channel=OPS, timestamp=ts, name=":eyes:"))
        self.refused("no_item_specified", self.api("reactions.add", name="eyes"))
        self.ok(self.api("reactions.add", channel=OPS, timestamp=ts, name="thumbsup::skin-tone-2"))

    def test_bookmarks(self):
        link = {"channel_id": OPS, "title": "Runbook", "type": "link", "link": "https://x.test/a"}
        self.ok(self.api("bookmarks.add", **link))
        self.ok(self.api("bookmarks.add", **link))
        self.assertEqual(len(self.ok(self.api("bookmarks.list", channel_id=OPS))["bookmarks"]), 2)
        self.refused("invalid_link", self.api("bookmarks.add", **{**link, "link": "ftp://x"}))
        self.refused("invalid_emoji", self.api("bookmarks.add", **link, emoji="eyes"))
        self.refused("invalid_arguments", self.api("bookmarks.add", channel=OPS, title="x", type="link"))
        for _ in range(98):
            self.ok(self.api("bookmarks.add", **link))
        self.refused("too_many_bookmarks", self.api("bookmarks.add", **link))


class Files(Case):
    CONTENT = bytes(range(256)) + b"\r\n--x--\n\r\x00" * 3

    def announce(self, size=None, **fields):
        size = len(self.CONTENT) if size is None else size
        return self.ok(self.api("files.getUploadURLExternal", filename="a.bin", length=size, **fields))

    def complete(self, id, **fields):
        return self.api("files.completeUploadExternal", files=[{"id": id, "title": "A"}], **fields)

    def test_three_steps(self):
        got = self.announce(alt_txt="a graph")
        self.assertEqual(http_call(got["upload_url"], body=self.CONTENT)[0], 200)
        self.refused("file_not_found", self.api("files.info", file=got["file_id"]))
        root = self.slack.say("alice", "root", "ops")["ts"]
        done = self.ok(self.complete(got["file_id"], channel_id=OPS, thread_ts=root, initial_comment="see"))
        self.assertEqual(done["files"], [{"id": got["file_id"], "title": "A"}])
        share = self.ok(self.api("files.info", file=got["file_id"]))["file"]["shares"]["public"][OPS][0]
        posted = self.slack.get("messages", ts=share["ts"])[0]
        self.assertEqual((posted["text"], posted["thread_ts"], posted["files"][0]["id"]), ("see", root, got["file_id"]))
        self.assertEqual(self.slack.file(got["file_id"]), self.CONTENT)
        self.refused("file_not_found", self.complete(got["file_id"], channel_id=OPS))

    def test_a_form_carries_it_too(self):
        got = self.announce()
        edge = os.urandom(8).hex()
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n').encode()
        body += self.CONTENT + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        self.assertEqual(http_call(got["upload_url"], body=body, headers=kind)[0], 200)
        self.assertEqual(self.slack.file(got["file_id"]), self.CONTENT)

    def test_what_is_refused(self):
        upload = "files.getUploadURLExternal"
        self.refused("missing_argument", self.api(upload, filename="x", length=0))
        self.refused("missing_argument", self.api(upload, length=5))
        self.refused("file_upload_size_restricted", self.api(upload, filename="x", length=50_000_001))
        self.refused("unknown_snippet_type", self.api(upload, filename="x", length=5, snippet_type="poem"))
        self.refused("snippet_too_large", self.api(upload, filename="x", length=1_000_001, snippet_type="text"))
        got = self.announce(5)
        self.assertEqual(http_call(got["upload_url"], body=b"four")[0], 400)
        self.refused("file_not_found", self.complete(got["file_id"]))
        self.assertEqual(http_call(got["upload_url"], body=b"fives")[0], 200)
        self.assertEqual(http_call(got["upload_url"], body=b"fives")[0], 404)
        for error, channel in (("not_in_channel", RANDOM), ("channel_not_found", SECRET),
                               ("posting_to_channel_denied", OLD)):
            self.refused(error, self.complete(got["file_id"], channel_id=channel))
        self.ok(self.complete(got["file_id"]))
        self.assertEqual(self.slack.get("messages"), [])
