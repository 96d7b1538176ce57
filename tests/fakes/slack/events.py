"""Events as Slack sends them: only what the app subscribed to, has the scope for, and is there to see."""
import uuid

SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history", "message.groups": "groups:history",
    "message.im": "im:history", "message.mpim": "mpim:history",
    "reaction_added": "reactions:read", "reaction_removed": "reactions:read",
    "pin_added": "pins:read", "pin_removed": "pins:read",
    "channel_archive": "channels:read", "channel_unarchive": "channels:read", "channel_rename": "channels:read",
    "channel_created": "channels:read", "channel_deleted": "channels:read", "channel_id_changed": "channels:read",
    "channel_left": "channels:read", "group_left": "groups:read",
    "group_archive": "groups:read", "group_unarchive": "groups:read", "group_rename": "groups:read",
}
MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


class Events:
    def __init__(self, slack):
        self.slack = slack

    def emit(self, inner, channel=None):
        """With a channel: only if the bot is in it. Returns the envelope, or None if nobody is told."""
        slack, kind = self.slack, inner["type"]
        name = MESSAGES[channel.kind] if kind == "message" else kind
        if channel is not None and slack.workspace.bot not in channel.members:
            return None
        if name not in slack.workspace.app["events"] or not self._allowed(name, channel):
            return None
        return self.send(inner)

    def _allowed(self, name, channel):
        if name.startswith("member_"):
            return self.slack.granted("groups:read" if channel and channel.kind == "group" else "channels:read")
        return name not in SCOPES or self.slack.granted(SCOPES[name])

    def send(self, inner, **outer):
        """Past every condition: a test may send what it likes."""
        slack = self.slack
        team, app = slack.workspace.team["id"], slack.workspace.app
        payload = {
            "token": "deprecated", "team_id": team, "context_team_id": team, "context_enterprise_id": None,
            "api_app_id": app["id"], "type": "event_callback",
            "event_id": "Ev" + uuid.uuid4().hex[:10].upper(), "event_time": int(slack.clock.now()),
            "event_context": "4-" + uuid.uuid4().hex, "is_ext_shared_channel": False,
            "authorizations": [{"enterprise_id": None, "team_id": team, "user_id": app["user"], "is_bot": True,
                                "is_enterprise_install": False}],
            "event": inner, **outer}
        return slack.envelopes.post("events_api", payload, accepts=False, kind=inner.get("type", ""))

    def message(self, message, **more):
        channel = message.channel
        return {**message.shown(), "channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts, **more}

    def message_posted(self, message):
        """A mention where the bot also reads along makes two events, in no order one may rely on."""
        slack, channel = self.slack, message.channel
        bot = slack.workspace.bot
        wanted = [self.message(message)]
        mentioned = "<@" + bot in (message.data.get("text") or "") and message.data["user"] != bot
        if mentioned and channel.kind in ("channel", "group"):
            fields = ("user", "text", "ts", "thread_ts", "blocks", "client_msg_id", "bot_id", "files")
            mention = {name: message.data[name] for name in fields if name in message.data}
            wanted.append({"type": "app_mention", **mention, "channel": channel.id, "event_ts": message.ts,
                           "team": slack.workspace.team["id"]})
        for inner in reversed(wanted) if slack.settings["mention_first"] else wanted:
            self.emit(inner, channel)

    def message_changed(self, message, before, subtype="message_changed"):
        channel = message.channel
        now = self.slack.workspace.next_ts()
        inner = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id,
                 "channel_type": channel.kind, "ts": now, "event_ts": now, "previous_message": before}
        if subtype == "message_deleted":
            inner["deleted_ts"] = message.ts
        else:
            inner["message"] = message.shown()
        self.emit(inner, channel)
