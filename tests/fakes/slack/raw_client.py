"""What the fake's own tests speak to it with: the Web API by hand, and sockets that can ack."""
import json
import urllib.parse

from common import raw_client
from common.raw_client import http_call


class Api:
    """Calls as a form, which is what works for every method."""

    def __init__(self, server, token=None, context=None):
        self.url, self.token, self.context = server.api_url, token or server.bot_token, context

    def __call__(self, method, **arguments):
        return self.answer(method, **arguments)[2]

    def answer(self, method, **arguments):
        """(status, headers, parsed body)."""
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
        return self.raw(method, urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded")

    def json(self, method, body, kind="application/json; charset=utf-8"):
        return self.raw(method, json.dumps(body).encode(), kind)[2]

    def raw(self, method, body=b"", kind=None, verb="POST", query=""):
        headers = {"Authorization": "Bearer " + self.token} if self.token else {}
        if kind:
            headers["Content-Type"] = kind
        status, got, text = http_call(self.url + method + query, verb, body, headers, self.context)
        return status, got, json.loads(text)


class WebSocket(raw_client.WebSocket):
    def ack(self, envelope, payload=None):
        body = {"envelope_id": envelope["envelope_id"]}
        if payload is not None:
            body["payload"] = payload
        self.send(json.dumps(body))
