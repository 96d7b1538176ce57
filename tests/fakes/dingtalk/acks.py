"""What the app says on its connection, held to dingtalk.md 1.4: one JSON object with code, headers, message and data,
the last a string of JSON."""
import json

CODES = (200, 400, 404, 500)
_FIELDS = {"code", "headers", "message", "data"}
_HEADERS = {"messageId", "contentType"}
_ECHOED = {"topic", "time", "appId", "connectionId", "eventId", "eventType", "eventBornTime", "eventCorpId",
           "eventUnifiedAppId"}  # Node's SDK sends back all it got


def ack_of(text):
    """(the object, its messageId, problems, unexpected fields); None for what is no object with headers."""
    try:
        ack = json.loads(text)
    except (ValueError, RecursionError):
        return None, None, [], []
    if not isinstance(ack, dict) or not isinstance(ack.get("headers"), dict):
        return None, None, [], []
    headers, problems = ack["headers"], []
    message_id = headers.get("messageId")
    if not isinstance(ack.get("code"), int) or isinstance(ack["code"], bool) or ack["code"] not in CODES:
        problems.append("code")
    if not isinstance(message_id, str) or not message_id:
        problems.append("messageId")
        message_id = None
    if headers.get("contentType") != "application/json":
        problems.append("contentType")
    if not isinstance(ack.get("message"), str):
        problems.append("message")
    if not isinstance(ack.get("data"), str):
        problems.append("data is no string")
    elif data_of(ack) is None:
        problems.append("data is no JSON object")
    unexpected = sorted(set(ack) - _FIELDS) + sorted("headers." + name for name in set(headers) - _HEADERS - _ECHOED)
    return ack, message_id, problems, unexpected


def data_of(ack):
    """The object inside the string, or None."""
    try:
        data = json.loads(ack.get("data"))
    except (TypeError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def event_is_taken(ack):
    """(consumed?, doubts). SDKs differ: Go sends 500 with LATER, Node 200 with either, Python no status at all."""
    status = data_of(ack).get("status")
    if status not in ("SUCCESS", "LATER"):
        return ack["code"] == 200, ["no status"]
    taken = ack["code"] == 200 and status == "SUCCESS"
    contradiction = (ack["code"] == 200) != (status == "SUCCESS")
    return taken, ["code and status differ"] if contradiction else []
