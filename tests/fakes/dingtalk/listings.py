"""What the control port shows."""
import base64

from common import listings


def _with_text(file):
    return {**file, "bytes": base64.b64encode(file["bytes"]).decode()}


class Listings(listings.Listings):
    def __init__(self, world, listeners):
        journal, organization = world.journal, world.organization
        super().__init__(journal, {
            "calls": lambda: journal.rows("call"), "hooks": lambda: journal.rows("hook"),
            "acks": lambda: journal.rows("ack"), "bad_frames": lambda: journal.rows("bad_frame"),
            "refusals": lambda: journal.rows("refusal"), "socket_log": lambda: journal.rows("socket"),
            "downloads": lambda: journal.rows("download"),
            "sockets": lambda: [each.shown() for each in world.gateway.every],
            "connections": lambda: [row for each in listeners.values() for row in each.connections],
            "pushes": lambda: [each.shown() for each in world.pushes.every.values()],
            "interactions": lambda: [each.shown() for each in world.interactions.values()],
            "messages": lambda: [each.row() for each in world.conversations.messages.values()],
            "said": lambda: [each.row() for each in world.conversations.messages.values() if each.author == "robot"],
            "cards": lambda: [each.row() for each in world.cards.every.values()],
            "dings": lambda: list(world.dings.every.values()),
            "notices": lambda: list(world.work.every.values()),
            "files": lambda: [_with_text(each) for each in world.files.sent.values()],
            "media": lambda: [_with_text(each) for each in world.files.media.values()],
            "loads": lambda: [each.shown() for each in world.loads.values()],
            "groups": lambda: [each.row() for each in organization.groups()],
            "people": lambda: [each.row() for each in organization.people.values()],
            "faults": lambda: world.faults.rules,
        })
