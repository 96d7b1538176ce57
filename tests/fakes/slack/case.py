"""The ground of the fake's own tests: one server for all of them, whose clock stands still, made new before each."""
import atexit
import unittest

import client
from raw_client import Api, WebSocket

_servers = []

ALICE, BOB, CAROL, GONE, BOT = "U0ALICE", "U0BOB", "W0CAROL", "U0GONE", "U0TOCSIN"
GENERAL, OPS, RANDOM, WAR, SECRET, OLD = "C0GENERAL", "C0OPS", "C0RANDOM", "G0WAR", "G0SECRET", "C0OLD"


def server():
    if not _servers:
        _servers.append(client.SlackServer(frozen=True, deadline=10))
        atexit.register(_servers[0].stop)
    return _servers[0]


class Case(unittest.TestCase):
    def setUp(self):
        self.slack = server()
        self.slack.reset()
        self.api = Api(self.slack)
        self.app = Api(self.slack, self.slack.app_token)

    def ok(self, answer):
        self.assertTrue(answer["ok"], answer)
        return answer

    def refused(self, error, answer):
        self.assertEqual((answer["ok"], answer.get("error")), (False, error), answer)
        return answer

    def new_url(self):
        return self.ok(self.app("apps.connections.open"))["url"]

    def dial(self, url=None, **how):
        socket = WebSocket(url or self.new_url(), **how)
        self.addCleanup(socket.socket.close)
        return socket

    def connect(self):
        """A socket after its hello."""
        socket = self.dial()
        self.assertEqual(socket.json()["type"], "hello")
        return socket

    def event(self, socket, kind, **fields):
        """Reads and acks events until one of this kind comes that matches; its envelope."""
        while True:
            envelope = socket.json()
            socket.ack(envelope)
            inner = envelope["payload"].get("event", {})
            if inner.get("type") == kind and all(inner.get(name) == value for name, value in fields.items()):
                return envelope

    def impossible(self, status, do, /, *arguments, **named):
        with self.assertRaises(client.Refused) as raised:
            do(*arguments, **named)
        self.assertEqual(raised.exception.status, status, raised.exception)
        return raised.exception.why


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def section(text="words", **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id="go", text="Go", **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements, block_id="row"):
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def question(block_id="title", action_id="text", **more):
    element = {"type": "plain_text_input", "action_id": action_id, **more.pop("element", {})}
    return {"type": "input", "block_id": block_id, "label": plain("What"), "element": element, **more}


def modal(*blocks, **more):
    return {"type": "modal", "title": plain("Open"), "submit": plain("Send"), "blocks": list(blocks or [question()]),
            **more}


def options(*values):
    return [{"text": plain(value), "value": value} for value in values]


def select(action_id="pick", kind="static_select", **more):
    return {"type": kind, "action_id": action_id, "options": options("a", "b"), **more}
