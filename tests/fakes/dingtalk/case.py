"""The ground of the fake's own tests: one server for all of them, whose clock stands still, made new before each."""
import atexit
import json
import unittest

import client
from by_hand import Api, Old, StreamSocket, address

_servers = []

OPS, PARTNERS, QUIET = "cidOps0aGVsbG8gb3Bz==", "cidPartner0cGFydG5lcg==", "cidQuiet0cXVpZXQ=="
ALICE, BOB, CAROL, DAVE = "alice0421", "bob0533", "carol0777", "dave0888"
MESSAGES, CARDS = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
TEMPLATE = "0a1b2c3d-incident.schema"


def server():
    if not _servers:
        _servers.append(client.DingTalkServer(frozen=True, deadline=10))
        atexit.register(_servers[0].stop)
    return _servers[0]


class Case(unittest.TestCase):
    def setUp(self):
        self.ding = server()
        self.ding.reset()
        self.api, self.old = Api(self.ding), Old(self.ding)

    def ok(self, answer):
        """The body of an answer of the new API, or of the old one."""
        status, body = answer if isinstance(answer, tuple) else (answer["status"], answer)
        self.assertEqual((status, body.get("errcode", 0)), (200, 0), body)
        self.assertFalse(False in (body.get("success"), body.get("result")), body)
        return body

    def refused(self, code, answer, status=400):
        """By the new API with a status, by the old one with an errcode in a 200."""
        if isinstance(answer, tuple):
            self.assertEqual((answer[0], answer[1].get("code")), (status, code), answer)
            return answer[1]
        self.assertEqual((answer["status"], answer.get("errcode")), (200, code), answer)
        return answer

    def opened(self, **more):
        return self.ok(self.api.open(**more))

    def dial(self, url=None, **how):
        socket = StreamSocket(url or address(self.opened()), **how)
        self.addCleanup(socket.socket.close)
        return socket

    def connect(self, **more):
        """A connection that the fake has joined in."""
        before = len(self.ding.get("sockets"))
        socket = self.dial(address(self.opened(**more)))
        self.ding.wait("sockets", before + 1)
        return socket

    def heard(self, socket, frame_kind=MESSAGES):
        frame = socket.frame_of(frame_kind)
        socket.ack(frame)
        return frame

    def impossible(self, status, do, /, *arguments, **named):
        with self.assertRaises(client.Refused) as raised:
            do(*arguments, **named)
        self.assertEqual(raised.exception.status, status, raised.exception)
        return raised.exception.why

    # Sending

    def robot(self, path, **body):
        return self.api("/v1.0/robot/" + path, {"robotCode": self.ding.robot_code, **body})

    def to_group(self, key="sampleMarkdown", group=OPS, **fields):
        param = json.dumps(fields or {"title": "标题", "text": "内容"}, ensure_ascii=False)
        return self.robot("groupMessages/send", openConversationId=group, msgKey=key, msgParam=param)

    def new_card(self, id="INC-1", space=None, template=TEMPLATE, data=None, **more):
        robot = self.ding.robot_code
        return self.api("/v1.0/card/instances/createAndDeliver", {
            "cardTemplateId": template, "outTrackId": id, "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"title": "网站无法访问", "state": "open"} if data is None else data},
            "openSpaceId": space or f"dtv1.card//IM_GROUP.{OPS}",
            "imGroupOpenSpaceModel": {"supportForward": True, "notification": {"alertContent": "P0"}},
            "imGroupOpenDeliverModel": {"robotCode": robot},
            "imRobotOpenSpaceModel": {"supportForward": True},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": robot}, **more})
