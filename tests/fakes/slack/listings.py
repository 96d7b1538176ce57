"""What the control port shows, and how a test picks from it and waits for more."""
import base64
import json

from texts import mentions
from workspace import Ephemeral

WORDS = {"until", "timeout", "after", "contains"}
LONGEST_WAIT = 120.0


def message_row(message):
    channel, hidden = message.channel, isinstance(message, Ephemeral)
    return {**message.shown(with_metadata=True), "channel": channel.id, "channel_name": channel.name,
            "channel_kind": channel.kind, "deleted": message.deleted, "history": message.history,
            "mentions": mentions(message.data), "pinned": any(pin["ts"] == message.ts for pin in channel.pins),
            **({"seen_by": message.user} if hidden else {})}


def file_row(file):
    content = None if file["bytes"] is None else base64.b64encode(file["bytes"]).decode()
    return {**file, "bytes": content}


class Listings:
    def __init__(self, slack, listeners):
        workspace, journal, channels = slack.workspace, slack.journal, slack.workspace.channels
        every = channels.values
        self.journal = journal
        self.kinds = {
            "calls": lambda: journal.rows("call"), "acks": lambda: journal.rows("ack"),
            "hooks": lambda: journal.rows("hook"), "uploads": lambda: journal.rows("upload"),
            "socket_log": lambda: journal.rows("socket"), "view_log": lambda: journal.rows("view"),
            "refusals": lambda: journal.rows("refusal"), "bad_frames": lambda: journal.rows("bad_frame"),
            "sockets": lambda: [each.shown() for each in slack.sockets.every],
            "connections": lambda: [row for each in listeners.values() for row in each.connections],
            "envelopes": lambda: [each.shown() for each in slack.envelopes.every.values()],
            "interactions": lambda: [each.shown() for each in slack.interactions.values()],
            "loads": lambda: [each.shown() for each in slack.loads.values()],
            "views": lambda: [each.row() for each in slack.dialogs.views.values()],
            "messages": lambda: [message_row(each) for channel in every()
                                 for each in [*channel.messages.values(), *channel.deleted]],
            "ephemerals": lambda: [message_row(each) for channel in every() for each in channel.ephemerals],
            "files": lambda: [file_row(each) for each in workspace.files.values()],
            "channels": lambda: [{**each.shown(workspace.bot), "kind": each.kind, "members": each.members,
                                  "pins": each.pins, "bookmarks": each.bookmarks} for each in every()],
            "users": lambda: list(workspace.users.values()),
            "faults": lambda: slack.faults.rules,
        }

    async def show(self, kind, query):
        """(rows, whether as many as wanted are there). Without `until` and `timeout` it does not wait."""
        filters = {name: value for name, value in query.items() if name not in WORDS}
        after, wanted = int(query.get("after", 0)), int(query.get("until", 1))
        waits = "until" in query or "timeout" in query

        def look():
            return [row for row in self.kinds[kind]() if row.get("seq", after + 1) > after
                    and _matches(row, filters, query.get("contains"))]

        if not waits:
            return look(), True
        seconds = min(LONGEST_WAIT, float(query.get("timeout", 10)))
        return await self.journal.until(look, lambda rows: len(rows) >= wanted, seconds)


def _matches(row, filters, contains):
    if contains is not None and contains not in json.dumps(row, ensure_ascii=False):
        return False
    return all(_plain(_field(row, path)) == value for path, value in filters.items())


def _field(row, path):
    """`arguments.channel` looks inside."""
    for part in path.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value)
