"""Stream Mode's way in (dingtalk.md 1.1, 1.2): the open call, tickets, the handshake; which connection gets a push."""
import collections
import dataclasses
import json
import random
import re
import secrets
import uuid
from xml.sax.saxutils import escape

from common import answers
from common.crowd import Crowd
from common.websocket import unfit, upgraded
from common.wire import Answer
from limits import ROUNDING
from open_api import call
from refusals import KNOWN, ApiError, fault_refusal
from stream_connection import GHOST, StreamConnection

OPEN_PATH = "/v1.0/gateway/connections/open"
_UA = re.compile(r"(dingtalk-sdk-[a-z]+/v?[0-9][\w.\-]*)?")
_TYPES = ("EVENT", "CALLBACK", "SYSTEM")
_STATES = {  # of the app: what the open call says, all of them 400 with the same code
    "unpublished": "应用版本未发布", "robot_off": "机器人能力未开启", "not_stream": "消息接收模式不是Stream模式",
    "ip": "出口IP不在白名单内",
}
APP_STATES = {"ok", "forbidden", *_STATES}


@dataclasses.dataclass
class Ticket:
    issued: float
    said: dict  # what the open call said
    used: bool = False


class Gateway(Crowd):
    def __init__(self, world):
        self.world = world
        self.every = []  # all connections there ever were
        self.tickets = {}
        self.opens = collections.deque()  # when, in the last minute
        self._chance = random.Random(world.settings["seed"])
        self._turn = 0

    # Before there is a connection

    def open(self, call):
        app = call.organization.app
        self._check(call)
        if (call.get("clientId"), call.get("clientSecret")) != (app["client_id"], app["client_secret"]):
            raise ApiError("authFailed", "鉴权失败", 401)
        if app["state"] == "forbidden":
            raise KNOWN["ip"][0]()
        if app["state"] != "ok":
            raise ApiError("invalidParameter", _STATES[app["state"]])
        now, most = self.world.clock.now(), self.world.settings["opens_per_minute"]
        while self.opens and self.opens[0] <= now - 60:
            self.opens.popleft()
        if 0 < most <= len(self.opens):
            raise KNOWN["busy"][0]()
        self.opens.append(now)
        ticket = self._new_ticket()
        self.tickets[ticket] = Ticket(now, dict(call.arguments))
        return {"endpoint": self.world.addresses["gateway"] + self.world.settings["gateway_path"], "ticket": ticket}

    def _check(self, call):
        subscriptions = call.get("subscriptions")
        for each in subscriptions:
            fits = isinstance(each, dict) and each.get("type") in _TYPES and isinstance(each.get("topic"), str)
            if not fits or (each["type"] == "EVENT" and each["topic"] != "*"):
                raise ApiError("invalidParameter", f"subscription 无效: {each}")
        if not self.world.settings["any_ua"] and not _UA.fullmatch(call.get("ua", "")):
            raise ApiError("invalidParameter", "ua invalid")
        extras = call.get("extras", {})
        if not all(isinstance(value, str) for value in extras.values()):
            raise ApiError("invalidParameter", "extras 无效")

    def _new_ticket(self):
        """With all that changes where a ticket is put into a URL as it is; plain for clients that do so."""
        if self.world.settings["plain_tickets"]:
            return str(uuid.uuid4())
        return f"{secrets.token_hex(8)}+{secrets.token_hex(4)}/%2B&ticket=x#{secrets.token_hex(4)}=="

    def in_the_wanted_form(self, request, answer):
        """Without `Accept: application/json` the open call answers in XML."""
        if request.path != OPEN_PATH or "application/json" in request.headers.get("accept", ""):
            return answer
        fields = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in json.loads(answer.body).items())
        text = f"<?xml version=\"1.0\"?><Response>{fields}</Response>"
        return Answer(text.encode(), answer.status, "application/xml")

    async def handshake(self, request):
        """A ticket serves one attempt, within ninety seconds: what becomes of it, it is gone."""
        world = self.world
        known = self.tickets.get(request.query.get("ticket"))
        problem = self._use(known, request) or unfit(request)
        rule = world.faults.take(("handshake",), {})
        if rule is not None or problem:
            answer = Answer() if rule else Answer(problem[1].encode(), problem[0])
            if rule:
                answer = await answers.spoiled(world.faults, rule, answer,
                                               lambda each: fault_refusal(each, world.settings, old=False))
            world.journal.note("refusal", status=answer.status, reason=problem[1] if problem else rule["do"],
                               ticket=request.query.get("ticket"), path=request.path)
            return answer
        return upgraded(request, StreamConnection(self, request, known.said).run)

    def _use(self, known, request):
        if request.path != self.world.settings["gateway_path"]:
            return 404, "no such path"
        if known is None or known.used:
            return 401, "unknown ticket" if known is None else "this ticket was used"
        known.used = True
        if self.world.clock.now() - known.issued > self.world.settings["ticket_seconds"] + ROUNDING:
            return 401, "this ticket is too old"
        return None

    # While there are connections

    def joined(self, connection):
        self.every.append(connection)
        return f"S{len(self.every)}"

    def counted(self):
        """Half-open ones, too: DingTalk can't tell them apart, and keeps sending to them (dingtalk.md 7)."""
        return [each for each in self.every if each.counted]

    def choose(self, type, topic):
        """One of those that want it, at random (dingtalk.md 1.5); GHOST where that is nobody's; None: there is none."""
        ring = [each for each in self.every if each.ready and each.wants(type, topic)]
        ring += [GHOST] * self.world.settings["ghosts"]
        if not ring:
            return None
        choice = self.world.settings["choice"]
        if choice == "random":
            return self._chance.choice(ring)
        self._turn += choice == "turn"
        return ring[0] if choice == "oldest" else ring[-1] if choice == "newest" else ring[self._turn % len(ring)]


@call("POST", OPEN_PATH, "clientId! clientSecret! subscriptions:list! ua localIp extras:object", token=False,
      missing=lambda name: ApiError("invalidParameter", f"{name} 不能为空"))
def open_connection(call):
    return call.world.gateway.open(call)
