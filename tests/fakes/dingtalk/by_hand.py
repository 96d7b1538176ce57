"""What the fake's own tests speak to it with: each API by hand, and connections that can acknowledge."""
import json
import urllib.parse

from common import raw_client
from common.raw_client import http_call

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
ROBOT, CARD, EVENT = ({"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
                      {"type": "CALLBACK", "topic": "/v1.0/card/instances/callback"}, {"type": "EVENT", "topic": "*"})


class Api:
    """The new API. Its token is asked for when it is first needed."""

    def __init__(self, server, context=None):
        self.server, self.context, self.token = server, context, None

    def __call__(self, path, body=None, verb="POST", headers=None):
        """(status, parsed body)."""
        status, _, text = self.raw(path, json.dumps(body or {}).encode(), verb, headers)
        return status, json.loads(text)

    def get(self, path, **query):
        status, _, text = self.raw(f"{path}?{urllib.parse.urlencode(query)}", b"", "GET")
        return status, json.loads(text)

    def raw(self, path, body, verb="POST", headers=None):
        if self.token is None and "oauth2" not in path and "gateway" not in path:
            self.renew()
        token = {"x-acs-dingtalk-access-token": self.token} if self.token else {}
        return http_call(self.server.api_url + path, verb, body, {**JSON, **token, **(headers or {})}, self.context)

    def renew(self):
        server = self.server
        status, answer = self("/v1.0/oauth2/accessToken",
                              {"appKey": server.client_id, "appSecret": server.client_secret})
        assert status == 200, answer
        self.token = answer["accessToken"]

    def open(self, **more):
        server = self.server
        body = {"clientId": server.client_id, "clientSecret": server.client_secret,
                "subscriptions": [ROBOT, CARD, EVENT], "ua": "dingtalk-sdk-test/v1.0", **more}
        return self("/v1.0/gateway/connections/open", body)


class Old:
    """The old API, and webhooks."""

    def __init__(self, server, context=None):
        self.server, self.context, self.token = server, context, None

    def __call__(self, path, body=None):
        status, _, text = self.raw(path, json.dumps(body or {}).encode(), JSON)
        return {"status": status, **json.loads(text)}

    def raw(self, path, body, headers, verb="POST"):
        if self.token is None:
            self.renew()
        return http_call(f"{self.server.old_api_url}{path}?access_token={self.token}", verb, body, headers,
                         self.context)

    def get_token(self, key=None, secret=None):
        query = urllib.parse.urlencode({"appkey": key or self.server.client_id,
                                        "appsecret": secret or self.server.client_secret})
        return json.loads(http_call(f"{self.server.old_api_url}/gettoken?{query}", "GET", context=self.context)[2])

    def renew(self):
        self.token = self.get_token()["access_token"]

    def hook(self, url, body, headers=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, _, text = http_call(url, "POST", data, JSON if headers is None else headers, self.context)
        return {"status": status, **json.loads(text)}

    def upload(self, kind, name, content):
        edge = "edge-of-the-form"
        parts = (f"--{edge}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{kind}\r\n--{edge}\r\n"
                 f"Content-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n"
                 "Content-Type: application/octet-stream\r\n\r\n").encode() + content + f"\r\n--{edge}--\r\n".encode()
        status, _, text = self.raw("/media/upload", parts, {"Content-Type": f"multipart/form-data; boundary={edge}"})
        return {"status": status, **json.loads(text)}


class StreamSocket(raw_client.WebSocket):
    def frame_of(self, kind=None):
        """The next frame, or the next of one type or topic, with its data decoded beside it as `inner`."""
        while True:
            frame = self.json()
            headers = frame["headers"]
            if kind in (None, frame["type"], headers["topic"]):
                return {**frame, "inner": json.loads(frame["data"])}

    def ack(self, frame, data=None, code=200, **more):
        inner = {"response": None} if data is None else data
        self.send(json.dumps({"code": code, "message": "OK", "data": json.dumps(inner), "headers": {
            "messageId": frame["headers"]["messageId"], "contentType": "application/json"}, **more}))


def address(opened):
    """Where a careful client goes: the endpoint as it is, the ticket percent-encoded."""
    return opened["endpoint"] + "?ticket=" + urllib.parse.quote(opened["ticket"], safe="")
