"""Views: modals in stacks and the Home tab, and the trigger_ids that open them."""
import copy
import json
import secrets

import elements as forms
from block_kit import MOST_VIEW_BYTES, completed, problems_of_view
from common.refusals import Impossible
from refusals import ApiError

MOST_IN_STACK = 3


class Triggers:
    """A gesture's right to open one view, for three seconds."""

    def __init__(self, slack):
        self.slack, self.every = slack, {}

    def new(self, user, view=None):
        number = len(self.every) + 1
        trigger = f"{number}.{int(self.slack.clock.now() * 1000)}.{secrets.token_hex(8)}"
        self.every[trigger] = {"user": user, "view": view, "at": self.slack.clock.now(), "used": False}
        return trigger

    def look_at(self, trigger):
        known = self.every.get(trigger)
        if known is None:
            raise ApiError("invalid_trigger_id")
        if known["used"]:
            raise ApiError("exchanged_trigger_id")
        if self.slack.clock.now() - known["at"] > self.slack.settings["trigger_seconds"]:
            raise ApiError("expired_trigger_id")
        return known


class View:
    def __init__(self, slack, user, content, previous=None):
        self.slack, self.user = slack, user
        self.id = slack.workspace.new_id("V")
        self.previous = previous
        self.root_id = previous.root_id if previous else self.id
        self.open = True
        self.typed = {}  # what the person put in so far, as state.values
        self.offered = {}  # options the app suggested, by action_id
        self.history = []
        self.problem = None  # what the person sees in red: {block_id: text}, or a sentence
        self.fill(content)

    def fill(self, content):
        """Input stays where block and action are the same as before."""
        self.content = {**content, "blocks": completed(content["blocks"])}
        self.hash = f"{int(self.slack.clock.now())}.{secrets.token_hex(4)}"
        self.typed = forms.state(self.content["blocks"], self.typed)
        self.problem = None

    def shown(self):
        """The view object of answers and payloads."""
        app, content = self.slack.workspace.app, self.content
        optional = ("title", "submit", "close")
        return {
            "id": self.id, "team_id": self.slack.workspace.team["id"], "type": content["type"],
            **{name: content.get(name) for name in optional if content["type"] == "modal"},
            "blocks": content["blocks"], "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""), "external_id": content.get("external_id", ""),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "state": {"values": copy.deepcopy(self.typed)}, "hash": self.hash, "root_view_id": self.root_id,
            "previous_view_id": self.previous.id if self.previous else None, "app_id": app["id"],
            "app_installed_team_id": self.slack.workspace.team["id"], "bot_id": app["bot_id"]}

    def row(self):
        return {**self.shown(), "user": self.user, "open": self.open, "problem": self.problem, "history": self.history}


class Dialogs:
    def __init__(self, slack):
        self.slack = slack
        self.views = {}

    # For the app

    def open(self, trigger, content):
        self._check(content, ("modal",))
        known = self.slack.triggers.look_at(trigger)
        self._unique(content)
        known["used"] = True
        return self._add(View(self.slack, known["user"], content), "opened")

    def push(self, trigger, content):
        """Only from inside a modal, and onto it."""
        self._check(content, ("modal",))
        known = self.slack.triggers.look_at(trigger)
        view = known["view"]
        if view is None or view.content["type"] != "modal":
            raise ApiError("invalid_trigger_id")
        self._unique(content)
        pushed = self.push_onto(view, content)
        known["used"] = True
        return pushed

    def push_onto(self, view, content):
        stack = self.stack(view)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= MOST_IN_STACK:
            raise ApiError("push_limit_reached")
        return self._add(View(self.slack, view.user, content, stack[-1]), "pushed")

    def update(self, view, content, hash=None):
        self._check(content, (view.content["type"],) if view else ("modal", "home"))
        if view is None or not view.open:
            raise ApiError("not_found")
        if hash is not None and hash != view.hash:
            raise ApiError("hash_conflict")
        self._unique(content, view)
        view.history.append({"hash": view.hash, "content": view.content})
        view.fill(content)
        self._note(view, "updated")
        return view

    def publish(self, user, content, hash=None):
        self._check(content, ("home",))
        homes = self.slack.workspace.homes
        view = homes.get(user)
        if view is not None:
            return self.update(view, content, hash)
        homes[user] = self._add(View(self.slack, user, content), "published")
        return homes[user]

    def named(self, view_id=None, external_id=None):
        if external_id is not None:
            return next((view for view in self.views.values()
                         if view.open and view.content.get("external_id") == external_id), None)
        return self.views.get(view_id)

    def check(self, content):
        """The problems a view would have that comes back in an ack."""
        self._check(content, ("modal",))
        self._unique(content)

    def _check(self, content, kinds):
        problems = problems_of_view(content, kinds)
        if problems:
            raise ApiError("invalid_arguments", response_metadata={"messages": problems})
        if len(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MOST_VIEW_BYTES:
            raise ApiError("view_too_large")

    def _unique(self, content, but=None):
        external = content.get("external_id")
        if external and self.named(external_id=external) not in (None, but):
            raise ApiError("duplicate_external_id")

    # For people

    def stack(self, view):
        """The open views of one modal, lowest first. Only the last can be seen."""
        return [each for each in self.views.values() if each.root_id == view.root_id and each.open]

    def seen_by(self, user, view_id):
        """The view, if this user has it in front of them."""
        view = self.views.get(view_id)
        if view is None:
            raise Impossible(f"there is no view {view_id}", 404)
        if view.user != user:
            raise Impossible(f"{user} can't see {view_id}, which is {view.user}'s", 403)
        if not view.open or (view.content["type"] == "modal" and self.stack(view)[-1] is not view):
            raise Impossible(f"{view_id} is not what {user} sees now")
        return view

    def close(self, *views):
        for view in views:
            view.open = False
            self._note(view, "closed")

    def type_into(self, view, values):
        """Puts `{block_id: {action_id: value}}` into the inputs; refuses what the form would not take."""
        for block_id, actions in values.items():
            for action_id, value in actions.items():
                found = forms.find(view.content["blocks"], action_id, block_id)
                if found is None or found[1]["type"] not in forms.STATEFUL:
                    raise Impossible(f"{view.id} has no input {block_id}/{action_id}", 404)
                try:
                    held = forms.chosen(found[1], value, self.slack.workspace.users, view.offered.get(action_id))
                except ValueError as error:
                    raise Impossible(str(error), 422) from error
                view.typed[block_id][action_id] = held
        self.slack.journal.changed()

    def unfilled(self, view):
        """Blocks that must be filled and are not: Slack's own client does not let them be submitted."""
        return [block["block_id"] for block in view.content["blocks"]
                if block["type"] == "input" and not block.get("optional", False)
                and forms.is_empty(view.typed[block["block_id"]][block["element"]["action_id"]])]

    def _add(self, view, what):
        self.views[view.id] = view
        self._note(view, what)
        return view

    def _note(self, view, what):
        self.slack.journal.note("view", view=view.id, user=view.user, what=what, hash=view.hash,
                                callback_id=view.content.get("callback_id", ""))
