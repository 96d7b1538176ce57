"""The old API's front, oapi.dingtalk.com: all is an HTTP 200, what happened stands in errcode (dingtalk.md 6)."""
import json
import time
import urllib.parse

from common import answers
from common.wire import Answer
from refusals import PUNISHED, ApiError, OldError, fault_refusal, refused, said, sub_error

OLD_CALLS = {}
KINDS = {"text": (str,), "number": (int, str), "flag": (bool, str), "any": (object,)}


class OldDeclared:
    def __init__(self, path, fields, scope, token, verb, do):
        self.path, self.scope, self.token, self.verb, self.do = path, scope, token, verb, do
        self.fields = {}
        for each in fields.split():
            name, _, kind = each.rstrip("!").partition(":")
            self.fields[name] = {"kind": kind or "text", "required": each.endswith("!")}


def old_call(path, fields="", scope=None, token=True, verb="POST"):
    """Registers a call; see open_api.call. Bodies are JSON or a form."""
    def keep(do):
        OLD_CALLS[path] = OldDeclared(path, fields, scope, token, verb, do)
        return do
    return keep


class OldCall:
    def __init__(self, world, request, arguments):
        self.world, self.organization, self.request, self.arguments = world, world.organization, request, arguments

    def get(self, name, otherwise=None):
        value = self.arguments.get(name)
        return otherwise if value is None else value

    def names(self, name, most):
        """A comma list."""
        found = [each.strip() for each in str(self.get(name, "")).split(",") if each.strip()]
        if len(found) > most:
            raise OldError(400002, f"{name}: at most {most}")
        return found

    def number(self, name, otherwise=0):
        try:
            return int(self.get(name, otherwise))
        except ValueError:
            raise OldError(400002, f"{name} is a number") from None

    def paging(self):
        """(cursor, size), for lists."""
        return self.number("cursor"), self.number("size", 20)


class OldApi:
    def __init__(self, world):
        self.world = world

    async def serve(self, request):
        if request.path in ("/robot/sendBySession", "/robot/send"):
            return await self.world.hooks.serve(request)
        world, started = self.world, time.monotonic()
        declared = OLD_CALLS.get(request.path)
        arguments = _arguments(request)
        row = world.journal.note(
            "call", host="oapi", api=request.path, verb=request.method, arguments=arguments, ok=None, code=None,
            status=None, duration_ms=None, token=None, fault=None, content_type=request.headers.get("content-type"),
            connection=request.connection["id"],
            unknown_fields=sorted(set(arguments) - set(declared.fields)) if declared else [])
        facts = {**arguments, "verb": request.method}
        rule = world.faults.take((request.path, "old"), facts) if declared else None
        if rule is not None and not rule.get("performed") and rule["do"] != "pass":
            answer = Answer()
        else:
            answer = self._answer(declared, request, arguments, row)
        if rule is not None:
            row["fault"] = rule["do"]
            answer = await answers.spoiled(world.faults, rule, answer,
                                           lambda each: fault_refusal(each, world.settings, old=True))
        row.update(status=answer.status, duration_ms=round((time.monotonic() - started) * 1000, 3))
        row["answered"] = world.journal.stamp()
        world.journal.changed()
        return answer

    def _answer(self, declared, request, arguments, row):
        world = self.world
        try:
            if world.limits.banned():
                row.update(ok=False, code="banned")
                return said(PUNISHED)
            if declared is None or declared.verb != request.method:
                raise OldError(404, "请求的URI地址不存在")
            if declared.token:
                row["token"] = world.tokens.check_old(request.query.get("access_token"))
            if not world.limits.room():
                raise sub_error(90018, "触发应用级QPS限流")
            if declared.scope and not world.granted(declared.scope):
                raise sub_error(60011, f"应用尚未开通所需的权限: [{declared.scope}]")
            for name, field in declared.fields.items():
                value = arguments.get(name)
                if field["required"] and value in (None, ""):
                    raise OldError(400002, f"缺少参数 {name}")
                if value is not None and not isinstance(value, KINDS[field["kind"]]):
                    raise OldError(400002, f"参数 {name} 类型错误")
            if world.settings["strict_fields"] and row["unknown_fields"]:
                raise OldError(400002, "unknown: " + ", ".join(row["unknown_fields"]))
            found = declared.do(OldCall(world, request, arguments))
            row.update(ok=True, code=0)
            return said({"errcode": 0, "errmsg": "ok", **found, "request_id": f"r{row['seq']}"})
        except OldError as error:
            row.update(ok=False, code=error.errcode)
            return refused(error, world.settings)
        except ApiError as error:  # of what both have in common
            row.update(ok=False, code=400002)
            return refused(OldError(400002, error.message), world.settings)


def _arguments(request):
    if request.method == "GET":
        return {name: value for name, value in request.query.items() if name != "access_token"}
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    try:
        if kind == "application/json":
            body = json.loads(request.body or b"{}")
            return body if isinstance(body, dict) else {}
        if kind == "application/x-www-form-urlencoded":
            return dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
    except (ValueError, RecursionError):
        pass
    return {}
