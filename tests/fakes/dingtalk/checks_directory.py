"""Tokens, people, departments, groups, media, rights and rates (dingtalk.md 3.3, 5.3, 5.4, 6)."""
import json
import urllib.parse

from by_hand import JSON
from case import ALICE, BOB, DAVE, Case
from common.raw_client import http_call

TOKEN = "/v1.0/oauth2/accessToken"
DENIED = "Forbidden.AccessDenied.AccessTokenPermissionDenied"


class Tokens(Case):
    def ask(self, **more):
        return self.api(TOKEN, {"appKey": self.ding.client_id, "appSecret": self.ding.client_secret, **more})

    def query(self):
        return self.api.get("/v1.0/robot/oToMessages/readStatus", robotCode=self.ding.robot_code, processQueryKey="x")

    def test_the_same_one_again_which_lives_longer(self):
        first = self.ok(self.ask())
        self.assertEqual((first["expireIn"], len(first["accessToken"])), (7200, 512))
        self.ding.advance(7000)
        self.assertEqual(self.ok(self.ask()), first)
        self.ding.advance(7000)
        self.assertEqual(self.ok(self.ask()), first)
        self.ding.advance(7200)
        self.assertNotEqual(self.ok(self.ask()), first)

    def test_each_api_has_its_own_and_the_old_one_opens_both(self):
        self.api.renew()
        self.old.renew()
        self.assertNotEqual(self.api.token, self.old.token)
        new, self.api.token = self.api.token, self.old.token
        self.refused("invalidParameter.processQueryKey.invalid", self.query())
        self.old.token = new
        self.refused(40014, self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.assertEqual([row["token"] for row in self.ding.get("calls")[2:]], ["old", None])

    def test_expired_and_unknown(self):
        self.ok(self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.api.renew()
        self.ding.post("tokens", kind="new")
        self.refused("InvalidAuthentication", self.query(), 401)
        self.ding.post("tokens", kind="old")
        self.refused(42001, self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.ding.post("tokens", kind="old", forget=True)
        self.refused(40014, self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.ding.settings(sub_codes=True)
        body = self.refused(88, self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.assertEqual(body["sub_code"], "40014")
        self.api.token = "x"
        self.refused("InvalidAuthentication", self.query(), 401)

    def test_a_wrong_secret(self):
        self.refused("invalidClientIdOrSecret", self.ask(appSecret="x"))
        self.refused("invalidParameter.appKey.empty", self.ask(appKey=""))
        self.assertEqual(self.old.get_token(secret="x")["errcode"], 40089)

    def test_frequent_calls_are_limited(self):
        self.ding.settings(token_calls_per_minute=2)
        self.assertEqual([self.ask()[0] for _ in range(3)], [200, 200, 403])
        self.assertEqual([self.old.get_token()["errcode"] for _ in range(3)], [0, 0, 88])
        self.ding.advance(61)
        self.ok(self.ask())


class People(Case):
    def test_by_mobile(self):
        found = self.ok(self.old("/topapi/v2/user/getbymobile", {"mobile": "13800000002"}))
        self.assertEqual(found["result"], {"userid": BOB, "exclusive_account_userid_list": []})
        for mobile, code in (("13900000000", 60121), ("13800000004", 60121), ("nine", 40104),
                             ("1380000", 40104), ("138-nine-000", 40104), ("", 400002)):
            self.refused(code, self.old("/topapi/v2/user/getbymobile", {"mobile": mobile}))

    def test_by_id_and_by_union_id(self):
        found = self.ok(self.old("/topapi/v2/user/get", {"userid": BOB}))["result"]
        self.assertEqual((found["name"], found["unionid"], found["union_id"], found["dept_id_list"], found["active"]),
                         ("鲍勃", "uBob0iEiE", "", [20, 30], True))
        self.refused(60121, self.old("/topapi/v2/user/get", {"userid": DAVE}))
        for union, type, id in (("uBob0iEiE", 0, BOB), ("uEve0iEiE", 1, "")):
            found = self.ok(self.old("/topapi/user/getbyunionid", {"unionid": union}))
            self.assertEqual(found["result"], {"contact_type": type, "userid": id})
        self.refused(60121, self.old("/topapi/user/getbyunionid", {"unionid": "x"}))

    def test_forms_do_as_well_as_json(self):
        body = urllib.parse.urlencode({"userid": BOB}).encode()
        _, _, text = self.old.raw("/topapi/v2/user/get", body, {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(json.loads(text)["result"]["userid"], BOB)

    def test_search(self):
        found = self.ok(self.api("/v1.0/contact/users/search", {"queryWord": "鲍", "offset": 0, "size": 20}))
        self.assertEqual(found["list"], [BOB])
        found = self.ok(self.api("/v1.0/contact/users/search", {"queryWord": "l", "offset": 0, "size": 1}))
        self.assertEqual((found["list"], found["hasMore"], found["totalCount"]), ([ALICE], True, 2))

    def test_departments(self):
        found = self.ok(self.old("/topapi/v2/department/listsub", {"dept_id": 1}))["result"]
        self.assertEqual([each["dept_id"] for each in found], [20, 30])
        self.assertEqual(self.ok(self.old("/topapi/user/listid", {"dept_id": 21}))["result"]["userid_list"], [ALICE])
        page = self.ok(self.old("/topapi/v2/user/list", {"dept_id": 30, "cursor": 0, "size": 1}))["result"]
        self.assertEqual((page["list"][0]["userid"], page["has_more"], page["next_cursor"]), (BOB, True, 1))
        page = self.ok(self.old("/topapi/v2/user/list", {"dept_id": 30, "cursor": 1, "size": 1}))["result"]
        self.assertFalse(page["has_more"])
        self.assertEqual(self.ok(self.old("/topapi/v2/department/get", {"dept_id": 21}))["result"]["parent_id"], 20)
        self.refused(60003, self.old("/topapi/user/listid", {"dept_id": 99}))
        self.refused(400002, self.old("/topapi/v2/user/list", {"dept_id": 30, "cursor": 0, "size": 101}))


class Groups(Case):
    def test_an_internal_group_has_no_robot(self):
        made = self.ok(self.api("/v1.0/im/group/create", {"name": "INC-1", "owner": ALICE, "useridlist": [BOB]}))
        id = made["openConversationId"]
        self.assertEqual(self.ding.get("groups", id=id)[0]["members"], ["alice", "bob"])
        self.refused("invalidParameter.openConversationId.invalid", self.to_group(group=id))
        self.ok(self.robot("groups/orgRobots/add", openConversationId=id))
        self.ok(self.to_group(group=id))
        found = self.ok(self.api(f"/v1.0/im/chat/{made['chatid']}/convertToOpenConversationId"))
        self.assertEqual(found["openConversationId"], id)
        info = self.ok(self.api("/v1.0/im/groups/baseInfos/query", {"openConversationId": id}))
        self.assertEqual((info["title"], info["memberCount"]), ("INC-1", 2))

    def test_names_and_members_that_do_not_fit(self):
        for name, ids, code in (("x" * 21, [BOB], "name.invalid"), ("", [BOB], "name.empty"),
                                ("x", ["nobody"], "useridlist.invalid"), ("x", [DAVE], "useridlist.invalid")):
            answer = self.api("/v1.0/im/group/create", {"name": name, "owner": ALICE, "useridlist": ids})
            self.refused("invalidParameter." + code, answer)
        self.ok(self.api("/v1.0/im/group/create", {"name": "警" * 20, "owner": ALICE, "useridlist": [BOB]}))
        self.ok(self.old("/chat/create", {"name": "x", "owner": ALICE, "useridlist": [BOB]}))
        self.refused("invalidParameter.chatId.invalid", self.api("/v1.0/im/chat/x/convertToOpenConversationId"))

    def scene(self, **more):
        return self.old("/topapi/im/chat/scenegroup/create", {
            "title": "INC-1", "template_id": "5ce9e000-incident-room", "owner_user_id": ALICE, **more})

    def test_a_scene_group_once_for_each_uuid(self):
        first = self.ok(self.scene(uuid="INC-1"))["result"]
        self.assertEqual(self.ok(self.scene(uuid="INC-1"))["result"], first)
        self.assertNotEqual(self.ok(self.scene())["result"], first)
        self.ok(self.old("/topapi/im/chat/scenegroup/member/add", {
            "open_conversation_id": first["open_conversation_id"], "user_ids": BOB}))
        row = self.ding.get("groups", id=first["open_conversation_id"])[0]
        self.assertEqual((row["members"], row["robots"]), (["alice", "bob"], ["dingscener0b0tcode"]))

    def test_what_a_scene_group_needs(self):
        self.refused(400002, self.scene(template_id="x"))
        self.refused(400002, self.scene(title=""))
        self.refused(60121, self.scene(user_ids="nobody"))
        self.refused(400002, self.scene(user_ids=",".join(f"u{n}" for n in range(1000))))
        self.ding.post("app", without="qyapi_chat_manage")
        self.assertEqual(self.refused(88, self.scene())["sub_code"], "60011")
        self.refused(DENIED, self.api("/v1.0/im/group/create", {"name": "x", "owner": ALICE, "useridlist": [BOB]}), 403)


class Media(Case):
    def test_upload(self):
        answer = self.ok(self.old.upload("image", "a.png", b"\x89PNG"))
        self.assertEqual(self.ding.file(answer["media_id"]), b"\x89PNG")
        self.refused(40004, self.old.upload("sticker", "a.png", b"x"))
        self.refused(40035, self.old.upload("image", "a.png", b""))
        self.ok(self.old.upload("voice", "a.amr", b"x" * 2_000_000))
        self.refused(40006, self.old.upload("voice", "a.amr", b"x" * 2_000_001))


class Fences(Case):
    def test_a_missing_right_and_a_rate_look_alike_but_for_the_code(self):
        self.ding.settings(limits=True, qps=2, key_case="camel")
        self.api.renew()
        self.ok(self.to_group())
        rate = self.refused("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", self.to_group(), 403)
        self.ding.advance(1)
        self.ding.post("app", without="qyapi_robot_sendmsg")
        right = self.refused(DENIED, self.to_group(), 403)
        self.assertEqual(right["accessDeniedDetail"], {"requiredScopes": ["qyapi_robot_sendmsg"]})
        self.assertTrue(rate["requestId"] and right["requestId"])
        self.ding.settings(throttle_status=429, key_case="lower", qps=1)
        self.assertIn("requestid", self.refused("QpsLimit", self.to_group(), 429))

    def test_keys_vary(self):
        found = [set(self.api("/v1.0/nowhere")[1]) for _ in range(2)]
        self.assertNotEqual(found[0], found[1])

    def test_too_many_calls_of_one_address(self):
        self.ding.settings(limits=True, qps=10_000, address_calls=5)
        self.api.renew()
        answers = [self.api("/v1.0/robot/plugins/query", {"robotCode": self.ding.robot_code}) for _ in range(6)]
        self.assertEqual(answers[-1], (200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}))
        self.assertEqual(self.old.get_token()["punish"], "deny")
        self.assertEqual([row["ok"] for row in self.ding.get("calls", code="banned")], [False] * 3)
        self.ding.advance(301)
        self.ok(self.api("/v1.0/robot/plugins/query", {"robotCode": self.ding.robot_code}))

    def test_rates_of_the_old_api(self):
        self.old.renew()
        self.ding.settings(limits=True, qps=1)
        self.ok(self.old("/topapi/v2/user/get", {"userid": ALICE}))
        self.assertEqual(self.refused(88, self.old("/topapi/v2/user/get", {"userid": ALICE}))["sub_code"], "90018")

    def test_what_is_not_there(self):
        self.refused("InvalidAction.NotFound", self.api("/v1.0/robot/plugins/query", verb="PUT"), 404)
        self.refused(404, self.old("/topapi/nothing"))
        status, _, text = http_call(self.ding.old_api_url + "/gettoken", "POST", b"{}", JSON)
        self.assertEqual((status, json.loads(text)["errcode"]), (200, 404))
