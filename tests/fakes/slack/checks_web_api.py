"""The Web API's front: tokens, scopes, bodies, arguments, pages, rate limits."""
from case import ALICE, GENERAL, OPS, Case
from common.raw_client import http_call
from raw_client import Api

FORM, JSON = "application/x-www-form-urlencoded", "application/json; charset=utf-8"


class Tokens(Case):
    def test_who_the_app_is(self):
        found = self.ok(self.api("auth.test"))
        self.assertEqual([found[name] for name in ("user_id", "bot_id", "team_id", "user")],
                         ["U0TOCSIN", "B0TOCSIN", "T0ACME", "tocsin"])
        self.assertIs(found["is_enterprise_install"], False)

    def test_each_token_is_for_its_own_methods(self):
        self.refused("not_allowed_token_type", self.api("apps.connections.open"))
        self.refused("not_allowed_token_type", self.app("chat.postMessage", channel=OPS, text="x"))

    def test_a_token_is_needed_and_must_be_in_the_header(self):
        nobody = Api(self.slack)
        nobody.token = None
        self.refused("not_authed", nobody("auth.test"))
        self.refused("not_authed", nobody("auth.test", token=self.slack.bot_token))
        self.refused("not_authed", self.api.raw("auth.test", query="?token=" + self.slack.bot_token)[2])
        self.refused("not_authed", nobody.json("auth.test", {"token": self.slack.bot_token}))
        self.refused("invalid_auth", Api(self.slack, "xoxb-unknown")("auth.test"))

    def test_a_token_can_be_revoked(self):
        for state in ("token_revoked", "account_inactive", "token_expired", "user_removed_from_team", "team_disabled"):
            self.slack.post("tokens", token="bot", state=state)
            self.refused(state, self.api("auth.test"))
        self.slack.post("tokens", token="app", state="token_revoked")
        self.refused("token_revoked", self.app("apps.connections.open"))

    def test_scopes_are_asked_for_and_told(self):
        self.slack.post("tokens", token="bot", scopes=["channels:read", "pins:read"])
        answer = self.refused("missing_scope", self.api("chat.postMessage", channel=OPS, text="x"))
        self.assertEqual((answer["needed"], answer["provided"]), ("chat:write", "channels:read,pins:read"))
        headers = self.api.answer("conversations.info", channel=OPS)[1]
        self.assertEqual(headers["x-oauth-scopes"], "channels:read,pins:read")
        self.assertIn("x-slack-req-id", headers)

    def test_the_scope_depends_on_the_kind_of_channel(self):
        self.slack.post("tokens", token="bot", scopes=["channels:read", "channels:history", "channels:manage"])
        for method in ("conversations.info", "conversations.history", "conversations.members"):
            self.ok(self.api(method, channel=OPS))
            self.refused("missing_scope", self.api(method, channel="G0WAR"))
        self.refused("missing_scope", self.api("conversations.create", name="x", is_private=True))
        self.refused("missing_scope", self.api("conversations.list", types="public_channel,private_channel"))
        self.refused("missing_scope", self.api("conversations.setTopic", channel="G0WAR", topic="x"))

    def test_a_narrow_scope_will_do(self):
        self.slack.post("tokens", token="bot", scopes=["channels:write.topic", "channels:write.invites"])
        self.ok(self.api("conversations.setTopic", channel=OPS, topic="x"))
        self.ok(self.api("conversations.invite", channel=OPS, users="W0CAROL"))
        self.refused("missing_scope", self.api("conversations.archive", channel=OPS))

    def test_addresses_need_their_own_scope(self):
        self.slack.post("tokens", token="bot", scopes=["users:read"])
        self.assertNotIn("email", self.api("users.info", user=ALICE)["user"]["profile"])
        self.refused("missing_scope", self.api("users.lookupByEmail", email="alice@example.org"))


class Bodies(Case):
    def test_a_form_and_json_say_the_same(self):
        blocks = [{"type": "divider"}]
        for found in (self.api("chat.postMessage", channel=OPS, text="a & b", blocks=blocks),
                      self.api.json("chat.postMessage", {"channel": OPS, "text": "a & b", "blocks": blocks}),
                      self.api.json("chat.postMessage", {"channel": OPS, "text": "a & b", "thread_ts": None,
                                                         "blocks": '[{"type":"divider"}]'})):
            message = self.ok(found)["message"]
            self.assertEqual((message["text"], message["blocks"][0]["type"]), ("a & b", "divider"))

    def test_charsets_are_remarked_on(self):
        answer = self.api.json("chat.postMessage", {"channel": OPS, "text": "x"}, "application/json")
        self.assertEqual(self.ok(answer)["warning"], "missing_charset")
        self.assertEqual(answer["response_metadata"]["warnings"], ["missing_charset"])
        answer = self.api.raw("auth.test", b"a=b", FORM + "; charset=utf-8")[2]
        self.assertEqual(self.ok(answer)["warning"], "superfluous_charset")
        self.refused("invalid_charset", self.api.raw("auth.test", b"a=b", FORM + "; charset=latin-1")[2])

    def test_bad_bodies_are_named(self):
        for error, kind, body in (("invalid_json", JSON, b"{"), ("json_not_object", JSON, b"[1]"),
                                  ("invalid_form_data", FORM, b"a"), ("invalid_post_type", "text/plain", b"a=b"),
                                  ("missing_post_type", None, b"a=b")):
            self.refused(error, self.api.raw("auth.test", body, kind)[2])

    def test_methods_that_read_take_no_json(self):
        self.refused("invalid_arguments", self.api.json("conversations.info", {"channel": OPS}))
        self.ok(self.api.raw("conversations.info", verb="GET", query="?channel=" + OPS)[2])
        self.refused("invalid_post_type", self.api.raw("pins.add", verb="GET", query="?channel=" + OPS)[2])

    def test_arguments_are_not_split_over_query_and_body(self):
        answer = self.api.raw("chat.postMessage", b"text=x", FORM, query="?channel=" + OPS)[2]
        self.refused("invalid_arguments", answer)

    def test_missing_and_misshapen_arguments_are_named(self):
        answer = self.refused("invalid_arguments", self.api("chat.postMessage", text="x"))
        self.assertEqual(answer["response_metadata"]["messages"], ["[ERROR] missing required field: channel"])
        self.refused("invalid_arguments", self.api.json("chat.postMessage", {"channel": 5, "text": "x"}))
        self.refused("invalid_arguments", self.api("conversations.history", channel=OPS, limit="many"))
        self.refused("invalid_arguments", self.api("conversations.create", name="x", is_private="maybe"))
        self.refused("invalid_blocks_format", self.api("chat.postMessage", channel=OPS, blocks="{["))
        self.refused("unknown_method", self.api("chat.shout", channel=OPS))

    def test_unknown_arguments_are_passed_over_and_written_down(self):
        self.ok(self.api("chat.postMessage", channel=OPS, text="x", txet="y"))
        self.assertEqual(self.slack.get("calls")[-1]["unknown_arguments"], ["txet"])

    def test_slashes_come_escaped(self):
        text = http_call(self.slack.api_url + "auth.test", headers={"Authorization": "Bearer " + self.api.token})[2]
        self.assertIn(rb"https:\/\/acme.slack.com\/", text)

    def test_calls_are_written_down(self):
        self.api("auth.test")
        self.api("chat.postMessage", channel="C0NOWHERE", text="x")
        rows = self.slack.wait("calls", 2)
        self.assertEqual([(row["method"], row["ok"], row["error"], row["status"], row["token"]) for row in rows],
                         [("auth.test", True, None, 200, "bot"),
                          ("chat.postMessage", False, "channel_not_found", 200, "bot")])
        self.assertEqual(len(self.slack.get("calls", arguments__text="x")), 1)
        self.assertEqual(self.slack.get("connections", listener="api")[0]["requests"], 1)


class Pages(Case):
    def everybody(self, method, key, **arguments):
        found, sizes, cursor = [], [], ""
        while True:
            answer = self.ok(self.api(method, cursor=cursor, **arguments))
            found += answer[key]
            sizes.append(len(answer[key]))
            cursor = answer["response_metadata"]["next_cursor"]
            if not cursor:
                return found, sizes

    def test_first_pages_are_short_and_only_the_cursor_ends_it(self):
        found, sizes = self.everybody("users.list", "members", limit=100)
        self.assertEqual((len(found), sizes), (6, [3, 3]))
        found, sizes = self.everybody("conversations.members", "members", channel=GENERAL, limit=2)
        self.assertEqual((len(set(found)), sizes), (5, [2, 2, 1]))

    def test_pages_can_be_full(self):
        self.slack.settings(short_pages=False)
        self.assertEqual(self.everybody("users.list", "members", limit=100)[1], [6])

    def test_a_cursor_is_opaque(self):
        self.refused("invalid_cursor", self.api("users.list", cursor="6"))
        self.refused("invalid_cursor", self.api("users.list", cursor="bm8="))

    def test_many_people_need_a_limit(self):
        for number in range(995):
            self.slack.post("users", id=f"U{number}")
        self.refused("limit_required", self.api("users.list"))
        self.ok(self.api("users.list", limit=200))


class Limits(Case):
    def test_a_tier_is_a_minutes_window(self):
        self.slack.settings(rate_limits=True)
        for _ in range(20):
            self.ok(self.api("users.list"))
        self.slack.advance(15)
        status, headers, body = self.api.answer("users.list")
        self.assertEqual((status, headers["retry-after"]), (429, "45"))
        self.refused("ratelimited", body)
        self.ok(self.api("users.info", user=ALICE))
        self.slack.advance(45)
        self.ok(self.api("users.list"))

    def test_posting_has_a_pace_per_channel(self):
        self.slack.settings(rate_limits=True)
        for _ in range(5):
            self.ok(self.api("chat.postMessage", channel=OPS, text="x"))
        status, headers, _ = self.api.answer("chat.postMessage", channel=OPS, text="x")
        self.assertEqual((status, headers["retry-after"]), (429, "1"))
        self.ok(self.api("chat.postMessage", channel=GENERAL, text="x"))
        mine = self.connect()
        self.slack.command("alice", "x", "ops")
        url = mine.json()["payload"]["response_url"]
        kind = {"Content-Type": "application/json"}
        self.assertEqual(http_call(url, body=b'{"text":"x"}', headers=kind)[0], 429)
        self.slack.advance(1)
        self.assertEqual(http_call(url, body=b'{"text":"x"}', headers=kind)[0], 200)
        self.slack.advance(1)
        self.ok(self.api("chat.postMessage", channel=OPS, text="x"))
