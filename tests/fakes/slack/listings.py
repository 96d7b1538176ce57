"""What the control port shows."""
import base64

from common import listings
from texts import mentions
from workspace import Ephemeral


def message_row(message):
    channel, hidden = message.channel, isinstance(message, Ephemeral)
    return {**message.shown(with_metadata=True), "channel": channel.id, "channel_name": channel.name,
            "channel_kind": channel.kind, "deleted": message.deleted, "history": message.history,
            "mentions": mentions(message.data), "pinned": any(pin["ts"] == message.ts for pin in channel.pins),
            **({"seen_by": message.user} if hidden else {})}


def file_row(file):
    content = None if file["bytes"] is None else base64.b64encode(file["bytes"]).decode()
    return {**file, "bytes": content}


class Listings(listings.Listings):
    def __init__(self, slack, listeners):
        workspace, journal, channels = slack.workspace, slack.journal, slack.workspace.channels
        every = channels.values
        super().__init__(journal, {
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
        })
