"""What is pushed: to which connection, how it is acknowledged, and when it comes again."""
import json

from by_hand import EVENT, ROBOT
from case import MESSAGES, OPS, Case


class Choosing(Case):
    def test_one_of_many_at_random(self):
        sockets = [self.connect() for _ in range(3)]
        for number in range(12):
            self.ding.say("alice", str(number))
        got = [row["sendings"][0]["connection"] for row in self.ding.get("pushes")]
        self.assertEqual(set(got), {"S1", "S2", "S3"})
        self.assertNotEqual(got, [f"S{1 + number % 3}" for number in range(12)])
        for number, socket in enumerate(sockets):
            for _ in range(got.count(f"S{number + 1}")):
                self.heard(socket)
        self.ding.wait("acks", 12, state="ok")

    def test_a_choice_of_ones_own(self):
        first, second = self.connect(), self.connect()
        for choice, socket in (("newest", second), ("oldest", first)):
            self.ding.settings(choice=choice)
            self.ding.say("alice", choice)
            self.assertEqual(self.heard(socket)["inner"]["text"]["content"], choice)
        self.ding.settings(choice="turn")
        for _ in range(4):
            self.ding.say("alice", "x")
        turns = [row["sendings"][0]["connection"] for row in self.ding.get("pushes")][2:]
        self.assertEqual(sorted(turns), ["S1", "S1", "S2", "S2"])

    def test_a_forgotten_laptop_takes_its_share(self):
        mine = self.connect()
        self.ding.settings(ghosts=1, choice="turn")
        asked = [self.ding.say("alice", str(number)) for number in range(2)]
        self.heard(mine)
        self.assertEqual(sorted(each["sendings"][0]["connection"] for each in asked), ["S1", "ghost"])
        self.ding.settings(ghosts=0)
        self.ding.advance(16)
        self.heard(mine)
        self.ding.wait("acks", 2, state="ok")
        self.ding.settings(ghosts=1, ack_seconds=0.05)
        found = self.ding.load(2, 1000)
        self.assertEqual((found["sent"], found["ghost"], found["missing"]), (1, 1, 1))

    def test_only_who_asked_for_the_topic(self):
        self.connect(subscriptions=[EVENT])
        mine = self.connect(subscriptions=[ROBOT])
        for _ in range(3):
            self.ding.say("alice", "x")
            self.heard(mine)
        self.ding.event("chat_update_title")
        self.assertEqual(self.ding.get("pushes", kind="event")[0]["sendings"][0]["connection"], "S1")

    def test_a_half_open_one_keeps_its_share(self):
        self.connect()
        self.ding.post("sockets", do="freeze")
        asked = self.ding.say("alice", "hello")
        self.assertEqual(asked["sendings"][0]["connection"], "S1")
        self.assertEqual(self.ding.get("sockets")[0]["state"], "half_open")
        self.ding.post("sockets", do="cut")
        mine = self.connect()
        self.ding.advance(16)
        self.assertEqual(self.heard(mine)["inner"]["text"]["content"], "hello")


class Acks(Case):
    def test_the_shape_of_a_frame(self):
        mine = self.connect()
        self.ding.say("alice", "hello")
        frame = mine.frame_of()
        self.assertEqual((frame["specVersion"], frame["type"]), ("1.0", "CALLBACK"))
        self.assertEqual(set(frame["headers"]), {"topic", "messageId", "contentType", "time", "appId", "connectionId"})
        self.assertTrue(all(isinstance(each, str) for each in frame["headers"].values()))
        self.assertIsInstance(frame["data"], str)
        self.assertEqual([row["id"] for row in self.ding.get("pushes")], ["P1"])
        self.ding.settings(time_as_number=True)
        self.ding.say("alice", "hello")
        self.assertIsInstance(mine.frame_of()["headers"]["time"], int)

    def test_an_ack_in_time(self):
        mine = self.connect()
        asked = self.ding.say("alice", "hello")
        mine.ack(mine.frame_of())
        self.assertIsNotNone(self.ding.acked(asked)["latency_ms"])
        self.ding.advance(1000)
        self.assertEqual(len(self.ding.get("pushes")[0]["sendings"]), 1)

    def test_what_is_no_right_ack_does_not_count(self):
        mine = self.connect()
        self.ding.say("alice", "hello")
        frame = mine.frame_of()
        good = {"code": 200, "message": "OK", "data": "{\"response\":null}",
                "headers": {"messageId": frame["headers"]["messageId"], "contentType": "application/json"}}
        for wrong, problem in (({"code": "200"}, "code"), ({"code": 204}, "code"), ({"code": True}, "code"),
                               ({"message": None}, "message"), ({"data": {"response": None}}, "data is no string"),
                               ({"data": "ok"}, "data is no JSON object"),
                               ({"headers": {"messageId": good["headers"]["messageId"]}}, "contentType")):
            mine.send(json.dumps({**good, **wrong}))
            self.assertEqual(self.ding.wait("acks", state="malformed", contains=problem)[-1]["problems"], [problem])
        self.assertEqual(self.ding.get("pushes")[0]["state"], "sent")
        mine.send(json.dumps({**good, "extra": 1}))
        row = self.ding.wait("acks", state="ok")[0]
        self.assertEqual(row["unexpected"], ["extra"])

    def test_what_is_no_ack_at_all(self):
        mine = self.connect()
        for text in ("hello", "[]", "{}", '{"headers":[]}', "[" * 20_000):
            mine.send(text)
        self.ding.wait("bad_frames", 5, why="no ack")

    def test_an_unknown_id(self):
        mine = self.connect()
        mine.ack({"headers": {"messageId": "nobody's"}})
        self.ding.wait("acks", state="unknown")

    def test_twice_and_on_another_connection(self):
        first, second = self.connect(), self.connect()
        self.ding.settings(choice="oldest")
        self.ding.say("alice", "hello")
        frame = first.frame_of()
        second.ack(frame)
        self.ding.wait("acks", state="other_connection")
        first.ack(frame)
        self.ding.wait("acks", state="ok")
        first.ack(frame)
        self.ding.wait("acks", state="duplicate")
        self.ding.settings(ack_on_any_connection=True)
        self.ding.say("alice", "hello")
        second.ack(first.frame_of())
        self.ding.wait("acks", 2, state="ok")

    def test_other_codes_are_for_diagnosis_only(self):
        mine = self.connect()
        for code in (400, 404, 500):
            asked = self.ding.say("alice", "hello")
            mine.ack(mine.frame_of(), code=code)
            self.ding.acked(asked)
        asked = self.ding.say("alice", "hello")
        mine.ack(mine.frame_of(), {"answer": 1})
        self.ding.acked(asked)
        self.assertEqual(self.ding.get("acks")[-1]["doubts"], ["no response"])


class Again(Case):
    def test_a_message_not_acknowledged_comes_again_with_a_new_id(self):
        mine = self.connect()
        asked = self.ding.say("alice", "hello")
        first = mine.frame_of(MESSAGES)
        self.ding.advance(16)
        second = mine.frame_of(MESSAGES)
        self.assertNotEqual(first["headers"]["messageId"], second["headers"]["messageId"])
        self.assertEqual(first["inner"], second["inner"])
        mine.ack(first)
        self.ding.wait("acks", state="late")
        self.ding.advance(60)
        mine.ack(mine.frame_of(MESSAGES))
        self.ding.acked(asked)

    def test_in_the_end_it_is_lost(self):
        self.connect()
        asked = self.ding.say("alice", "hello")
        self.ding.advance(16 + 60 + 16)
        row = self.ding.wait("interactions", id=asked["id"], state="failed")[0]
        self.assertEqual((row["outcome"], len(row["sendings"])), ("timeout", 3))

    def test_or_as_the_document_says_at_once(self):
        self.ding.settings(message_again_seconds=[])
        asked = self.ding.say("alice", "hello")
        self.assertEqual((asked["state"], asked["outcome"]), ("failed", "no_connection"))

    def test_who_was_away_may_still_hear_of_it(self):
        self.ding.say("alice", "hello")
        mine = self.connect()
        self.ding.advance(16)
        self.heard(mine)

    def test_an_event_is_said_until_it_is_taken(self):
        mine = self.connect()
        self.ding.event("chat_update_title", {"title": "x"})
        frame = mine.frame_of("EVENT")
        self.assertEqual((frame["headers"]["topic"], frame["headers"]["eventType"], frame["inner"]),
                         ("*", "chat_update_title", {"title": "x"}))
        ids = {frame["headers"]["eventId"]}
        for data, code, seconds in (({"status": "LATER"}, 200, 10), ({"status": "LATER"}, 500, 60), ({}, 500, 300)):
            mine.ack(frame, data, code)
            self.ding.wait("acks", self.ding.get("pushes")[0]["attempt"] + 1, later=True)
            self.ding.settings(ping_seconds=10_000.0)
            self.ding.advance(seconds)
            frame = mine.frame_of("EVENT")
            ids.add(frame["headers"]["eventId"])
        mine.ack(frame, {"status": "SUCCESS", "message": "ok"})
        self.ding.wait("pushes", kind="event", state="acked")
        self.assertEqual(len(ids), 1)

    def test_what_other_sdks_answer_to_an_event(self):
        mine = self.connect()
        for data, code, doubts, taken in (({"echo": 1}, 200, ["no status"], True),
                                          ({"status": "SUCCESS"}, 500, ["code and status differ"], False)):
            self.ding.event("x")
            mine.ack(mine.frame_of("EVENT"), data, code)
            row = self.ding.wait("acks", contains=doubts[0])[0]
            self.assertEqual((row["doubts"], row.get("later", False)), (doubts, not taken))
        self.ding.settings(event_topic=None)
        self.ding.event("org_dept_create")
        self.assertEqual(mine.frame_of("EVENT")["headers"]["topic"], "org_dept_create")

    def test_again_though_it_was_acknowledged(self):
        mine = self.connect()
        self.ding.say("alice", "hello")
        first = self.heard(mine)
        self.ding.wait("acks", state="ok")
        push = self.ding.get("pushes")[0]["id"]
        self.ding.post("pushes/repeat", id=push)
        again = mine.frame_of(MESSAGES)
        self.assertNotEqual(again["headers"]["messageId"], first["headers"]["messageId"])
        self.assertEqual(again["inner"]["msgId"], first["inner"]["msgId"])
        mine.ack(again)
        self.ding.wait("acks", state="duplicate")
        self.ding.post("pushes/repeat", id=push, same_id=True)
        self.assertEqual(mine.frame_of(MESSAGES)["headers"]["messageId"], first["headers"]["messageId"])

    def test_any_topic_and_any_nonsense(self):
        topic = "/v1.0/graph/api/invoke"
        mine = self.connect(subscriptions=[ROBOT, {"type": "CALLBACK", "topic": topic}])
        self.ding.post("pushes", topic=topic, data={"requestLine": {"method": "GET", "uri": "/x"}})
        self.assertEqual(mine.frame_of(topic)["inner"]["requestLine"]["uri"], "/x")
        self.ding.post("pushes", topic=MESSAGES, data="[not json")
        self.assertEqual(mine.json()["data"], "[not json")
        self.impossible(400, self.ding.post, "messages", user="alice", group=OPS, text=1)
