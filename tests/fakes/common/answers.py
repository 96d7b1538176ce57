"""What a fault makes of an answer."""
import asyncio
import dataclasses

from common.wire import Answer

HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Your network wants a word</h1></body></html>"


async def spoiled(faults, rule, answer, refusal):
    """`answer` is what would have been said. Nothing of it is changed by a rule that only slows. `refusal(rule)` is how
    the service says an `error`, and a `status` that has a form of its own; None where it has none."""
    if rule["do"] == "hold":
        await faults.held()
    await asyncio.sleep(rule.get("delay_ms", 0) / 1000)
    made = _made(rule, answer, refusal)
    headers = {**made.headers, **rule.get("headers", {})}
    return dataclasses.replace(made, headers=headers, chunk_bytes=rule.get("chunk_bytes", 0),
                               chunk_ms=rule.get("chunk_ms", 0))


def _made(rule, answer, refusal):
    do = rule["do"]
    if do == "status":
        return _with_status(rule, refusal)
    if do in ("error", "refuse"):
        return refusal(rule)
    if do == "broken_json":
        body = answer.body if len(answer.body) > 2 else b'{"ok":true,'
        return dataclasses.replace(answer, body=body[: max(1, len(body) // 2)], kind="application/json; charset=utf-8")
    if do == "html":
        return Answer(HTML, rule.get("status", 200), "text/html; charset=utf-8")
    if do == "body":
        return dataclasses.replace(answer, body=rule["body"].encode(), status=rule.get("status", 200))
    if do == "cut":
        return dataclasses.replace(answer, cut_after=rule.get("bytes", 0), reset=rule.get("reset", False))
    return answer


def _with_status(rule, refusal):
    status = rule.get("status", 500)
    headers = {"retry-after": str(rule["retry_after"])} if "retry_after" in rule else {}
    if "body" in rule:
        return Answer(rule["body"].encode(), status, headers=headers)
    said = refusal(rule)
    if said is not None:
        return dataclasses.replace(said, status=status, headers={**said.headers, **headers})
    return Answer(b"upstream connect error or disconnect/reset before headers", status, headers=headers)
