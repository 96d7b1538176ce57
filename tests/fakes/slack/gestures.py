"""What people do with buttons, menus, forms and shortcuts. Each gesture is one Interaction."""
import elements as forms
from common.refusals import Impossible
from interactions import Interaction
from refusals import ApiError
from workspace import Ephemeral


class Gestures:
    def __init__(self, slack):
        self.slack, self.workspace, self.dialogs = slack, slack.workspace, slack.dialogs

    # Parts of payloads

    def _common(self, kind, user, trigger_id):
        team, app = self.workspace.team, self.workspace.app
        name = self.workspace.users[user]["name"]
        return {"type": kind, "team": {"id": team["id"], "domain": team["domain"]}, "enterprise": None,
                "is_enterprise_install": False, "api_app_id": app["id"], "token": "deprecated",
                "trigger_id": trigger_id,
                "user": {"id": user, "username": name, "name": name, "team_id": team["id"]}}

    def _where(self, message):
        """The container, and the message itself unless it is an ephemeral one."""
        channel, hidden = message.channel, isinstance(message, Ephemeral)
        names = {"im": "directmessage", "group": "privategroup"}
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": hidden}
        if "thread_ts" in message.data:
            container["thread_ts"] = message.data["thread_ts"]
        return {"container": container,
                "channel": {"id": channel.id, "name": names.get(channel.kind, channel.name)},
                **({} if hidden else {"message": message.shown()})}

    def _new(self, kind, user, channel=None, origin=None, view=None):
        interaction = Interaction(self.slack, kind, user, channel, origin)
        interaction.view = view
        interaction.trigger_id = self.slack.triggers.new(user, view)
        return interaction

    # Buttons and menus

    def press(self, user, action_id, channel=None, ts=None, view_id=None, block_id=None, value=None):
        """On a message (`channel`, `ts`), an ephemeral one likewise, or in a view. `value` is a button's value or what
        a menu is set to."""
        user = self.slack.people.person(user)
        if view_id is not None:
            return self._press_in_view(user, self.dialogs.seen_by(user, view_id), action_id, block_id, value)
        message = self._seen_message(user, channel, ts)
        blocks = message.data.get("blocks") or []
        for attachment in message.data.get("attachments") or []:
            blocks = blocks + attachment.get("blocks", [])
        action = self._action(blocks, action_id, block_id, value)
        interaction = self._new("block_actions", user, message.channel, message)
        interaction.response_url = self.slack.hooks.new(interaction, "actions")
        payload = {**self._common("block_actions", user, interaction.trigger_id), **self._where(message),
                   "state": {"values": self._message_state(blocks, action)},
                   "response_url": interaction.response_url, "actions": [action]}
        return interaction.send("interactive", payload, False, "block_actions", lambda answer: "nothing")

    def _press_in_view(self, user, view, action_id, block_id, value):
        action = self._action(view.content["blocks"], action_id, block_id, value, view)
        if action["type"] in forms.STATEFUL:
            self.dialogs.type_into(view, {action["block_id"]: {action_id: value}})
        interaction = self._new("block_actions", user, view=view)
        payload = {**self._common("block_actions", user, interaction.trigger_id),
                   "container": {"type": "view", "view_id": view.id}, "view": view.shown(),
                   "state": {"values": view.typed}, "actions": [action]}
        return interaction.send("interactive", payload, False, "block_actions", lambda answer: "nothing")

    def _seen_message(self, user, channel, ts):
        place = self.slack.people.place(user, channel)
        hidden = next((each for each in place.ephemerals if each.ts == ts), None)
        if hidden is None:
            return self.slack.people.message(place, ts)
        if hidden.user != user:
            raise Impossible(f"{user} can't see {ts}, which only {hidden.user} sees", 403)
        if hidden.deleted:
            raise Impossible(f"{ts} is gone", 404)
        return hidden

    def _action(self, blocks, action_id, block_id, value, view=None):
        """The entry of `actions`; Impossible if there is nothing like that to press."""
        found = forms.find(blocks, action_id, block_id, value)
        if found is None:
            there = [f"{element['action_id']}={element.get('value')}" if "value" in element else element["action_id"]
                     for _, element in forms.interactive(blocks)]
            wanted = action_id if value is None else f"{action_id}={value}"
            raise Impossible(f"there is no {wanted} to press, only: {', '.join(there) or 'nothing'}", 404)
        block, element = found
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise Impossible(f"{action_id} tells nobody before the form is submitted")
        try:
            held = forms.chosen(element, value, self.workspace.users, view and view.offered.get(action_id))
        except ValueError as error:
            raise Impossible(str(error), 422) from error
        action = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"],
                  "action_ts": self.workspace.next_ts(), **held}
        if "text" in element:
            action["text"] = element["text"]
        return action

    @staticmethod
    def _message_state(blocks, action):
        values = forms.state(blocks)
        if action["type"] in forms.STATEFUL:
            held = {name: held for name, held in action.items() if name not in ("action_id", "block_id", "action_ts")}
            values[action["block_id"]][action["action_id"]] = held
        return values

    def suggest(self, user, action_id, value, view_id):
        """Types into an external select, which asks the app for options."""
        user = self.slack.people.person(user)
        view = self.dialogs.seen_by(user, view_id)
        found = forms.find(view.content["blocks"], action_id)
        if found is None or "external" not in found[1]["type"]:
            raise Impossible(f"{view_id} has no external select {action_id}", 404)
        interaction = self._new("block_suggestion", user, view=view)
        payload = {**self._common("block_suggestion", user, interaction.trigger_id), "action_id": action_id,
                   "block_id": found[0]["block_id"], "value": value, "view": view.shown()}
        del payload["trigger_id"]

        def offered(answer):
            options = forms.options(answer or {})
            view.offered[action_id] = options
            interaction.detail = {"options": options}
            return "options" if options else "nothing"

        return interaction.send("interactive", payload, True, "block_suggestion", offered)

    # Forms

    def submit(self, user, view_id, values=None):
        user = self.slack.people.person(user)
        view = self.dialogs.seen_by(user, view_id)
        if view.content["type"] != "modal" or "submit" not in view.content:
            raise Impossible(f"{view_id} has nothing to submit")
        self.dialogs.type_into(view, values or {})
        unfilled = self.dialogs.unfilled(view)
        if unfilled:
            raise Impossible(f"{view_id} still wants {', '.join(unfilled)}", 422)
        interaction = self._new("view_submission", user, view=view)
        payload = {**self._common("view_submission", user, interaction.trigger_id), "view": view.shown(),
                   "response_urls": []}
        return interaction.send("interactive", payload, True, "view_submission",
                                lambda answer: self._submitted(interaction, view, answer))

    def _submitted(self, interaction, view, answer):
        """What the ack of a submission does to the view."""
        action = (answer or {}).get("response_action")
        try:
            if not answer:
                self.dialogs.close(view)
                return "closed"
            if action == "clear":
                self.dialogs.close(*self.dialogs.stack(view))
                return "cleared"
            if action in ("update", "push"):
                return self._changed_view(interaction, view, action, answer.get("view"))
            if action == "errors":
                return self._marked(view, answer.get("errors"))
            raise ApiError("invalid_response_action")
        except ApiError:
            view.problem = "We had some trouble connecting. Try again?"
            raise

    def _changed_view(self, interaction, view, action, content):
        if action == "push":
            self.dialogs.check(content)
            interaction.detail = {"view": self.dialogs.push_onto(view, content).id}
            return "pushed"
        self.dialogs.update(view, content)
        return "updated"

    @staticmethod
    def _marked(view, errors):
        """Keys are ids of input blocks; one that is none spoils them all."""
        inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
        fits = isinstance(errors, dict) and errors and set(errors) <= inputs and all(
            isinstance(text, str) and text for text in errors.values())
        if not fits:
            raise ApiError("invalid_errors", errors=errors)
        view.problem = errors
        return "errors"

    def close(self, user, view_id, all=False):
        """The cross in the corner dismisses the whole stack (`all`), the close button one view, unless it says so."""
        user = self.slack.people.person(user)
        view = self.dialogs.seen_by(user, view_id)
        all = all or view.content.get("clear_on_close", False)
        closed = list(reversed(self.dialogs.stack(view))) if all else [view]
        self.dialogs.close(*closed)
        return [self._closed(user, each, all) for each in closed if each.content.get("notify_on_close")]

    def _closed(self, user, view, cleared):
        interaction = self._new("view_closed", user, view=view)
        payload = {**self._common("view_closed", user, None), "view": view.shown(), "is_cleared": cleared}
        del payload["trigger_id"]
        payload["view"]["state"] = {"values": {}}
        return interaction.send("interactive", payload, False, "view_closed", lambda answer: "nothing")

    # Shortcuts

    def shortcut(self, user, callback_id, channel=None, ts=None):
        """With a message it is one of that message."""
        user, known = self.slack.people.person(user), self.workspace.app["shortcuts"]
        if not self.slack.granted("commands") or known and callback_id not in known:
            raise Impossible(f"no app here has the shortcut {callback_id}", 404)
        message = self._seen_message(user, channel, ts) if ts else None
        kind = "message_action" if message else "shortcut"
        interaction = self._new(kind, user, message and message.channel, message)
        payload = {**self._common(kind, user, interaction.trigger_id), "callback_id": callback_id,
                   "action_ts": self.workspace.next_ts()}
        if message:
            interaction.response_url = self.slack.hooks.new(interaction, "app")
            where = self._where(message)
            payload.update(channel=where["channel"], message=where.get("message"), message_ts=message.ts,
                           response_url=interaction.response_url)
        return interaction.send("interactive", payload, False, kind, lambda answer: "nothing")
