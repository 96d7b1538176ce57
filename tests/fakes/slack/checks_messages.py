"""chat, history, and what may be in a message."""
from case import (ALICE, BOT, GENERAL, GONE, OLD, OPS, RANDOM, SECRET, WAR, Case, actions, button, mrkdwn, options,
                  plain, question, section, select)


class Posting(Case):
    def post(self, channel=OPS, **fields):
        return self.api("chat.postMessage", channel=channel, **fields)

    def test_a_message_has_an_exact_ts_of_its_own(self):
        seen = [self.ok(self.post(text=str(number)))["ts"] for number in range(3)]
        self.assertEqual(len(set(seen)), 3)
        self.assertEqual(sorted(seen), seen)
        self.assertRegex(seen[0], r"^\d{10}\.\d{6}$")

    def test_where_the_bot_may_post(self):
        self.ok(self.post(RANDOM, text="chat:write.public is granted"))
        self.slack.post("tokens", token="bot", scopes=["chat:write"])
        self.refused("not_in_channel", self.post(RANDOM, text="x"))
        self.refused("channel_not_found", self.post(SECRET, text="x"))
        self.refused("channel_not_found", self.post("C0NOWHERE", text="x"))
        self.refused("is_archived", self.post(OLD, text="x"))
        self.ok(self.post(WAR, text="x"))
        self.assertEqual(self.ok(self.post("#ops", text="x"))["channel"], OPS)

    def test_a_users_id_means_their_direct_messages(self):
        first = self.ok(self.post(ALICE, text="x"))["channel"]
        self.assertTrue(first.startswith("D"))
        self.assertEqual(self.ok(self.post(ALICE, text="y"))["channel"], first)
        self.refused("channel_not_found", self.post(GONE, text="x"))

    def test_something_must_be_said(self):
        self.refused("no_text", self.post())
        self.refused("no_text", self.post(text="", blocks=[]))

    def test_long_texts_are_cut_with_a_warning(self):
        found = self.ok(self.post(text="x" * 40_001))
        self.assertEqual((found["warning"], len(found["message"]["text"])), ("message_truncated", 40_000))
        self.assertNotIn("warning", self.post(text="x" * 40_000))
        emoji = self.ok(self.post(text="\U0001f525" * 20_001))["message"]["text"]
        self.assertEqual(len(emoji), 20_000)

    def test_markdown_text_stands_alone(self):
        self.refused("markdown_text_conflict", self.post(text="x", markdown_text="y"))
        self.refused("msg_too_long", self.post(markdown_text="x" * 12_001))
        self.assertEqual(self.ok(self.post(markdown_text="**x**"))["message"]["blocks"][0]["type"], "markdown")

    def test_threads_hang_on_roots(self):
        root = self.ok(self.post(text="root"))["ts"]
        reply = self.ok(self.post(text="reply", thread_ts=root))["ts"]
        self.refused("cannot_reply_to_message", self.post(text="x", thread_ts=reply))
        self.refused("cannot_reply_to_message", self.post(text="x", thread_ts="1.000000"))
        shown = self.ok(self.api("conversations.history", channel=OPS))["messages"][-1]
        self.assertEqual((shown["thread_ts"], shown["reply_count"]), (root, 1))

    def test_a_name_of_ones_own_needs_a_scope(self):
        self.refused("missing_scope", self.post(text="x", username="Somebody"))

    def test_ephemeral_messages_are_for_one_who_is_there(self):
        found = self.ok(self.api("chat.postEphemeral", channel=OPS, user=ALICE, text="psst"))
        self.assertEqual(self.slack.get("ephemerals", seen_by=ALICE)[0]["ts"], found["message_ts"])
        self.refused("user_not_in_channel", self.api("chat.postEphemeral", channel=OPS, user="W0CAROL", text="x"))
        self.refused("not_in_channel", self.api("chat.postEphemeral", channel=RANDOM, user=ALICE, text="x"))
        self.refused("message_not_found", self.api("chat.update", channel=OPS, ts=found["message_ts"], text="x"))
        self.assertEqual(self.slack.get("messages"), [])

    def test_permalinks(self):
        ts = self.ok(self.post(text="x"))["ts"]
        link = self.ok(self.api("chat.getPermalink", channel=OPS, message_ts=ts))["permalink"]
        self.assertEqual(link, f"https://acme.slack.com/archives/{OPS}/p" + ts.replace(".", ""))
        self.refused("message_not_found", self.api("chat.getPermalink", channel=OPS, message_ts="1.0"))

    def test_mentions_that_were_not_escaped_show(self):
        self.ok(self.post(text="<!channel> <@U0ALICE> &lt;!here&gt;", blocks=[section("<!subteam^S0ONCALL|x>")]))
        self.assertEqual(self.slack.get("messages")[0]["mentions"], ["!channel", "!subteam^S0ONCALL", "@U0ALICE"])


class Updating(Case):
    def setUp(self):
        super().setUp()
        self.ts = self.ok(self.api("chat.postMessage", channel=OPS, text="first", blocks=[section()],
                                   metadata={"event_type": "card", "event_payload": {"key": "1"}}))["ts"]

    def update(self, **fields):
        return self.api("chat.update", **{"channel": OPS, "ts": self.ts, **fields})

    def test_text_without_blocks_takes_the_blocks_away(self):
        self.ok(self.update(text="second"))
        row = self.slack.get("messages")[0]
        self.assertNotIn("blocks", row)
        self.assertEqual((row["text"], row["edited"]["user"], row["history"][0]["text"]), ("second", BOT, "first"))

    def test_blocks_without_text_keep_the_text(self):
        self.ok(self.update(blocks=[section("new")]))
        row = self.slack.get("messages")[0]
        self.assertEqual((row["text"], row["blocks"][0]["text"]["text"]), ("first", "new"))
        self.ok(self.update(blocks=[]))
        self.assertNotIn("blocks", self.slack.get("messages")[0])

    def test_metadata_stays_unless_there_is_another(self):
        self.ok(self.update(text="x"))
        self.assertEqual(self.slack.get("messages")[0]["metadata"]["event_payload"], {"key": "1"})
        self.ok(self.update(text="x", metadata={"event_type": "card", "event_payload": {"key": "2"}}))
        self.assertEqual(self.slack.get("messages")[0]["metadata"]["event_payload"], {"key": "2"})

    def test_only_short_texts(self):
        self.refused("msg_too_long", self.update(text="x" * 4001))
        self.ok(self.update(text="x" * 4000))

    def test_only_own_messages_by_the_channels_id(self):
        other = self.slack.say("alice", "mine", "ops")["ts"]
        self.refused("cant_update_message", self.update(ts=other, text="x"))
        self.refused("cant_delete_message", self.api("chat.delete", channel=OPS, ts=other))
        self.refused("channel_not_found", self.update(channel="#ops", text="x"))
        self.refused("message_not_found", self.update(ts="1.000000", text="x"))
        self.slack.post("channels", do="archive", user="alice", channel="ops")
        self.refused("is_inactive", self.update(text="x"))

    def test_what_is_deleted_is_gone_but_for_tests(self):
        self.ok(self.api("chat.delete", channel=OPS, ts=self.ts))
        self.refused("message_not_found", self.update(text="x"))
        self.assertEqual(self.api("conversations.history", channel=OPS)["messages"], [])
        self.assertTrue(self.slack.get("messages")[0]["deleted"])

    def test_a_root_with_replies_becomes_a_tombstone(self):
        self.ok(self.api("chat.postMessage", channel=OPS, text="reply", thread_ts=self.ts))
        self.ok(self.api("chat.delete", channel=OPS, ts=self.ts))
        found = self.ok(self.api("conversations.replies", channel=OPS, ts=self.ts, limit=2))["messages"]
        self.assertEqual(found[0]["subtype"], "tombstone")


class History(Case):
    def test_newest_first_without_replies(self):
        self.slack.settings(short_pages=False)
        root = self.slack.say("alice", "root", "ops")["ts"]
        self.slack.say("bob", "reply", "ops", thread_ts=root)
        self.slack.say("bob", "reply to all", "ops", thread_ts=root, broadcast=True)
        self.slack.say("alice", "last", "ops")
        found = self.ok(self.api("conversations.history", channel=OPS))["messages"]
        self.assertEqual([each["text"] for each in found], ["last", "reply to all", "root"])
        found = self.ok(self.api("conversations.replies", channel=OPS, ts=root))["messages"]
        self.assertEqual([each["text"] for each in found], ["root", "reply", "reply to all"])
        alone = self.ok(self.api("conversations.replies", channel=OPS, ts=found[1]["ts"]))["messages"]
        self.assertEqual([each["ts"] for each in alone], [found[1]["ts"]])

    def test_periods_are_exact(self):
        self.slack.settings(short_pages=False)
        ts = [self.slack.say("alice", str(number), "ops")["ts"] for number in range(4)]

        def texts(**period):
            found = self.ok(self.api("conversations.history", channel=OPS, **period))["messages"]
            return [each["text"] for each in found]

        self.assertEqual(texts(oldest=ts[1]), ["3", "2"])
        self.assertEqual(texts(oldest=ts[1], latest=ts[2], inclusive=True), ["2", "1"])
        self.assertEqual(texts(latest=ts[1]), ["0"])
        self.refused("invalid_ts_oldest", self.api("conversations.history", channel=OPS, oldest="yesterday"))
        self.refused("invalid_ts_latest", self.api("conversations.history", channel=OPS, latest="now"))

    def test_has_more_and_pages(self):
        for number in range(4):
            self.slack.say("alice", str(number), "ops")
        first = self.ok(self.api("conversations.history", channel=OPS))
        self.assertEqual((len(first["messages"]), first["has_more"]), (2, True))
        cursor = first["response_metadata"]["next_cursor"]
        rest = self.ok(self.api("conversations.history", channel=OPS, cursor=cursor))
        self.assertEqual(([each["text"] for each in rest["messages"]], rest["has_more"]), (["1", "0"], False))

    def test_metadata_comes_when_asked_for(self):
        metadata = {"event_type": "page", "event_payload": {"key": "17"}}
        self.ok(self.api("chat.postMessage", channel=OPS, text="x", metadata=metadata))
        self.assertNotIn("metadata", self.api("conversations.history", channel=OPS)["messages"][0])
        found = self.api("conversations.history", channel=OPS, include_all_metadata=True)["messages"][0]
        self.assertEqual(found["metadata"], metadata)
        for broken in ({"event_type": "x"}, {"event_payload": {}}, [], {"event_type": "", "event_payload": {}}):
            self.refused("invalid_metadata_format",
                         self.api("chat.postMessage", channel=OPS, text="x", metadata=broken))

    def test_only_where_the_bot_is(self):
        self.refused("not_in_channel", self.api("conversations.history", channel=RANDOM))
        self.refused("channel_not_found", self.api("conversations.history", channel=SECRET))
        self.ok(self.api("conversations.history", channel=GENERAL))


class Blocks(Case):
    def refusal(self, *blocks):
        answer = self.api("chat.postMessage", channel=OPS, text="x", blocks=list(blocks))
        self.refused("invalid_blocks", answer)
        return answer["response_metadata"]["messages"][0]

    def test_limits_on_both_sides(self):
        for name, build, most in (
                ("section text", lambda n: section("x" * n), 3000),
                ("field", lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}, 2000),
                ("fields", lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}, 10),
                ("header", lambda n: {"type": "header", "text": plain("x" * n)}, 150),
                ("context", lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, 10),
                ("actions", lambda n: actions(*(button(f"a{k}") for k in range(n))), 25),
                ("image url", lambda n: {"type": "image", "image_url": "x" * n, "alt_text": "x"}, 3000),
                ("alt text", lambda n: {"type": "image", "image_url": "x", "alt_text": "x" * n}, 2000),
                ("markdown", lambda n: {"type": "markdown", "text": "x" * n}, 12_000),
                ("rows", lambda n: {"type": "table", "rows": [[]] * n}, 100),
                ("cells", lambda n: {"type": "table", "rows": [[{}] * n]}, 20),
                ("block_id", lambda n: section(block_id="x" * n), 255),
                ("action_id", lambda n: actions(button("x" * n)), 255),
                ("button text", lambda n: actions(button(text="x" * n)), 75),
                ("button value", lambda n: actions(button(value="x" * n)), 2000),
                ("button url", lambda n: actions(button(url="x" * n)), 3000),
                ("options", lambda n: actions(select(options=options(*map(str, range(n))))), 100),
                ("overflow", lambda n: actions(select(kind="overflow", options=options(*map(str, range(n))))), 5),
                ("radio", lambda n: actions(select(kind="radio_buttons", options=options(*map(str, range(n))))), 10),
                ("option text", lambda n: actions(select(options=[{"text": plain("x" * n), "value": "v"}])), 75),
                ("option value", lambda n: actions(select(options=[{"text": plain("x"), "value": "v" * n}])), 150),
                ("label", lambda n: question(label=plain("x" * n)), 2000),
                ("placeholder", lambda n: actions(select(placeholder=plain("x" * n))), 150),
                ("confirm", lambda n: actions(button(confirm={
                    "title": plain("x"), "text": plain("x" * n), "confirm": plain("y"), "deny": plain("n")})), 300)):
            with self.subTest(name):
                self.slack.settings(blocks_text_limit=20_000)
                self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=[build(most)]))
                self.refusal(build(most + 1))

    def test_fifty_blocks(self):
        self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=[section()] * 50))
        self.assertIn("no more than 50 items", self.refusal(*[section()] * 51))

    def test_all_texts_together(self):
        many = [section("x" * 2500)] * 5
        self.refused("msg_blocks_too_long", self.api("chat.postMessage", channel=OPS, text="x", blocks=many))
        self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=many[:4]))

    def test_characters_are_utf_16_units(self):
        self.refusal({"type": "header", "text": plain("\U0001f525" * 76)})

    def test_what_is_missing_or_out_of_place(self):
        for name, block in (
                ("empty section", {"type": "section"}), ("empty text", section("")),
                ("mrkdwn header", {"type": "header", "text": mrkdwn("x")}), ("no such block", {"type": "poem"}),
                ("button without text", actions({"type": "button", "action_id": "a"})),
                ("style", actions(button(style="loud"))), ("text input among buttons", actions(question()["element"])),
                ("no alt text", {"type": "image", "image_url": "https://x"}), ("no buttons", actions()),
                ("option url", actions(select(options=[{**options("a")[0], "url": "https://x"}]))),
                ("no options", actions({"type": "static_select", "action_id": "a"})),
                ("strange initial option", actions(select(initial_option=options("z")[0]))),
                ("button as input", question(element={"type": "button", "text": plain("x")})),
                ("accessory", section(accessory={"type": "poem"})), ("a word", actions("x")),
                ("a list for a type", {"type": []}), ("an element of no type", actions({"type": {}})),
                ("initial options", actions(select(kind="checkboxes", initial_options=5)))):
            with self.subTest(name):
                self.refusal(block)

    def test_ids_are_unique_and_given_where_missing(self):
        self.refusal(section(block_id="a"), section(block_id="a"))
        self.refusal(actions(button("a"), button("a")))
        found = self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=[
            {"type": "actions", "elements": [{"type": "button", "text": plain("x")}]}]))["message"]["blocks"][0]
        self.assertTrue(found["block_id"] and found["elements"][0]["action_id"])

    def test_the_place_of_a_problem_is_told(self):
        told = self.refusal(section(), {"type": "header", "text": plain("x" * 151)})
        self.assertEqual(told, "[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]")

    def test_attachments(self):
        self.refused("too_many_attachments",
                     self.api("chat.postMessage", channel=OPS, text="x", attachments=[{"text": "x"}] * 101))
        self.refused("invalid_blocks", self.api("chat.postMessage", channel=OPS, text="x",
                                                attachments=[{"blocks": [{"type": "poem"}]}]))
        self.refused("invalid_blocks_format", self.api("chat.postMessage", channel=OPS, text="x", blocks={"type": "x"}))
