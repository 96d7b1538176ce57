"""The new API's front, api.dingtalk.com: paths, tokens, rights, arguments, limits, faults. The calls themselves are in
api_*.py and gateway.py.

The order of the checks is inference: address, ban, token, rate, right, arguments, then what the call itself asks."""
import json
import re
import time

from common import answers
from common.wire import Answer
from refusals import PUNISHED, ApiError, fault_refusal, no_scope, refused, said

CALLS = []
KINDS = {"text": str, "texts": list, "list": list, "object": dict, "number": int, "flag": bool}
TOKEN_HEADER = "x-acs-dingtalk-access-token"


class Declared:
    def __init__(self, verb, path, fields, scope, token, missing, do):
        self.verb, self.path, self.scope, self.token, self.missing, self.do = verb, path, scope, token, missing, do
        self.pattern = re.compile("^" + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "$")
        self.fields = {}
        for each in fields.split():
            name, _, kind = each.rstrip("!").partition(":")
            self.fields[name] = {"kind": KINDS[kind or "text"], "required": each.endswith("!"),
                                 "texts": kind == "texts"}


def robot_missing(name):
    return ApiError(f"invalidParameter.{name}.empty", f"{name} 不能为空")


def card_missing(name):
    return ApiError(f"param.{name}Empty", f"{name} 不能为空")


def call(verb, path, fields="", scope=None, token=True, missing=robot_missing):
    """Registers a call. `fields`: "name:kind!", kind text, texts, list, object, number or flag, ! if it must be there;
    of a GET they are in the query, all of them text. `missing(name)` is the error if it is not."""
    def keep(do):
        CALLS.append(Declared(verb, path, fields, scope, token, missing, do))
        return do
    return keep


class Call:
    """One call, as what carries it out sees it."""

    def __init__(self, world, request, arguments, path_arguments):
        self.world, self.organization, self.request = world, world.organization, request
        self.arguments, self.path_arguments = arguments, path_arguments

    def get(self, name, otherwise=None):
        value = self.arguments.get(name)
        return otherwise if value is None else value

    def position(self, name="nextToken"):
        """Where the next page begins."""
        token = self.get(name) or "0"
        if not token.isdigit():
            raise ApiError(f"invalidParameter.{name}.invalid", f"{name} 无效")
        return int(token)

    def robot(self, name="robotCode"):
        """The robot an argument names; only one of the app's own may be used."""
        code = self.get(name)
        if not self.organization.owns(code):
            raise ApiError("invalidParameter.robotCode.auth", f"robotCode {code} 不属于该应用")
        return code

    def group(self, name="openConversationId", robot=None):
        """The group an argument names; the robot must be in it."""
        group = self.organization.conversations.get(self.get(name))
        if group is None or group.kind != "2" or (robot and robot not in group.robots):
            raise ApiError("invalidParameter.openConversationId.invalid", "openConversationId 无效")
        return group


class OpenApi:
    def __init__(self, world):
        self.world = world

    async def serve(self, request):
        world, started = self.world, time.monotonic()
        declared, path_arguments = _find(request)
        body, problem = _body(request)
        row = world.journal.note(
            "call", host="api", api=declared.path if declared else request.path, verb=request.method,
            arguments=body, ok=None, code=None, status=None, duration_ms=None, token=None, fault=None,
            accept=request.headers.get("accept"), content_type=request.headers.get("content-type"),
            connection=request.connection["id"],
            unknown_fields=sorted(set(body) - set(declared.fields)) if declared and isinstance(body, dict) else [])
        facts = {**(body if isinstance(body, dict) else {}), "verb": request.method}
        rule = world.faults.take((declared.path, "api"), facts) if declared else None
        if rule is not None and not rule.get("performed") and rule["do"] != "pass":
            answer = Answer()
        else:
            answer = self._answer(declared, request, body, problem, path_arguments, row)
            answer = self.world.gateway.in_the_wanted_form(request, answer)
        if rule is not None:
            row["fault"] = rule["do"]
            answer = await answers.spoiled(world.faults, rule, answer,
                                           lambda each: fault_refusal(each, world.settings, old=False))
        row.update(status=answer.status, duration_ms=round((time.monotonic() - started) * 1000, 3))
        row["answered"] = world.journal.stamp()
        world.journal.changed()
        return answer

    def _answer(self, declared, request, body, problem, path_arguments, row):
        try:
            if self.world.limits.banned():
                row.update(ok=False, code="banned")
                return said(PUNISHED)
            if declared is None:
                raise ApiError("InvalidAction.NotFound", "Specified api is not found, please check your url", 404)
            if declared.token:
                row["token"] = self.world.tokens.check(request.headers.get(TOKEN_HEADER))
            self.world.limits.count()
            if declared.scope and not self.world.granted(declared.scope):
                raise no_scope(declared.scope)
            if problem:
                raise problem
            _check(declared, body)
            if self.world.settings["strict_fields"] and row["unknown_fields"]:
                raise ApiError("invalidParameter.param.invalid", "unknown: " + ", ".join(row["unknown_fields"]))
            found = declared.do(Call(self.world, request, body, path_arguments))
            row.update(ok=True)
            return found if isinstance(found, Answer) else said(found)
        except ApiError as error:
            row.update(ok=False, code=error.code)
            return refused(error, self.world.settings)


def _find(request):
    for each in CALLS:
        found = each.pattern.match(request.path)
        if found and each.verb == request.method:
            return each, found.groupdict()
    return None, {}


def _body(request):
    """(arguments, problem). What a GET says is in its query."""
    if request.method in ("GET", "DELETE"):
        return request.query, None
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return {}, ApiError("invalidParameter.contentType", "Content-Type must be application/json")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}, ApiError("invalidParameter.body", "the body is no JSON")
    if not isinstance(body, dict):
        return {}, ApiError("invalidParameter.body", "the body is no JSON object")
    return body, None


def _check(declared, arguments):
    for name, field in declared.fields.items():
        value = arguments.get(name)
        if field["required"] and value in (None, "", [], {}):
            raise declared.missing(name)
        if value is None:
            continue
        if not isinstance(value, field["kind"]) or (field["kind"] is int and isinstance(value, bool)):
            raise ApiError("invalidParameter.param.invalid", f"{name} is a {field['kind'].__name__}")
        if field["texts"] and not all(isinstance(each, str) and each for each in value):
            raise ApiError(f"invalidParameter.{name}.invalid", f"{name} 无效")
