"""One incident from end to end, as a bot and its people would live it: the parts fit each other."""
import json

from case import ALICE, BOB, CARDS, CAROL, MESSAGES, OPS, Case


class Story(Case):
    def test_opened_paged_acknowledged_approved_recalled(self):
        bot = self.connect()
        asked = self.ding.say("alice", "新建 P0 网站无法访问", group="ops")
        said = self.heard(bot, MESSAGES)["inner"]
        self.assertEqual(said["text"]["content"].strip(), "新建 P0 网站无法访问")
        self.ok(self.old.hook(said["sessionWebhook"], {
            "msgtype": "markdown", "markdown": {"title": "INC-1", "text": f"**INC-1** 已打开  \n值班 @{BOB}"},
            "at": {"atUserIds": [BOB]}}))
        answer = self.ding.answer(asked)["answers"][0]
        self.assertEqual((answer["mentions"], answer["doubts"]), ([BOB], []))

        self.ok(self.new_card("INC-1", data={"title": "网站无法访问", "state": "open"}))
        paged = self.ok(self.robot("ding/send", remindType=3, receiverUserIdList=[BOB], content="INC-1 P0"))
        self.ding.advance(300)
        lapsed = self.ok(self.robot("ding/send", remindType=3, receiverUserIdList=[CAROL], content="INC-1 P0 超时"))

        pressed = self.ding.click("bob", "INC-1", "ack")
        frame = bot.frame_of(CARDS)
        self.assertEqual(json.loads(frame["inner"]["content"])["cardPrivateData"]["actionIds"], ["ack"])
        bot.ack(frame, {"response": {"cardUpdateOptions": {"updateCardDataByKey": True},
                                     "cardData": {"cardParamMap": {"state": "acked by bob"}}}})
        self.assertEqual(self.ding.answer(pressed)["outcome"], "updated")
        for each in (paged, lapsed):
            self.ok(self.robot("ding/recall", openDingId=each["openDingId"]))
        self.assertEqual(len(self.ding.wait("dings", 2, kind="call", state="recalled")), 2)

        self.ok(self.new_card("A-1", space=f"dtv1.card//IM_ROBOT.{CAROL}", data={"what": "重启 nginx", "state": "?"}))
        self.impossible(403, self.ding.click, "alice", "A-1", "approve")
        self.ding.click("carol", "A-1", "approve")
        frame = bot.frame_of(CARDS)
        self.assertEqual((frame["inner"]["userId"], frame["inner"]["spaceId"]), (CAROL, CAROL))
        bot.ack(frame, {"response": {"cardData": {"cardParamMap": {"what": "重启 nginx", "state": "approved"}}}})
        self.ding.wait("cards", id="A-1", data__state="approved")
        self.assertEqual(self.ding.get("cards", id="INC-1")[0]["data"],
                         {"title": "网站无法访问", "state": "acked by bob"})

    def test_a_webhook_that_died_leaves_the_other_way(self):
        bot = self.connect()
        asked = self.ding.say("alice", "状态", group="ops")
        said = self.heard(bot, MESSAGES)["inner"]
        self.ding.advance(5400)
        text = {"msgtype": "text", "text": {"content": "INC-1"}}
        self.refused(300001, self.old.hook(said["sessionWebhook"], text))
        self.ok(self.to_group("sampleText", group=said["conversationId"], content="INC-1"))
        self.assertEqual(self.ding.get("interactions", id=asked["id"])[0]["answers"], [])
        self.assertEqual([(row["via"], row["conversation"]) for row in self.ding.get("said")], [("robot", OPS)])
        self.ok(self.robot("oToMessages/batchSend", userIds=[ALICE], msgKey="sampleText", msgParam='{"content":"x"}'))
        self.assertEqual(self.ding.get("said", conversation_type="1")[0]["recipients"], [ALICE])
