"""One WebSocket of Socket Mode, at the level of frames."""
import asyncio
import json
import time

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from wire import abort

TOO_LONG = 1009
PROTOCOL_ERROR = 1002
UNACCEPTABLE = 1003


class SocketConnection:
    """Alive from the upgrade until its TCP connection is gone, whoever noticed. Frozen it neither reads nor writes, as
    a peer behind a lost network, and stays alive and in turn."""

    def __init__(self, hub, request, life):
        self.hub, self.slack, self.life = hub, hub.slack, life
        self.id = None
        self.alive, self.ready, self.frozen = True, False, False
        self._websocket = Connection(ConnectionType.SERVER)
        self._partial, self._partial_bytes = [], 0
        self._closing = None  # the code and reason of our closing frame
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._timers = []
        self.row = {"user_agent": request.headers.get("user-agent"),
                    "authorization": "authorization" in request.headers,
                    "extensions": request.headers.get("sec-websocket-extensions"),
                    "subprotocol": request.headers.get("sec-websocket-protocol"),
                    "opened_at": None, "closed_at": None, "hello": False, "disconnect": None, "close": None,
                    "envelopes": 0, "acks": 0, "pings_sent": 0, "pongs": [], "pings_received": 0}

    @property
    def counted(self):
        """Does Slack count it? One that is being closed no more; a half-open one still."""
        return self.alive and self._closing is None

    async def run(self, reader, writer, trailing):
        self.writer = writer
        self.id = self.hub.joined(self)
        self.row.update(id=self.id, opened_at=_milliseconds())
        self.slack.journal.note("socket", socket=self.id, what="opened")
        self.hub.welcome(self)
        try:
            await self._read(reader, trailing)
        except ConnectionError:
            pass  # a reset ends it like any other end
        finally:
            self._ended("client", 1006, "connection lost", clean=False)

    async def _read(self, reader, data):
        while self.alive:
            await self._thawed.wait()
            if data:
                self._websocket.receive_data(data)
                for event in self._websocket.events():
                    if self.alive:
                        self._on(event)
            data = await reader.read(65536)
            if not data:
                return

    def _on(self, event):
        if isinstance(event, (TextMessage, BytesMessage)):
            if self._closing is None:
                self._on_part(event)
        elif isinstance(event, Ping):
            self.row["pings_received"] += 1
            if not self.slack.faults.withheld("pong"):
                self._send(Pong(event.payload))
            self.slack.journal.changed()
        elif isinstance(event, Pong):
            self.row["pongs"].append(event.payload.decode("latin-1"))
            self.slack.journal.changed()
        elif isinstance(event, CloseConnection):
            self._on_close(event)

    def _on_part(self, event):
        """A part of a frame, or a whole one. Frames that don't end a message are refused, as are long ones; that much
        can be said before all of it has come."""
        text = event.data if isinstance(event, TextMessage) else ""
        self._partial.append(text)
        self._partial_bytes += len(text.encode() if text else event.data)
        limit = self.slack.settings["ack_limit_bytes"]
        if self._partial_bytes >= limit:
            self._refuse("too long", TOO_LONG, f"Max frame length of {limit} has been exceeded")
        elif not event.frame_finished:
            return
        elif not event.message_finished:
            self._refuse("fragmented", PROTOCOL_ERROR, "fragmented messages are not put together")
        elif isinstance(event, BytesMessage):
            self._refuse("binary", UNACCEPTABLE, "text frames only")
        else:
            message, size = "".join(self._partial), self._partial_bytes
            self._partial, self._partial_bytes = [], 0
            self.row["acks"] += 1
            self.slack.envelopes.on_ack(self, message, size)

    def _refuse(self, why, code, reason):
        """Then reads on and forgets: to end the connection now would be a RST, which overtakes the closing frame."""
        self.slack.journal.note("bad_frame", socket=self.id, why=why, reason=reason)
        self.close(code, reason)

    def _on_close(self, event):
        """An echo of ours, the client's own, or what wsproto makes of a frame that breaks the protocol."""
        if self._closing is not None:
            self._ended("server", *self._closing, clean=True)
            self.writer.close()
        elif self._websocket.state is ConnectionState.OPEN:
            self._refuse("protocol", int(event.code), event.reason)
        elif self.slack.faults.withheld("close"):
            self.ready = False
            self.row["close"] = {"by": "client", "code": int(event.code), "reason": event.reason, "clean": False}
            self.slack.journal.changed()
        else:
            self._send(event.response())
            self._ended("client", int(event.code), event.reason or "", clean=True)
            self.writer.close()

    # What the server does of itself

    def hello(self):
        if not self.counted:
            return
        settings, workspace = self.slack.settings, self.slack.workspace
        seconds = self.life or settings["approximate_connection_time"]
        self.ready = self.row["hello"] = True
        self.send_text(json.dumps({
            "type": "hello", "num_connections": self.hub.num_connections(),
            "connection_info": {"app_id": workspace.app["id"]},
            "debug_info": {"host": "applink-" + self.id.lower(), "build_number": 118,
                           "started": "2026-05-01 10:00:00.000", "approximate_connection_time": seconds}}))
        self._later(settings["ping_seconds"], self._ping_and_again)
        self._later(max(0.0, seconds - settings["warning_seconds"]), lambda: self.disconnect("warning", close=False))
        self._later(seconds, lambda: self.close(1000, "recycled"))
        self.slack.journal.note("socket", socket=self.id, what="hello")

    def disconnect(self, reason, close, after=None):
        """Says why, and closes: at once, after some seconds of the fake's clock, or (close False, no `after`) never."""
        self.row["disconnect"] = reason
        self.send_text(json.dumps({"type": "disconnect", "reason": reason,
                                   "debug_info": {"host": "applink-" + self.id.lower()}}))
        self.slack.journal.note("socket", socket=self.id, what="disconnect", reason=reason)
        if after is not None:
            self._later(after, lambda: self.close(1000, reason))
        elif close:
            self.close(1000, reason)

    def close(self, code=1000, reason=""):
        """With a closing frame. A client that never answers it is cut off after a while."""
        if not self.counted:
            return
        self._send(CloseConnection(code=code, reason=reason))
        self._closing, self.ready = (code, reason), False
        self._later(self.slack.settings["close_seconds"], self.cut)

    def cut(self, reset=False):
        """The TCP connection ends, without a closing frame."""
        if self.alive:
            self._ended("server", *(self._closing or (1006, "reset" if reset else "cut")), clean=False)
            self._thawed.set()
            abort(self.writer, reset)

    def freeze(self, cut_after=None):
        """`cut_after`: so many seconds later TCP, too, sees that it is over."""
        self.frozen = True
        self._thawed.clear()
        self.writer.transport.pause_reading()
        if cut_after is not None:
            self._later(cut_after, self.cut)

    def thaw(self):
        self.frozen = False
        self._thawed.set()
        self.writer.transport.resume_reading()

    def ping(self, payload):
        if self.counted and not self.slack.faults.withheld("ping"):
            self.row["pings_sent"] += 1
            self._send(Ping(payload.encode()))

    def _ping_and_again(self):
        self.ping(f"Ping from applink-{self.id.lower()}:{self.row['pings_sent']}")
        self._later(self.slack.settings["ping_seconds"], self._ping_and_again)

    # Sending

    def send_text(self, text, fragment_bytes=0, ping_between=False):
        step = fragment_bytes or len(text) or 1
        for start in range(0, max(len(text), 1), step):
            last = start + step >= len(text)
            self._send(TextMessage(data=text[start:start + step], message_finished=last))
            if ping_between and not last:
                self._send(Ping(b"between two fragments"))

    def send_binary(self, data):
        self._send(BytesMessage(data=data))

    def send_raw(self, data):
        """Bytes as they are, whatever they mean."""
        self._write(data)

    def _send(self, event):
        """After the client's goodbye nothing but ours may follow."""
        open_still = self._websocket.state is ConnectionState.OPEN or isinstance(event, CloseConnection)
        if self.counted and open_still:
            self._write(self._websocket.send(event))

    def _write(self, data):
        if self.alive and not self.frozen:
            self.writer.write(data)

    # The end

    def _later(self, seconds, do):
        self._timers = [timer for timer in self._timers if timer.do]
        self._timers.append(self.slack.clock.later(seconds, do))

    def _ended(self, by, code, reason, clean):
        if not self.alive:
            return
        self.alive = self.ready = False
        for timer in self._timers:
            timer.cancel()
        self.row["closed_at"] = _milliseconds()
        self.row["close"] = self.row["close"] or {"by": by, "code": code, "reason": reason, "clean": clean}
        self.slack.journal.note("socket", socket=self.id, what="closed", **self.row["close"])

    def state(self):
        if not self.alive:
            return "closed"
        return "half_open" if self.frozen else "closing" if self._closing is not None else "open"

    def shown(self):
        return {**self.row, "state": self.state(), "ready": self.ready}


def _milliseconds():
    return int(time.time() * 1000)
