"""What the fakes' own tests speak to them with: HTTP and WebSocket by hand, so that they can do what no client
would."""
import base64
import hashlib
import http.client
import json
import os
import socket
import struct
import urllib.parse

SECONDS = 20
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NUMBERS = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong", 0: "continuation"}


def http_call(url, method="POST", body=b"", headers=None, context=None):
    """(status, headers, body) over a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=SECONDS, **({"context": context} if context else {}))
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
    finally:
        connection.close()


class HandshakeRefused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body!r}")
        self.status, self.body = status, body


class WebSocket:
    def __init__(self, url, context=None, headers=()):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        self.rest = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers]
        try:
            self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
            self._accepted(key)
        except Exception:
            self.socket.close()
            raise

    def _accepted(self, key):
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            while len(self.rest) < _content_length(head):
                self._more()
            raise HandshakeRefused(status, self.rest)
        wanted = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        assert wanted in head, head

    def _more(self):
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionError("the server ended the connection")
        self.rest += chunk

    def _take(self, count):
        parts, have = [self.rest], len(self.rest)
        while have < count:
            chunk = self.socket.recv(262144)
            if not chunk:
                raise ConnectionError("the server ended the connection")
            parts.append(chunk)
            have += len(chunk)
        whole = b"".join(parts)
        self.rest = whole[count:]
        return whole[:count]

    # Out

    def send(self, text):
        self.send_frame(TEXT, text.encode())

    def send_frame(self, opcode, payload=b"", fin=True, masked=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        bit = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([bit | len(payload)])
        else:
            head += bytes([bit | 126]) + struct.pack("!H", len(payload))
        key = os.urandom(4) if masked else b""
        mask = (key * (len(payload) // 4 + 1))[: len(payload)] if masked else bytes(len(payload))
        self.socket.sendall(head + key + bytes(a ^ b for a, b in zip(payload, mask)))

    def close(self, code=1000):
        """Says goodbye, waits for the echo, and goes."""
        self.send_frame(CLOSE, struct.pack("!H", code))
        while self.frame()[0] != "close":
            pass
        self.socket.close()

    # In

    def frame(self):
        """(kind, payload, fin); a client must not get masked frames."""
        first, second = self._take(2)
        size = second & 0x7F
        assert not second & 0x80, "masked"
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return NUMBERS[first & 0x0F], self._take(size), bool(first & 0x80)

    def text(self):
        """The next text message, whole, whatever control frames come between."""
        parts = []
        while True:
            kind, payload, fin = self.frame()
            if kind in ("text", "continuation"):
                parts.append(payload)
                if fin:
                    return b"".join(parts).decode()
            elif kind == "close":
                raise ConnectionError(f"closed: {payload!r}")

    def json(self):
        return json.loads(self.text())

    def closing(self):
        """(code, reason) of the next closing frame."""
        while True:
            kind, payload, _ = self.frame()
            if kind == "close":
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    def ended(self):
        """Waits for the end of the TCP connection: True if it came without a closing frame."""
        try:
            while self.frame()[0] != "close":
                pass
            return False
        except ConnectionError:
            return True


def _content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
