"""What people say and do, as it reaches the app (dingtalk.md 2 and 4.4)."""
import json
import urllib.parse

from case import ALICE, BOB, CAROL, CARDS, MESSAGES, OPS, PARTNERS, TEMPLATE, Case
from common.raw_client import http_call


class Words(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def told(self):
        return self.heard(self.mine)["inner"]

    def test_alone_with_the_robot(self):
        asked = self.ding.say("alice", "/inc list")
        data = self.told()
        self.assertEqual((data["msgtype"], data["text"], data["conversationType"]),
                         ("text", {"content": "/inc list"}, "1"))
        self.assertEqual((data["senderStaffId"], data["senderNick"], data["isAdmin"], data["senderPlatform"]),
                         (ALICE, "爱丽丝", False, "Mac"))
        self.assertTrue(data["senderId"].startswith("$:LWCP_v1:$"))
        self.assertEqual((data["robotCode"], data["msgId"]), (self.ding.robot_code, asked["message"]))
        self.assertEqual(data["openThreadId"], data["conversationId"])
        self.assertEqual(data["sessionWebhookExpiredTime"], data["createAt"] + 5_400_000)
        self.assertTrue(data["sessionWebhook"].startswith(self.ding.old_api_url + "/robot/sendBySession?session="))
        self.assertNotIn("conversationTitle", data)
        self.assertNotIn("senderUnionId", data)
        self.assertNotIn("atUsers", data)

    def test_in_a_group_a_leading_space_remains(self):
        self.ding.say("carol", "新建 P0 网站", group="ops", platform="Android")
        data = self.told()
        self.assertEqual((data["text"]["content"], data["conversationType"], data["conversationId"]),
                         (" 新建 P0 网站", "2", OPS))
        self.assertEqual((data["conversationTitle"], data["isInAtList"], data["isAdmin"], data["senderPlatform"]),
                         ("运维值班群", True, True, "Android"))
        self.assertEqual([each["dingtalkId"] for each in data["atUsers"]], [data["chatbotUserId"]])

    def test_several_mentions(self):
        self.ding.say("alice", "@警钟\u2005指派 @鲍勃\u2005@外部的伊芙 ", group=PARTNERS)
        self.ding.say("alice", "@bob @警钟 你好 @卡罗尔", group="ops")
        data, other = self.told(), self.told()
        self.assertEqual(data["text"]["content"], "\u2005指派 \u2005 ")
        self.assertEqual([each.get("staffId") for each in data["atUsers"]], [None, BOB, None])
        self.assertEqual(other["text"]["content"], "  你好 ")
        self.assertEqual(sorted(each.get("staffId", "") for each in other["atUsers"]), ["", BOB, CAROL])
        self.ding.settings(other_mentions_stay=True)
        self.ding.say("alice", "@警钟 指派 @鲍勃", group="ops")
        self.assertEqual(self.told()["text"]["content"], " 指派 @鲍勃")

    def test_without_a_mention_the_robot_hears_nothing(self):
        asked = self.ding.say("alice", "hello", group="ops", at=False)
        self.assertEqual((asked["state"], self.ding.get("pushes")), ("unheard", []))
        asked = self.ding.say("alice", "hello", group="quiet")
        self.assertEqual(asked["state"], "unheard")
        self.assertEqual(len(self.ding.get("messages")), 2)

    def test_who_is_outside_has_no_staff_id(self):
        self.ding.say("eve", "hello", group=PARTNERS)
        self.assertNotIn("senderStaffId", self.told())
        self.ding.settings(outsiders_have_empty_staff_id=True, sender_union_id=True)
        self.ding.say("eve", "hello", group=PARTNERS)
        data = self.told()
        self.assertEqual((data["senderStaffId"], data["senderUnionId"]), ("", "uEve0iEiE"))

    def test_an_answer_quotes(self):
        self.ok(self.to_group(title="t", text="INC-1 已打开"))
        mine = self.ding.get("said")[0]
        self.ding.say("alice", "确认", group="ops", reply_to=mine["id"])
        data = self.told()
        self.assertTrue(data["text"]["isReplyMsg"])
        self.assertEqual(data["text"]["repliedMsg"]["content"], {"text": "INC-1 已打开"})
        self.assertEqual((data["originalMsgId"], data["originalProcessQueryKey"]), (mine["id"], mine["key"]))

    def test_what_nobody_could_do(self):
        self.impossible(404, self.ding.say, "nobody", "x")
        self.impossible(404, self.ding.say, "alice", "x", reply_to="msgNone==")
        self.impossible(404, self.ding.tap, "alice", "msgNone==", "x")
        self.impossible(404, self.ding.say, "alice", "x", group="nowhere")
        self.impossible(403, self.ding.say, "eve", "x", group="ops")
        self.impossible(400, self.ding.post, "messages", user="alice", text=1)
        self.impossible(400, self.ding.post, "messages", user="alice", msgtype="sticker")
        for msgtype, more in (("audio", {"recognition": "x"}), ("video", {}), ("file", {})):
            self.impossible(409, self.ding.post, "messages", user="alice", group="ops", msgtype=msgtype, at=True,
                            **more)


class OtherKinds(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def told(self):
        return self.heard(self.mine)["inner"]

    def bytes_of(self, code):
        answer = self.ok(self.robot("messageFiles/download", downloadCode=code))
        return http_call(answer["downloadUrl"], "GET")

    def test_rich_text(self):
        self.ding.rich("alice", "@警钟 看这里", b"picture", "又来", group="ops")
        data = self.told()
        items = data["content"]["richText"]
        self.assertEqual(data["msgtype"], "richText")
        self.assertNotIn("text", data)
        self.assertEqual([each.get("text") for each in items], ["@警钟", " 看这里", None, "又来"])
        self.assertEqual(items[2]["type"], "picture")
        self.assertEqual(self.bytes_of(items[2]["downloadCode"])[2], b"picture")
        self.ding.settings(rich_mentions_stay=False)
        self.ding.rich("alice", "@警钟 看这里", group="ops")
        self.assertEqual(self.told()["content"]["richText"], [{"text": " 看这里"}])

    def test_a_picture(self):
        self.ding.picture("alice", b"\x89PNG")
        content = self.told()["content"]
        for code in content["downloadCode"], content["pictureDownloadCode"]:
            self.assertEqual(self.bytes_of(code)[2], b"\x89PNG")
        self.ding.picture("alice", group="ops", at=True)
        self.assertEqual((self.told()["msgtype"], self.ding.get("files")[1]["downloads"]), ("picture", 0))

    def test_a_file(self):
        self.ding.send_file("alice", "dump.txt", b"x" * 10)
        content = self.told()["content"]
        self.assertEqual((content["fileName"], set(content)),
                         ("dump.txt", {"downloadCode", "fileName", "fileId", "spaceId"}))
        self.assertEqual(self.bytes_of(content["downloadCode"])[0::2], (200, b"x" * 10))

    def test_speech_video_and_what_is_unknown(self):
        self.ding.speak("alice", "列出事件")
        self.assertEqual(self.told()["content"]["recognition"], "列出事件")
        self.ding.speak("alice", "x", duration=1200)
        self.assertEqual(self.told()["content"]["duration"], 1200)
        self.ding.post("messages", user="alice", msgtype="video")
        self.assertEqual(self.told()["content"]["duration"], "3000")
        self.ding.post("messages", user="alice", msgtype="unknownMsgType")
        self.assertEqual(list(self.told()["content"]), ["unknownMsgType"])

    def test_downloads_end(self):
        self.ding.picture("alice")
        code = self.told()["content"]["downloadCode"]
        url = self.ok(self.robot("messageFiles/download", downloadCode=code))["downloadUrl"]
        self.assertTrue(url.startswith(self.ding.ready["files_url"]))
        self.ding.advance(600)
        self.assertEqual(http_call(url, "GET")[0], 403)
        self.assertEqual(http_call(url.partition("?")[0] + "0", "GET")[0], 404)
        self.refused("invalidParameter.downloadCode.invalid", self.robot("messageFiles/download", downloadCode="no"))
        self.assertEqual([row["status"] for row in self.ding.get("downloads")], [403, 404])


class Links(Case):
    def test_a_dtmd_link_says_its_text(self):
        mine = self.connect()
        words = urllib.parse.quote("/inc ack 1")
        self.ok(self.to_group("sampleActionCard", title="t", text="[也行](dtmd://dingtalkclient/sendMessage?content=ok)",
                              singleTitle="确认", singleURL="dtmd://dingtalkclient/sendMessage?content=" + words))
        card = self.ding.get("said")[0]
        tapped = self.ding.tap("bob", card["id"], "确认")
        data = self.heard(mine)["inner"]
        self.assertEqual((tapped["outcome"], data["text"]["content"], data["senderStaffId"]),
                         ("said", "/inc ack 1", BOB))
        self.ding.tap("bob", card["id"], "也行")
        self.assertEqual(self.heard(mine)["inner"]["text"]["content"], "ok")
        self.ding.settings(dtmd_reaches=False)
        self.ding.tap("bob", card["id"], "也行")
        self.assertEqual(self.ding.get("interactions")[-1]["state"], "unheard")

    def test_a_wrong_case_is_silently_ignored(self):
        self.ok(self.to_group(title="t", text="[x](dtmd://dingtalkClient/sendMessage?content=x) [y](https://y/)"))
        message = self.ding.get("said")[0]
        self.assertEqual(self.ding.tap("bob", message["id"], "x")["outcome"], "ignored")
        self.assertEqual(self.ding.tap("bob", message["id"], "y")["outcome"], "opened")
        self.assertEqual(message["doubts"], ["link"])
        self.impossible(404, self.ding.tap, "bob", message["id"], "z")
        self.impossible(403, self.ding.tap, "eve", message["id"], "x")
        self.ok(self.robot("groupMessages/recall", openConversationId=OPS, processQueryKeys=[message["key"]]))
        self.impossible(404, self.ding.tap, "bob", message["id"], "x")

    def test_only_who_got_it_can_tap_it(self):
        param = json.dumps({"title": "t", "text": "[x](dtmd://dingtalkclient/sendMessage?content=ok)"})
        self.ok(self.robot("oToMessages/batchSend", userIds=[BOB], msgKey="sampleMarkdown", msgParam=param))
        message, mine = self.ding.get("said")[0], self.connect()
        self.impossible(403, self.ding.tap, "alice", message["id"], "x")
        self.ding.tap("bob", message["id"], "x")
        data = self.heard(mine)["inner"]
        self.assertEqual((data["text"]["content"], data["conversationType"]), ("ok", "1"))


class Clicks(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()
        self.ok(self.new_card())

    def clicked(self, user="bob", action="ack", **params):
        asked = self.ding.click(user, "INC-1", action, **params)
        return asked, self.mine.frame_of(CARDS)

    def test_what_a_click_says(self):
        _, frame = self.clicked(reason="x")
        data = frame["inner"]
        self.assertEqual((data["type"], data["outTrackId"], data["userId"], data["spaceType"], data["spaceId"]),
                         ("actionCallback", "INC-1", BOB, "IM_GROUP", OPS))
        self.assertEqual(json.loads(data["content"]),
                         {"cardPrivateData": {"actionIds": ["ack"], "params": {"reason": "x"}}})
        self.assertIsInstance(data["extension"], str)

    def test_the_forms_it_can_have(self):
        self.ding.settings(card_callback_form="value", card_space_lower=True)
        data = self.clicked()[1]["inner"]
        self.assertEqual((data["spaceType"], "content" in data), ("im", False))
        self.assertIn("ack", data["value"])
        self.ding.settings(card_callback_form="none")
        self.assertNotIn("value", self.clicked()[1]["inner"])

    def test_an_answer_changes_the_card(self):
        asked, frame = self.clicked()
        self.mine.ack(frame, {"response": {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "cardData": {"cardParamMap": {"state": "acked"}},
            "userPrivateData": {"cardParamMap": {"mine": "yes"}}}})
        self.assertEqual(self.ding.answer(asked)["outcome"], "updated")
        card = self.ding.get("cards")[0]
        self.assertEqual(card["data"], {"title": "网站无法访问", "state": "acked"})
        self.assertEqual(card["shown"]["bob"], {**card["data"], "mine": "yes"})
        self.assertEqual(card["shown"]["alice"], card["data"])

    def test_without_by_key_it_replaces_all(self):
        asked, frame = self.clicked()
        self.mine.ack(frame, {"response": {"cardData": {"cardParamMap": {"state": "acked"}}}})
        self.ding.answer(asked)
        self.assertEqual(self.ding.get("cards")[0]["data"], {"state": "acked"})

    def test_an_empty_answer_keeps_it_and_a_wrong_one_does_nothing(self):
        for data, code, outcome in (({"response": {}}, 200, "kept"), ({"response": None}, 200, "invalid"),
                                    ({"response": {"cardData": {"cardParamMap": {"n": 1}}}}, 200, "invalid"),
                                    ({"response": {"cardData": {}}}, 200, "invalid"),
                                    ({"response": {}}, 500, "invalid")):
            asked, frame = self.clicked()
            self.mine.ack(frame, data, code)
            self.assertEqual(self.ding.answer(asked)["outcome"], outcome)
        self.assertEqual(self.ding.get("cards")[0]["version"], 0)

    def test_it_is_awaited_two_seconds_and_never_asked_again(self):
        asked, frame = self.clicked()
        self.ding.advance(2)
        self.assertEqual(self.ding.answer(asked)["outcome"], "timeout")
        self.mine.ack(frame, {"response": {}})
        self.ding.wait("acks", state="late")
        self.ding.advance(1000)
        self.assertEqual(len(self.ding.get("pushes", kind="card")[0]["sendings"]), 1)

    def test_nobody_there(self):
        self.mine.close()
        self.ding.wait("sockets", state="closed")
        self.assertEqual(self.ding.click("bob", "INC-1", "ack")["outcome"], "no_connection")

    def test_who_can_click_what(self):
        self.impossible(403, self.ding.click, "eve", "INC-1", "ack")
        self.impossible(404, self.ding.click, "bob", "INC-2", "ack")
        self.ding.post("templates", id=TEMPLATE, variables=["title"], buttons=["ack"])
        self.impossible(404, self.ding.click, "bob", "INC-1", "nack")
        self.assertEqual(self.ding.get("cards")[0]["unknown_variables"], ["state"])
        self.ok(self.new_card("INC-3", callbackType="HTTP", callbackRouteKey="key"))
        self.assertEqual(self.ding.click("bob", "INC-3", "ack")["outcome"], "http")
        self.ok(self.new_card("INC-4", imGroupOpenDeliverModel={"robotCode": self.ding.robot_code,
                                                                "recipients": [ALICE]}))
        self.impossible(403, self.ding.click, "bob", "INC-4", "ack")
        self.ding.click("alice", "INC-4", "ack")

    def test_ids_of_the_union(self):
        self.ok(self.new_card("INC-5", userIdType=2, privateData={"uBob0iEiE": {"cardParamMap": {"mine": "1"}}}))
        self.ding.click("bob", "INC-5", "ack")
        data = self.mine.frame_of(CARDS)["inner"]
        self.assertEqual((data["userId"], data["userIdType"]), ("uBob0iEiE", 2))
        self.assertEqual(self.ding.get("cards", id="INC-5")[0]["shown"]["bob"]["mine"], "1")


class SceneGroups(Case):
    def test_its_robot_has_another_code(self):
        mine = self.connect()
        made = self.ok(self.old("/topapi/im/chat/scenegroup/create", {
            "title": "INC-1", "template_id": "5ce9e000-incident-room", "owner_user_id": ALICE, "user_ids": BOB}))
        id = made["result"]["open_conversation_id"]
        self.ding.say("bob", "hello", group=id)
        data = self.heard(mine, MESSAGES)["inner"]
        self.assertEqual((data["robotCode"], data["conversationId"]), ("dingscener0b0tcode", id))
        self.refused("invalidParameter.openConversationId.invalid", self.to_group(group=id))
        param = json.dumps({"content": "hi"})
        self.ok(self.api("/v1.0/robot/groupMessages/send", {"robotCode": "dingscener0b0tcode", "openConversationId": id,
                                                            "msgKey": "sampleText", "msgParam": param}))
