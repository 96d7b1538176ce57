#!/usr/bin/python3
"""What teams do in DingTalk beside the main job: pictures and files for the timeline, people by telephone and by
department, a group for an incident, work notifications, how loud a DING is."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import DUTY, LEAD, MARK, SLOW
from dingtalk_scene import ALICE, BOB, OPS, Beside, DingTalkScene

PICTURE = b"\x89PNG\r\n\x1a\n"
BY_UNION, CARDS = "/topapi/user/getbyunionid", "/v1.0/card/instances/callback"
BY_MOBILE, USER = "/topapi/v2/user/getbymobile", "/topapi/v2/user/get"
NEW_GROUP, NEW_MEMBER = "/topapi/im/chat/scenegroup/create", "/topapi/im/chat/scenegroup/member/add"
SCENE, SCENE_ROBOT = "5ce9e000-incident-room", "dingscener0b0tcode"
ROOMS = [f"room_template: {SCENE}", f"room_robot: {SCENE_ROBOT}", f"room_owner: {BOB}"]
AGENT = 4500001


def by_telephone(mail, staff, phone):
    """A person who is known by their telephone instead of their staff id."""
    return (f"{{email: {mail}, dingtalk: {staff}, ", f"{{email: {mail}, phone: \"{phone}\", ")


class Use(DingTalkScene):
    def notes(self, incident=1):
        return [what for what, in self.bot.rows(
            f"SELECT what FROM timeline WHERE incident = {incident} AND kind = 'note' ORDER BY sequence")]

    def noted(self, *words, incident=1):
        """Once the newest note holds them."""
        return stage.wait_for(f"a note with {words}", lambda: (lambda notes: notes and all(
            word in notes[-1] for word in words) and notes)(self.notes(incident)))

    def author(self, incident=1):
        return self.bot.rows(f"SELECT author FROM timeline WHERE incident = {incident} AND kind = 'opened'")[0][0]

    def opened(self, severity="P1", who="alice", number=1):
        self.say(who, f"新建 {severity} 网站无法访问")
        return self.card(f"INC-{number}")

    def taken(self, card):
        """Once the card offers what comes next."""
        def offers_more():
            commands = self.ding.get("cards", id=card["id"])[0]["data"].values()
            return any(each.startswith("/incident mitigate ") for each in commands) and \
                not any(each.startswith("/incident ack ") for each in commands)

        stage.wait_for(f"{card['id']} to show who has it", offers_more)

    # What comes with words, or without

    def test_pictures_and_files_are_on_the_timeline(self):
        self.open()
        self.opened()
        self.ding.rich("alice", "@警钟 ", PICTURE, group="ops")
        self.noted("[图片]")
        self.ding.rich("alice", "@警钟 502 在这里 ", PICTURE, PICTURE, group="ops")
        self.noted("502 在这里 [图片] [图片]")
        self.ding.rich("alice", "@警钟 记录 磁盘满了 ", PICTURE, group="ops")
        stage.wait_for("both", lambda: "磁盘满了" in " ".join(self.notes()[-2:-1]) and "[图片]" in self.notes()[-1])
        self.ding.send_file("alice", "error.log", b"...")
        self.noted("[文件 error.log]")
        self.ding.picture("alice")
        self.assertEqual(len(self.noted("[图片]")), 6)
        # Each was answered, and a picture that asks something is no note.
        self.ding.rich("alice", "@警钟 /help ", PICTURE, group="ops")
        self.said(contains="/incident")
        self.answered_once(self.ping("after"), "after")
        self.assertEqual(len(self.notes()), 6)
        self.assertEqual(self.bot.rows("SELECT count(DISTINCT author) FROM timeline WHERE kind = 'note'"), [(1,)])

    def test_a_picture_comes_with_the_incident(self):
        self.open()
        self.ding.rich("alice", "@警钟 新建 P1 网站无法访问 ", PICTURE, group="ops")
        self.card()
        self.noted("[图片]")

    def test_a_picture_for_nothing_is_told_so(self):
        self.open()
        asked = self.ding.picture("alice")
        self.said(contains="没有执行", conversation=asked["conversation"])
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline"), [(0,)])

    def test_names_that_vanish_from_the_words(self):
        self.open()
        self.opened()
        self.say("alice", "指派 @鲍勃")
        stage.wait_for("whom it is given to", lambda: "lead" in str(self.bot.rows(
            "SELECT what FROM timeline WHERE kind = 'assigned'")))

    def test_where_the_card_stands_no_number_is_needed(self):
        """Though the incident was opened elsewhere."""
        self.open()
        self.bot.say("新建 P1 网站无法访问")
        card = self.card()
        stage.wait_for("where it lives", lambda: self.bot.rows("SELECT 1 FROM homes"))
        self.say("alice", "认领")
        self.taken(card)
        # Of several one must be named.
        self.bot.say("新建 P1 另一个")
        self.card("INC-2")
        stage.wait_for("where both live", lambda: len(self.bot.rows("SELECT 1 FROM homes")) == 2)
        self.say("alice", "缓解")
        self.said(contains="是哪一个", conversation=OPS)

    # People

    def test_people_by_their_telephone(self):
        changes = [by_telephone(DUTY, ALICE, "+8613800000001"), by_telephone(LEAD, BOB, "+8613800000002")]
        self.open(changes=changes)
        self.opened("P0")
        self.ding_for(ALICE, kind="call")
        self.assertNotEqual(self.author(), "")
        self.direct("alice", "4")
        self.taken(self.card())
        # It is kept: a start without the directory knows them, too.
        self.bot.stop()
        self.ding.fault(BY_MOBILE, "refuse", refusal="busy", times=-1)
        self.ding.fault(USER, "refuse", refusal="busy", times=-1)
        self.bot.start()
        self.connected()
        self.opened("P0", number=2)
        self.ding_for(ALICE, contains="INC-2")
        self.assertEqual(self.author(2), self.author(1))

    def test_nobody_has_that_telephone(self):
        self.open(changes=[by_telephone(DUTY, ALICE, "+8613899999999")])
        self.opened("P0", who="bob")
        # Whoever can't be found is paged another way, at once.
        stage.wait_for("a mail", lambda: [each for each in self.mail.mails() if "INC-1" in each["subject"]])
        self.assertEqual(self.ding.get("dings", receivers=[ALICE]), [])
        self.assertIn("knows nobody with the telephone", self.log())

    def test_a_role_by_department(self):
        self.open(options=["departments: [{id: 21, role: viewer}, {id: 20, role: responder}]"],
                  changes=[("\nservices:\n", stage.ONE_SERVICE), ("\nactions:\n", MARK)])
        self.ding.post("people", name="dave", visible=True, departments=[20])
        self.opened("P1", who="dave")
        self.assertIn("dave0888", self.author())
        self.showing(self.card(), "戴夫")
        # Whoever is known by department only may be somebody else as well: no danger, and no approval.
        self.say("dave", "/fix mark")
        self.said(contains="people 里写明", group="dave")
        self.assertEqual(self.bot.rows("SELECT 1 FROM approvals"), [])
        # It outlives the process.
        self.bot.stop()
        self.ding.fault(USER, "refuse", refusal="busy", times=-1)
        self.bot.start()
        self.connected()
        self.say("dave", "备注 INC-1 还在")
        self.noted("还在")
        self.ding.no_faults()
        # A department that gives less gives less.
        self.ding.post("people", name="frank", nick="弗兰克", staff_id="frank01", departments=[21])
        self.ding.post("groups", do="join", group="ops", person="frank")
        asked = self.say("frank", "新建 P1 又一个")
        self.said(contains="没有执行", group="frank")
        self.assertEqual(self.bot.rows("SELECT count(*) FROM incidents"), [(1,)])
        self.ding.acked(asked)

    def test_a_press_by_union_id(self):
        """Some callbacks name people so; who that is is asked for once."""
        self.open()
        self.opened()
        card = self.card()

        def press(command):
            shown = self.ding.get("cards", id=card["id"])[0]
            content = {"cardPrivateData": {"actionIds": [f"run{self.button(shown, command)}"],
                                           "params": {"command": command}}}
            self.ding.post("pushes", topic=CARDS, data={"type": "actionCallback", "outTrackId": card["id"],
                                                        "userIdType": 2, "userId": "uAlice0iEiE",
                                                        "content": json.dumps(content)})

        # While nobody says who that is, DingTalk gets no answer: whoever pressed sees that it failed.
        self.ding.fault(BY_UNION, "refuse", refusal="no_scope", times=-1)
        press("/incident ack INC-1")
        failed = self.ding.get("pushes", topic=CARDS)[-1]["id"]
        self.ding.wait("calls", api=BY_UNION)
        self.answered_once(self.ping("meanwhile"), "meanwhile")
        self.assertEqual(self.ding.get("acks", push=failed), [])
        self.ding.no_faults()
        asked = len(self.ding.get("calls", api=BY_UNION))
        press("/incident ack INC-1")
        self.taken(card)
        press("/incident mitigate INC-1")
        stage.wait_for("what was pressed", lambda: self.bot.rows(
            "SELECT author FROM timeline WHERE kind = 'mitigated'") == [("devops",)])
        self.assertEqual(len(self.ding.get("calls", api=BY_UNION)), asked + 1)
        # Of nobody nothing is done.
        self.ding.post("pushes", topic=CARDS, data={
            "type": "actionCallback", "outTrackId": card["id"], "userIdType": 2, "userId": "uNobody",
            "content": json.dumps({"cardPrivateData": {"actionIds": ["run1"],
                                                       "params": {"command": "/incident close INC-1"}}})})
        self.ding.wait("calls", asked + 2, api=BY_UNION)
        self.answered_once(self.ping("after"), "after")
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind = 'closed'"), [(0,)])

    # A group for an incident

    def test_a_group_for_an_incident(self):
        self.open(options=ROOMS)
        self.opened("P0")
        room = stage.wait_for("a group", lambda: [
            each for each in self.ding.get("groups") if each["title"].startswith("INC-1 P0 网站")])[0]
        inside = self.card(group=room["name"])
        self.assertNotEqual(inside["id"], self.card()["id"])
        stage.wait_for("its people", lambda: {"alice", "bob"} <= set(
            self.ding.get("groups", id=room["id"])[0]["members"]))
        # In it no number is needed, and what follows is told there alone.
        self.say("alice", "认领", group=room["id"])
        self.taken(inside)
        self.taken(self.card())
        self.say("alice", "通报 -- 正在切到备机", group=room["id"])
        self.noted_update("正在切到备机")
        # After a restart it is known still.
        self.bot.stop()
        self.bot.start()
        self.connected()
        self.say("alice", "关闭 误报", group="ops")
        self.answered_once(self.ping("there", group=room["id"]), "there")
        self.assertEqual([each for each in self.ding.get("groups") if each["title"].startswith("INC-1")][1:], [])
        self.nothing_odd()

    def noted_update(self, words):
        stage.wait_for(f"an update with {words}", lambda: [
            what for what, in self.bot.rows("SELECT what FROM timeline WHERE kind = 'update'") if words in what])

    def test_a_group_that_may_not_be_made(self):
        self.open(options=ROOMS)
        self.ding.post("app", without="qyapi_chat_manage")
        self.opened("P0")
        self.said(contains="建不了自己的群", conversation=OPS)
        self.assertIn("qyapi_chat_manage", self.said(contains="建不了自己的群")[0]["text"].replace("\\", ""))
        self.ding_for(ALICE, kind="call")
        self.say("alice", "认领 INC-1")
        self.taken(self.card())
        self.assertEqual(len(self.ding.get("said", contains="建不了自己的群")), 1)

    def test_a_group_that_is_gone(self):
        self.open(options=ROOMS)
        self.opened("P0")
        room = stage.wait_for("a group", lambda: [
            each for each in self.ding.get("groups") if each["title"].startswith("INC-1 P0")])[0]
        self.card(group=room["name"])
        self.ding.post("groups", do="dissolve", group=room["id"])
        self.say("alice", "认领 INC-1")
        self.taken(self.card())

    def test_whoever_can_not_be_invited_is_named(self):
        self.open(options=ROOMS)
        self.ding.post("people", name="carol", visible=False)
        self.say("alice", "新建 P0 网站无法访问")
        self.card()
        self.say("alice", "呼叫 @卡罗尔 -- 数据库起不来")
        stage.wait_for("a refusal", lambda: "could not be asked into the group" in self.bot.log_file.read_text())
        # With whatever is said there next.
        self.say("alice", "通报 INC-1 -- 还在查")
        self.said(contains="拉不进群")

    # Long work

    def begin_slow_work(self, **how):
        self.open(changes=[("\nactions:\n", SLOW)], **how)
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\necho it is over\n")
        script.chmod(0o755)
        self.say("alice", "/diag slow")

    def test_how_far_it_is_stands_on_a_card(self):
        self.begin_slow_work()
        card = self.card("慢活")
        self.assertEqual(self.ding.get("said", contains="慢活"), [])
        (self.folder / "go").touch()
        self.said(contains="it is over", conversation=OPS)
        # It is the same card, and says that it is over.
        stage.wait_for("the card's end", lambda: self.ding.get("cards", id=card["id"])[0]["version"] > card["version"])
        self.assertEqual(len(self.ding.get("cards", contains="慢活")), 1)
        self.assertNotIn("it is over", self.ding.get("cards", id=card["id"])[0]["data"]["markdown"])
        self.answered_once(self.ping("after"), "after")
        self.assertEqual(len(self.ding.get("said", contains="it is over")), 1)
        self.nothing_odd()

    def test_what_is_over_soon_needs_no_card(self):
        self.open(changes=[("\nactions:\n", SLOW)])
        script = self.folder / "slow.sh"
        script.write_text("#!/bin/sh\necho it is over\n")
        script.chmod(0o755)
        self.say("alice", "/diag slow")
        self.said(contains="it is over", conversation=OPS)
        self.answered_once(self.ping("after"), "after")
        self.assertEqual(self.ding.get("cards"), [])

    def test_without_cards_it_is_said_that_it_was_begun(self):
        self.begin_slow_work(template=None)
        self.said(contains="已受理", conversation=OPS)
        (self.folder / "go").touch()
        self.said(contains="it is over", conversation=OPS)

    def test_a_file_that_is_lost_is_told(self):
        self.open()
        self.opened()
        self.ding.fault("/media/upload", "refuse", refusal="no_scope", times=-1)
        self.say("alice", "/postmortem INC-1")
        self.said(contains="没能传上来", conversation=OPS)
        self.assertEqual(self.ding.get("said", kind="sampleFile"), [])
        self.answered_once(self.ping("after"), "after")

    # What doctor finds before anybody needs it

    def doctor(self):
        found = self.bot.tocsin("doctor", "--locale", "en")
        return found.stdout + found.stderr

    def test_doctor_asks_for_what_is_configured(self):
        self.open(options=[*ROOMS, f"agent_id: {AGENT}"],
                  changes=[by_telephone(DUTY, ALICE, "+8613800000001"), by_telephone(LEAD, BOB, "+8613899999999")])
        found = self.doctor()
        self.assertIn("DingTalk rights: 5 granted", found)
        # Alice is found by her number, Bob by none.
        self.assertIn("DingTalk accounts: unknown or deactivated: lead →", found)
        self.ding.post("app", without="qyapi_chat_manage")
        found = self.doctor()
        self.assertIn("qyapi_chat_manage", found)
        self.assertEqual((self.ding.get("notices"), len(self.ding.get("groups"))), ([], 3), "asking disturbs nobody")

    # Pages

    def test_work_notifications_where_ding_has_no_quota(self):
        self.open(options=[f"agent_id: {AGENT}"], channels="[dingtalk, dingtalk_work, email]")
        self.ding.fault("/v1.0/robot/ding/send", "refuse", refusal="no_quota", times=-1)
        self.opened("P0")
        notice = self.ding.wait("notices", contains="INC-1")[0]
        self.assertEqual(notice["delivered"], [ALICE])
        self.assertIn("网站无法访问", notice["text"])
        self.say("alice", "认领 INC-1")
        self.ding.wait("notices", task_id=notice["task_id"], state="recalled")
        self.assertEqual([each for each in self.ding.get("notices") if each["doubts"]], [])
        # It arrived: nobody was paged by mail, too.
        self.assertEqual(self.mails_with("P0 INC-1"), [])

    def test_a_notification_that_does_not_arrive_is_no_page(self):
        """Over its limits the call succeeds, and nothing arrives."""
        self.open(options=[f"agent_id: {AGENT}"], channels="[dingtalk_work, email]")
        self.ding.post("people", name="alice", visible=False)
        self.opened("P0")
        stage.wait_for("a mail", lambda: [each for each in self.mail.mails() if "INC-1" in each["subject"]])

    def test_how_loud_a_ding_is_is_configured(self):
        self.open(options=["ding: {P0: text, P1: app, P2: call}"])
        for number, (severity, kind) in enumerate((("P0", "sms"), ("P1", "app"), ("P2", "call")), 1):
            self.say("alice", f"新建 {severity} 第{number}个故障")
            self.ding_for(ALICE, kind=kind, contains=f"INC-{number}")


def load_tests(loader, _, __):
    return Beside(loader.loadTestsFromTestCase(Use))


if __name__ == "__main__":
    unittest.main(verbosity=2)
