"""The robot API (dingtalk.md 3.4) and what sends by it."""
import json

from case import ALICE, BOB, CAROL, DAVE, OPS, PARTNERS, QUIET, Case


class ToPeople(Case):
    def send(self, *ids, key="sampleText", param=None):
        return self.robot("oToMessages/batchSend", userIds=list(ids), msgKey=key,
                          msgParam=json.dumps({"content": "hi"}) if param is None else param)

    def test_a_message_each(self):
        answer = self.ok(self.send(ALICE, BOB))
        self.assertEqual({name: value for name, value in answer.items() if name != "processQueryKey"},
                         {"invalidStaffIdList": [], "flowControlledStaffIdList": [], "filteredStaffIdList": []})
        rows = self.ding.get("said")
        self.assertEqual([row["recipients"] for row in rows], [[ALICE], [BOB]])
        self.assertEqual({(row["key"], row["text"], row["via"], row["conversation_type"]) for row in rows},
                         {(answer["processQueryKey"], "hi", "robot", "1")})

    def test_a_200_can_be_a_partial_failure(self):
        self.ding.post("people", name="bob", flow_controlled=True)
        self.ding.post("people", name="carol", filtered=True)
        answer = self.ok(self.send(ALICE, BOB, CAROL, DAVE, "nobody", "uAlice0iEiE"))
        self.assertEqual((answer["invalidStaffIdList"], answer["flowControlledStaffIdList"],
                          answer["filteredStaffIdList"]), ([DAVE, "nobody", "uAlice0iEiE"], [BOB], [CAROL]))
        self.assertEqual([row["recipients"] for row in self.ding.get("said")], [[ALICE]])

    def test_at_most_twenty(self):
        self.ok(self.send(*(f"user{number}" for number in range(20))))
        self.refused("invalidParameter.userIds.overMax", self.send(*(f"user{number}" for number in range(21))))
        self.refused("invalidParameter.userIds.empty", self.send())
        self.refused("invalidParameter.userIds.invalid", self.send(7))

    def test_the_robot_must_be_the_apps_own(self):
        path = "/v1.0/robot/oToMessages/batchSend"
        body = {"userIds": [ALICE], "msgKey": "sampleText", "msgParam": "{\"content\":\"x\"}"}
        self.refused("invalidParameter.robotCode.empty", self.api(path, body))
        self.refused("invalidParameter.robotCode.auth", self.api(path, {**body, "robotCode": "ding0other"}))

    def test_read_and_recalled(self):
        key = self.ok(self.send(ALICE, BOB))["processQueryKey"]
        self.ding.post("read", user="alice", message=self.ding.get("said")[0]["id"])
        status = self.ok(self.api.get("/v1.0/robot/oToMessages/readStatus", robotCode=self.ding.robot_code,
                                      processQueryKey=key))
        self.assertEqual([(row["userId"], row["readStatus"], "readTimestamp" in row)
                          for row in status["messageReadInfoList"]], [(ALICE, "READ", True), (BOB, "UNREAD", False)])
        self.assertEqual(status["sendStatus"], "SUCCESS")
        answer = self.ok(self.robot("otoMessages/batchRecall", processQueryKeys=[key, "no"]))
        self.assertEqual((answer["successResult"], list(answer["failedResult"])), ([key], ["no"]))
        self.assertEqual({row["state"] for row in self.ding.get("said")}, {"recalled"})
        self.assertEqual(list(self.ok(self.robot("otoMessages/batchRecall", processQueryKeys=[key]))["failedResult"]),
                         [key])
        self.impossible(403, self.ding.post, "read", user="carol", message=self.ding.get("said")[0]["id"])

    def test_the_path_of_recall_has_a_small_t(self):
        self.refused("InvalidAction.NotFound", self.robot("oToMessages/batchRecall", processQueryKeys=["x"]), 404)
        self.refused("InvalidAction.NotFound", self.robot("otoMessages/batchSend", userIds=[ALICE]), 404)

    def test_a_day_later_nothing_is_recalled(self):
        key = self.ok(self.send(ALICE))["processQueryKey"]
        self.ding.advance(86_401)
        self.api.renew()
        self.assertEqual(self.ok(self.robot("otoMessages/batchRecall", processQueryKeys=[key]))["successResult"], [])


class Parameters(Case):
    def param(self, key, param):
        return self.robot("groupMessages/send", openConversationId=OPS, msgKey=key, msgParam=param)

    def test_each_template(self):
        media = self.ok(self.old.upload("file", "a.txt", b"x"))["media_id"]
        pairs = {f"action{what}{number}": "https://x/" for number in range(1, 6) for what in ("Title", "URL")}
        for key, fields in (("sampleText", {"content": "x"}), ("sampleMarkdown", {"title": "t", "text": "x"}),
                            ("sampleImageMsg", {"photoURL": "https://x/"}), ("sampleImageMsg", {"photoURL": media}),
                            ("sampleLink", {"title": "t", "text": "x", "messageUrl": "u", "picUrl": "p"}),
                            ("sampleActionCard", {"title": "t", "text": "x", "singleTitle": "a", "singleURL": "u"}),
                            ("sampleActionCard5", {"title": "t", "text": "x", **pairs}),
                            ("sampleActionCard6", {"title": "t", "text": "x", "buttonTitle1": "a", "buttonUrl1": "u",
                                                   "buttonTitle2": "b", "buttonUrl2": "v"}),
                            ("sampleAudio", {"mediaId": media, "duration": "1000"}),
                            ("sampleFile", {"mediaId": media, "fileName": "a", "fileType": "txt"}),
                            ("sampleVideo", {"duration": "1", "videoMediaId": media, "videoType": "mp4",
                                             "picMediaId": media})):
            self.ok(self.param(key, json.dumps(fields)))
        self.assertEqual([len(row["buttons"]) for row in self.ding.get("said")], [0, 0, 0, 0, 1, 1, 5, 2, 0, 0, 0])

    def test_what_is_refused(self):
        media = self.ok(self.old.upload("voice", "a.amr", b"x"))["media_id"]
        two = {"title": "t", "text": "x", "actionTitle1": "a", "actionURL1": "u"}
        for key, param in (("sampleText", "words"), ("sampleText", "[]"), ("sampleText", "{}"),
                           ("sampleText", '{"content":1}'), ("sampleMarkdown", '{"text":"x"}'),
                           ("sampleActionCard2", json.dumps(two)), ("sampleImageMsg", '{"photoURL":"@lADno"}'),
                           ("sampleFile", '{"mediaId":"@lADno","fileName":"a","fileType":"txt"}'),
                           ("sampleAudio", json.dumps({"mediaId": media, "duration": "1 s"}))):
            self.refused("invalidParameter.msgParam.invalid", self.param(key, param))
        self.refused("invalidParameter.msgKey.invalid", self.param("sampleCard", "{}"))
        self.refused("invalidParameter.msgKey.empty", self.param("", "{}"))
        self.refused("invalidParameter.msgParam.empty", self.param("sampleText", ""))
        self.refused("invalidParameter.param.invalid", self.param("sampleText", {"content": "x"}))

    def test_fifteen_thousand_bytes(self):
        room = 15_000 - len(json.dumps({"content": ""}))
        self.ok(self.param("sampleText", json.dumps({"content": "x" * room})))
        more = json.dumps({"content": "x" * (room + 1)})
        self.refused("invalidParameter.msgParam.invalid", self.param("sampleText", more))
        chinese = json.dumps({"content": "警" * (room // 3)}, ensure_ascii=False)
        self.ok(self.param("sampleText", chinese))
        self.refused("invalidParameter.msgParam.invalid", self.param("sampleText", chinese.replace("警", "警钟", 1)))

    def test_what_nobody_documented_is_written_down(self):
        self.ok(self.param("sampleText", json.dumps({"content": "x", "at": "all"})))
        self.assertEqual(self.ding.get("said")[0]["unknown"], ["at"])
        body = {"openConversationId": OPS, "msgKey": "sampleText", "msgParam": '{"content":"x"}', "at": {}}
        self.ok(self.robot("groupMessages/send", **body))
        self.assertEqual(self.ding.get("calls")[-1]["unknown_fields"], ["at"])
        self.ding.settings(strict_fields=True)
        self.refused("invalidParameter.param.invalid", self.robot("groupMessages/send", **body))

    def test_bodies_that_are_none(self):
        for body, headers in ((b"{", {}), (b"[]", {}), (b"{}", {"Content-Type": "text/plain"})):
            status, _, text = self.api.raw("/v1.0/robot/groupMessages/send", body, headers=headers)
            self.assertEqual(status, 400, text)


class ToGroups(Case):
    def test_sent_read_recalled(self):
        key = self.ok(self.to_group(title="t", text="a\nb"))["processQueryKey"]
        row = self.ding.get("said")[0]
        self.assertEqual((row["conversation"], row["doubts"]), (OPS, ["single newline"]))
        for name in ("alice", "bob", "carol"):
            self.ding.post("read", user=name, message=row["id"])
        page = self.ok(self.robot("groupMessages/query", openConversationId=OPS, processQueryKey=key, maxResults=2))
        self.assertEqual((page["readUserIds"], page["hasMore"], page["sendStatus"]), ([ALICE, BOB], True, "SUCCESS"))
        page = self.ok(self.robot("groupMessages/query", openConversationId=OPS, processQueryKey=key, maxResults=2,
                                  nextToken=page["nextToken"]))
        self.assertEqual((page["readUsers"], page["hasMore"]), ([{"userId": CAROL, "unionId": "uCarol0iEiE"}], False))
        answer = self.ok(self.robot("groupMessages/recall", openConversationId=OPS, processQueryKeys=[key]))
        self.assertEqual(answer["successResult"], [key])
        self.assertEqual(self.ding.get("said")[0]["state"], "recalled")
        page = self.ok(self.robot("groupMessages/query", openConversationId=OPS, processQueryKey=key))
        self.assertEqual(page["sendStatus"], "RECALLED")
        self.refused("invalidParameter.processQueryKey.invalid", self.robot(
            "groupMessages/query", openConversationId=PARTNERS, processQueryKey=key))
        self.assertEqual(self.ok(self.robot("groupMessages/recall", openConversationId=PARTNERS,
                                            processQueryKeys=[key]))["successResult"], [])

    def test_only_where_the_robot_is(self):
        for group in (QUIET, "cidNowhere=="):
            self.refused("invalidParameter.openConversationId.invalid", self.to_group(group=group))
        self.ok(self.robot("groups/orgRobots/add", openConversationId=QUIET))
        self.ok(self.to_group(group=QUIET))
        found = self.ok(self.api("/v1.0/robot/groups/robots/query", {"openConversationId": QUIET}))
        self.assertEqual([each["robotCode"] for each in found["chatbotInstanceVOList"]], [self.ding.robot_code])

    def test_where_the_robot_is(self):
        for number, found in ((1, ([OPS], True)), (2, ([PARTNERS], False)), (3, ([], False))):
            page = self.ok(self.robot("groups/query", pageNumber=number, pageSize=1))
            self.assertEqual((page["openConversationIds"], page["hasMore"]), found)
        page = self.ok(self.robot("installed/groups/query", maxResult=1))
        page = self.ok(self.robot("installed/groups/query", maxResult=1, nextToken=page["nextToken"]))
        self.assertEqual((page["openConversationIds"], page["hasMore"]), ([PARTNERS], False))

    def test_a_receipt(self):
        said = self.ding.say("alice", "hello", group="ops")
        how = {"openMsgId": said["message"], "openConversationId": OPS, "emotionType": 2, "emotionName": "收到"}
        self.ok(self.robot("emotion/reply", **how))
        self.assertEqual(self.ding.get("messages", id=said["message"])[0]["reactions"], ["收到"])
        self.ok(self.robot("emotion/recall", **how))
        self.assertEqual(self.ding.get("messages", id=said["message"])[0]["reactions"], [])
        for wrong in ({"openMsgId": "x"}, {"openConversationId": PARTNERS}, {"openConversationId": "cidNowhere=="}):
            self.refused("invalidParameter.openMsgId.invalid", self.robot("emotion/reply", **{**how, **wrong}))

    def test_shortcuts(self):
        icon = self.ok(self.old.upload("image", "a.png", b"x"))["media_id"]
        one = {"name": "事件", "icon": icon, "pcUrl": "https://x/", "mobileUrl": "https://x/"}
        self.ok(self.robot("plugins/set", pluginInfoList=[one]))
        self.assertEqual(self.ok(self.robot("plugins/query"))["pluginInfoList"], [one])
        self.assertEqual(self.ok(self.robot("plugins/clear")), {"result": True})
        self.assertEqual(self.ok(self.robot("plugins/query"))["pluginInfoList"], [])
        self.refused("invalidParameter.pluginInfoList.invalid", self.robot("plugins/set", pluginInfoList=[{}]))
