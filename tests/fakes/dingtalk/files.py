"""Bytes: what people send, by downloadCode (dingtalk.md 2), and what the app uploads as media (3.5)."""
import base64
import binascii
import email
import email.policy
import secrets

from common import answers
from common.refusals import Impossible
from common.wire import Answer
from old_api import old_call
from open_api import call
from organization import digest
from refusals import ApiError, OldError, fault_refusal

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
MOST_BYTES = {"image": 20_000_000, "voice": 2_000_000, "video": 20_000_000, "file": 20_000_000}


class Files:
    def __init__(self, world):
        self.world = world
        self.sent = {}  # by downloadCode: of people
        self.links = {}  # path: {"code", "expires"}
        self.media = {}  # by media_id: of the app

    def keep(self, message, content, name):
        """The downloadCode of what a person sent; `content` in base64, without it the smallest picture there is."""
        code = "dc" + digest(f"{message.id} {len(self.sent)}")[:40]
        self.sent[code] = {"id": code, "message": message.id, "name": name, "robots": list(message.conversation.robots),
                           "bytes": decoded(content), "downloads": 0}
        return code

    def link(self, code, robot_code):
        file = self.sent.get(code.removeprefix("p"))
        if file is None or robot_code not in file["robots"]:
            raise ApiError("invalidParameter.downloadCode.invalid", "downloadCode 无效")
        path = "/download/" + secrets.token_hex(12)
        self.links[path] = {"code": file["id"], "expires": self.world.clock.now() +
                            self.world.settings["download_seconds"]}
        return self.world.addresses["files"] + path + "?Signature=" + secrets.token_hex(8)

    async def serve(self, request):
        """The temporary URL, which asks for no token."""
        link = self.links.get(request.path)
        rule = self.world.faults.take(("files",), {"path": request.path})
        answer = self._bytes(link, request)
        if rule is not None:
            answer = await answers.spoiled(self.world.faults, rule, answer,
                                           lambda each: fault_refusal(each, self.world.settings, old=False))
        self.world.journal.note("download", path=request.path, status=answer.status, code=link and link["code"],
                                bytes=len(answer.body), token="x-acs-dingtalk-access-token" in request.headers)
        return answer

    def _bytes(self, link, request):
        if link is None or request.method != "GET":
            return Answer(b"no such file", 404)
        if link["expires"] <= self.world.clock.now():
            return Answer(b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>", 403,
                          "application/xml")
        file = self.sent[link["code"]]
        file["downloads"] += 1
        return Answer(file["bytes"], kind="application/octet-stream")


def decoded(content):
    if content is None:
        return PIXEL
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Impossible("bytes are given in base64", 400) from None


@call("POST", "/v1.0/robot/messageFiles/download", "robotCode! downloadCode!")
def download(call):
    return {"downloadUrl": call.world.files.link(call.get("downloadCode"), call.robot())}


@old_call("/media/upload", "type")
def upload(call):
    """A form with the file in `media` and its kind in `type`, which may stand in the query, too."""
    fields = _form(call.request)
    kind = fields.get("type", (None, call.request.query.get("type", "").encode()))[1].decode("utf-8", "replace")
    name, content = fields.get("media", (None, None))
    if kind not in MOST_BYTES:
        raise OldError(40004, "不合法的媒体文件类型")
    if name is None or not content:
        raise OldError(40035, "缺少参数 media")
    if len(content) > MOST_BYTES[kind]:
        raise OldError(40006, "不合法的文件大小")
    id = "@lAD" + secrets.token_urlsafe(12)
    now = int(call.world.clock.now() * 1000)
    call.world.files.media[id] = {"id": id, "type": kind, "name": name, "bytes": content, "created_at": now}
    call.world.journal.changed()
    return {"type": kind, "media_id": id, "created_at": now}


def _form(request):
    """{name: (file name, bytes)}."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    head = b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n"
    form = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    parts = form.iter_parts() if form.is_multipart() else ()
    return {part.get_param("name", header="content-disposition"): (part.get_filename(), part.get_payload(decode=True))
            for part in parts}
