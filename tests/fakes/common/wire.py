"""HTTP/1.1 on asyncio streams, with h11, so that an answer can be slowed, cut or made nonsense at any byte."""
import asyncio
import dataclasses
import itertools
import json
import socket
import struct
import sys
import time
import traceback
import urllib.parse

import h11

MOST_BODY_BYTES = 64_000_000


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict  # names in lower case
    body: bytes
    connection: dict  # the row of /connections


@dataclasses.dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    kind: str = "text/plain"
    headers: dict = dataclasses.field(default_factory=dict)
    cut_after: int | None = None  # bytes of the whole answer; then the connection goes
    reset: bool = False
    chunk_bytes: int = 0  # 0: all at once
    chunk_ms: float = 0


@dataclasses.dataclass
class Upgrade:
    """The connection stops being HTTP: `run(reader, writer, trailing)` has it from now on."""
    headers: list
    run: object


def json_answer(value, status=200, headers=None, escaped_slashes=False):
    """Slack's own JSON escapes slashes, which is legal and surprises who looks for a URL in the raw text."""
    text = json.dumps(value)
    if escaped_slashes:
        text = text.replace("/", "\\/")
    return Answer(text.encode(), status, "application/json; charset=utf-8", dict(headers or {}))


def abort(writer, reset=False):
    """Ends the TCP connection without a word of TLS or WebSocket; with `reset` by a RST."""
    raw = writer.get_extra_info("socket")
    if reset and raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Listener:
    """One loopback port. It can be closed, so that connections are refused, and opened again on the same port."""

    _numbers = itertools.count(1)

    def __init__(self, name, handle, tls=None):
        self.name, self.handle, self.tls = name, handle, tls
        self.crashes = []  # what this program itself did wrong: no test may pass over it
        self.port, self.server = 0, None
        self.connections = []  # rows, of all there ever were
        self._writers = set()

    async def open(self):
        if self.server is None:
            self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls, backlog=512)
            self.port = self.server.sockets[0].getsockname()[1]

    async def close(self):
        """No new connections; the open ones stay."""
        if self.server is not None:
            self.server.close()
            self.server = None

    def cut_all(self, reset=False):
        for writer in list(self._writers):
            abort(writer, reset)

    async def _serve(self, reader, writer):
        tls = writer.get_extra_info("ssl_object")
        row = {"id": next(self._numbers), "listener": self.name, "opened_at": _milliseconds(), "closed_at": None,
               "requests": 0, "tls": tls.version() if tls else None}
        self.connections.append(row)
        self._writers.add(writer)
        try:
            await Conversation(self, reader, writer, row).run()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the other side is gone: that is no fault of anybody here
        except Exception:
            self.crashes.append(traceback.format_exc())
            print(self.crashes[-1], file=sys.stderr)
        finally:
            row["closed_at"] = _milliseconds()
            self._writers.discard(writer)
            writer.close()


class Conversation:
    def __init__(self, listener, reader, writer, row):
        self.listener, self.reader, self.writer, self.row = listener, reader, writer, row
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=256 * 1024)

    async def run(self):
        while True:
            try:
                request = await self._request()
            except h11.RemoteProtocolError as error:
                await self._send(Answer(str(error).encode(), error.error_status_hint))
                return
            if request is None:
                return
            self.row["requests"] += 1
            answer = await self.listener.handle(request)
            if isinstance(answer, Upgrade):
                await self._upgrade(answer)
                return
            await self._send(answer)
            if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
                return
            self.http.start_next_cycle()

    async def _event(self):
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                self.writer.write(self.http.send(h11.InformationalResponse(status_code=100, headers=[])))
            self.http.receive_data(await self.reader.read(65536))
        return event

    async def _request(self):
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None  # closed between two requests
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > MOST_BODY_BYTES:
                raise h11.RemoteProtocolError("too large", error_status_hint=413)
        if isinstance(event, h11.ConnectionClosed):
            return None
        url = urllib.parse.urlsplit(head.target.decode("latin-1"))
        headers = {}
        for name, value in head.headers:
            text = value.decode("latin-1")
            key = name.decode("latin-1")
            headers[key] = headers[key] + ", " + text if key in headers else text
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        return Request(head.method.decode(), url.path, query, headers, bytes(body), self.row)

    async def _upgrade(self, answer):
        self.writer.write(self.http.send(h11.InformationalResponse(status_code=101, headers=answer.headers,
                                                                   reason=b"Switching Protocols")))
        await answer.run(self.reader, self.writer, self.http.trailing_data[0])

    async def _send(self, answer):
        if self.http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        headers = {"content-type": answer.kind, "content-length": str(len(answer.body)), **answer.headers}
        data = self.http.send(h11.Response(status_code=answer.status, headers=list(headers.items()), reason=b"Fake"))
        data += self.http.send(h11.Data(data=answer.body)) or b""
        data += self.http.send(h11.EndOfMessage()) or b""
        if answer.cut_after is not None:
            data = data[:answer.cut_after]
        await self._write(data, answer)
        if answer.cut_after is not None:
            await self.writer.drain()
            self.row["cut"] = True
            if answer.reset:
                abort(self.writer, reset=True)
            raise ConnectionAbortedError

    async def _write(self, data, answer):
        step = answer.chunk_bytes or len(data)
        for start in range(0, len(data), step or 1):
            self.writer.write(data[start:start + step])
            await self.writer.drain()
            if start + step < len(data):
                await asyncio.sleep(answer.chunk_ms / 1000)


def _milliseconds():
    return int(time.time() * 1000)
