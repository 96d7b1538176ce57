"""response_url: five answers within half an hour, without a token."""
import json
import secrets

from answers import spoiled
from common.wire import Answer, json_answer
from refusals import ApiError


class Hooks:
    def __init__(self, slack):
        self.slack, self.every = slack, {}

    def new(self, interaction, word):
        """`word` is commands or actions, as in the real URL."""
        path = f"/{word}/{self.slack.workspace.team['id']}/{secrets.randbelow(10 ** 13)}/{secrets.token_urlsafe(18)}"
        self.every[path] = {"interaction": interaction, "uses": 0, "at": self.slack.clock.now()}
        return self.slack.addresses["hooks"] + path

    async def serve(self, request):
        slack = self.slack
        link = self.every.get(request.path)
        rule = slack.faults.take(("hooks",), {"path": request.path})
        if rule is not None and not rule.get("performed") and rule["do"] != "pass":
            answer, body = Answer(), None
        else:
            answer, body = self._perform(request, link)
        if rule is not None:
            answer = await spoiled(slack.faults, rule, answer)
        slack.journal.note("hook", path=request.path, interaction=link and link["interaction"].id, status=answer.status,
                           body=body, answer=answer.body.decode("utf-8", "replace")[:500],
                           connection=request.connection["id"], authorization="authorization" in request.headers)
        return answer

    def _perform(self, request, link):
        """Each attempt is a use, a refused one, too."""
        settings, body = self.slack.settings, None
        try:
            if link is None or request.method != "POST":
                raise ApiError("invalid_url")
            if self.slack.clock.now() - link["at"] > settings["response_url_seconds"]:
                raise ApiError("expired_url")
            if link["uses"] >= settings["response_url_uses"]:
                raise ApiError("used_url")
            wait = self.slack.limits.posting(link["interaction"].channel.id)
            if wait:
                return json_answer({"ok": False, "error": "ratelimited"}, 429, {"retry-after": str(wait)}), None
            link["uses"] += 1
            if request.headers.get("content-type", "").split(";")[0] != "application/json":
                raise ApiError("invalid_payload")
            try:
                body = json.loads(request.body)
            except (ValueError, RecursionError):
                raise ApiError("invalid_json") from None
            if not isinstance(body, dict):
                raise ApiError("json_not_object")
            link["interaction"].answer(body, "response_url")
            return Answer(b"ok"), body
        except ApiError as error:
            status = 404 if error.error in ("invalid_url", "expired_url", "used_url") else 400
            return json_answer({"ok": False, "error": error.error, **error.more}, status), body
