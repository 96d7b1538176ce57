"""Access tokens of both APIs (dingtalk.md 3.3). The old one opens the new API, too; not the reverse."""
import secrets

from open_api import call
from old_api import old_call
from refusals import ApiError, OldError, sub_error, throttled


class Tokens:
    def __init__(self, world):
        self.world = world
        self.known = {}  # text: {"kind", "expires"}
        self.calls = {"new": [], "old": []}  # when they were asked for, in the last minute

    def issue(self, kind):
        """Within its validity the same token again, which that extends."""
        now, life = self.world.clock.now(), self.world.settings["token_seconds"]
        self.calls[kind] = [at for at in self.calls[kind] if at > now - 60] + [now]
        for text, token in self.known.items():
            if token["kind"] == kind and token["expires"] > now:
                token["expires"] = now + life
                return text
        text = secrets.token_hex((self.world.settings["token_bytes"] + 1) // 2)[:self.world.settings["token_bytes"]]
        self.known[text] = {"kind": kind, "expires": now + life}
        return text

    def asked_too_often(self, kind):
        most = self.world.settings["token_calls_per_minute"]
        now = self.world.clock.now()
        return most > 0 and sum(at > now - 60 for at in self.calls[kind]) >= most

    def end(self, kind, forget=False):
        """All of one kind expire now; or nobody has ever heard of them."""
        for text in [text for text, token in self.known.items() if token["kind"] == kind]:
            if forget:
                del self.known[text]
            else:
                self.known[text]["expires"] = self.world.clock.now()

    def check(self, text):
        """Its kind, if the new API takes it."""
        token = self.known.get(text)
        if token is None or token["expires"] <= self.world.clock.now():
            raise ApiError("InvalidAuthentication", "不合法的access_token", 401)
        return token["kind"]

    def check_old(self, text):
        """Unknown ones are 40014, expired ones 42001; with the setting `sub_codes` both hide behind an 88."""
        token = self.known.get(text)
        if token is not None and token["kind"] == "old" and token["expires"] > self.world.clock.now():
            return "old"
        if self.world.settings["sub_codes"]:
            raise sub_error(40014, "不合法的access_token")
        if token is not None and token["kind"] == "old":
            raise OldError(42001, "access_token已过期")
        raise OldError(40014, "不合法的access_token")


@call("POST", "/v1.0/oauth2/accessToken", "appKey! appSecret!", token=False)
def access_token(call):
    tokens, app = call.world.tokens, call.organization.app
    if tokens.asked_too_often("new"):
        raise throttled()
    if (call.get("appKey"), call.get("appSecret")) != (app["client_id"], app["client_secret"]):
        raise ApiError("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    return {"accessToken": tokens.issue("new"), "expireIn": int(call.world.settings["token_seconds"])}


@old_call("/gettoken", "appkey! appsecret!", token=False, verb="GET")
def gettoken(call):
    tokens, app = call.world.tokens, call.organization.app
    if tokens.asked_too_often("old"):
        raise sub_error(90018, "gettoken 调用过于频繁")
    if (call.get("appkey"), call.get("appsecret")) != (app["client_id"], app["client_secret"]):
        raise OldError(40089, "不合法的corpid或corpsecret")
    return {"access_token": tokens.issue("old"), "expires_in": int(call.world.settings["token_seconds"])}
