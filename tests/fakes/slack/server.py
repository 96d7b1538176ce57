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
import importlib
import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1]))

import api_files
from common import program
from common.wire import Answer
from control import Control
from service import Slack
from web_api import WebApi

METHOD_FILES = ("api_chat", "api_conversations", "api_people", "api_marks", "api_views", "api_files")


class Stage(program.Stage):
    def __init__(self, options):
        self.web_api = None
        super().__init__(options, {
            "api": ("http", self._api), "sockets": ("ws", lambda request: self.world.sockets.handshake(request)),
            "hooks": ("http", lambda request: self.world.hooks.serve(request)),
            "files": ("http", lambda request: api_files.receive(self.world, request))}, Control)

    def new_world(self):
        slack = Slack(self.options, self.addresses())
        self.web_api = WebApi(slack)
        return slack

    def ready(self):
        addresses, app = self.addresses(), self.world.workspace.app
        return {"api_url": addresses["api"] + "/api/", "hooks_url": addresses["hooks"],
                "files_url": addresses["files"], "sockets_url": addresses["sockets"],
                "app_token": app["app_token"], "bot_token": app["bot_token"], **self.common_ready()}

    async def _api(self, request):
        if not request.path.startswith("/api/"):
            return Answer(b"not found", 404)
        return await self.web_api.serve(request)


for each in METHOD_FILES:
    importlib.import_module(each)  # each registers its methods
program.run(Stage, "A Slack for tests; see the head of this file.")
