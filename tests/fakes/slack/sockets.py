"""Socket Mode's sockets: tickets, the handshake, hello and disconnect, the cap, and whose turn it is."""
import secrets
import urllib.parse

from answers import spoiled
from common.crowd import Crowd
from common.websocket import unfit, upgraded
from common.wire import Answer
from socket_connection import SocketConnection


class Sockets(Crowd):
    def __init__(self, slack):
        self.slack = slack
        self.every = []  # all there ever were
        self.tickets = {}  # ticket: {"issued", "used"}
        self._turn = 0

    # Before there is a socket

    def new_url(self):
        ticket = secrets.token_hex(16)
        self.tickets[ticket] = {"issued": self.slack.clock.now(), "used": False}
        return "%s/link/?%s" % (self.slack.addresses["sockets"], urllib.parse.urlencode(
            {"ticket": ticket, "app_id": secrets.token_hex(8)}))

    async def handshake(self, request):
        """A URL serves one attempt: what becomes of it, the ticket is gone."""
        slack = self.slack
        problem = self._use(request.query.get("ticket"), request) or unfit(request)
        rule = slack.faults.take(("handshake",), {})
        if rule is not None or problem:
            answer = await spoiled(slack.faults, rule, Answer()) if rule else Answer(problem[1].encode(), problem[0])
            slack.journal.note("refusal", status=answer.status, reason=problem[1] if problem else rule["do"])
            return answer
        life = 360 if request.query.get("debug_reconnects") == "true" else None
        return upgraded(request, SocketConnection(self, request, life).run)

    def _use(self, ticket, request):
        known = self.tickets.get(ticket)
        if request.path != "/link/":
            return 404, "no such path"
        if known is None or known["used"]:
            return 403, "unknown ticket" if known is None else "this ticket was used"
        known["used"] = True
        if self.slack.clock.now() - known["issued"] > self.slack.settings["ticket_seconds"]:
            return 403, "this ticket is too old"
        return None

    # While there are sockets

    def counted(self):
        """Half-open ones and ghosts count like the others: Slack can't tell them apart."""
        return [each for each in self.every if each.counted]

    def num_connections(self):
        said = self.slack.settings["num_connections"]
        return len(self.counted()) + self.slack.settings["ghosts"] if said is None else said

    def joined(self, socket):
        self.every.append(socket)
        return f"S{len(self.every)}"

    def welcome(self, socket):
        """hello, or what comes in its place. Too many sockets are found out only now."""
        settings = self.slack.settings
        rule = self.slack.faults.take(("hello",), {})
        if not settings["socket_mode"]:
            socket.disconnect("link_disabled", close=True)
        elif len(self.counted()) + settings["ghosts"] > settings["socket_limit"]:
            socket.disconnect("too_many_websockets", close=True)
        elif rule is None:
            socket.hello()
        elif rule["do"] == "hold":
            self.slack.faults.when_released(socket.hello)
        elif rule["do"] == "disconnect":
            socket.disconnect(rule.get("reason", "refresh_requested"), close=True)
        elif rule["do"] == "cut":
            socket.cut()
        elif rule["do"] == "text":
            socket.send_text(rule["text"])
            socket.hello()

    def next_in_turn(self):
        """The socket that gets the next envelope; "ghost" where that is nobody's; None if nobody is there."""
        ring = [each for each in self.every if each.ready]
        ring += ["ghost"] * self.slack.settings["ghosts"]
        if not ring:
            return None
        self._turn += 1
        return ring[self._turn % len(ring)]
