#!/usr/bin/python3
"""A DingTalk for tests: Stream Mode, the new and the old API, webhooks and downloads as shared/reference/dingtalk.md
has them, faults on demand.

usage: server.py [--cert FILE --key FILE] [--seed FILE] [--frozen] [--set NAME=JSON]...

Listens on 127.0.0.1, on five free ports, and prints one JSON line when ready:
  {"api_url": "http://127.0.0.1:N", "old_api_url": ..., "control_url", "gateway_url", "files_url", "ports": {...},
   "client_id", "client_secret", "robot_code", "bot_name"}
As in life api.dingtalk.com, oapi.dingtalk.com, the gateway and the downloads are different hosts: only what they answer
tells where the last two are.
With --cert they speak TLS 1.2 or newer, to a client that names the host, which then is localhost; the control port
stays plain HTTP.
--seed FILE     another organisation than organization.json
--frozen        the fake's clock stands still but for POST /time: no deadline passes by itself
--set NAME=JSON a setting of service.py, such as ticket_seconds=5; also while it runs, by POST /settings

README.md lists what it understands and the paths of the control port. It ends on SIGTERM, SIGINT, or when the process
that started it is gone.
"""
import importlib
import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1]))

from common import program
from control import Control
from service import DingTalk

CALL_FILES = ("api_robot", "api_cards", "api_groups", "contacts")


class Stage(program.Stage):
    def __init__(self, options):
        super().__init__(options, {
            "api": ("http", lambda request: self.world.open_api.serve(request)),
            "oapi": ("http", lambda request: self.world.old_api.serve(request)),
            "gateway": ("ws", lambda request: self.world.gateway.handshake(request)),
            "files": ("http", lambda request: self.world.files.serve(request))}, Control)

    def new_world(self):
        return DingTalk(self.options, self.addresses())

    def ready(self):
        addresses, app = self.addresses(), self.world.organization.app
        return {"api_url": addresses["api"], "old_api_url": addresses["oapi"], "gateway_url": addresses["gateway"],
                "files_url": addresses["files"], "client_id": app["client_id"], "client_secret": app["client_secret"],
                "robot_code": app["robot_code"], "bot_name": app["name"], **self.common_ready()}


for each in CALL_FILES:
    importlib.import_module(each)  # each registers its calls
program.run(Stage, "A DingTalk for tests; see the head of this file.")
