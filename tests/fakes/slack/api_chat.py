"""auth, apps, chat: who the app is, how it connects, what it says."""
import messages
from refusals import ApiError
from web_api import method

UPDATE_MOST_TEXT = 4000
CONTENT = "text blocks:json attachments:json markdown_text"
LOOKS = ("username", "icon_emoji", "icon_url")


@method("apps.connections.open", scopes=["connections:write"], token="app", tier=3)
def connections_open(call):
    return {"url": call.slack.sockets.new_url()}


@method("auth.test", token="any", tier=0)
def auth_test(call):
    team, app = call.workspace.team, call.workspace.app
    if call.token["kind"] == "app":
        return {"app_name": app["name"], "app_id": app["id"]}
    return {"url": f"https://{team['domain']}.slack.com/", "team": team["name"], "team_id": team["id"],
            "user": call.workspace.users[app["user"]]["name"], "user_id": app["user"], "bot_id": app["bot_id"],
            "is_enterprise_install": False}


@method("team.info", "team", scopes=["team:read"], reads=True)
def team_info(call):
    team = call.workspace.team
    return {"team": {"id": team["id"], "name": team["name"], "domain": team["domain"], "icon": {},
                     "url": f"https://{team['domain']}.slack.com/"}}


@method("chat.postMessage", f"channel! {CONTENT} thread_ts reply_broadcast:flag metadata:json mrkdwn:flag parse "
        "link_names:flag unfurl_links:flag unfurl_media:flag username icon_emoji icon_url",
        scopes=["chat:write"], tier=0)
def post_message(call):
    channel = _posting_channel(call)
    if any(call.get(name) for name in LOOKS):
        call.need("chat:write.customize")
    fields = _content(call, messages.MOST_TEXT, may_cut=True)
    metadata = messages.checked_metadata(call.get("metadata"))
    thread_ts = _thread(call, channel)
    subtype = "thread_broadcast" if thread_ts and call.get("reply_broadcast") else None
    looks = {name: call.get(name) for name in LOOKS}
    message = call.slack.happenings.post(channel, call.bot, metadata, thread_ts=thread_ts, subtype=subtype,
                                         **fields, **looks)
    return {"channel": channel.id, "ts": message.ts, "message": message.shown(with_metadata=True)}


@method("chat.update", f"channel! ts! {CONTENT} metadata:json reply_broadcast:flag parse link_names:flag",
        scopes=["chat:write"])
def update(call):
    """A text without blocks takes the blocks away; blocks without a text leave the text."""
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.data["user"] != call.bot or message.data.get("subtype") not in (
            None, "thread_broadcast", "file_share"):
        raise ApiError("cant_update_message")
    if channel.is_archived:
        raise ApiError("is_inactive")
    cleared = call.get("blocks") == [] and call.get("text") is None and message.data["text"]
    fields = {"blocks": None} if cleared else _content(call, UPDATE_MOST_TEXT)
    if call.get("text") is None and call.get("markdown_text") is None:
        fields.pop("text", None)
    metadata = messages.checked_metadata(call.get("metadata"))
    call.slack.happenings.edit(message, call.bot, metadata, **fields)
    return {"channel": channel.id, "ts": message.ts, "text": message.data["text"],
            "message": message.shown(with_metadata=True)}


@method("chat.postEphemeral", f"channel! user! {CONTENT} thread_ts parse link_names:flag username icon_emoji icon_url",
        scopes=["chat:write"], tier=4)
def post_ephemeral(call):
    channel = call.channel(by_name=True, inside=True)
    if channel.is_archived:
        raise ApiError("is_archived")
    user = call.workspace.users.get(call.get("user"))
    if user is None or user["deleted"] or user["id"] not in channel.members:
        raise ApiError("user_not_in_channel")
    fields = _content(call, messages.MOST_TEXT)
    ephemeral = call.workspace.add_ephemeral(channel, user["id"], thread_ts=call.get("thread_ts"), **fields)
    call.slack.journal.changed()
    return {"message_ts": ephemeral.ts}


@method("chat.delete", "channel! ts!", scopes=["chat:write"])
def delete(call):
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.data["user"] != call.bot:
        raise ApiError("cant_delete_message")
    call.slack.happenings.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", "channel! message_ts!", tier=0, reads=True)
def permalink(call):
    channel = call.channel()
    return {"channel": channel.id, "permalink": call.workspace.permalink(call.message(channel, "message_ts"))}


def _content(call, most_text, may_cut=False):
    named = {name: call.get(name) for name in ("text", "blocks", "attachments", "markdown_text")}
    fields, warnings = messages.content(named, call.slack.settings["blocks_text_limit"], most_text, may_cut)
    call.warnings += warnings
    return fields


def _posting_channel(call):
    """A user's id means the conversation with them."""
    reference = call.get("channel")
    if reference in call.workspace.users:
        user = call.workspace.users[reference]
        if user["deleted"] or reference == call.bot:
            raise ApiError("channel_not_found")
        return call.workspace.direct(reference, call.bot)
    channel = call.channel(by_name=True)
    if channel.is_archived:
        raise ApiError("is_archived")
    if call.bot not in channel.members and not call.may("chat:write.public"):
        raise ApiError("not_in_channel")
    return channel


def _thread(call, channel):
    thread_ts = call.get("thread_ts")
    if thread_ts is None:
        return None
    root = channel.messages.get(thread_ts)
    if root is None or root.is_reply:
        raise ApiError("cannot_reply_to_message")
    return thread_ts
