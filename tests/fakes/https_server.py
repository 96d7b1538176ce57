#!/usr/bin/python3
"""An HTTPS server for tests of clients, with any certificate.

usage: https_server.py --cert FILE --key FILE [--old-tls]

Listens on 127.0.0.1, prints {"port": N} when ready. Paths: /ok answers "hello"; /sni the name the client asked for;
/unclosed a body without a length whose end is a bare TCP close; /hang nothing at all;
/more a complete answer of 512 bytes with another one behind it in the same record; /moved-socket a WebSocket that is
closed with 1012 and ends with a bare TCP close. With --old-tls it speaks TLS 1.1
and nothing newer. It ends on SIGTERM or when the process that started it is gone.
"""
import argparse
import base64
import hashlib
import http.server
import json
import os
import ssl
import sys
import threading
import time
import warnings


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/hang":
            time.sleep(3600)
        if self.path == "/unclosed":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end")
            self.wfile.flush()
            # Ends the connection below TLS: no close_notify.
            os.close(self.connection.detach())
            self.close_connection = True
            return
        if self.path == "/more":
            head = b"HTTP/1.1 200 OK\r\ncontent-length: 440\r\nx: "
            head += b"x" * (512 - 440 - len(head) - 4) + b"\r\n\r\n"
            self.wfile.write(head + b"m" * 440 + b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstale")
            return
        if self.path == "/moved-socket":
            key = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                             b"sec-websocket-accept: " + accept + b"\r\n\r\n\x88\x07\x03\xf4moved")
            os.close(self.connection.detach())
            self.close_connection = True
            return
        body = {"/ok": b"hello", "/sni": (self.server.asked_for or "none").encode()}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def outlive_nobody(parent):
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--old-tls", action="store_true")
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    if options.old_tls:
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        asked_for = None

        def get_request(self):
            # The handshake happens in the connection's own thread, at its first read.
            connection, address = self.socket.accept()
            return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)

    def note_name(_, name, __):
        server.asked_for = name

    context.sni_callback = note_name
    threading.Thread(target=outlive_nobody, args=[os.getppid()], daemon=True).start()
    sys.stdout.write(json.dumps({"port": server.server_address[1]}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


main()
