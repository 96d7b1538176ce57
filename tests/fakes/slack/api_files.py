"""files: the three steps of an upload."""
import email
import email.policy
import secrets

from answers import spoiled
from common.wire import Answer
from messages import checked_blocks
from refusals import ApiError
from web_api import method

SNIPPETS = {"text", "markdown", "json", "yaml", "shell", "sql", "python", "diff", "csv", "html", "javascript", "go"}
MOST_SNIPPET_BYTES = 1_000_000
MOST_CHANNELS = 100


@method("files.getUploadURLExternal", "filename length:number alt_txt snippet_type", scopes=["files:write"], tier=4)
def upload_url(call):
    size = call.get("length", 0)
    if not call.get("filename") or size <= 0:
        raise ApiError("missing_argument")
    if size > call.slack.settings["file_limit_bytes"]:
        raise ApiError("file_upload_size_restricted")
    kind = call.get("snippet_type")
    if kind is not None and kind not in SNIPPETS:
        raise ApiError("unknown_snippet_type")
    if kind is not None and size > MOST_SNIPPET_BYTES:
        raise ApiError("snippet_too_large")
    file = {"id": call.workspace.new_id("F"), "name": call.get("filename"), "title": call.get("filename"),
            "size": size, "alt_txt": call.get("alt_txt"), "snippet_type": kind, "user": call.bot,
            "created": int(call.slack.clock.now()), "path": "/upload/v1/" + secrets.token_urlsafe(24),
            "bytes": None, "state": "announced", "shares": []}
    call.workspace.files[file["id"]] = file
    return {"upload_url": call.slack.addresses["files"] + file["path"], "file_id": file["id"]}


@method("files.completeUploadExternal", "files:json! channel_id channels:list thread_ts initial_comment blocks:json",
        scopes=["files:write"], tier=4)
def complete(call):
    """Once. The message it makes is found by files.info or in the history, not in the answer."""
    files = _uploaded(call)
    places = _places(call)
    comment, blocks = call.get("initial_comment"), checked_blocks(call.get("blocks"))
    for file, title in files:
        file.update(state="complete", title=title or file["title"])
    for channel in places:
        thread_ts = call.get("thread_ts")
        message = call.slack.happenings.post(
            channel, call.bot, text=comment or "", blocks=blocks, thread_ts=thread_ts, subtype="file_share",
            files=[shown(call.slack, file) for file, _ in files])
        for file, _ in files:
            file["shares"].append({"channel": channel.id, "ts": message.ts, "thread_ts": thread_ts})
    call.slack.journal.changed()
    return {"files": [{"id": file["id"], "title": file["title"]} for file, _ in files]}


def _uploaded(call):
    wanted = call.get("files")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(each, dict) for each in wanted):
        raise ApiError("invalid_array_arg")
    found = [(call.workspace.files.get(each.get("id")), each.get("title")) for each in wanted]
    if any(file is None or file["state"] != "uploaded" for file, _ in found):
        raise ApiError("file_not_found")
    return found


def _places(call):
    ids = call.get("channels", []) + ([call.get("channel_id")] if call.get("channel_id") else [])
    if len(ids) > MOST_CHANNELS:
        raise ApiError("invalid_channel")
    places = []
    for id in ids:
        channel = call.workspace.channels.get(id)
        if channel is None or (channel.kind != "channel" and call.bot not in channel.members):
            raise ApiError("channel_not_found")
        if call.bot not in channel.members:
            raise ApiError("not_in_channel")
        if channel.is_archived:
            raise ApiError("posting_to_channel_denied")
        places.append(channel)
    return places


@method("files.info", "file! limit:number cursor", scopes=["files:read"], tier=4, reads=True)
def info(call):
    file = call.workspace.files.get(call.get("file"))
    if file is None or file["state"] != "complete":
        raise ApiError("file_not_found")
    return {"file": shown(call.slack, file)}


def shown(slack, file):
    shares = {}
    for share in file["shares"]:
        kind = "public" if slack.workspace.channels[share["channel"]].kind == "channel" else "private"
        shares.setdefault(kind, {}).setdefault(share["channel"], []).append(
            {name: value for name, value in share.items() if name != "channel" and value is not None})
    return {"id": file["id"], "name": file["name"], "title": file["title"], "size": file["size"],
            "user": file["user"], "created": file["created"], "mode": "snippet" if file["snippet_type"] else "hosted",
            "alt_txt": file["alt_txt"], "shares": shares,
            "channels": sorted({each["channel"] for each in file["shares"]}),
            "url_private": f"{slack.addresses['files']}/files-pri/{file['id']}/{file['name']}"}


async def receive(slack, request):
    """The POST to the upload URL: bytes as they are or a form with one file, as many as were announced, once."""
    file = next((each for each in slack.workspace.files.values() if each["path"] == request.path), None)
    rule = slack.faults.take(("upload",), {"file": file and file["id"]})
    answer = Answer()
    if rule is None or rule.get("performed") or rule["do"] == "pass":
        answer = _store(file, request)
    if rule is not None:
        answer = await spoiled(slack.faults, rule, answer)
    slack.journal.note("upload", file=file and file["id"], status=answer.status, bytes=len(request.body),
                       authorization="authorization" in request.headers, connection=request.connection["id"])
    return answer


def _store(file, request):
    if file is None or file["state"] != "announced" or request.method != "POST":
        return Answer(b"no such upload", 404)
    content = _content(request)
    if content is None or len(content) != file["size"]:
        return Answer(b"not the announced number of bytes", 400)
    file.update(bytes=content, state="uploaded")
    return Answer(b"OK - %d" % len(content))


def _content(request):
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return request.body
    head = b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n"
    form = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    parts = [part for part in form.iter_parts() if part.get_filename()] if form.is_multipart() else []
    return parts[0].get_payload(decode=True) if len(parts) == 1 else None
