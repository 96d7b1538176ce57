#!/usr/bin/python3
"""A Slack for tests: Web API, Socket Mode, response_url and uploads as the documentation has them, faults on demand.

usage: server.py [--cert FILE --key FILE] [--seed FILE] [--frozen] [--set NAME=JSON]...

Listens on 127.0.0.1, on five free ports, and prints one JSON line when ready:
  {"api_url": "http://127.0.0.1:N/api/", "control_url": ..., "hooks_url", "files_url", "sockets_url", "ports": {...},
   "app_token": "xapp-...", "bot_token": "xoxb-..."}
As in life the Web API, the sockets, the hooks and the uploads are different hosts: only what they answer tells where.
With --cert they speak TLS 1.2 or newer, to a client that names the host, which then is localhost; the control port
stays plain HTTP.
--seed FILE     another workspace than workspace.json
--frozen        the fake's clock stands still but for POST /time: no deadline passes by itself
--set NAME=JSON a setting of service.py, such as ack_seconds=0.5; also while it runs, by POST /settings

README.md lists what it understands and the paths of the control port. It ends on SIGTERM, SIGINT, or when the process
that started it is gone.
"""
import argparse
import asyncio
import importlib
import json
import os
import signal
import ssl
import sys
import traceback

import api_files
from control import Control
from service import Slack
from web_api import WebApi
from wire import Answer, Listener

METHOD_FILES = ("api_chat", "api_conversations", "api_people", "api_marks", "api_views", "api_files")


class Stage:
    """The listeners, which stay, and the Slack of this moment behind them."""

    def __init__(self, options):
        tls = _tls(options) if options.cert else None
        self.options = options
        self.slack = self.web_api = None
        self.listeners = {
            "api": Listener("api", self._api, tls), "sockets": Listener("sockets", self._sockets, tls),
            "hooks": Listener("hooks", lambda request: self.slack.hooks.serve(request), tls),
            "files": Listener("files", lambda request: api_files.receive(self.slack, request), tls)}
        self.control = Listener("control", Control(self).serve)

    async def open(self):
        for each in (*self.listeners.values(), self.control):
            await each.open()
        await self.reset()

    async def reset(self):
        if self.slack:
            self.slack.end()
        for listener in self.listeners.values():
            await listener.open()
            listener.cut_all()
            listener.connections, listener.crashes = [], []
        self.slack = Slack(self.options, self.addresses())
        self.web_api = WebApi(self.slack)

    def crashed(self, _, context):
        """What went wrong in a timer or a task, where no connection saw it."""
        text = "".join(traceback.format_exception(context["exception"])) if "exception" in context else str(context)
        self.listeners["api"].crashes.append(text)
        print(text, file=sys.stderr)

    def addresses(self):
        host, secure = ("localhost", "s") if self.options.cert else ("127.0.0.1", "")
        return {name: f"{'ws' if name == 'sockets' else 'http'}{secure}://{host}:{listener.port}"
                for name, listener in self.listeners.items()}

    def ready(self):
        addresses, app = self.addresses(), self.slack.workspace.app
        ports = {name: listener.port for name, listener in self.listeners.items()}
        return {"api_url": addresses["api"] + "/api/", "control_url": f"http://127.0.0.1:{self.control.port}",
                "hooks_url": addresses["hooks"], "files_url": addresses["files"], "sockets_url": addresses["sockets"],
                "ports": {**ports, "control": self.control.port},
                "app_token": app["app_token"], "bot_token": app["bot_token"]}

    async def _api(self, request):
        if not request.path.startswith("/api/"):
            return Answer(b"not found", 404)
        return await self.web_api.serve(request)

    async def _sockets(self, request):
        return await self.slack.sockets.handshake(request)


def _tls(options):
    """Slack's suites, and those of them for the keys of make_ca.py. Who names no host is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(options.cert, options.key)
    context.sni_callback = lambda socket, name, _: None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


async def outlive_nobody(parent):
    while os.getppid() == parent:
        await asyncio.sleep(0.3)


async def run(options):
    loop, parent = asyncio.get_running_loop(), os.getppid()
    ended = loop.create_future()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, lambda: ended.done() or ended.set_result(None))
    stage = Stage(options)
    loop.set_exception_handler(stage.crashed)
    await stage.open()
    print(json.dumps(stage.ready()), flush=True)
    await asyncio.wait([asyncio.ensure_future(outlive_nobody(parent)), ended], return_when=asyncio.FIRST_COMPLETED)


def setting(text):
    name, _, value = text.partition("=")
    return name, json.loads(value)


def main():
    parser = argparse.ArgumentParser(description="A Slack for tests; see the head of this file.")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--seed")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--set", action="append", default=[], type=setting, metavar="NAME=JSON")
    options = parser.parse_args()
    options.settings = dict(options.set)
    for name in METHOD_FILES:
        importlib.import_module(name)  # each registers its methods
    asyncio.run(run(options))


main()
