"""One WebSocket of a fake, at the level of frames, and the handshake that leads to it."""
import asyncio
import time

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.utilities import generate_accept_token

from common.wire import Upgrade, abort

TOO_LONG = 1009
PROTOCOL_ERROR = 1002
UNACCEPTABLE = 1003


def unfit(request):
    """(status, why) if this request is no handshake."""
    headers = request.headers
    words = {word.strip().lower() for word in headers.get("connection", "").split(",")}
    if request.method != "GET" or headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in words:
        return 400, "not a WebSocket handshake"
    if headers.get("sec-websocket-version") != "13" or not headers.get("sec-websocket-key"):
        return 400, "a WebSocket handshake of another version"
    return None


def upgraded(request, run):
    """The answer to a fit handshake."""
    return Upgrade([("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-accept",
                    generate_accept_token(request.headers["sec-websocket-key"].encode()))], run)


class ServerSocket:
    """Alive from the upgrade until its TCP connection is gone, whoever noticed. Frozen it neither reads nor writes, as
    a peer behind a lost network, and stays alive and in turn.

    `world` is the fake of this moment: its clock, journal, faults and settings. `hub` names the socket when it joins.
    What a fake's own socket adds: `welcome()`, `on_message(text, size)`, `most_bytes()` of a message."""

    def __init__(self, world, hub, request):
        self.world, self.hub = world, hub
        self.id = None
        self.alive, self.ready, self.frozen = True, False, False
        self._websocket = Connection(ConnectionType.SERVER)
        self._partial, self._partial_bytes = [], 0
        self._closing = None  # the code and reason of our closing frame
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._timers = []
        self._behind = None  # what waits behind a frame that is sent slowly
        self.row = {"user_agent": request.headers.get("user-agent"),
                    "authorization": "authorization" in request.headers,
                    "extensions": request.headers.get("sec-websocket-extensions"),
                    "subprotocol": request.headers.get("sec-websocket-protocol"),
                    "opened_at": None, "closed_at": None, "disconnect": None, "close": None,
                    "acks": 0, "pings_sent": 0, "pongs": [], "pings_received": 0}

    @property
    def counted(self):
        """Does the service count it? One that is being closed no more; a half-open one still."""
        return self.alive and self._closing is None

    async def run(self, reader, writer, trailing):
        self.writer = writer
        self.id = self.hub.joined(self)
        self.row.update(id=self.id, opened_at=milliseconds())
        self.world.journal.note("socket", socket=self.id, what="opened")
        self.welcome()
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
            if not self.world.faults.withheld("pong"):
                self._send(Pong(event.payload))
            self.world.journal.changed()
        elif isinstance(event, Pong):
            self.row["pongs"].append(event.payload.decode("latin-1"))
            self.world.journal.changed()
        elif isinstance(event, CloseConnection):
            self._on_close(event)

    def _on_part(self, event):
        """A part of a frame, or a whole one. Frames that don't end a message are refused, as are long ones; that much
        can be said before all of it has come."""
        text = event.data if isinstance(event, TextMessage) else ""
        self._partial.append(text)
        self._partial_bytes += len(text.encode() if text else event.data)
        limit = self.most_bytes()
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
            self.on_message(message, size)

    def _refuse(self, why, code, reason):
        """Then reads on and forgets: to end the connection now would be a RST, which overtakes the closing frame."""
        self.world.journal.note("bad_frame", socket=self.id, why=why, reason=reason)
        self.close(code, reason)

    def _on_close(self, event):
        """An echo of ours, the client's own, or what wsproto makes of a frame that breaks the protocol."""
        if self._closing is not None:
            self._ended("server", *self._closing, clean=True)
            self.writer.close()
        elif self._websocket.state is ConnectionState.OPEN:
            self._refuse("protocol", int(event.code), event.reason)
        elif self.world.faults.withheld("close"):
            self.ready = False
            self.row["close"] = {"by": "client", "code": int(event.code), "reason": event.reason, "clean": False}
            self.world.journal.changed()
        else:
            self._send(event.response())
            self._ended("client", int(event.code), event.reason or "", clean=True)
            self.writer.close()

    # What the server does of itself

    def close(self, code=1000, reason=""):
        """With a closing frame. A client that never answers it is cut off after a while."""
        if not self.counted:
            return
        self._send(CloseConnection(code=code, reason=reason))
        self._closing, self.ready = (code, reason), False
        self.later(self.world.settings["close_seconds"], self.cut)

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
            self.later(cut_after, self.cut)

    def thaw(self):
        self.frozen = False
        self._thawed.set()
        self.writer.transport.resume_reading()

    def ping(self, payload):
        if self.counted and not self.world.faults.withheld("ping"):
            self.row["pings_sent"] += 1
            self._send(Ping(payload.encode()))

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

    def send_slowly(self, text, chunk_bytes, chunk_ms):
        """One frame in small pieces, in real time. What is sent meanwhile waits behind it."""
        if not self.counted or self._behind is not None:
            self.send_text(text)
            return
        data = self._websocket.send(TextMessage(data=text))
        self._behind = []
        self._slow = asyncio.get_running_loop().create_task(self._dribble(data, chunk_bytes, chunk_ms / 1000))

    async def _dribble(self, data, chunk_bytes, seconds):
        for start in range(0, len(data), chunk_bytes):
            self._put(data[start:start + chunk_bytes])
            await asyncio.sleep(seconds)
        behind, self._behind = self._behind, None
        for each in behind:
            self._put(each)

    def send_raw(self, data):
        """Bytes as they are, whatever they mean."""
        self._write(data)

    def _send(self, event):
        """After the client's goodbye nothing but ours may follow."""
        open_still = self._websocket.state is ConnectionState.OPEN or isinstance(event, CloseConnection)
        if self.counted and open_still:
            self._write(self._websocket.send(event))

    def _write(self, data):
        if self._behind is not None:
            self._behind.append(data)
        else:
            self._put(data)

    def _put(self, data):
        if self.alive and not self.frozen:
            self.writer.write(data)

    # The end

    def later(self, seconds, do):
        self._timers = [timer for timer in self._timers if timer.do]
        self._timers.append(self.world.clock.later(seconds, do))

    def _ended(self, by, code, reason, clean):
        if not self.alive:
            return
        self.alive = self.ready = False
        for timer in self._timers:
            timer.cancel()
        self.row["closed_at"] = milliseconds()
        self.row["close"] = self.row["close"] or {"by": by, "code": code, "reason": reason, "clean": clean}
        self.world.journal.note("socket", socket=self.id, what="closed", **self.row["close"])

    def state(self):
        if not self.alive:
            return "closed"
        return "half_open" if self.frozen else "closing" if self._closing is not None else "open"

    def shown(self):
        return {**self.row, "state": self.state(), "ready": self.ready}


def milliseconds():
    return int(time.time() * 1000)
