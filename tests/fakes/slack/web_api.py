"""The Web API's front: tokens, scopes, arguments, rate limits, faults. The methods themselves are in api_*.py."""
import base64
import binascii
import secrets
import time

from answers import spoiled
from arguments import decoded, typed_arguments
from common.wire import Answer, json_answer
from refusals import ApiError, invalid_arguments
from workspace import PREFIXES

METHODS = {}
MOST_PER_PAGE = 1000


class Method:
    def __init__(self, name, arguments, scopes, tier, token, reads, do):
        self.name, self.scopes, self.tier, self.token, self.reads, self.do = name, scopes, tier, token, reads, do
        self.arguments = {}
        for each in arguments.split():
            argument, _, kind = each.rstrip("!").partition(":")
            self.arguments[argument] = {"kind": kind or "text", "required": each.endswith("!")}


def method(name, arguments="", scopes=(), tier=3, token="bot", reads=False):
    """Registers a method. `arguments`: "name:kind!", kind text, flag, number, json or list, ! if it must be there.

    `scopes`: one of them is needed. Methods whose scope depends on the channel ask for it themselves."""
    def keep(do):
        METHODS[name] = Method(name, arguments, scopes, tier, token, reads, do)
        return do
    return keep


class Call:
    """One call, as a method sees it: arguments of the right kinds, and what the token may."""

    def __init__(self, slack, token, arguments):
        self.slack, self.workspace, self.token = slack, slack.workspace, token
        self.arguments = arguments
        self.warnings = []
        self.bot = slack.workspace.bot

    def get(self, name, otherwise=None):
        value = self.arguments.get(name)
        return otherwise if value is None else value

    def may(self, *scopes):
        return any(scope in self.token["scopes"] for scope in scopes)

    def need(self, *scopes):
        """One of them will do."""
        if scopes and not self.may(*scopes):
            raise ApiError("missing_scope", needed=scopes[0], provided=",".join(self.token["scopes"]))

    def need_for(self, channel, what):
        """`read`, `write`, `history` of this kind of channel."""
        self.need(f"{PREFIXES[channel.kind]}:{what}")

    def need_manage(self, channel, part=None):
        base = "channels:manage" if channel.kind == "channel" else "groups:write"
        narrow = ("channels:write." if channel.kind == "channel" else "groups:write.") + part if part else None
        self.need(base, *([narrow] if narrow else []))

    def channel(self, name="channel", by_name=False, inside=False):
        """The channel an argument means. What the bot can't see does not exist."""
        reference = self.get(name, "")
        channel = self.workspace.channels.get(reference)
        if channel is None and by_name:
            channel = self.workspace.channel_named(reference)
        if channel is None or (channel.kind != "channel" and self.bot not in channel.members):
            raise ApiError("channel_not_found")
        if inside and self.bot not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def message(self, channel, name, absent="message_not_found"):
        message = channel.messages.get(self.get(name, ""))
        if message is None:
            raise ApiError(absent)
        return message

    def page(self, items, default=100, kept=lambda item: item):
        """(items of this page, next cursor). A first page is short on purpose: only the cursor tells the end."""
        limit = self.get("limit", default) or default
        if limit < 0:
            raise invalid_arguments("limit must not be negative")
        start = _position(self.get("cursor"))
        room = min(limit, MOST_PER_PAGE)
        left = len(items) - start
        if self.slack.settings["short_pages"] and start == 0 and left > 1:
            room = min(room, max(1, left // 2))
        end = start + room
        return [kept(item) for item in items[start:end]], _cursor(end) if end < len(items) else ""


def _cursor(position):
    return base64.b64encode(b"at:%d" % position).decode()


def _position(cursor):
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).partition(b":")
        if word == b"at":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("invalid_cursor")


class WebApi:
    def __init__(self, slack):
        self.slack = slack

    async def serve(self, request):
        name = request.path.removeprefix("/api/").strip("/")
        started, known = time.monotonic(), METHODS.get(name)
        arguments, warnings, problem = decoded(request, known)
        row = self.slack.journal.note(
            "call", method=name, arguments=arguments, ok=None, error=None, status=None, duration_ms=None,
            token=None, content_type=request.headers.get("content-type"), connection=request.connection["id"],
            unknown_arguments=sorted(set(arguments) - set(known.arguments)) if known else [], fault=None)
        rule = self.slack.faults.take((name, "api"), arguments) if known else None
        if rule is not None and not rule.get("performed") and rule["do"] != "pass":
            answer = Answer()
        else:
            answer = self._answer(known, request, arguments, warnings, problem, row)
        if rule is not None:
            row["fault"] = rule["do"]
            answer = await spoiled(self.slack.faults, rule, answer)
        row.update(status=answer.status, duration_ms=round((time.monotonic() - started) * 1000, 3))
        row["answered"] = self.slack.journal.stamp()
        self.slack.journal.changed()
        return answer

    def _answer(self, known, request, arguments, warnings, problem, row):
        headers, status = {"x-slack-req-id": secrets.token_hex(16)}, 200
        try:
            if known is None:
                raise ApiError("unknown_method")
            token = self._token(request, known, headers, row)
            wait = self.slack.limits.wait(known, arguments)
            if wait:
                status, headers["retry-after"] = 429, str(wait)
                raise ApiError("ratelimited")
            if problem:
                raise problem
            call = Call(self.slack, token, typed_arguments(known, arguments))
            call.need(*known.scopes)
            found = known.do(call)
            answer, warnings = {"ok": True, **(found or {})}, warnings + call.warnings
        except ApiError as error:
            answer = {"ok": False, "error": error.error, **error.more}
        if warnings:
            answer["warning"] = ",".join(warnings)
            answer.setdefault("response_metadata", {})["warnings"] = warnings
        row.update(ok=answer["ok"], error=answer.get("error"), warnings=warnings)
        return json_answer(answer, status, headers, escaped_slashes=True)

    def _token(self, request, known, headers, row):
        """Only the header counts: a token in a query or a body is one that ends in somebody's log."""
        word, _, text = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not text:
            raise ApiError("not_authed")
        token = self.slack.tokens.get(text.strip())
        if token is None:
            raise ApiError("invalid_auth")
        row["token"] = token["kind"]
        if token["state"] != "ok":
            raise ApiError(token["state"])
        headers["x-oauth-scopes"] = ",".join(token["scopes"])
        headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
        if known.token not in (token["kind"], "any"):
            raise ApiError("not_allowed_token_type")
        return token
