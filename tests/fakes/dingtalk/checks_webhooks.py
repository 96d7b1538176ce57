"""sessionWebhook and robots of a group (dingtalk.md 3.1, 3.2), and what Markdown is doubted (3.5)."""
import hooks
import markdown
from case import ALICE, BOB, DAVE, OPS, Case

CUSTOM = "/robot/send?access_token=c0ffee00custom0robot0token"
KEYWORD = "/robot/send?access_token=c0ffee01keyword0robot0token"
TEXT = {"msgtype": "text", "text": {"content": "hello"}}


def md(text, title="t", **more):
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}, **more}


class Sessions(Case):
    def setUp(self):
        super().setUp()
        self.asked = self.ding.say("alice", "hello", group="ops")
        self.url = self.asked["session_webhook"]

    def send(self, body, **how):
        return self.old.hook(self.url, body, **how)

    def test_each_of_the_five_types(self):
        button = {"title": "go", "actionURL": "https://x/"}
        for body in (TEXT, md("words"),
                     {"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "https://x/", "picUrl": ""}},
                     {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "singleTitle": "go",
                                                              "singleURL": "https://x/"}},
                     {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btnOrientation": "1",
                                                              "btns": [button]}},
                     {"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "https://x/",
                                                                     "picURL": "https://x/"}]}}):
            self.ok(self.send(body))
        rows = self.ding.answer(self.asked)["answers"]
        self.assertEqual([row["kind"] for row in rows],
                         ["text", "markdown", "link", "actionCard", "actionCard", "feedCard"])
        self.assertEqual([len(row["buttons"]) for row in rows], [0, 0, 1, 1, 1, 1])
        self.assertEqual({row["via"] for row in rows}, {"session"})

    def test_errors_are_a_200(self):
        for body in ({"msgtype": "card"}, {"msgtype": "text"}, {"msgtype": "text", "text": {"content": ""}}, [],
                     {"msgtype": "markdown", "markdown": {"text": "no title"}}, b"{",
                     {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}},
                     {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": []}},
                     {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btnOrientation": 1,
                                                              "btns": [{"title": "x", "actionURL": "y"}]}},
                     {"msgtype": "feedCard", "feedCard": {"links": []}}, {**TEXT, "at": {"isAtAll": "true"}},
                     {**TEXT, "at": []}):
            self.refused(40035, self.send(body))
        self.refused(43004, self.send(TEXT, headers={"Content-Type": "text/plain"}))
        self.assertEqual(self.ding.get("said"), [])
        self.assertEqual({row["status"] for row in self.ding.get("hooks")}, {200})

    def test_twenty_thousand_bytes(self):
        body = md("x")
        room = 20_000 - len(b'{"msgtype": "markdown", "markdown": {"title": "t", "text": ""}}')
        body["markdown"]["text"] = "x" * room
        self.ok(self.send(body))
        body["markdown"]["text"] += "x"
        self.refused(460101, self.send(body))

    def test_it_ends(self):
        self.ding.advance(5400)
        self.assertEqual(self.refused(300001, self.send(TEXT))["errmsg"], "session 不存在")
        self.url = self.ding.say("alice", "x", group="ops")["session_webhook"]
        self.ding.post("sessions", conversation="ops")
        self.refused(300001, self.send(TEXT))
        self.refused(300001, self.old.hook(self.ding.old_api_url + "/robot/sendBySession?session=x", TEXT))

    def test_it_ends_with_the_robot_or_the_group(self):
        self.ding.post("groups", do="remove_robot", group="ops")
        self.refused(300001, self.send(TEXT))
        self.ding.post("groups", do="add_robot", group="ops")
        self.ok(self.send(TEXT))
        self.ding.post("groups", do="dissolve", group="ops")
        self.refused(300001, self.send(TEXT))

    def test_whom_it_notifies(self):
        at = {"atUserIds": [BOB, "nobody"], "atMobiles": ["13800000004"], "isAtAll": False}
        self.ok(self.send(md(f"@{BOB} 看一下", at=at)))
        row = self.ding.get("said")[0]
        self.assertEqual((row["mentions"], row["mentions_ignored"], row["at_all"]), ([BOB, DAVE], ["nobody"], False))
        self.assertEqual(row["doubts"], ["@13800000004 is not in the text"])
        self.ok(self.send(md(f"@{BOB} 看一下")))
        self.assertEqual(self.ding.get("said")[1]["doubts"], [f"@{BOB} is not in `at`"])
        self.ok(self.send({**TEXT, "at": {"isAtAll": True}}))
        self.assertTrue(self.ding.get("said")[2]["at_all"])
        self.url = self.ding.say("alice", "x", group="partners")["session_webhook"]
        self.ok(self.send({**TEXT, "at": {"atUserIds": [ALICE], "isAtAll": True}}))
        row = self.ding.get("said")[3]
        self.assertEqual((row["mentions"], row["mentions_ignored"], row["at_all"]), ([], [ALICE], False))

    def test_an_at_inside_the_content_is_found_out(self):
        self.ok(self.send({"msgtype": "text", "text": {"content": "x", "at": {"isAtAll": True}}, "more": 1}))
        row = self.ding.get("said")[0]
        self.assertEqual((row["unknown"], row["at_all"]), (["more", "text.at"], False))

    def test_alone_it_goes_to_who_asked(self):
        self.url = self.ding.say("alice", "x")["session_webhook"]
        self.ok(self.send(TEXT))
        row = self.ding.get("said")[0]
        self.assertEqual((row["conversation_type"], row["recipients"]), ("1", [ALICE]))


class CustomRobots(Case):
    def send(self, path, body, secret="SECcustom0robot0secret", off=0):
        url = self.ding.old_api_url + path
        if secret:
            url = hooks.signed(url, secret, int((self.ding.get("time")["now"] + off) * 1000))
        return self.old.hook(url, body)

    def test_signed(self):
        self.ok(self.send(CUSTOM, TEXT))
        for how in ({"secret": "other"}, {"secret": None}, {"off": -3601}, {"off": 3601}):
            self.refused(310000, self.send(CUSTOM, TEXT, **how))
        self.refused(300005, self.send("/robot/send?access_token=x", TEXT))
        self.assertEqual([(row["via"], row["conversation"]) for row in self.ding.get("said")], [("custom_robot", OPS)])

    def test_keywords(self):
        self.refused(310000, self.send(KEYWORD, TEXT, None))
        self.ok(self.send(KEYWORD, md("x", "警钟: P0"), None))

    def test_the_same_uuid_once(self):
        for _ in range(2):
            self.ok(self.send(CUSTOM, {**TEXT, "msgUuid": "1"}))
        self.assertEqual(len(self.ding.get("said")), 1)

    def test_twenty_a_minute_and_then_ten_minutes_nothing(self):
        self.ding.settings(limits=True, qps=1000)
        for _ in range(20):
            self.ok(self.send(CUSTOM, TEXT))
        self.refused(130101, self.send(CUSTOM, TEXT))
        self.ding.advance(500)
        self.refused(130101, self.send(CUSTOM, TEXT))
        self.ding.advance(101)
        self.ok(self.send(CUSTOM, TEXT))


class Doubts(Case):
    def setUp(self):
        """No server is needed."""

    def test_what_looks_the_same_everywhere(self):
        for text in ("one line", "two\n\nparagraphs", "two blanks  \nand more",
                     "# head\n\n- a\n- b\n  - c\n\n1. x\n2. y", "> said\n> more",
                     "**bold** *it* [a](https://x/) ![p](@lADabc)", "###### small\n\ntext",
                     "[go](dtmd://dingtalkclient/sendMessage?content=x)", "a < b and c > d", "#\n"):
            self.assertEqual(markdown.doubts(text), [], text)

    def test_what_does_not(self):
        for text, doubt in (("a\nb", "single newline"), ("| a | b |\n|---|---|\n| 1 | 2 |", "table"),
                            ("```\nx\n```", "code fence"), ("```\nx", "open code fence"), ("a<br>b", "inline HTML"),
                            ("<font color=red>x</font>", "font colour"), ("#head", "heading"),
                            ("####### x", "heading"), ("x" * 3801, "too long"), ("[x]()", "link"),
                            ("[x](dtmd://DingtalkClient/sendMessage?content=x)", "link")):
            self.assertIn(doubt, markdown.doubts(text), text)
        self.assertEqual(markdown.doubts("x" * 3800), [])

    def test_links(self):
        self.assertEqual(markdown.links("![p](u) [a](b) text [c](d)"),
                         [{"title": "a", "url": "b"}, {"title": "c", "url": "d"}])
