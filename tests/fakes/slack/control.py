"""The control port: what tests can do as people and as the weather. README.md lists the paths."""
from common.control import ControlPort
from common.refusals import Impossible
from common.settings import with_changes
from common.wire import Answer
from listings import Listings, message_row
from load import Load
from service import SETTINGS

STATES = {"ok", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "user_removed_from_team",
          "team_disabled"}


class Control(ControlPort):
    @property
    def slack(self):
        return self.stage.world

    def listings(self):
        return Listings(self.slack, self.stage.listeners)

    def counts(self):
        slack = self.slack
        methods = {}
        for row in slack.journal.rows("call"):
            methods[row["method"]] = methods.get(row["method"], 0) + 1
        return {"seq": slack.journal.seq, "envelopes": slack.envelopes.counts, "calls": methods,
                "sockets": len(slack.sockets.counted()), "faults": slack.faults.taken}

    def file(self, id):
        file = self.slack.workspace.files.get(id)
        if file is None or file["bytes"] is None:
            raise Impossible(f"no bytes of {id} have come", 404)
        return Answer(file["bytes"], kind="application/octet-stream")

    # The weather

    def on_settings(self, **changes):
        """link_disabled is what open sockets hear when Socket Mode is switched off."""
        before, self.slack.settings = self.slack.settings, with_changes(
            SETTINGS, self.slack.settings, changes)
        if before["socket_mode"] and not self.slack.settings["socket_mode"]:
            for socket in self.slack.sockets.counted():
                socket.disconnect("link_disabled", close=True)
        return self.slack.settings

    def on_tokens(self, token, state=None, scopes=None):
        """`token`: "app", "bot" or its text; one that is not known yet becomes another token of the bot."""
        app = self.slack.workspace.app
        text = {"app": app["app_token"], "bot": app["bot_token"]}.get(token, token)
        known = self.slack.tokens.setdefault(text, {"kind": "bot", "scopes": list(app["bot_scopes"]), "state": "ok"})
        if state is not None and state not in STATES:
            raise Impossible(f"a token is one of: {', '.join(sorted(STATES))}", 400)
        known.update(state=state or known["state"], scopes=known["scopes"] if scopes is None else scopes)
        return {"token": text, **known}

    def crowd(self):
        return self.slack.sockets

    @staticmethod
    def special(socket, do, how):
        if do == "disconnect":
            reason = how.get("reason", "refresh_requested")
            after = how.get("after", socket.slack.settings["warning_seconds"] if reason == "warning" else None)
            socket.disconnect(reason, how.get("close", reason != "warning"), after if how.get("close", True) else None)
        else:
            raise Impossible(f"a socket can't {do}", 400)

    def on_envelopes(self, type, payload, accepts=False):
        return self.slack.envelopes.post(type, payload, accepts, kind=type).shown()

    def on_envelopes_repeat(self, envelope_id):
        envelope = self.slack.envelopes.every[envelope_id]
        self.slack.envelopes.repeat(envelope)
        return envelope.shown()

    def on_events(self, event, **outer):
        return self.slack.events.send(event, **outer).shown()

    def on_load(self, **how):
        load = Load(self.slack, f"L{len(self.slack.loads) + 1}", **how)
        self.slack.loads[load.id] = load
        return load.shown()

    # People

    def on_commands(self, **how):
        return self.slack.people.command(**how).shown()

    def on_messages(self, **how):
        return message_row(self.slack.people.say(**how))

    def on_messages_edit(self, **how):
        return message_row(self.slack.people.edit(**how))

    def on_messages_delete(self, **how):
        return message_row(self.slack.people.delete(**how))

    def on_reactions(self, **how):
        return message_row(self.slack.people.mark("reaction", **how))

    def on_pins(self, **how):
        return message_row(self.slack.people.mark("pin", **how))

    def on_channels(self, **how):
        return self.slack.people.channel(**how).shown(self.slack.workspace.bot)

    def on_home(self, **how):
        view = self.slack.people.home(**how)
        return view.row() if view else {}

    def on_press(self, **how):
        return self.slack.gestures.press(**how).shown()

    def on_suggest(self, **how):
        return self.slack.gestures.suggest(**how).shown()

    def on_submit(self, **how):
        return self.slack.gestures.submit(**how).shown()

    def on_close(self, **how):
        return [each.shown() for each in self.slack.gestures.close(**how)]

    def on_type(self, user, view_id, values):
        view = self.slack.dialogs.seen_by(self.slack.people.person(user), view_id)
        self.slack.dialogs.type_into(view, values)
        return view.row()

    def on_shortcut(self, **how):
        return self.slack.gestures.shortcut(**how).shown()

    # The workspace itself

    def on_users(self, id, **facts):
        """Changes a user, or makes one."""
        users = self.slack.workspace.users
        users[id] = {"id": id, "name": id.lower(), "deleted": False, "is_bot": False, **users.get(id, {}), **facts}
        return users[id]

    def on_usergroups(self, id, **facts):
        groups = self.slack.workspace.usergroups
        groups[id] = {"id": id, "handle": id.lower(), "name": id, "users": [], "disabled": False,
                      **groups.get(id, {}), **facts}
        return groups[id]

    def on_subscriptions(self, events=None, commands=None, shortcuts=None):
        """What the app's manifest says: lists of all bot events, of commands and of shortcuts (empty: any)."""
        app = self.slack.workspace.app
        for name, value in (("events", events), ("commands", commands), ("shortcuts", shortcuts)):
            app[name] = app[name] if value is None else value
        return {name: app[name] for name in ("events", "commands", "shortcuts")}
