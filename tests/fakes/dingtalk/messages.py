"""What a message may be: bodies of webhooks (dingtalk.md 3.1, 3.2), msgKey and msgParam of the robot API (3.4), msg of
work notifications (5.2). What comes out is one shape: title, text, buttons."""
import dataclasses
import json

from refusals import ApiError, OldError

MOST_PARAM_BYTES = 15_000  # of msgParam
MOST_BODY_BYTES = 20_000  # of what is posted to a webhook

# msgKey: (needed fields, pairs of title and URL that are buttons)
TEMPLATES = {
    "sampleText": (["content"], []),
    "sampleMarkdown": (["title", "text"], []),
    "sampleImageMsg": (["photoURL"], []),
    "sampleLink": (["title", "text", "messageUrl", "picUrl"], [("title", "messageUrl")]),
    "sampleActionCard": (["title", "text", "singleTitle", "singleURL"], [("singleTitle", "singleURL")]),
    "sampleActionCard6": (["title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"],
                          [("buttonTitle1", "buttonUrl1"), ("buttonTitle2", "buttonUrl2")]),
    "sampleAudio": (["mediaId", "duration"], []),
    "sampleFile": (["mediaId", "fileName", "fileType"], []),
    "sampleVideo": (["duration", "videoMediaId", "videoType", "picMediaId"], []),
}
for _count in range(2, 6):
    _pairs = [(f"actionTitle{number}", f"actionURL{number}") for number in range(1, _count + 1)]
    TEMPLATES[f"sampleActionCard{_count}"] = (["title", "text", *(name for pair in _pairs for name in pair)], _pairs)
MEDIA_FIELDS = ("mediaId", "videoMediaId", "picMediaId")
RENDERED = {"sampleMarkdown", "markdown", "actionCard", "action_card", *(name for name in TEMPLATES
                                                                       if name.startswith("sampleActionCard"))}


@dataclasses.dataclass
class Content:
    kind: str  # msgtype or msgKey
    title: str = ""
    text: str = ""
    buttons: list = dataclasses.field(default_factory=list)  # {"title", "url"}
    body: dict = dataclasses.field(default_factory=dict)  # as it was sent
    unknown: list = dataclasses.field(default_factory=list)  # fields nobody documented

    @property
    def is_markdown(self):
        return self.kind in RENDERED


def _pressable(pairs, fields):
    return [{"title": fields[title], "url": fields[url]} for title, url in pairs]


# The robot API

def of_template(key, param, media):
    """ApiError as dingtalk.md 3.4 names them. `media`: ids that were uploaded."""
    if not key:
        raise ApiError("invalidParameter.msgKey.empty", "msgKey 不能为空")
    if key not in TEMPLATES:
        raise ApiError("invalidParameter.msgKey.invalid", f"msgKey {key} 不存在")
    if len(param.encode()) > MOST_PARAM_BYTES:
        raise ApiError("invalidParameter.msgParam.invalid", f"msgParam 超过 {MOST_PARAM_BYTES} 字节")
    try:
        fields = json.loads(param)
    except (ValueError, RecursionError):
        raise ApiError("invalidParameter.msgParam.invalid", "msgParam 不是 JSON") from None
    needed, pairs = TEMPLATES[key]
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise ApiError("invalidParameter.msgParam.invalid", "msgParam is an object of strings")
    absent = [name for name in needed if not fields.get(name)]
    if absent:
        raise ApiError("invalidParameter.msgParam.invalid", "msgParam lacks " + ", ".join(absent))
    for name in MEDIA_FIELDS:
        if name in fields and fields[name] not in media:
            raise ApiError("invalidParameter.msgParam.invalid", f"{name} 无效")
    if key == "sampleImageMsg" and not _is_picture(fields["photoURL"], media):
        raise ApiError("invalidParameter.msgParam.invalid", "photoURL 无效")
    if "duration" in needed and not fields["duration"].isdigit():
        raise ApiError("invalidParameter.msgParam.invalid", "duration is milliseconds in a string")
    return Content(key, fields.get("title", ""), fields.get("content", fields.get("text", "")),
                   _pressable(pairs, fields), fields, sorted(set(fields) - set(needed)))


def _is_picture(text, media):
    return text.startswith(("http://", "https://")) or text in media


# Webhooks

_WEBHOOK = {
    "text": ["content"], "markdown": ["title", "text"], "link": ["title", "text", "messageUrl"],
    "actionCard": ["title", "text"], "feedCard": [],
}
_MORE = {"link": {"picUrl"}, "actionCard": {"singleTitle", "singleURL", "btnOrientation", "btns", "hideAvatar"},
         "feedCard": {"links"}}


def of_webhook(body):
    """OldError if it is none of the five types. Interactive cards are not possible here (dingtalk.md 3.1)."""
    if not isinstance(body, dict):
        raise OldError(40035, "参数不是 JSON 对象")
    kind = body.get("msgtype")
    if not isinstance(kind, str) or kind not in _WEBHOOK:
        raise OldError(40035, f"不支持的消息类型 {kind}")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise OldError(40035, f"缺少参数 {kind}")
    absent = [name for name in _WEBHOOK[kind] if not isinstance(part.get(name), str) or not part[name]]
    if absent:
        raise OldError(40035, f"缺少参数 {kind}.{absent[0]}")
    content = Content(kind, part.get("title", ""), part.get("content", part.get("text", "")), [], body)
    content.unknown = sorted(set(body) - {"msgtype", kind, "at", "msgUuid"}) + sorted(
        f"{kind}.{name}" for name in set(part) - set(_WEBHOOK[kind]) - _MORE.get(kind, set()))
    content.buttons = _webhook_buttons(kind, part)
    _check_at(body.get("at", {}))
    return content


def _webhook_buttons(kind, part):
    if kind == "link":
        return [{"title": part["title"], "url": part["messageUrl"]}]
    if kind == "feedCard":
        links = part.get("links")
        _need_list(links, ("title", "messageURL", "picURL"), "feedCard.links")
        return [{"title": each["title"], "url": each["messageURL"]} for each in links]
    if kind != "actionCard":
        return []
    if "btns" in part:
        _need_list(part["btns"], ("title", "actionURL"), "actionCard.btns")
        if part.get("btnOrientation", "0") not in ("0", "1"):
            raise OldError(40035, "btnOrientation is \"0\" or \"1\"")
        return [{"title": each["title"], "url": each["actionURL"]} for each in part["btns"]]
    single = [part.get("singleTitle"), part.get("singleURL")]
    if not all(isinstance(each, str) and each for each in single):
        raise OldError(40035, "actionCard needs singleTitle and singleURL, or btns")
    return [{"title": part["singleTitle"], "url": part["singleURL"]}]


def _need_list(rows, fields, name):
    fits = isinstance(rows, list) and rows and all(
        isinstance(each, dict) and all(isinstance(each.get(field), str) and each[field] for field in fields)
        for each in rows)
    if not fits:
        raise OldError(40035, f"{name} 无效")


def _check_at(at):
    """`at` stands beside the content, not in it."""
    shapes = {"atMobiles": list, "atUserIds": list, "isAtAll": bool}
    if not isinstance(at, dict):
        raise OldError(40035, "at 无效")
    for name, kind in shapes.items():
        if name in at and not isinstance(at[name], kind):
            raise OldError(40035, f"at.{name} 无效")
    if not all(isinstance(each, str) for name in ("atMobiles", "atUserIds") for each in at.get(name, [])):
        raise OldError(40035, "at 无效")


# Work notifications

_WORK = {"text": ["content"], "markdown": ["title", "text"], "link": ["messageUrl", "picUrl", "title", "text"],
         "action_card": ["title", "markdown"], "image": ["media_id"], "file": ["media_id"],
         "voice": ["media_id", "duration"], "oa": ["message_url", "head", "body"]}


def of_work(message, media):
    """`msg`, an object or its JSON text."""
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except (ValueError, RecursionError):
            message = None
    kind = message.get("msgtype") if isinstance(message, dict) else None
    part = message.get(kind) if isinstance(kind, str) and kind in _WORK else None
    if not isinstance(part, dict):
        raise OldError(400002, "msg 无效")
    absent = [name for name in _WORK[kind] if not part.get(name) or (kind != "oa" and not isinstance(part[name], str))]
    if absent or ("media_id" in _WORK[kind] and part["media_id"] not in media):
        raise OldError(400002, f"msg.{kind} 无效: {', '.join(absent) or 'media_id'}")
    content = Content(kind, part.get("title", ""), part.get("content", part.get("markdown", part.get("text", ""))), [],
                      message)
    if kind == "action_card":
        content.buttons = _work_buttons(part)
    return content


def _work_buttons(part):
    if part.get("single_title") and part.get("single_url"):
        return [{"title": part["single_title"], "url": part["single_url"]}]
    rows = part.get("btn_json_list")
    fits = isinstance(rows, list) and rows and part.get("btn_orientation") in ("0", "1") and all(
        isinstance(each, dict) and isinstance(each.get("title"), str) and isinstance(each.get("action_url"), str)
        and each["title"] and each["action_url"] for each in rows)
    if not fits:
        raise OldError(400002, "action_card needs single_title and single_url, or btn_orientation and btn_json_list")
    return [{"title": each["title"], "url": each["action_url"]} for each in rows]
