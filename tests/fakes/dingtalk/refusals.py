"""How DingTalk says no: the new API by HTTP status and `code`, the old one by `errcode` in an HTTP 200 (dingtalk.md 6).

Keys vary in case there (`requestid` in captures, `requestId` in examples): the setting `key_case`.
"""
import itertools
import json
import uuid

from common.wire import Answer

_turn = itertools.count()


class ApiError(Exception):
    """Of the new API."""

    def __init__(self, code, message="", status=400, **more):
        super().__init__(code)
        self.code, self.message, self.status, self.more = code, message, status, more


class OldError(Exception):
    """Of the old API and of webhooks: HTTP 200 all the same."""

    def __init__(self, errcode, errmsg="", **more):
        super().__init__(f"{errcode} {errmsg}")
        self.errcode, self.errmsg, self.more = errcode, errmsg, more


def throttled(status=403):
    """The rate limit that comes as a 403: only its code tells it from a missing right."""
    code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi" if status == 403 else "QpsLimit"
    return ApiError(code, "Request was denied due to request throttling: 触发接口QPS限流", status)


def no_scope(*scopes):
    return ApiError("Forbidden.AccessDenied.AccessTokenPermissionDenied", "应用尚未开通所需的权限: " + " ".join(scopes),
                    403, accessdenieddetail={"requiredScopes": list(scopes)})


def sub_error(sub_code, sub_msg):
    """What hides behind errcode 88."""
    return OldError(88, f"ding talk error[subcode={sub_code},submsg={sub_msg}]", sub_code=str(sub_code),
                    sub_msg=sub_msg)


# What a fault `refuse` can be, by the name of its row in dingtalk.md 6: (new API, old API).
KNOWN = {
    "qps": (throttled, lambda: sub_error(90018, "触发应用级QPS限流")),
    "qps429": (lambda: throttled(429), lambda: OldError(90002, "服务器暂不可用,请稍候再试")),
    "tenant_qps": (throttled, lambda: OldError(90019, "您的企业调用钉钉接口次数过多")),
    "busy": (lambda: ApiError("ServiceUnavailable", "The request has failed due to a temporary failure", 503),
             lambda: OldError(-1, "系统繁忙")),
    "gateway_timeout": (lambda: ApiError("Throttling.Timeout", "gateway timeout", 504),
                        lambda: OldError(15, "isp.top-remote-connection-timeout")),
    "timeout88": (lambda: ApiError("Throttling.Timeout", "gateway timeout", 504),
                  lambda: OldError(88, "ding talk error")),
    "no_scope": (lambda: no_scope("qyapi_base"), lambda: sub_error(60011, "应用尚未开通所需的权限: [qyapi_base]")),
    "ip": (lambda: ApiError("Forbidden.AccessDenied.IpNotInWhiteList", "ip not in white list", 403),
           lambda: sub_error(60020, "访问ip不在白名单之中")),
    "not_certified": (lambda: ApiError("orgAuthLevelNotEnough", "组织认证等级不足", 400),
                      lambda: OldError(400001, "orgAuthLevelNotEnough")),
    "bad_token": (lambda: ApiError("InvalidAuthentication", "不合法的access_token", 401),
                  lambda: OldError(40014, "不合法的access_token")),
    "bad_token88": (lambda: ApiError("InvalidAuthentication", "不合法的access_token", 401),
                    lambda: sub_error(40014, "不合法的access_token")),
    "volume": (lambda: ApiError("Forbidden.AccessDenied.ApiVolume", "API调用量已用完", 403),
               lambda: OldError(90030, "call volume used up")),
    "no_quota": (lambda: ApiError("ding.serverquota.insufficient", "ding server quota insufficient"),
                 lambda: OldError(90030, "call volume used up")),
    "too_fast": (throttled, lambda: OldError(130101, "send too fast, exceed 20 times per minute")),
    "unsafe": (lambda: ApiError("param.contentUnsafe", "内容不合规"), lambda: OldError(430101, "unsafe content")),
    "session_gone": (lambda: ApiError("resource.notFound", "session 不存在"), lambda: OldError(300001, "session 不存在")),
}
PUNISHED = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}


def said(value, status=200, headers=None):
    """JSON as DingTalk writes it: UTF-8, Chinese as it is."""
    return Answer(json.dumps(value, ensure_ascii=False).encode(), status, "application/json;charset=utf-8",
                  dict(headers or {}))


def refused(error, settings):
    """The answer that an error becomes."""
    id = str(uuid.uuid4()).upper()
    if isinstance(error, OldError):
        return said({"errcode": error.errcode, "errmsg": error.errmsg, **error.more, "request_id": id[:12].lower()})
    case = settings["key_case"]
    camel = case == "camel" or (case == "mixed" and next(_turn) % 2 == 1)
    more = dict(error.more)
    if camel and "accessdenieddetail" in more:
        more["accessDeniedDetail"] = more.pop("accessdenieddetail")
    return said({"code": error.code, "requestId" if camel else "requestid": id, "message": error.message, **more},
                error.status)


def fault_refusal(rule, settings, old):
    """What the faults `refuse` (`refusal`: a name of KNOWN) and `error` (`code`, `message` and `status`, or `errcode`
    and `errmsg`) say; None for what has no form of its own."""
    if rule["do"] == "refuse":
        return refused(KNOWN[rule["refusal"]][1 if old else 0](), settings)
    if rule["do"] == "error" and "errcode" in rule:
        more = {name: rule[name] for name in ("sub_code", "sub_msg") if name in rule}
        return refused(OldError(rule["errcode"], rule.get("errmsg", "refused by a fault"), **more), settings)
    if rule["do"] == "error":
        return refused(ApiError(rule["code"], rule.get("message", ""), rule.get("status", 400)), settings)
    if rule.get("status") == 429:
        return refused(KNOWN["qps429"][0](), settings)
    return None
