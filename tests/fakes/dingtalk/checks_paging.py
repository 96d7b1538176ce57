"""DING and work notifications (dingtalk.md 5.1, 5.2)."""
from case import ALICE, BOB, CAROL, DAVE, Case

WORK = "/topapi/message/corpconversation/"


class Ding(Case):
    def send(self, kind=1, ids=(ALICE,), content="P0 网站无法访问", **more):
        return self.robot("ding/send", remindType=kind, receiverUserIdList=list(ids), content=content, **more)

    def test_in_the_app_by_sms_by_phone(self):
        for kind in (1, 2, 3):
            self.ok(self.send(kind, [ALICE, BOB]))
        rows = self.ding.get("dings")
        self.assertEqual([row["kind"] for row in rows], ["app", "sms", "call"])
        self.assertEqual((rows[0]["receivers"], rows[0]["content"]), ([ALICE, BOB], "P0 网站无法访问"))
        self.assertEqual(self.ding.get("counts")["dings"], {"sms": 2, "call": 2})

    def test_recalled(self):
        id = self.ok(self.send(3))["openDingId"]
        for _ in range(2):
            self.assertEqual(self.ok(self.robot("ding/recall", openDingId=id)), {"openDingId": id})
        self.assertEqual(self.ding.get("dings")[0]["state"], "recalled")
        self.refused("invalidParameter.openDingId.invalid", self.robot("ding/recall", openDingId="x"))

    def test_read(self):
        id = self.ok(self.send(1, [ALICE, BOB]))["openDingId"]
        self.ding.post("read", user="bob", ding=id)
        answer = self.ok(self.robot("ding/readStatuses/query", openDingId=id))
        self.assertTrue(answer["success"])
        rows = answer["result"]["robotDingReadInfoList"]
        self.assertEqual([(row["userId"], row["readStatus"]) for row in rows], [(ALICE, "UNREAD"), (BOB, "READ")])
        self.impossible(404, self.ding.post, "read", user="carol", ding=id)
        self.ding.settings(ding_read_by=["alice"])
        self.ok(self.send())
        self.assertEqual(list(self.ding.get("dings")[1]["read_by"]), [ALICE])

    def test_a_partial_failure(self):
        self.ding.post("people", name="bob", ding_fails=True)
        answer = self.ok(self.send(1, [ALICE, BOB, DAVE, "nobody"]))
        self.assertEqual(answer["failedList"], {BOB: "对方无法接收DING", DAVE: "userId 无效", "nobody": "userId 无效"})
        self.assertEqual(self.ding.get("dings")[0]["receivers"], [ALICE])

    def test_quotas(self):
        self.ding.settings(call_quota=2, sms_quota=0)
        self.ok(self.send(3, [ALICE, BOB]))
        self.refused("ding.serverquota.insufficient", self.send(3))
        self.refused("ding.serverquota.insufficient", self.send(2))
        self.ok(self.send(1))
        self.assertEqual([row["kind"] for row in self.ding.get("dings")], ["call", "app"])

    def test_what_is_refused(self):
        self.refused("invalidParameter.remindType.invalid", self.send(4))
        self.refused("invalidParameter.param.invalid", self.send("3"))
        self.refused("invalidParameter.receiverUserIdList.empty", self.send(1, []))
        self.refused("invalidParameter.receiverUserIdList.invalid", self.send(1, [ALICE, 7]))
        self.refused("invalidParameter.receiverUserIdList.overMax", self.send(1, [f"u{n}" for n in range(201)]))
        self.ok(self.send(1, [f"u{n}" for n in range(200)]))
        self.refused("invalidParameter.content.empty", self.send(1, content=""))
        self.refused("invalidParameter.robotCode.auth", self.api("/v1.0/robot/ding/send", {
            "robotCode": "x", "remindType": 1, "receiverUserIdList": [ALICE], "content": "x"}))
        self.assertEqual([row["receivers"] for row in self.ding.get("dings")], [[]])

    def test_the_right_has_a_name_of_its_own(self):
        self.ding.settings(key_case="lower")
        self.ding.post("app", without="Robot.Ding.Write")
        body = self.refused("Forbidden.AccessDenied.AccessTokenPermissionDenied", self.send(), 403)
        self.assertEqual(body["accessdenieddetail"], {"requiredScopes": ["Robot.Ding.Write"]})


class Work(Case):
    def send(self, text="INC-1", **more):
        to = {} if {"dept_id_list", "to_all_user"} & set(more) else {"userid_list": ALICE}
        return self.old(WORK + "asyncsend_v2", {"agent_id": 4500001, **to, **more, "msg": more.get("msg") or {
            "msgtype": "text", "text": {"content": text}}})

    def result(self, task):
        return self.ok(self.old(WORK + "getsendresult", {"agent_id": 4500001, "task_id": task}))["send_result"]

    def test_sent_and_recalled(self):
        task = self.ok(self.send(userid_list=f"{ALICE},{BOB},nobody"))["task_id"]
        found = self.result(task)
        self.assertEqual((found["unread_user_id_list"], found["invalid_user_id_list"]), ([ALICE, BOB], ["nobody"]))
        self.ding.post("read", user="bob", notice=task)
        found = self.result(task)
        self.assertEqual((found["unread_user_id_list"], found["read_user_id_list"]), ([ALICE], [BOB]))
        self.impossible(404, self.ding.post, "read", user="carol", notice=task)
        self.ok(self.old(WORK + "recall", {"agent_id": 4500001, "msg_task_id": task}))
        self.assertEqual(self.ding.get("notices")[0]["state"], "recalled")

    def test_departments_and_all(self):
        self.ok(self.send("1", dept_id_list="30"))
        self.ok(self.send("2", to_all_user=True))
        self.assertEqual([row["delivered"] for row in self.ding.get("notices")], [[BOB, CAROL], [ALICE, BOB, CAROL]])

    def test_the_same_words_arrive_once_a_day_and_nobody_says_so(self):
        first = self.ok(self.send())["task_id"]
        second = self.ok(self.send())["task_id"]
        self.assertEqual((self.result(first)["unread_user_id_list"], self.result(second)["unread_user_id_list"],
                          self.result(second)["forbidden_user_id_list"]), ([ALICE], [], [ALICE]))
        self.ok(self.send("INC-1 (2)"))
        self.ding.advance(86_400)
        self.old.renew()
        self.ok(self.send())
        self.assertEqual([row["delivered"] for row in self.ding.get("notices")], [[ALICE], [], [ALICE], [ALICE]])

    def test_a_day_begins_at_midnight_in_china(self):
        hour = 3600
        now = self.ding.get("time")["now"]
        seven = -(now + 8 * hour) % (24 * hour) + 7 * hour  # in the morning there, in UTC on the day before
        self.ding.advance(seven)
        for hours, arrives in ((0, 1), (2, 0), (14, 0), (2, 1)):
            self.ding.advance(hours * hour)
            self.old.renew()
            self.ok(self.send())
            self.assertEqual(len(self.ding.get("notices")[-1]["delivered"]), arrives, hours)

    def test_five_hundred_a_day(self):
        for number in range(501):
            self.ok(self.send(str(number)))
        self.assertEqual([len(row["delivered"]) for row in self.ding.get("notices")][-2:], [1, 0])

    def test_to_all_three_times_a_day(self):
        for number in range(4):
            self.ok(self.send(str(number), to_all_user=True))
        self.assertEqual([len(row["delivered"]) for row in self.ding.get("notices")], [3, 3, 3, 0])

    def test_cards_with_buttons(self):
        card = {"title": "t", "markdown": "a<br>b", "btn_orientation": "1",
                "btn_json_list": [{"title": "go", "action_url": "https://x/"}]}
        self.ok(self.send(msg={"msgtype": "action_card", "action_card": card}))
        row = self.ding.get("notices")[0]
        self.assertEqual((row["buttons"], row["doubts"]), ([{"title": "go", "url": "https://x/"}], ["inline HTML"]))
        self.ok(self.send(msg={"msgtype": "action_card", "action_card": {
            "title": "t", "markdown": "x", "single_title": "go", "single_url": "https://x/"}}))
        for buttons in ({}, {"btn_json_list": [{"title": "go", "action_url": "u"}]},
                        {"btn_orientation": "0", "btn_json_list": [{"title": "go"}]},
                        {"btn_orientation": "0", "btn_json_list": [{"title": "", "action_url": "u"}]},
                        {"btn_orientation": "0", "btn_json_list": []}, {"single_title": "go"}):
            card = {"title": "t", "markdown": "x", **buttons}
            self.refused(400002, self.send(msg={"msgtype": "action_card", "action_card": card}))

    def test_what_is_refused(self):
        for more in ({"userid_list": ""}, {"userid_list": ",".join(f"u{n}" for n in range(101))},
                     {"dept_id_list": ",".join(str(n) for n in range(21))}, {"agent_id": 1}, {"agent_id": "x"},
                     {"msg": {"msgtype": "text"}}, {"msg": {"msgtype": "card", "card": {}}}, {"msg": "{"},
                     {"msg": {"msgtype": "file", "file": {"media_id": "@lADno"}}}):
            self.refused(400002, self.send(**more))
        self.refused(400002, self.old(WORK + "getsendresult", {"agent_id": 4500001, "task_id": 7}))
        self.assertEqual(self.ding.get("notices"), [])
