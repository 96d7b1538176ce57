"""Webhooks: the session of each message (dingtalk.md 3.1) and robots of a group (3.2). Both answer an HTTP 200 with an
errcode."""
import base64
import hashlib
import hmac
import json
import secrets
import urllib.parse

import messages
from common import answers
from common.wire import Answer
from refusals import OldError, fault_refusal, refused, said

SIGN_SECONDS = 3600


class Session:
    def __init__(self, conversation, interaction, expires, load=None):
        self.conversation, self.interaction, self.expires, self.load = conversation, interaction, expires, load


class Hooks:
    def __init__(self, world):
        self.world = world
        self.sessions = {}
        self.message_uuids = set()  # (robot, msgUuid)

    def new_session(self, conversation, interaction, load=None):
        token = secrets.token_hex(16)
        expires = self.world.clock.now() + self.world.settings["session_seconds"]
        self.sessions[token] = Session(conversation, interaction, expires, load)
        return f"{self.world.addresses['oapi']}/robot/sendBySession?session={token}"

    def expire(self, conversation=None):
        """Earlier than they said they would; of one conversation or of all."""
        for each in self.sessions.values():
            if conversation in (None, each.conversation.id, each.conversation.name):
                each.expires = self.world.clock.now()

    async def serve(self, request):
        world = self.world
        session = self.sessions.get(request.query.get("session"))
        if session is not None and session.load is not None:
            return session.load.answered(request)
        body, problem = _body(request)
        rule = world.faults.take(("hooks",), {"msgtype": body.get("msgtype") if isinstance(body, dict) else None})
        row = world.journal.note(
            "hook", path=request.path, body=body, errcode=None, fault=rule["do"] if rule else None, message=None,
            interaction=session.interaction.id if session and session.interaction else None,
            content_type=request.headers.get("content-type"), bytes=len(request.body),
            connection=request.connection["id"])
        if rule is not None and not rule.get("performed") and rule["do"] != "pass":
            answer = Answer()
        else:
            answer = self._perform(request, body, problem, session, row)
        if rule is not None:
            answer = await answers.spoiled(world.faults, rule, answer,
                                           lambda each: fault_refusal(each, world.settings, old=True))
        row["status"] = answer.status
        world.journal.changed()
        return answer

    def _perform(self, request, body, problem, session, row):
        try:
            if request.method != "POST":
                raise OldError(404, "请求的URI地址不存在")
            by_session = request.path == "/robot/sendBySession"
            robot = None if by_session else self._custom_robot(request)
            if by_session:
                self._check_session(session)
            if problem:
                raise problem
            content = messages.of_webhook(body)
            message = self._sent_by_session(session, content, body) if by_session else self._sent_by_robot(
                robot, content, body)
            row.update(errcode=0, message=message and message.id)
            return said({"errcode": 0, "errmsg": "ok"})
        except OldError as error:
            row["errcode"] = error.errcode
            return refused(error, self.world.settings)

    # Sessions

    def _check_session(self, session):
        organization = self.world.organization
        gone = session is None or session.expires <= self.world.clock.now()
        if gone or session.conversation.id not in organization.conversations or not session.conversation.robots:
            raise OldError(300001, "session 不存在")

    def _sent_by_session(self, session, content, body):
        """No id comes back: there is no recall and no read status."""
        place = session.conversation
        recipients = [self.world.organization.people[place.members[0]].staff_id] if place.kind == "1" else []
        message = self.world.conversations.post(place, content, "session", body.get("at"), place.robots[0], recipients)
        if session.interaction is not None:
            session.interaction.answers.append(message)
        return message

    # Robots of a group

    def _custom_robot(self, request):
        robot = self.world.organization.custom_robots.get(request.query.get("access_token"))
        if robot is None:
            raise OldError(300005, "token is not exist")
        if robot["secret"]:
            self._check_sign(robot["secret"], request.query)
        return robot

    def _check_sign(self, secret, query):
        stamp = query.get("timestamp", "")
        if not stamp.isdigit() or abs(self.world.clock.now() * 1000 - int(stamp)) > SIGN_SECONDS * 1000:
            raise OldError(310000, "sign not match: timestamp")
        made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(made).decode(), query.get("sign", "")):
            raise OldError(310000, "sign not match")

    def _sent_by_robot(self, robot, content, body):
        words = content.title + "\n" + content.text
        if robot["keywords"] and not any(each in words for each in robot["keywords"]):
            raise OldError(310000, "keywords not in content")
        uuid = (robot["token"], body.get("msgUuid"))
        if body.get("msgUuid") and uuid in self.message_uuids:
            return None  # the retry of what has arrived
        if not self.world.limits.custom_robot(robot["token"]):
            raise OldError(130101, "send too fast, exceed 20 times per minute")
        self.message_uuids.add(uuid)
        group = self.world.organization.group(robot["group"])
        return self.world.conversations.post(group, content, "custom_robot", body.get("at"))


def _body(request):
    """(body, problem)."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return None, OldError(43004, "无效的HTTP HEADER Content-Type")
    if len(request.body) > messages.MOST_BODY_BYTES:
        return None, OldError(460101, "message too long, exceed 20000 bytes")
    try:
        return json.loads(request.body), None
    except (ValueError, RecursionError):
        return None, OldError(40035, "不是 JSON")


def signed(url, secret, milliseconds):
    """The URL of a robot with a secret, as its client makes it; for tests."""
    made = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={milliseconds}&sign={urllib.parse.quote_plus(base64.b64encode(made))}"
