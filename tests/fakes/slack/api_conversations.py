"""conversations: channels, who is in them, what was said there."""
import re

from refusals import ApiError, invalid_arguments
from texts import length
from web_api import method

TYPES = {"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
MOST_INVITED = 100
_TS = re.compile(r"^\d+(\.\d+)?$")


def _new_name(call, own=None):
    """The rules of a name; archived channels keep theirs."""
    name = call.get("name", "")
    if not name:
        raise ApiError("invalid_name_required")
    if len(name) > 80:
        raise ApiError("invalid_name_maxlength")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise ApiError("invalid_name_specials")
    if not re.search(r"[a-z0-9]", name):
        raise ApiError("invalid_name_punctuation")
    name += call.slack.settings["created_name_suffix"]
    taken = next((each for each in call.workspace.channels.values() if each.name == name), None)
    if taken not in (None, own):
        raise ApiError("name_taken")
    return name


@method("conversations.create", "name is_private:flag team_id", tier=2)
def create(call):
    private = call.get("is_private", False)
    call.need("groups:write" if private else "channels:manage")
    return {"channel": call.slack.happenings.create(_new_name(call), call.bot, private).shown(call.bot)}


@method("conversations.rename", "channel! name", tier=2)
def rename(call):
    channel = _managed(call)
    if channel.creator != call.bot:
        raise ApiError("not_authorized")
    call.slack.happenings.rename(channel, call.bot, _new_name(call, channel))
    return {"channel": channel.shown(call.bot)}


def _managed(call, part=None):
    """A channel the bot is in and may change."""
    channel = call.channel()
    call.need_manage(channel, part)
    if channel.kind not in ("channel", "group"):
        raise ApiError("method_not_supported_for_channel_type")
    if call.bot not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _writable(call, part):
    channel = _managed(call, part)
    if channel.is_archived:
        raise ApiError("is_archived")
    return channel


@method("conversations.setTopic", "channel! topic", tier=2)
def set_topic(call):
    return _set_note(call, "topic")


@method("conversations.setPurpose", "channel! purpose", tier=2)
def set_purpose(call):
    return _set_note(call, "purpose")


def _set_note(call, which):
    channel = _writable(call, "topic")
    text = call.get(which, "")
    if length(text) > 250:
        raise ApiError("too_long")
    call.slack.happenings.set_note(channel, call.bot, which, text)
    return {"channel": channel.shown(call.bot)}


@method("conversations.archive", "channel!", tier=2)
def archive(call):
    channel = call.channel()
    if channel.is_general:
        raise ApiError("cant_archive_general")
    if channel.is_archived:
        call.need_manage(channel)
        raise ApiError("already_archived")
    call.slack.happenings.archive(_managed(call), call.bot)
    return {}


@method("conversations.invite", "channel! users:list! force:flag")
def invite(call):
    """All or nobody, unless forced: then whoever can be."""
    channel = _writable(call, "invites")
    users = list(dict.fromkeys(call.get("users")))
    if len(users) > MOST_INVITED:
        raise invalid_arguments(f"no more than {MOST_INVITED} users allowed")
    errors = [{"user": user, "ok": False, "error": problem} for user in users
              if (problem := _cant_invite(call, channel, user))]
    fine = [user for user in users if user not in {each["user"] for each in errors}]
    if errors and not (call.get("force") and fine):
        raise ApiError(errors[0]["error"], errors=errors)
    for user in fine:
        call.slack.happenings.join(channel, user, call.bot)
    return {"channel": channel.shown(call.bot), **({"errors": errors} if errors else {})}


def _cant_invite(call, channel, user):
    known = call.workspace.users.get(user)
    if user == call.bot:
        return "cant_invite_self"
    if known is None:
        return "user_not_found"
    if known["deleted"]:
        return "cant_invite"
    return "already_in_channel" if user in channel.members else None


@method("conversations.open", "users:list channel return_im:flag")
def open_direct(call):
    if call.get("channel"):
        channel = call.channel()
    else:
        channel = call.workspace.direct(*_partners(call), call.bot)
    call.need_for(channel, "write")
    return {"channel": channel.shown(call.bot) if call.get("return_im") else {"id": channel.id}}


def _partners(call):
    users = list(dict.fromkeys(call.get("users", [])))
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 8:
        raise ApiError("too_many_users")
    for user in users:
        known = call.workspace.users.get(user)
        if known is None or user == call.bot:
            raise ApiError("user_not_found")
        if known["deleted"]:
            raise ApiError("user_disabled")
    return users


@method("conversations.join", "channel!", scopes=["channels:join"])
def join(call):
    channel = call.channel()
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    if call.bot in channel.members:
        call.warnings.append("already_in_channel")
    else:
        call.slack.happenings.join(channel, call.bot)
    return {"channel": channel.shown(call.bot)}


@method("conversations.list", "types:list exclude_archived:flag limit:number cursor team_id", tier=2, reads=True)
def list_all(call):
    kinds = []
    for name in call.get("types", ["public_channel"]):
        if name not in TYPES:
            raise ApiError("invalid_types")
        kinds.append(TYPES[name])
        call.need({"channel": "channels", "group": "groups"}.get(TYPES[name], TYPES[name]) + ":read")
    found = [each for each in call.workspace.channels.values() if each.kind in kinds
             and (each.kind == "channel" or call.bot in each.members)
             and not (each.is_archived and call.get("exclude_archived"))]
    channels, cursor = call.page(found, kept=lambda channel: channel.shown(call.bot))
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


@method("conversations.info", "channel! include_num_members:flag include_locale:flag", reads=True)
def info(call):
    channel = call.channel()
    call.need_for(channel, "read")
    return {"channel": channel.shown(call.bot)}


@method("conversations.members", "channel! limit:number cursor", tier=4, reads=True)
def members(call):
    channel = call.channel()
    call.need_for(channel, "read")
    found, cursor = call.page(channel.members)
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


PERIOD = "oldest latest inclusive:flag limit:number cursor include_all_metadata:flag"


@method("conversations.history", f"channel! {PERIOD}", reads=True)
def history(call):
    """Newest first, without replies."""
    channel = _readable(call)
    return _messages(call, list(reversed(channel.roots())))


@method("conversations.replies", f"channel! ts! {PERIOD}", reads=True)
def replies(call):
    """The root first, whatever the period, then its replies in order; of a reply's `ts` that reply alone."""
    channel = _readable(call)
    root = call.message(channel, "ts", absent="thread_not_found")
    if root.is_reply:
        return _messages(call, [root], always=root)
    return _messages(call, channel.thread(root.ts), always=root)


def _readable(call):
    channel = call.channel()
    call.need_for(channel, "history")
    return call.channel(inside=True)


def _messages(call, found, always=None):
    period = {}
    for name in ("oldest", "latest"):
        text = call.get(name)
        if text is not None and not _TS.match(text):
            raise ApiError("invalid_ts_" + name)
        period[name] = _exact(text) if text is not None else None
    inclusive = call.get("inclusive", False)
    inside = [each for each in found if each is always or _within(_exact(each.ts), period, inclusive)]
    metadata = call.get("include_all_metadata", False)
    shown, cursor = call.page(inside, kept=lambda message: message.shown(metadata))
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _within(instant, period, inclusive):
    oldest, latest = period["oldest"], period["latest"]
    after = oldest is None or instant > oldest or (inclusive and instant == oldest)
    before = latest is None or instant < latest or (inclusive and instant == latest)
    return after and before


def _exact(ts):
    """Microseconds: a ts is no number that a double could hold."""
    whole, _, part = ts.partition(".")
    return int(whole) * 1_000_000 + int((part + "000000")[:6])
