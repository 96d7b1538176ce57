"""Whatever the app sends, the fake answers: it must not fail itself, or its failure would hide the app's."""
import http.client
import importlib
import itertools
import json
import pathlib

from by_hand import JSON
from case import ALICE, OPS, TEMPLATE, Case
from old_api import OLD_CALLS
from open_api import CALLS

FILES = {"api_robot", "api_cards", "api_groups", "contacts", "dings", "files", "gateway", "tokens", "work_notices"}
for _file in FILES:
    importlib.import_module(_file)  # each registers its calls

HOSTILE = [None, "", "x", 1, -1, True, [], {}, [{}], [1], {"x": {}}, {"x": 1}, "警" * 50]
SPACE = {"supportForward": True, "notification": {"alertContent": "x"}, "lastMessageI18n": {"ZH_CN": "x"}}
BODIES = {"text": "x", "list": ["x"], "dict": {"x": "y"}, "int": 1, "bool": True, "str": "x"}


def variants(value):
    """The value with something hostile in its place, or in the place of each part of it."""
    yield from HOSTILE
    if isinstance(value, dict):
        for name in value:
            for each in variants(value[name]):
                yield {**value, name: each}
    elif isinstance(value, list) and value:
        for each in HOSTILE:
            yield [each, *value[1:]]


class Hostile(Case):
    def setUp(self):
        super().setUp()
        self.api.renew()
        self.old.renew()
        self.ok(self.new_card())
        ding = self.robot("ding/send", remindType=1, receiverUserIdList=[ALICE], content="x")
        self.ok(self.to_group())
        said = self.ding.get("said")[0]
        robot = self.ding.robot_code
        self.known = {
            "robotCode": robot, "openConversationId": OPS, "msgKey": "sampleText", "msgParam": '{"content":"x"}',
            "userIds": [ALICE], "receiverUserIdList": [ALICE], "remindType": 1, "outTrackId": "INC-1",
            "openDingId": self.ok(ding)["openDingId"], "processQueryKeys": [said["key"]], "owner": ALICE,
            "processQueryKey": said["key"], "useridlist": [ALICE], "cardTemplateId": TEMPLATE, "openMsgId": said["id"],
            "openSpaceId": f"dtv1.card//IM_GROUP.{OPS}", "callbackType": "STREAM", "privateData": {
                ALICE: {"cardParamMap": {"x": "y"}}}, "userIdType": 1, "cardData": {"cardParamMap": {"x": "y"}},
            "cardUpdateOptions": {"updateCardDataByKey": True}, "imGroupOpenSpaceModel": SPACE,
            "imRobotOpenSpaceModel": SPACE, "topOpenSpaceModel": {"spaceType": "ONE_BOX"},
            "imGroupOpenDeliverModel": {"robotCode": robot, "atUserIds": {ALICE: "x"}, "recipients": [ALICE]},
            "imRobotOpenDeliverModel": {"robotCode": robot, "spaceType": "IM_ROBOT"},
            "topOpenDeliverModel": {"userIds": [ALICE], "platforms": [], "expiredTimeMillis": 1},
            "pluginInfoList": [{"name": "x", "icon": "x", "pcUrl": "x", "mobileUrl": "x"}],
            "clientId": self.ding.client_id, "clientSecret": self.ding.client_secret,
            "subscriptions": [{"type": "EVENT", "topic": "*"}], "appKey": self.ding.client_id,
            "appSecret": self.ding.client_secret, "agent_id": 4500001, "userid_list": ALICE, "userid": ALICE,
            "template_id": "5ce9e000-incident-room", "owner_user_id": ALICE, "user_ids": ALICE, "dept_id": 20,
            "msg": {"msgtype": "action_card", "action_card": {
                "title": "x", "markdown": "x", "btn_orientation": "1",
                "btn_json_list": [{"title": "x", "action_url": "x"}]}}}
        self.kept = {}

    def post(self, port, target, body, verb="POST", headers=None):
        """Over a kept connection: there are thousands."""
        kept = self.kept.setdefault(port, http.client.HTTPConnection("127.0.0.1", self.ding.ready["ports"][port]))
        self.addCleanup(kept.close)
        kept.request(verb, target, json.dumps(body), {**JSON, **(headers or {})})
        answer = kept.getresponse()
        return answer.status, answer.read()

    def unharmed(self):
        self.ding.get("counts")  # refused, had the fake failed

    def body(self, declared, kind_of):
        return {name: self.known.get(name, BODIES[kind_of(field)]) for name, field in declared.fields.items()}

    def test_every_field_of_the_new_api(self):
        token, sent = {"x-acs-dingtalk-access-token": self.api.token}, 0
        for declared in CALLS:
            if declared.verb == "GET":
                continue
            body = self.body(declared, lambda field: field["kind"].__name__)
            for name in body:
                for value in variants(body[name]):
                    status, _ = self.post("api", declared.path, {**body, name: value}, declared.verb, token)
                    self.assertIn(status, (200, 400, 401, 404), (declared.path, name, value))
                    sent += 1
        self.unharmed()
        self.assertGreater(sent, 1500)

    def test_every_field_of_the_old_api(self):
        for declared in OLD_CALLS.values():
            kinds = {"text": "text", "number": "int", "flag": "bool", "any": "list"}
            body = self.body(declared, lambda field: kinds[field["kind"]])
            for name in body:
                for value in variants(body[name]):
                    status, text = self.post("oapi", f"{declared.path}?access_token={self.old.token}",
                                             {**body, name: value}, declared.verb)
                    self.assertEqual((status, "errcode" in json.loads(text)), (200, True), (declared.path, name, value))
        self.unharmed()

    def test_every_field_of_a_webhook(self):
        url = self.ding.say("alice", "x", group="ops")["session_webhook"]
        target = url.partition(self.ding.old_api_url)[2]
        at = {"atUserIds": [ALICE], "atMobiles": ["1"], "isAtAll": False}
        for part in ({"msgtype": "text", "text": {"content": "x"}, "at": at},
                     {"msgtype": "markdown", "markdown": {"title": "x", "text": "x"}, "at": at},
                     {"msgtype": "actionCard", "actionCard": {"title": "x", "text": "x", "btnOrientation": "0",
                                                              "btns": [{"title": "x", "actionURL": "x"}]}},
                     {"msgtype": "feedCard", "feedCard": {"links": [{"title": "x", "messageURL": "x", "picURL": "x"}]}},
                     {"msgtype": "link", "link": {"title": "x", "text": "x", "messageUrl": "x", "picUrl": "x"}}):
            for body in variants(part):
                status, text = self.post("oapi", target, body)
                self.assertEqual((status, "errcode" in json.loads(text)), (200, True), body)
        self.unharmed()

    def test_every_part_of_an_acknowledgement(self):
        mine = self.connect()
        self.ding.settings(card_seconds_to_answer=10_000.0, message_again_seconds=[])
        good = {"code": 200, "message": "OK", "headers": {"messageId": "x", "contentType": "application/json"},
                "data": "{}"}
        response = {"response": {"cardUpdateOptions": {"updateCardDataByKey": True},
                                 "cardData": {"cardParamMap": {"x": "y"}}, "userPrivateData": {"cardParamMap": {}}}}
        for ack in variants(good):
            mine.send(json.dumps(ack))
        count = itertools.count(1)
        for data in variants(response):
            self.ding.click("alice", "INC-1", "ack")
            mine.ack(mine.frame_of("/v1.0/card/instances/callback"), data)
            self.ding.wait("acks", next(count), kind="card")
        for data in (*variants({"status": "SUCCESS", "message": ""}), {"status": []}):
            self.ding.event("x")
            mine.ack(mine.frame_of("EVENT"), data)
        self.ding.wait("acks", kind="event", contains="[]")
        self.unharmed()

    def test_the_list_of_files_with_calls_is_whole(self):
        here = pathlib.Path(__file__).parent
        files = {each.stem for each in here.glob("*.py") if "\n@call(" in each.read_text() or
                 "\n@old_call(" in each.read_text()}
        self.assertEqual(files, FILES)
