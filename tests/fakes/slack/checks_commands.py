"""Slash commands, their answers, response_url, buttons on messages."""
import json

from case import ALICE, BOB, OPS, RANDOM, WAR, Case, actions, button, options, select
from common.raw_client import http_call


class Commands(Case):
    def asked(self, text="", user="alice", channel="ops", ack=None):
        """(interaction, envelope), after the ack."""
        mine = self.connect()
        asked = self.slack.command(user, text, channel)
        envelope = mine.json()
        mine.ack(envelope, ack)
        return self.slack.acked(asked), envelope

    def test_the_payload(self):
        _, envelope = self.asked("open P0 it's down")
        payload = envelope["payload"]
        self.assertEqual({name: payload[name] for name in (
            "command", "text", "user_id", "channel_id", "channel_name", "team_id", "api_app_id",
            "is_enterprise_install")},
            {"command": "/incident", "text": "open P0 it's down", "user_id": ALICE, "channel_id": OPS,
             "channel_name": "ops", "team_id": "T0ACME", "api_app_id": "A0TOCSIN", "is_enterprise_install": "false"})
        self.assertNotIn("thread_ts", payload)
        self.assertTrue(payload["response_url"].startswith(self.slack.ready["hooks_url"]))

    def test_names_of_private_places_are_not_told(self):
        mine = self.connect()
        for channel, name in (("war-room", "privategroup"), ("dm", "directmessage")):
            self.slack.command("alice", "x", channel)
            self.assertEqual(mine.json()["payload"]["channel_name"], name)

    def test_what_is_typed_arrives_escaped(self):
        mine = self.connect()
        for typed, labels, received in (
                ("@bob, see #ops & #war-room!", True, "<@U0BOB|bob>, see <#C0OPS|ops> &amp; <#G0WAR|>!"),
                ("@bob #ops @oncall @here", False, "<@U0BOB> <#C0OPS> <!subteam^S0ONCALL> <!here>"),
                ("a < b https://x.test/a?b=1&c=2", True, "a &lt; b <https://x.test/a?b=1&amp;c=2>"),
                ("@nobody #nowhere @carol.", True, "@nobody #nowhere <@W0CAROL|carol>.")):
            self.slack.settings(mention_labels=labels)
            self.slack.command("alice", typed, "war-room")
            self.assertEqual(mine.json()["payload"]["text"], received)
        self.slack.settings(should_escape=False)
        self.slack.command("alice", "@bob <x>", "ops")
        self.assertEqual(mine.json()["payload"]["text"], "@bob &lt;x&gt;")

    def test_what_nobody_can_type(self):
        command = self.slack.command
        self.impossible(404, command, "nobody", "x")
        self.impossible(403, command, "gone", "x")
        self.impossible(403, command, "alice", "x", "secret")
        self.impossible(409, self.slack.post, "commands", user="alice", channel="ops", command="/x", thread_ts="1.0")
        self.slack.post("subscriptions", commands=["/incident"])
        self.impossible(404, command, "alice", "x", command="/icnident")
        self.slack.post("tokens", token="bot", scopes=["chat:write"])
        self.impossible(404, command, "alice", "x", command="/incident")
        self.impossible(404, self.slack.post, "shortcut", user="alice", callback_id="open")

    def test_a_bare_ack_shows_nothing(self):
        asked, _ = self.asked()
        self.assertEqual((asked["state"], asked["outcome"], asked["answered"]), ("acked", "nothing", False))

    def test_an_ephemeral_answer(self):
        asked, _ = self.asked(ack={"text": "for you"})
        self.assertEqual((asked["outcome"], asked["answers"][0]["response_type"]), ("message", "ephemeral"))
        self.assertEqual(self.slack.get("ephemerals")[0]["seen_by"], ALICE)

    def test_an_answer_for_all(self):
        asked, _ = self.asked(channel="random", ack={"response_type": "in_channel", "text": "for all"})
        self.assertEqual((asked["answers"][0]["response_type"], asked["answers"][0]["shows_command"]),
                         ("in_channel", True))
        self.assertEqual(self.slack.get("messages", channel=RANDOM)[0]["text"], "for all")

    def test_an_answer_slack_refuses(self):
        asked, _ = self.asked(ack={"text": "x", "blocks": [{"type": "poem"}]})
        self.assertEqual((asked["outcome"], asked["answers"]), ("invalid_blocks", []))
        self.assertEqual(self.slack.get("ephemerals"), [])


class ResponseUrls(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()
        self.asked = self.slack.command("alice", "x", "ops")
        self.envelope = self.mine.json()
        self.mine.ack(self.envelope)
        self.url = self.envelope["payload"]["response_url"]

    def post(self, **body):
        status, _, text = http_call(self.url, body=json.dumps(body).encode(),
                                    headers={"Content-Type": "application/json"})
        return status, "ok" if text == b"ok" else json.loads(text)["error"]

    def test_five_times(self):
        for number in range(5):
            self.assertEqual(self.post(text=str(number)), (200, "ok"))
        self.assertEqual(self.post(text="6"), (404, "used_url"))
        self.assertEqual(len(self.slack.get("ephemerals")), 5)
        self.assertEqual([row["status"] for row in self.slack.get("hooks")], [200] * 5 + [404])

    def test_half_an_hour(self):
        self.slack.advance(1799)
        self.assertEqual(self.post(text="x"), (200, "ok"))
        self.slack.advance(2)
        self.assertEqual(self.post(text="x"), (404, "expired_url"))

    def test_a_refused_answer_is_a_use_too(self):
        self.assertEqual(self.post(), (400, "no_text"))
        for _ in range(4):
            self.assertEqual(self.post(text="x", blocks=[{"type": "poem"}]), (400, "invalid_blocks"))
        self.assertEqual(self.post(text="x"), (404, "used_url"))

    def test_only_json(self):
        status, _, text = http_call(self.url, body=b"text=x", headers={"Content-Type": "text/plain"})
        self.assertEqual((status, json.loads(text)["error"]), (400, "invalid_payload"))
        self.assertEqual(http_call(self.url + "x", body=b"{}")[0], 404)

    def test_replacing_and_deleting_what_was_answered(self):
        self.assertEqual(self.post(text="x", replace_original=True), (400, "message_not_found"))
        self.assertEqual(self.post(text="first"), (200, "ok"))
        self.assertEqual(self.post(text="second", replace_original=True, response_type="in_channel"), (200, "ok"))
        row = self.slack.get("ephemerals")[0]
        self.assertEqual((row["text"], row["history"][0]["text"]), ("second", "first"))
        self.assertEqual(self.post(delete_original=True), (200, "ok"))
        self.assertTrue(self.slack.get("ephemerals")[0]["deleted"])
        self.assertEqual(self.slack.get("messages"), [])

    def test_a_thread_only_without_replacing(self):
        root = self.slack.say("bob", "root", "ops")["ts"]
        self.post(text="x", thread_ts=root, response_type="in_channel")
        self.post(text="y", thread_ts=root, response_type="in_channel", replace_original=False)
        rows = [row for row in self.slack.get("messages", channel=OPS) if row["text"] in ("x", "y")]
        self.assertEqual([row.get("thread_ts") for row in rows], [None, root])


class Buttons(Case):
    def setUp(self):
        super().setUp()
        blocks = [actions(button("ack", value="1"), select(), button("link", url="https://x")),
                  actions(button("ack", "Other", value="3"), block_id="second")]
        self.ts = self.ok(self.api("chat.postMessage", channel=WAR, text="card", blocks=blocks))["ts"]
        self.mine = self.connect()

    def press(self, action, user="alice", **where):
        pressed = self.slack.press(user, action, **{"channel": "war-room", "ts": self.ts, **where})
        envelope = self.mine.json()
        self.mine.ack(envelope)
        self.slack.acked(pressed)
        return envelope

    def test_the_payload(self):
        envelope = self.press("ack")
        payload = envelope["payload"]
        self.assertIs(envelope["accepts_response_payload"], False)
        self.assertEqual(payload["container"], {"type": "message", "message_ts": self.ts, "channel_id": WAR,
                                                "is_ephemeral": False})
        self.assertEqual((payload["user"]["id"], payload["channel"]["id"], payload["message"]["ts"]),
                         (ALICE, WAR, self.ts))
        action = payload["actions"][0]
        self.assertEqual((action["type"], action["action_id"], action["block_id"], action["value"], action["text"]),
                         ("button", "ack", "row", "1", {"type": "plain_text", "text": "Go"}))
        self.assertEqual(payload["state"]["values"]["row"]["pick"]["selected_option"], None)

    def test_of_equal_buttons_the_value_or_the_block_decides(self):
        self.assertEqual(self.press("ack", value="3")["payload"]["actions"][0]["block_id"], "second")
        self.assertEqual(self.press("ack", block_id="second")["payload"]["actions"][0]["value"], "3")

    def test_menus(self):
        payload = self.press("pick", value="b")["payload"]
        self.assertEqual(payload["actions"][0]["selected_option"], options("b")[0])
        self.assertEqual(payload["state"]["values"]["row"]["pick"]["selected_option"], options("b")[0])
        self.impossible(422, self.slack.press, "alice", "pick", channel="war-room", ts=self.ts, value="z")

    def test_a_button_with_a_url_is_told_too(self):
        self.assertEqual(self.press("link")["payload"]["actions"][0]["action_id"], "link")

    def test_what_nobody_can_press(self):
        press = self.slack.press
        self.assertIn("ack=1", self.impossible(404, press, "alice", "nack", channel="war-room", ts=self.ts))
        self.impossible(404, press, "alice", "ack", channel="war-room", ts=self.ts, value="9")
        self.impossible(403, press, "bob", "ack", channel="war-room", ts=self.ts)
        self.ok(self.api("chat.update", channel=WAR, ts=self.ts, text="done"))
        self.impossible(404, press, "alice", "ack", channel="war-room", ts=self.ts)
        self.ok(self.api("chat.delete", channel=WAR, ts=self.ts))
        self.impossible(404, press, "alice", "ack", channel="war-room", ts=self.ts)

    def test_ephemeral_messages_are_pressed_by_one_and_not_shown(self):
        ts = self.ok(self.api("chat.postEphemeral", channel=OPS, user=BOB, text="x",
                              blocks=[actions(button())]))["message_ts"]
        self.impossible(403, self.slack.press, "alice", "go", channel="ops", ts=ts)
        payload = self.press("go", user="bob", channel="ops", ts=ts)["payload"]
        self.assertNotIn("message", payload)
        self.assertIs(payload["container"]["is_ephemeral"], True)

    def test_the_response_url_changes_the_message_if_told_to(self):
        url = self.press("ack")["payload"]["response_url"]
        kind = {"Content-Type": "application/json"}
        http_call(url, body=b'{"text":"more"}', headers=kind)
        self.assertEqual([row["text"] for row in self.slack.get("ephemerals")], ["more"])
        http_call(url, body=b'{"text":"done","replace_original":true}', headers=kind)
        self.assertEqual(self.slack.get("messages", ts=self.ts)[0]["text"], "done")
