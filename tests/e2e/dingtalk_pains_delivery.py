"""Pains of what is delivered: what dingtalk_pains.py runs of them."""
import sys

import bot as stage
from chat_scene import DUTY
from dingtalk_scene import ALICE, DING, NEW_CARD, OLD_TOKEN, OPS, TO_GROUP, TO_PEOPLE, TOKEN, DingTalkScene

LONGEST_HOOK, LONGEST_PARAM = 20_000, 15_000  # bytes


class Delivering(DingTalkScene):
    def incidents(self):
        return [title for title, in self.bot.rows("SELECT title FROM incidents ORDER BY id")]

    def taken(self):
        return self.bot.rows("SELECT count(*) FROM timeline WHERE incident = 1 AND kind = 'acknowledged'")[0][0]

    def repeat_all(self):
        """Everything that people did comes once more, each with a messageId that nobody has seen."""
        for row in self.ding.get("pushes"):
            if row["kind"] in ("message", "card"):
                self.ding.post("pushes/repeat", id=row["id"])

    def pain_10_acknowledged_at_once(self):
        """Acknowledged when the work is done, it comes again after 16 s and is done twice."""
        self.open()
        load = self.ding.load(300, 100, text="ping word{n}")
        for what in ("missing", "late", "duplicate", "no_socket", "not_200"):
            self.assertEqual(load[what], 0, load)
        self.assertLess(load["latency_ms"]["p99"], 1000, load)
        stage.wait_for("all answers", lambda: self.ding.get("loads")[0]["answers"] >= 300)
        self.answered_once(self.ping("afterwards"), "afterwards")
        self.assertEqual(self.ding.get("loads")[0]["answers"], 300)

    def pain_10_repeats(self):
        """The same message comes again with another messageId: only its msgId tells."""
        self.open()
        self.ding.fault("frame", "repeat", copies=3, times=-1)
        self.say("alice", "新建 P3 搜索慢")
        card = self.card()
        asked = self.ping("thrice")
        self.answered_once(asked, "thrice")
        pressed = self.click("alice", card, "/incident ack INC-1")
        self.assertIn(self.ding.answer(pressed)["outcome"], ("updated", "kept"))
        self.answered_once(self.ping("once", group=None), "once")
        self.assertEqual((self.incidents(), self.taken()), (["搜索慢"], 1))
        self.assertEqual(len([each for each in self.ding.get("cards", contains="INC-1", template=card["template"])
                              if each["spaces"][0]["conversation"] == OPS]), 1)
        # Each copy is acknowledged, by the connection that brought it.
        for row in self.ding.get("pushes"):
            acks = [each["state"] for each in self.ding.wait("acks", 3, push=row["id"])]
            self.assertEqual((len(acks), acks.count("ok"), acks.count("duplicate")), (3, 1, 2), row)
        self.assertEqual(self.ding.get("acks", state="other_connection"), [])
        # Another press of the same button is another gesture, and changes nothing; nor do words said twice by people.
        self.ding.no_faults()
        for _ in range(2):
            self.direct("alice", "认领 INC-1")
        self.said(2, contains="已经是你的", group="alice")
        self.assertEqual(self.taken(), 1)

    def pain_11_repeats_to_another_life(self):
        """What is known of duplicates stands in memory: a restart forgets it, another replica never knew it."""
        self.open()
        self.say("alice", "新建 P3 搜索慢")
        card = self.card()
        self.answered_once(self.ping("before"), "before")
        self.ding.answer(self.click("alice", card, "/incident ack INC-1"))
        noted = self.direct("alice", "/note INC-1 -- 连接池满了")
        self.ding.answer(noted)
        for end in (self.bot.kill, self.bot.stop):
            # What is being said at the instant of a kill may be said again; that it has arrived is not all of it.
            stage.wait_for("the bot to know", lambda: not self.bot.rows("SELECT 1 FROM outbox"))
            end()
            self.bot.start()
            self.connected()
            self.repeat_all()
            self.answered_once(self.ping("after" + end.__name__), "after" + end.__name__)
            self.assertEqual((self.incidents(), self.taken()), (["搜索慢"], 1))
            self.assertEqual(self.answers("before"), 1)
        self.assertEqual(self.bot.rows("SELECT count(*) FROM timeline WHERE kind = 'note'"), [(1,)])
        self.assertEqual(len(self.said(contains="记入 INC-1", group="alice")), 1)

    def pain_12_expired_webhooks(self):
        """The sessionWebhook has ended before its time (300001), and the answer is dropped."""
        self.open()
        for group, path in (("ops", TO_GROUP), (None, TO_PEOPLE)):
            self.ding.fault("hooks", "refuse", refusal="session_gone")
            word = "gone-" + (group or "alone")
            asked = self.ping(word, group=group)
            self.said(contains=word, via="robot", conversation=asked["conversation"])
            self.answered_once(asked, word)
            self.assertEqual(len([row for row in self.ding.get("calls", api=path) if word in str(row["arguments"])]), 1)
        # What was asked in the meantime, too, whichever answer it was.
        self.ding.fault("hooks", "refuse", refusal="session_gone", times=-1)
        asked = [self.ping(f"meanwhile{n}") for n in range(10)]
        for number, each in enumerate(asked):
            self.answered_once(each, f"meanwhile{number}")

    def pain_12_lasting_a_moment(self):
        """Nor is one tried that says by itself that its time is over."""
        self.open(settings={"session_seconds": 0.0})
        asked = self.ping("late")
        self.answered_once(asked, "late")
        alone = self.ping("late-alone", group=None)
        self.answered_once(alone, "late-alone")
        self.assertEqual(self.ding.get("hooks"), [])
        self.assertEqual({row["via"] for row in self.ding.get("said")}, {"robot"})

    def pain_13_a_200_that_is_an_error(self):
        """HTTP 200 carries an errcode, and whoever looks at the status alone loses the answer."""
        self.open()
        for refusal in ("busy", "qps", "too_fast", "session_gone"):
            self.ding.fault("hooks", "refuse", refusal=refusal)
            asked = self.ping("despite-" + refusal)
            self.answered_once(asked, "despite-" + refusal)
        self.assertEqual([row["status"] for row in self.ding.get("hooks") if row["fault"] == "refuse"], [200] * 4)
        # The old API does the same with its token: a file goes up all the same.
        self.say("alice", "新建 P3 搜索慢")
        self.card()
        self.ding.post("tokens", kind="old", forget=True)
        for at in (OLD_TOKEN, "/media/upload"):
            self.ding.fault(at, "refuse", refusal="busy")
        self.direct("alice", "复盘 INC-1")
        self.said(contains="INC-1.md", kind="sampleFile")

    def pain_13_a_page_that_reached_nobody(self):
        """A 200 with a list of those whom it did not reach: another channel is taken at once."""
        self.open()
        self.ding.post("people", name="alice", ding_fails=True, flow_controlled=True)
        self.say("bob", "新建 P0 网站无法访问")
        refused = self.ding.wait("dings", contains=ALICE)[0]
        self.assertEqual((refused["receivers"], list(refused["failed"])), ([], [ALICE]))
        mail = stage.wait_for("a mail", lambda: self.mail.to(DUTY))[0]
        self.assertIn("INC-1", mail["subject"])
        self.assertLess(mail["at"] - refused["at"], 10_000)

    def pain_13_a_card_that_was_not_delivered(self):
        """success: true, and in deliverResults stands that the card is nowhere: then words are said there."""
        self.open()
        self.ding.fault(NEW_CARD, "body", times=-1, body='{"success": true, "result": {"outTrackId": "x", '
                        '"deliverResults": [{"spaceType": "IM_GROUP", "spaceId": "x", "success": false, "errorMsg": '
                        '"chatId is illegal", "carrierId": ""}]}}')
        self.say("alice", "新建 P1 网站很慢")
        self.said(contains="INC-1 网站很慢", conversation=OPS)
        self.assertEqual(self.ding.get("cards"), [])
        self.logged("chatId is illegal")

    def pain_14_a_limit_is_no_missing_right(self):
        """A rate limit arrives as a 403, and is taken for a missing right: given up, and the operator is alarmed."""
        self.open()
        for at in (NEW_CARD, DING, TO_GROUP, TO_PEOPLE, TOKEN):
            self.ding.fault(at, "refuse", refusal="qps", times=2)
        self.ding.post("tokens", kind="new", forget=True)
        self.ding.fault("hooks", "refuse", refusal="session_gone", times=-1)
        asked = self.ping("throttled")
        self.say("alice", "新建 P0 网站无法访问")
        rings = self.ding_for(ALICE)[0]
        card = self.card()
        self.answered_once(asked, "throttled")
        # An update that is refused comes later, too, and it shows what is then.
        self.ding.fault("/v1.0/card/instances", "refuse", refusal="qps429", times=2)
        self.click("alice", card, "/incident ack INC-1")
        stage.wait_for("who has it", lambda: "运维工程师" in self.ding.get("cards", id=card["id"])[0]["data"]["title"])
        self.ding.wait("dings", id=rings["id"], state="recalled")
        self.assertEqual(len(self.ding.get("dings")), 1)
        refused = [row for row in self.ding.get("calls") if row["fault"] == "refuse"]
        self.assertGreaterEqual(len(refused), 6)
        self.assertEqual(self.mails_with("QpsLimit"), [])
        self.assertEqual(self.chat("up"), 1)

    def long_incident(self, notes):
        self.say("alice", "新建 P3 搜索慢")
        self.card()
        for count in range(notes):
            self.bot.say(f"/incident note INC-1 -- 第 {count} 条:" + "数据库连接满了,请看日志。" * 20)

    def everything_said(self):
        """All words and all files that the bot gave away, as one text."""
        files = [self.ding.file(each["id"]).decode(errors="replace") for each in self.ding.get("media")]
        return "\n".join([each["text"] for each in self.ding.get("said")] + files)

    def pain_15_long_answers(self):
        """What is too long is refused (460101), and nobody sees anything."""
        self.open()
        self.long_incident(45)
        for group, spoiled in (("ops", False), (None, False), ("ops", True)):
            if spoiled:
                self.ding.fault("hooks", "refuse", refusal="session_gone", times=-1)
            before = self.everything_said().count("第 44 条")
            self.say("alice", "/timeline INC-1", group=group)
            stage.wait_for("its end", lambda: self.everything_said().count("第 44 条") > before)
            self.answered_once(self.ping(f"{group}{spoiled}"), f"{group}{spoiled}")
        whole = self.everything_said()
        self.assertEqual([count for count in range(45) if f"第 {count} 条" not in whole], [])
        self.assertEqual([row["errcode"] for row in self.ding.get("hooks") if row["errcode"] == 460101], [])
        self.assertLessEqual(max(row["bytes"] for row in self.ding.get("hooks")), LONGEST_HOOK)
        self.assertEqual([row["code"] for row in self.ding.get("calls", ok=False) if row["arguments"]], [])
        self.assertLessEqual(max([0, *(len(row["arguments"]["msgParam"].encode()) for row in
                                       self.ding.get("calls", api=TO_GROUP))]), LONGEST_PARAM)
        self.assertEqual([(each["text"], each["doubts"]) for each in self.ding.get("said") if each["doubts"]], [])

    def pain_15_many_answers(self):
        """A storm of alerts is above twenty messages a minute, and what is above is lost (130101): it waits, or is one
        message with others."""
        self.open(settings={"limits": True, "qps": 10}, options=["opens_per_minute: 20"])
        self.ding.fault("hooks", "refuse", refusal="too_fast", times=30)
        asked = [self.ping(f"storm{number}", group="ops" if number % 2 else None) for number in range(60)]
        for number, each in enumerate(asked):
            self.said(contains=f"storm{number}", conversation=each["conversation"], timeout=90)
        for each in asked[-2:]:
            self.fence(each)
        self.assertEqual({f"storm{number}": self.answers(f"storm{number}") for number in range(60)},
                         {f"storm{number}": 1 for number in range(60)})

    def pain_15_a_page_first(self):
        """Two hundred answers wait for DingTalk's pace; a P0 rings within a second of its opening all the same."""
        self.open(settings={"limits": True, "qps": 20})
        self.say("alice", "新建 P3 搜索慢")
        self.card()
        waiting = self.ding.post("load", count=200, rate=400, text="/note INC-1 -- later{n}", users=["bob"],
                                 answer="记入 INC-1")
        self.ding.wait("loads", timeout=60, id=waiting["id"], state="done")
        self.assertLess(self.ding.get("loads")[0]["answers"], 200, "nothing waits")
        begun = self.ding.get("time")["now"] * 1000
        self.say("bob", "新建 P0 网站无法访问")
        self.assertLess(self.ding_for(ALICE, kind="call")[0]["at"] - begun, 1_000)
        stage.wait_for("the rest", lambda: self.ding.get("loads")[0]["answers"] + sum(
            each["text"].count("记入 INC-1") for each in self.ding.get("said", group="bob")) >= 200, 120)

    def pain_18_no_quota_left(self):
        """The robot's quota of DING is used up, and a P0 rings nobody: then at once by what is left, and it is said."""
        for quotas in ({"call_quota": 0}, {"call_quota": 0, "sms_quota": 0}):
            with self.subTest(**quotas):
                self.open(settings=quotas)
                self.say("bob", "新建 P0 网站无法访问")
                refused = self.ding.wait("calls", api=DING, code="ding.serverquota.insufficient")[0]
                # In the app DINGs cost nothing; a mail goes, too, unless a DING arrived.
                first = stage.wait_for("another way", lambda: self.ding.get("dings", receivers=[ALICE])
                                       or self.mail.to(DUTY))[0]
                self.assertLess(first["at"] - refused["at"], 10_000)
                self.logged("ding.serverquota.insufficient")
                stage.wait_for("an alarm", lambda: self.in_the_room("quota") or self.mails_with("quota"))
                self.assertEqual(self.ding.get("counts")["dings"]["call"], 0)
                self.bot.stop()

    def pain_19_rights_are_asked_for_at_the_start(self):
        """A missing right is found when it is needed for the first time, which is a P0."""
        for scope in ("Robot.Ding.Write", "qyapi_robot_sendmsg", "Card.Instance.Write"):
            with self.subTest(scope):
                self.open(start=False)
                self.ding.post("app", without=scope)
                self.bot.start()
                self.connected()
                self.logged(scope)
                stage.wait_for("word by mail", lambda: self.mails_with(scope))
                self.assertEqual((self.ding.get("dings"), self.ding.get("said"), self.ding.get("cards")), ([], [], []),
                                 "asking disturbs nobody")
                doctor = self.bot.tocsin("doctor", "--locale", "en")
                self.assertIn(scope, doctor.stdout + doctor.stderr)
                self.bot.stop()
        self.open()
        self.answered_once(self.ping("all-rights"), "all-rights")
        self.assertNotIn("AccessTokenPermissionDenied", self.log())


if __name__ == "__main__":
    sys.exit("a module of the tests")
