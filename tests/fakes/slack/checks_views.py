"""Modals, the Home tab, shortcuts: what the app may do to them, and what people do."""
from case import ALICE, OPS, Case, actions, button, modal, options, plain, question, section, select

ERROR = "We had some trouble connecting. Try again?"


class Opening(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def trigger(self):
        self.slack.command("alice", "open")
        envelope = self.mine.json()
        self.mine.ack(envelope)
        return envelope["payload"]["trigger_id"]

    def open(self, view=None, trigger=None):
        return self.api("views.open", trigger_id=trigger or self.trigger(), view=view or modal())

    def test_a_trigger_opens_once_within_three_seconds(self):
        trigger = self.trigger()
        self.slack.advance(3)
        view = self.ok(self.open(trigger=trigger))["view"]
        self.assertEqual((view["root_view_id"], view["previous_view_id"]), (view["id"], None))
        self.refused("exchanged_trigger_id", self.open(trigger=trigger))
        trigger = self.trigger()
        self.slack.advance(3.1)
        self.refused("expired_trigger_id", self.open(trigger=trigger))
        self.refused("invalid_trigger_id", self.open(trigger="1.2.mine"))

    def test_a_json_body_holds_an_object(self):
        self.ok(self.api.json("views.open", {"trigger_id": self.trigger(), "view": modal()}))

    def test_what_a_view_must_be(self):
        for name, view in (
                ("title", modal(title=plain("x" * 25))), ("submit", modal(submit=plain("x" * 25))),
                ("metadata", modal(private_metadata="x" * 3001)), ("callback", modal(callback_id="x" * 256)),
                ("type", {**modal(), "type": "home"}), ("blocks", modal(*[section()] * 101)),
                ("no submit", {name: value for name, value in modal().items() if name != "submit"}),
                ("no title", {name: value for name, value in modal().items() if name != "title"}),
                ("markdown", modal({"type": "markdown", "text": "x"})), ("a bad block", modal(section("")))):
            with self.subTest(name):
                answer = self.refused("invalid_arguments", self.open(view))
                self.assertIn("[json-pointer:/view", answer["response_metadata"]["messages"][0])
        self.ok(self.open(modal(*[section()] * 100, title=plain("x" * 24))))
        self.refused("view_too_large", self.open(modal(*[section("x" * 3000)] * 84)))

    def test_pushing_onto_a_stack_of_three(self):
        view = self.ok(self.open(modal(actions(button()))))["view"]
        for depth in (2, 3, 4):
            pressed = self.slack.press("alice", "go", view_id=view["id"])
            envelope = self.mine.json()
            self.mine.ack(envelope)
            self.slack.acked(pressed)
            self.assertNotIn("response_url", envelope["payload"])
            self.assertEqual(envelope["payload"]["view"]["id"], view["id"])
            answer = self.api("views.push", trigger_id=envelope["payload"]["trigger_id"], view=modal(actions(button())))
            if depth == 4:
                self.refused("push_limit_reached", answer)
            else:
                self.assertEqual(answer["view"]["previous_view_id"], view["id"])
                self.impossible(409, self.slack.press, "alice", "go", view_id=view["id"])
                view = answer["view"]
        self.refused("invalid_trigger_id", self.api("views.push", trigger_id=self.trigger(), view=modal()))

    def test_updates_know_their_hash(self):
        view = self.ok(self.open(modal(external_id="mine")))["view"]
        self.ok(self.api("views.update", view_id=view["id"], hash=view["hash"], view=modal()))
        self.refused("hash_conflict", self.api("views.update", view_id=view["id"], hash=view["hash"], view=modal()))
        self.refused("not_found", self.api("views.update", external_id="mine", view=modal()))
        self.refused("not_found", self.api("views.update", view_id="V1", view=modal()))
        self.refused("invalid_arguments", self.api("views.update", view=modal()))

    def test_external_ids_are_unique(self):
        self.ok(self.open(modal(external_id="mine")))
        self.refused("duplicate_external_id", self.open(modal(external_id="mine")))
        self.ok(self.api("views.update", external_id="mine", view=modal(external_id="mine")))

    def test_updates_keep_what_was_typed(self):
        view = self.ok(self.open(modal(question("a"), question("b"))))["view"]
        self.slack.post("type", user="alice", view_id=view["id"], values={"a": {"text": "kept"}, "b": {"text": "lost"}})
        new = self.ok(self.api("views.update", view_id=view["id"], view=modal(question("a"), question("c"))))["view"]
        self.assertEqual(new["state"]["values"]["a"]["text"]["value"], "kept")
        self.assertEqual(new["state"]["values"]["c"]["text"]["value"], None)

    def test_the_home_tab(self):
        home = {"type": "home", "blocks": [section("hello"), actions(button())]}
        view = self.ok(self.api("views.publish", user_id=ALICE, view=home))["view"]
        self.refused("hash_conflict", self.api("views.publish", user_id=ALICE, view=home, hash="old"))
        again = self.ok(self.api("views.publish", user_id=ALICE, view=home, hash=view["hash"]))["view"]
        self.assertEqual((again["id"], again["hash"] == view["hash"]), (view["id"], False))
        self.refused("invalid_arguments", self.api("views.publish", user_id=ALICE, view=modal()))
        self.slack.post("home", user="alice")
        opened = self.event(self.mine, "app_home_opened")["payload"]["event"]
        self.assertEqual((opened["user"], opened["tab"], opened["view"]["hash"]), (ALICE, "home", again["hash"]))
        self.slack.press("alice", "go", view_id=view["id"])
        self.assertEqual(self.mine.json()["payload"]["view"]["type"], "home")


class Submitting(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()
        self.view = self.opened(modal(
            question(), question("note", optional=True, element={"max_length": 5}),
            {"type": "input", "block_id": "level", "label": plain("Level"), "element": select()},
            private_metadata="p", callback_id="declare", notify_on_close=True))

    def opened(self, view):
        self.slack.command("alice", "open")
        envelope = self.mine.json()
        self.mine.ack(envelope)
        return self.ok(self.api("views.open", trigger_id=envelope["payload"]["trigger_id"], view=view))["view"]["id"]

    def submit(self, ack=None, view=None, **values):
        filled = {"title": {"text": "down"}, "level": {"pick": "a"}, **values} if view is None else values
        asked = self.slack.submit("alice", view or self.view, filled)
        envelope = self.mine.json()
        self.mine.ack(envelope, ack)
        return self.slack.answer(asked), envelope

    def row(self, id=None):
        return self.slack.get("views", id=id or self.view)[0]

    def test_the_payload(self):
        asked, envelope = self.submit()
        self.assertIs(envelope["accepts_response_payload"], True)
        view = envelope["payload"]["view"]
        self.assertEqual((envelope["payload"]["type"], view["callback_id"], view["private_metadata"], view["hash"]),
                         ("view_submission", "declare", "p", self.row()["hash"]))
        self.assertEqual(view["state"]["values"], {
            "title": {"text": {"type": "plain_text_input", "value": "down"}},
            "note": {"text": {"type": "plain_text_input", "value": None}},
            "level": {"pick": {"type": "static_select", "selected_option": options("a")[0]}}})
        self.assertEqual((asked["outcome"], self.row()["open"]), ("closed", False))

    def test_what_the_form_itself_refuses(self):
        submit = self.slack.submit
        self.assertIn("level", self.impossible(422, submit, "alice", self.view, {"title": {"text": "x"}}))
        for status, values in ((422, {"level": {"pick": "z"}}), (422, {"note": {"text": "longer"}}),
                               (404, {"other": {"text": "x"}}), (404, {"title": {"other": "x"}})):
            self.impossible(status, submit, "alice", self.view, values)
        self.impossible(403, submit, "bob", self.view, {})
        self.impossible(404, submit, "alice", "V1", {})
        self.submit()
        self.impossible(409, submit, "alice", self.view, {})

    def test_errors_mark_input_blocks(self):
        asked, _ = self.submit({"response_action": "errors", "errors": {"title": "too vague"}})
        self.assertEqual((asked["outcome"], self.row()["problem"], self.row()["open"]),
                         ("errors", {"title": "too vague"}, True))

    def test_errors_of_anything_else_spoil_them_all(self):
        for errors in ({"text": "an action id"}, {}, {"title": ""}, {"title": "x", "nowhere": "y"}):
            asked, _ = self.submit({"response_action": "errors", "errors": errors})
            self.assertEqual((asked["outcome"], self.row()["problem"]), ("invalid_errors", ERROR))

    def test_update_push_and_clear(self):
        asked, _ = self.submit({"response_action": "update", "view": modal(callback_id="second")})
        self.assertEqual((asked["outcome"], self.row()["callback_id"]), ("updated", "second"))
        asked, _ = self.submit({"response_action": "push", "view": modal()}, self.view, title={"text": "x"})
        above = asked["detail"]["view"]
        self.assertEqual((asked["outcome"], self.row(above)["previous_view_id"]), ("pushed", self.view))
        asked, _ = self.submit({"response_action": "clear"}, above, title={"text": "x"})
        self.assertEqual((asked["outcome"], self.row()["open"], self.row(above)["open"]), ("cleared", False, False))

    def test_closing_the_upper_shows_the_lower(self):
        asked, _ = self.submit({"response_action": "push", "view": modal()})
        self.submit(None, asked["detail"]["view"], title={"text": "x"})
        self.assertTrue(self.row()["open"])
        self.submit()

    def test_answers_slack_refuses(self):
        for ack, outcome in (({"response_action": "update", "view": modal(title=plain("x" * 25))}, "invalid_arguments"),
                             ({"response_action": "dance"}, "invalid_response_action"), ({"text": "x"},
                                                                                        "invalid_response_action")):
            asked, _ = self.submit(ack)
            self.assertEqual((asked["outcome"], self.row()["problem"]), (outcome, ERROR))

    def test_no_ack_shows_a_connection_error(self):
        asked = self.slack.submit("alice", self.view, {"title": {"text": "x"}, "level": {"pick": "a"}})
        self.slack.advance(3)
        self.assertEqual(self.slack.answer(asked)["outcome"], "operation_timeout")
        self.assertEqual((self.row()["problem"], self.row()["open"]), (ERROR, True))

    def test_closing_is_told_if_wanted(self):
        asked, _ = self.submit({"response_action": "push", "view": modal(notify_on_close=True)})
        closed = self.slack.post("close", user="alice", view_id=asked["detail"]["view"])
        payload = self.mine.json()["payload"]
        self.assertEqual((payload["type"], payload["is_cleared"], payload["view"]["state"]["values"], len(closed)),
                         ("view_closed", False, {}, 1))
        self.assertEqual([each["kind"] for each in self.slack.post("close", user="alice", view_id=self.view, all=True)],
                         ["view_closed"])
        self.assertIs(self.mine.json()["payload"]["is_cleared"], True)
        quiet = self.opened(modal())
        self.assertEqual(self.slack.post("close", user="alice", view_id=quiet), [])

    def test_suggestions(self):
        view = self.opened(modal({"type": "input", "block_id": "b", "label": plain("Who"), "element": {
            "type": "external_select", "action_id": "who"}}))
        asked = self.slack.post("suggest", user="alice", view_id=view, action_id="who", value="bo")
        envelope = self.mine.json()
        self.assertEqual((envelope["payload"]["type"], envelope["payload"]["value"]), ("block_suggestion", "bo"))
        self.mine.ack(envelope, {"options": options("bob")})
        self.assertEqual(self.slack.answer(asked)["outcome"], "options")
        self.slack.submit("alice", view, {"b": {"who": "bob"}})
        self.impossible(409, self.slack.press, "alice", "who", view_id=view, value="bob")


class Shortcuts(Case):
    def test_global_ones_have_no_channel(self):
        mine = self.connect()
        self.slack.post("shortcut", user="alice", callback_id="declare")
        payload = mine.json()["payload"]
        self.assertEqual((payload["type"], payload["callback_id"]), ("shortcut", "declare"))
        self.assertFalse({"channel", "response_url"} & set(payload))
        self.ok(self.api("views.open", trigger_id=payload["trigger_id"], view=modal()))

    def test_those_of_a_message_carry_it(self):
        mine = self.connect()
        ts = self.slack.say("bob", "look", "ops")["ts"]
        mine.ack(mine.json())
        self.slack.post("shortcut", user="alice", callback_id="add", channel="ops", ts=ts)
        payload = mine.json()["payload"]
        self.assertEqual((payload["type"], payload["message"]["ts"], payload["message_ts"], payload["channel"]["id"]),
                         ("message_action", ts, ts, OPS))
        self.slack.post("subscriptions", shortcuts=["declare"])
        self.impossible(404, self.slack.post, "shortcut", user="alice", callback_id="other")
