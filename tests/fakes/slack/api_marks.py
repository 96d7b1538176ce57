"""pins, reactions, bookmarks."""
import re

from refusals import ApiError
from web_api import method

MOST_BOOKMARKS = 100
MOST_EMOJI = 23
_TS = re.compile(r"^\d+\.\d{6}$")
_EMOJI = re.compile(r"^[a-z0-9_+'\-]+(::skin-tone-[2-6])?$")


def _message(call):
    if not _TS.match(call.get("timestamp", "")):
        raise ApiError("bad_timestamp")
    return call.message(call.channel(inside=True), "timestamp")


@method("pins.add", "channel! timestamp!", scopes=["pins:write"], tier=2)
def add_pin(call):
    message = _message(call)
    if message.data.get("subtype") in ("channel_join", "channel_topic", "channel_archive", "tombstone"):
        raise ApiError("not_pinnable")
    if not call.slack.happenings.pin(message, call.bot):
        raise ApiError("already_pinned")


@method("pins.list", "channel!", scopes=["pins:read"], tier=2, reads=True)
def list_pins(call):
    channel = call.channel(inside=True)
    return {"items": [{"type": "message", "channel": channel.id, "created": pin["created"],
                       "created_by": pin["created_by"], "message": channel.messages[pin["ts"]].shown()}
                      for pin in reversed(channel.pins) if pin["ts"] in channel.messages]}


@method("reactions.add", "channel timestamp name!", scopes=["reactions:write"])
def add_reaction(call):
    if not call.get("channel") or not call.get("timestamp"):
        raise ApiError("no_item_specified")
    name = call.get("name")
    if not _EMOJI.match(name):
        raise ApiError("invalid_name")
    message = _message(call)
    present = {each["name"] for each in message.data.get("reactions", [])}
    if name not in present and len(present) >= MOST_EMOJI:
        raise ApiError("too_many_emoji")
    if not call.slack.happenings.react(message, call.bot, name):
        raise ApiError("already_reacted")


@method("bookmarks.add", "channel_id! title! type! link emoji entity_id parent_id", scopes=["bookmarks:write"], tier=2)
def add_bookmark(call):
    """Asked twice it makes two."""
    channel = call.channel("channel_id", inside=True)
    if call.get("type") != "link":
        raise ApiError("invalid_bookmark_type")
    if not re.match(r"https?://[^\s/]", call.get("link", "")):
        raise ApiError("invalid_link")
    if call.get("emoji") and not re.fullmatch(r":[a-z0-9_+'\-]+:", call.get("emoji")):
        raise ApiError("invalid_emoji")
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise ApiError("too_many_bookmarks")
    bookmark = {"id": call.workspace.new_id("Bk"), "channel_id": channel.id, "title": call.get("title"),
                "link": call.get("link"), "emoji": call.get("emoji"), "type": "link",
                "date_created": int(call.slack.clock.now()), "app_id": call.workspace.app["id"]}
    channel.bookmarks.append(bookmark)
    call.slack.journal.changed()
    return {"bookmark": bookmark}


@method("bookmarks.list", "channel_id!", scopes=["bookmarks:read"], reads=True)
def list_bookmarks(call):
    return {"bookmarks": list(call.channel("channel_id", inside=True).bookmarks)}
