"""What a fault makes of an answer of Slack's."""
from common import answers
from common.wire import json_answer


async def spoiled(faults, rule, answer):
    return await answers.spoiled(faults, rule, answer, _refusal)


def _refusal(rule):
    if rule["do"] == "error":
        return json_answer({"ok": False, "error": rule["error"]})
    if rule.get("status") == 429:
        return json_answer({"ok": False, "error": "ratelimited"}, 429)
    return None
