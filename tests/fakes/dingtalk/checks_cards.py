"""Interactive cards (dingtalk.md 4)."""
from case import ALICE, BOB, DAVE, OPS, QUIET, TEMPLATE, Case

STREAMING = "0a1b2c3d-stream.schema"


class Cards(Case):
    def card(self, id="INC-1"):
        return self.ding.get("cards", id=id)[0]

    def put(self, path, **body):
        return self.api("/v1.0/card/" + path, body, "PUT")


class Delivery(Cards):
    def test_to_a_group(self):
        answer = self.ok(self.new_card(imGroupOpenDeliverModel={
            "robotCode": self.ding.robot_code, "atUserIds": {BOB: "鲍勃", "nobody": "x"}}))
        result = answer["result"]["deliverResults"][0]
        self.assertEqual((answer["success"], result["success"], result["spaceType"], result["spaceId"]),
                         (True, True, "IM_GROUP", OPS))
        space = self.card()["spaces"][0]
        self.assertEqual((space["open"], space["recipients"], space["expires"]), (True, None, None))
        self.assertEqual((space["group"], space["alert"], space["mentions"], space["at_all"]),
                         ("ops", "P0", [BOB], False))
        self.assertEqual(sorted(self.card()["shown"]), ["alice", "bob", "carol", "dave"])

    def test_to_all_and_to_some(self):
        self.ok(self.new_card(imGroupOpenDeliverModel={"robotCode": self.ding.robot_code, "atUserIds": {"@ALL": "@ALL"},
                                                       "recipients": [ALICE]}))
        self.assertTrue(self.card()["spaces"][0]["at_all"])
        self.assertEqual(list(self.card()["shown"]), ["alice"])

    def test_to_a_person_and_to_several_places(self):
        spaces = f"dtv1.card//IM_ROBOT.{ALICE};dtv1.card//IM_GROUP.{OPS};dtv1.card//IM_ROBOT.nobody"
        results = self.ok(self.new_card(space=spaces))["result"]["deliverResults"]
        self.assertEqual([each["success"] for each in results], [True, True, False])
        self.assertTrue(results[2]["errorMsg"])
        self.assertEqual([each["type"] for each in self.card()["spaces"]], ["IM_ROBOT", "IM_GROUP"])

    def test_a_200_can_be_a_failure(self):
        for id, more in (("1", {"space": "dtv1.card//IM_GROUP.cidNowhere=="}),
                         ("2", {"space": f"dtv1.card//IM_GROUP.{QUIET}"}),
                         ("3", {"imGroupOpenDeliverModel": {"robotCode": "ding0other"}}),
                         ("4", {"space": f"dtv1.card//IM_ROBOT.{ALICE}",
                                "imRobotOpenDeliverModel": {"robotCode": self.ding.robot_code}}),
                         ("5", {"space": f"dtv1.card//IM_ROBOT.{DAVE}"})):
            answer = self.ok(self.new_card(id, **more))
            self.assertEqual((answer["success"], answer["result"]["deliverResults"][0]["success"]), (True, False), id)
            self.assertEqual(self.card(id)["spaces"], [])

    def test_the_same_id_is_the_same_card(self):
        first = self.ok(self.new_card())
        self.assertEqual(self.ok(self.new_card(data={"title": "other"})), first)
        self.assertEqual((len(self.ding.get("cards")), self.card()["data"]["state"]), (1, "open"))

    def test_what_is_refused(self):
        for code, more in (("param.cardTemplateIdEmpty", {"template": ""}), ("param.outTrackIdEmpty", {"id": ""}),
                           ("param.cardDataEmpty", {"cardData": {}}), ("param.openSpaceIdEmpty", {"openSpaceId": ""}),
                           ("param.cardTemplateIdNotExist", {"template": "x.schema"}),
                           ("param.cardDataInvalid", {"data": {"count": 1}}),
                           ("param.cardDataInvalid", {"cardData": {"title": "x"}}),
                           ("param.callbackTypeInvalid", {"callbackType": "HTTP"}),
                           ("param.callbackTypeInvalid", {"callbackType": "stream"}),
                           ("param.openSpaceIdInvalid", {"space": OPS}),
                           ("param.openSpaceIdInvalid", {"space": "dtv1.card//IM_GROUP."}),
                           ("param.openSpaceIdInvalid", {"space": f"dtv1.card//DOC.{OPS}"}),
                           ("param.openSpaceModelInvalid", {"imGroupOpenSpaceModel": None}),
                           ("param.openDeliverModelInvalid", {"imGroupOpenDeliverModel": None}),
                           ("param.userIdNotExist", {"privateData": {"nobody": {"cardParamMap": {}}}})):
            self.refused(code, self.new_card(**more))
        self.assertEqual(self.ding.get("cards"), [])

    def test_without_the_right(self):
        self.ding.post("app", without="Card.Instance.Write")
        self.refused("Forbidden.AccessDenied.AccessTokenPermissionDenied", self.new_card(), 403)

    def test_in_two_steps(self):
        made = self.ok(self.api("/v1.0/card/instances", {
            "cardTemplateId": TEMPLATE, "outTrackId": "INC-2", "cardData": {"cardParamMap": {"title": "x"}},
            "callbackType": "STREAM", "imGroupOpenSpaceModel": {"supportForward": True}}))
        self.assertEqual(made["result"], "INC-2")
        there = {"outTrackId": "INC-2", "openSpaceId": f"dtv1.card//IM_GROUP.{OPS}",
                 "imGroupOpenDeliverModel": {"robotCode": self.ding.robot_code}}
        self.assertTrue(self.ok(self.api("/v1.0/card/instances/deliver", there))["result"][0]["success"])
        top = {"outTrackId": "INC-2", "openSpaceId": f"dtv1.card//ONE_BOX.{OPS}",
               "topOpenDeliverModel": {"platforms": []}}
        self.refused("param.openSpaceModelInvalid", self.api("/v1.0/card/instances/deliver", top))
        self.ok(self.put("instances/spaces", outTrackId="INC-2", topOpenSpaceModel={"spaceType": "ONE_BOX"}))
        self.ok(self.api("/v1.0/card/instances/deliver", top))
        self.assertEqual([each["type"] for each in self.card("INC-2")["spaces"]], ["IM_GROUP", "ONE_BOX"])
        self.ok(self.api("/v1.0/card/tops/close", {"openConversationId": OPS, "outTrackId": "INC-2"}))
        self.assertEqual([each["open"] for each in self.card("INC-2")["spaces"]], [True, False])


class Updates(Cards):
    def setUp(self):
        super().setUp()
        self.ok(self.new_card())

    def update(self, data, **more):
        return self.put("instances", outTrackId="INC-1", cardData={"cardParamMap": data}, **more)

    def test_by_key(self):
        self.ok(self.update({"state": "acked"}, cardUpdateOptions={"updateCardDataByKey": True}))
        self.assertEqual(self.card()["data"], {"title": "网站无法访问", "state": "acked"})
        self.assertEqual([each["public"]["state"] for each in self.card()["history"]], ["open"])

    def test_without_it_all_is_replaced(self):
        self.ok(self.update({"state": "acked"}))
        self.assertEqual(self.card()["data"], {"state": "acked"})

    def test_for_one_person(self):
        how = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
        for fields in ({"a": "1"}, {"b": "2"}):
            self.ok(self.update({}, privateData={BOB: {"cardParamMap": fields}}, cardUpdateOptions=how))
        shown = self.card()["shown"]
        self.assertEqual((shown["bob"]["a"], shown["bob"]["b"], "a" in shown["alice"]), ("1", "2", False))
        self.ok(self.update({}, privateData={BOB: {"cardParamMap": {"b": "3"}}},
                            cardUpdateOptions={"updateCardDataByKey": True}))
        self.assertNotIn("a", self.card()["shown"]["bob"])

    def test_what_is_refused(self):
        answer = self.put("instances", outTrackId="INC-9", cardData={"cardParamMap": {}})
        self.refused("param.outTrackIdNotExist", answer)
        self.refused("param.empty", self.put("instances", outTrackId="INC-1"))
        self.refused("param.cardDataInvalid", self.update({"open": True}))
        answer = self.update({"a": "b"}, cardUpdateOptions={"updateCardDataByKey": 1})
        self.refused("param.cardUpdateOptionsInvalid", answer)

    def test_one_per_eight_tenths_of_a_second(self):
        self.ding.settings(limits=True)
        self.ok(self.update({"a": "1"}))
        self.refused("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", self.update({"a": "2"}), 403)
        self.ding.advance(0.8)
        self.ok(self.update({"a": "2"}))

    def test_streaming(self):
        answer = self.put("streaming", outTrackId="INC-1", guid="1", key="t", content="x")
        self.refused("param.templateNotStreaming", answer)
        self.ok(self.new_card("S", template=STREAMING))
        for guid, content, more in (("1", "a", {}), ("2", "b", {}), ("2", "b", {}), ("3", "c", {"isFinalize": True})):
            self.ok(self.put("streaming", outTrackId="S", guid=guid, key="text", content=content, **more))
        self.assertEqual(self.card("S")["data"], {"title": "网站无法访问", "state": "open", "text": "abc",
                                                  "flowStatus": "3"})
        self.ok(self.put("streaming", outTrackId="S", guid="4", key="text", content="z", isFull=True, isError=True))
        self.assertEqual((self.card("S")["data"]["text"], self.card("S")["data"]["flowStatus"]), ("z", "5"))
        self.ding.post("app", without="Card.Streaming.Write")
        answer = self.put("streaming", outTrackId="S", guid="5", key="text", content="z")
        self.refused("Forbidden.AccessDenied.AccessTokenPermissionDenied", answer, 403)
