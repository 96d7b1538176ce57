"""Events: what the app hears of what people, and it itself, do."""
from case import ALICE, BOB, BOT, CAROL, GENERAL, OPS, RANDOM, Case


class Events(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def next(self):
        envelope = self.mine.json()
        self.mine.ack(envelope)
        return envelope["payload"]["event"]

    def told(self):
        """Names of all events so far, told or not yet read."""
        return [(row["kind"], row["payload"]["event"].get("subtype")) for row in self.slack.get("envelopes")]

    def test_the_outer_object(self):
        self.slack.say("alice", "hi", "ops")
        payload = self.mine.json()["payload"]
        self.assertEqual((payload["type"], payload["team_id"], payload["api_app_id"]),
                         ("event_callback", "T0ACME", "A0TOCSIN"))
        self.assertTrue(payload["event_id"].startswith("Ev"))
        self.assertEqual(payload["authorizations"][0]["user_id"], BOT)

    def test_a_message_and_its_thread(self):
        root = self.slack.say("alice", "hi <you> & @bob", "ops")
        event = self.next()
        self.assertEqual((event["type"], event["text"], event["channel_type"], event["ts"], event["user"]),
                         ("message", "hi &lt;you&gt; &amp; <@U0BOB>", "channel", root["ts"], ALICE))
        self.assertNotIn("subtype", event)
        self.slack.say("bob", "yes", "ops", thread_ts=root["ts"])
        event = self.next()
        self.assertEqual((event["thread_ts"], event["parent_user_id"]), (root["ts"], ALICE))
        self.slack.say("bob", "all", "ops", thread_ts=root["ts"], broadcast=True)
        self.assertEqual(self.next()["subtype"], "thread_broadcast")

    def test_a_mention_makes_two_events(self):
        self.slack.say("alice", "@tocsin open P0", "ops")
        first, second = self.next(), self.next()
        self.assertEqual((first["type"], second["type"]), ("message", "app_mention"))
        self.assertEqual((first["ts"], first["text"]), (second["ts"], "<@U0TOCSIN> open P0"))
        ids = {row["event_id"] for row in self.slack.get("envelopes")}
        self.assertEqual(len(ids), 2)
        self.slack.settings(mention_first=True)
        self.slack.say("alice", "@tocsin", "ops")
        self.assertEqual(self.next()["type"], "app_mention")

    def test_no_mention_in_direct_messages(self):
        self.slack.say("alice", "@tocsin hello", "dm")
        self.assertEqual(self.told(), [("message", None)])
        self.assertEqual(self.next()["channel_type"], "im")

    def test_only_where_the_bot_is(self):
        self.slack.say("alice", "@tocsin", "random")
        self.assertEqual(self.told(), [])

    def test_only_what_was_subscribed_and_granted(self):
        self.slack.post("subscriptions", events=["message.im"])
        self.slack.say("alice", "x", "ops")
        self.slack.post("subscriptions", events=["message.channels"])
        self.slack.post("tokens", token="bot", scopes=["chat:write"])
        self.slack.say("alice", "x", "ops")
        self.assertEqual(self.told(), [])

    def all_there_is(self):
        """Causes every event, and leaves all as it was."""
        act, group = self.slack.post, self.slack.post("channels", do="group", user="alice", whom=["bob"])["id"]
        act("home", user="alice")
        for place in ("dm", group, "ops", "war-room"):
            said = self.slack.say("alice", "@tocsin hi", place)
        for path, more in (("pins", {}), ("reactions", {"name": "eyes"})):
            for remove in (False, True):
                act(path, user="alice", channel="war-room", ts=said["ts"], remove=remove, **more)
        for place in ("ops", "war-room"):
            act("channels", do="rename", user="alice", channel=place, name="renamed")
            act("channels", do="rename", user="alice", channel="renamed", name=place)
            for do in ("archive", "unarchive"):
                act("channels", do=do, user="alice", channel=place)
            for do in ("remove", "invite"):
                act("channels", do=do, user="alice", channel=place, whom="tocsin")
        act("channels", do="join", user="carol", channel="ops")
        act("channels", do="leave", user="carol", channel="ops")

    def test_each_event_is_told_to_its_subscribers_alone(self):
        """Or a test that leaves one out shows nothing."""
        words = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}

        def told():
            events = [row["payload"]["event"] for row in self.slack.get("envelopes")[before:]]
            return {words[event["channel_type"]] if event["type"] == "message" else event["type"] for event in events}

        every = ["app_home_opened", "app_mention", "channel_archive", "channel_left", "channel_rename",
                 "channel_unarchive", "group_archive", "group_left", "group_rename", "group_unarchive",
                 "member_joined_channel", "member_left_channel", *words.values(), "pin_added", "pin_removed",
                 "reaction_added", "reaction_removed"]
        for events in ([], every, *([each] for each in every)):
            with self.subTest(events):
                before = len(self.slack.get("envelopes"))
                self.slack.post("subscriptions", events=events)
                self.all_there_is()
                self.assertEqual(told(), set(events))

    def test_a_group_hears_messages_and_no_mentions(self):
        group = self.slack.post("channels", do="group", user="alice", whom=["bob"])
        self.slack.say("alice", "@tocsin hello", group["id"])
        event = self.next()
        self.assertEqual((event["type"], event["channel"], event["channel_type"]), ("message", group["id"], "mpim"))
        self.assertEqual(self.told(), [("message", None)])

    def test_own_posts_come_back_without_a_subtype(self):
        self.ok(self.api("chat.postMessage", channel=OPS, text="me"))
        event = self.next()
        self.assertEqual((event["user"], event["bot_id"], event.get("subtype")), (BOT, "B0TOCSIN", None))

    def test_other_bots_have_no_user(self):
        self.slack.say("alerts", "disk full", "ops")
        event = self.next()
        self.assertEqual((event["subtype"], event["bot_id"]), ("bot_message", "B0ALERTS"))
        self.assertNotIn("user", event)

    def test_edits_and_deletions(self):
        ts = self.slack.say("alice", "one", "ops")["ts"]
        self.slack.post("messages/edit", user="alice", channel="ops", ts=ts, text="two")
        self.slack.post("messages/delete", user="alice", channel="ops", ts=ts)
        self.next()
        changed, deleted = self.next(), self.next()
        self.assertEqual((changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"],
                          changed["hidden"]), ("message_changed", "two", "one", True))
        self.assertNotEqual(changed["ts"], ts)
        self.assertEqual((deleted["subtype"], deleted["deleted_ts"]), ("message_deleted", ts))
        self.impossible(403, self.slack.post, "messages/edit", user="bob", channel="ops", text="x",
                        ts=self.slack.say("alice", "x", "ops")["ts"])

    def test_marks(self):
        ts = self.slack.say("alice", "x", "ops")["ts"]
        self.slack.post("reactions", user="bob", channel="ops", ts=ts, name="eyes")
        self.slack.post("pins", user="bob", channel="ops", ts=ts)
        self.slack.post("reactions", user="bob", channel="ops", ts=ts, name="eyes", remove=True)
        self.slack.post("pins", user="bob", channel="ops", ts=ts, remove=True)
        self.next()
        reaction, pin = self.next(), self.next()
        self.assertEqual((reaction["type"], reaction["item"], reaction["item_user"], reaction["reaction"]),
                         ("reaction_added", {"type": "message", "channel": OPS, "ts": ts}, ALICE, "eyes"))
        self.assertEqual((pin["type"], pin["channel_id"], pin["item"]["message"]["ts"]), ("pin_added", OPS, ts))
        self.assertNotIn("channel", pin)
        self.assertEqual([self.next()["type"] for _ in range(2)], ["reaction_removed", "pin_removed"])
        self.impossible(409, self.slack.post, "pins", user="bob", channel="ops", ts=ts, remove=True)

    def test_channels(self):
        act = self.slack.post
        act("channels", do="join", user="carol", channel="ops")
        event = self.next()
        self.assertEqual((event["type"], event["user"], event["channel_type"]), ("member_joined_channel", CAROL, "C"))
        self.assertEqual(self.next()["subtype"], "channel_join")
        act("channels", do="rename", user="alice", channel="ops", name="operations")
        event = self.next()
        self.assertEqual((event["type"], event["channel"]["name"]), ("channel_rename", "operations"))
        act("channels", do="archive", user="alice", channel=OPS)
        self.assertEqual([self.next().get("subtype") for _ in range(2)], ["channel_name", "channel_archive"])
        event = self.next()
        self.assertEqual((event["type"], event["channel"]), ("channel_archive", OPS))
        self.impossible(403, self.slack.say, "alice", "x", "operations")
        act("channels", do="unarchive", user="alice", channel=OPS)
        self.assertEqual(self.next()["type"], "channel_unarchive")

    def test_the_bot_hears_of_its_own_coming_and_going(self):
        self.slack.post("channels", do="invite", user="alice", channel="random", whom="tocsin")
        event = self.next()
        self.assertEqual((event["user"], event["channel"], event["inviter"]), (BOT, RANDOM, ALICE))
        self.next()
        self.slack.post("channels", do="remove", user="alice", channel="random", whom="tocsin")
        event = self.next()
        self.assertEqual((event["type"], event["channel"], event["actor_id"]), ("channel_left", RANDOM, ALICE))
        self.refused("not_in_channel", self.api("conversations.history", channel=RANDOM))
        self.slack.post("channels", do="remove", user="alice", channel="war-room", whom="tocsin")
        self.assertEqual(self.next()["type"], "group_left")
        self.assertEqual([kind for kind, _ in self.told() if kind == "member_left_channel"], [])

    def test_a_private_channels_twins(self):
        self.slack.post("channels", do="archive", user="alice", channel="war-room")
        self.assertEqual(self.told(), [("message", "group_archive"), ("group_archive", None)])

    def test_what_nobody_can_say(self):
        self.impossible(403, self.slack.say, "bob", "x", "random")
        self.impossible(403, self.slack.say, "carol", "x", "secret")
        self.impossible(404, self.slack.say, "bob", "x", "nowhere")
        root = self.slack.say("bob", "x", "general")["ts"]
        reply = self.slack.say("bob", "y", "general", thread_ts=root)["ts"]
        self.impossible(422, self.slack.say, "bob", "z", "general", thread_ts=reply)

    def test_any_event_can_be_sent(self):
        self.slack.post("events", event={"type": "app_uninstalled"})
        self.assertEqual(self.next(), {"type": "app_uninstalled"})
        self.slack.post("events", event={}, type="app_rate_limited", minute_rate_limited=1)
        self.assertEqual(self.mine.json()["payload"]["type"], "app_rate_limited")

    def test_people_can_come_and_change(self):
        self.slack.post("users", id="U0DAVE", name="dave", email="dave@example.org")
        self.slack.post("channels", do="invite", user="alice", channel="general", whom="dave")
        self.assertEqual(self.ok(self.api("users.lookupByEmail", email="dave@example.org"))["user"]["id"], "U0DAVE")
        self.slack.post("users", id=BOB, deleted=True)
        self.refused("users_not_found", self.api("users.lookupByEmail", email="bob@example.org"))
        self.slack.post("usergroups", id="S0ONCALL", users=["U0DAVE"])
        self.assertEqual(self.api("usergroups.users.list", usergroup="S0ONCALL")["users"], ["U0DAVE"])
        self.slack.say("dave", "here", "general")
        self.assertEqual(self.slack.get("messages", channel=GENERAL, text="here")[0]["user"], "U0DAVE")
