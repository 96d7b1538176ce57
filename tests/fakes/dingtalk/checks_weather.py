"""The weather of connections: each fault of the handshake, of sockets and of frames."""
import base64
import json

from by_hand import address
from case import MESSAGES, Case
from common.raw_client import PING, HandshakeRefused


class OfSockets(Case):
    def test_handshakes_that_fail(self):
        for fault, status in (({"do": "status", "status": 503}, 503), ({"do": "html"}, 200),
                              ({"do": "status", "status": 429, "retry_after": 1}, 429)):
            self.ding.fault("handshake", **fault)
            with self.assertRaises(HandshakeRefused) as refused:
                self.dial()
            self.assertEqual(refused.exception.status, status)
        self.ding.fault("handshake", "cut")
        self.assertRaises(ConnectionError, self.dial)
        self.connect()
        self.assertEqual([row["status"] for row in self.ding.get("refusals")][:3], [503, 200, 429])

    def test_a_welcome_that_is_none(self):
        self.ding.settings(announcements=["CONNECTED"])
        self.ding.fault("welcome", "text", text="not json")
        mine = self.dial()
        self.assertEqual(mine.text(), "not json")
        self.assertEqual(mine.frame_of()["headers"]["topic"], "CONNECTED")
        self.ding.fault("welcome", "withhold")
        mine = self.connect()
        self.ding.post("sockets", socket="newest", do="system_ping")
        self.assertEqual(mine.frame_of()["headers"]["topic"], "ping")
        self.ding.fault("welcome", "disconnect", reason="connection is expired")
        mine = self.dial()
        mine.frame_of("CONNECTED")
        self.assertEqual(mine.frame_of()["inner"]["reason"], "connection is expired")
        self.ding.fault("welcome", "cut")
        self.assertTrue(self.dial().ended())
        self.ding.fault("welcome", "freeze")
        self.dial()
        self.ding.wait("sockets", state="half_open")

    def test_ends_of_all_kinds(self):
        for how, code in (({"do": "cut"}, 1006), ({"do": "cut", "reset": True}, 1006)):
            mine = self.connect()
            self.ding.post("sockets", **how)
            self.assertTrue(mine.ended())
            self.assertEqual(self.ding.get("sockets")[-1]["close"]["code"], code)
        for code in (1000, 1001, 1011, 1012):
            mine = self.connect()
            self.ding.post("sockets", do="close", code=code, reason="bye")
            self.assertEqual(mine.closing(), (code, "bye"))
            self.ding.advance(5)
            self.assertTrue(mine.ended())
        self.impossible(404, self.ding.post, "sockets", do="cut", socket="S99")

    def test_a_disconnect_that_nobody_announces(self):
        mine = self.connect()
        self.ding.fault("disconnect", "withhold")
        self.ding.post("sockets", do="disconnect")
        self.assertEqual(self.ding.say("alice", "x")["sendings"], [])
        self.ding.advance(10)
        self.assertTrue(mine.ended())
        mine = self.connect()
        self.ding.post("sockets", do="disconnect", after=0)
        self.ding.advance(0)
        mine.frame_of("disconnect")
        self.assertTrue(mine.ended())

    def test_half_open_and_back(self):
        mine = self.connect()
        self.ding.post("sockets", do="freeze", cut_after=5)
        mine.send_frame(PING, b"dead?")
        self.ding.say("alice", "x")
        self.ding.post("sockets", do="thaw")
        self.assertEqual(mine.frame()[:2], ("pong", b"dead?"))
        self.ding.advance(5)
        self.assertTrue(mine.ended())

    def test_alive_but_silent(self):
        """Pongs come, frames don't: a pong does not prove delivery (dingtalk.md 1.7)."""
        mine = self.connect()
        self.ding.fault("ping", "withhold", times=-1)
        self.ding.fault("frame", "lose", times=-1)
        self.ding.settings(keepalive_seconds=0.0)
        self.ding.say("alice", "x")
        self.ding.advance(1000)
        mine.send_frame(PING, b"?")
        while (frame := mine.frame())[0] != "pong":
            self.assertIn(b"KEEPALIVE", frame[1])  # of before the setting
        self.assertEqual(self.ding.get("sockets")[0]["state"], "open")

    def test_withheld_pongs(self):
        mine = self.connect()
        self.ding.fault("pong", "withhold")
        mine.send_frame(PING, b"1")
        self.ding.wait("sockets", pings_received=1)
        mine.send_frame(PING, b"2")
        self.assertEqual(mine.frame()[:2], ("pong", b"2"))

    def test_a_goodbye_without_an_echo(self):
        mine = self.connect()
        self.ding.fault("close", "withhold")
        mine.send_frame(8, b"\x03\xe8")
        self.ding.wait("sockets", contains='"code": 1000')
        mine.socket.close()
        self.ding.wait("sockets", state="closed")

    def test_pings_in_odd_forms(self):
        mine = self.connect()
        self.ding.fault("ping", "no_spec")
        self.ding.post("sockets", do="system_ping")
        frame = mine.frame_of()
        self.assertNotIn("specVersion", frame)
        mine.ack(frame, frame["inner"])
        self.ding.wait("acks", kind="ping", state="ok")
        self.ding.fault("ping", "wrong_id")
        self.ding.post("sockets", do="system_ping")
        self.assertNotIn("messageId", mine.frame_of()["headers"])

    def test_frames_as_one_likes(self):
        mine = self.connect()
        self.ding.post("sockets", do="send", text="not json")
        self.ding.post("sockets", do="send", binary=base64.b64encode(b"\0\1").decode())
        self.ding.post("sockets", do="send", raw=base64.b64encode(b"\x89\x03abc").decode())
        self.ding.post("sockets", do="send", text="0123456789", fragment_bytes=4, ping=True)
        self.ding.post("sockets", do="send", text="0123456789", fragment_bytes=5)
        self.ding.post("sockets", do="ping", payload="x")
        self.ding.post("sockets", do="system", topic="NOVELTY", data={"a": 1})
        self.assertEqual([mine.frame() for _ in range(11)], [
            ("text", b"not json", True), ("binary", b"\0\1", True), ("ping", b"abc", True), ("text", b"0123", False),
            ("ping", b"between two fragments", True), ("continuation", b"4567", False),
            ("ping", b"between two fragments", True), ("continuation", b"89", True),
            ("text", b"01234", False), ("continuation", b"56789", True), ("ping", b"x", True)])
        frame = mine.frame_of()
        self.assertEqual((frame["headers"]["topic"], frame["specVersion"], frame["inner"]),
                         ("NOVELTY", "1.0", {"a": 1}))
        self.impossible(400, self.ding.post, "sockets", do="dance")

    def test_what_the_app_may_not_send(self):
        for opcode, payload, code in ((2, b"{}", 1003), (1, b"\xff", 1007)):
            mine = self.connect()
            mine.send_frame(opcode, payload)
            self.assertEqual(mine.closing()[0], code)
        self.ding.settings(frame_limit_bytes=1000)
        mine = self.connect()
        mine.send("x" * 1000)
        self.assertEqual(mine.closing()[0], 1009)
        self.assertEqual([row["why"] for row in self.ding.get("bad_frames")], ["binary", "protocol", "too long"])

    def test_expired_tickets(self):
        url = address(self.opened())
        self.ding.post("tickets")
        self.assertRaises(HandshakeRefused, self.dial, url)


class OfFrames(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def texts(self, count):
        return [self.mine.frame_of(MESSAGES)["inner"]["text"]["content"] for _ in range(count)]

    def test_lost(self):
        self.ding.fault("frame", "lose")
        asked = self.ding.say("alice", "x")
        self.ding.advance(16)
        self.heard(self.mine)
        self.assertEqual([each["connection"] for each in self.ding.acked(asked)["sendings"]], ["lost", "S1"])

    def test_late(self):
        self.ding.fault("frame", "late", seconds=2.5, match={"kind": "message"})
        self.assertEqual(self.ding.say("alice", "x")["sendings"], [])
        self.ding.advance(2.5)
        self.heard(self.mine)

    def test_held_and_in_another_order(self):
        self.ding.fault("frame", "hold")
        self.ding.say("alice", "held")
        self.ding.fault("frame", "hold_back", behind=2)
        for number in range(4):
            self.ding.say("alice", str(number))
        self.assertEqual(self.texts(4), ["1", "2", "0", "3"])
        self.ding.post("release")
        self.assertEqual(self.texts(1), ["held"])

    def test_repeated(self):
        for more, count in (({}, 3), ({"same_id": True}, 1)):
            self.ding.fault("frame", "repeat", copies=3, **more)
            self.ding.say("alice", "x")
            copies = [self.mine.frame_of(MESSAGES) for _ in range(3)]
            self.assertEqual(len({each["headers"]["messageId"] for each in copies}), count)
            self.assertEqual(len({each["inner"]["msgId"] for each in copies}), 1)
            for each in copies:
                self.mine.ack(each)
        self.ding.wait("acks", 4, state="duplicate")
        self.assertEqual(len(self.ding.get("acks", state="ok")), 2)

    def test_in_fragments(self):
        self.ding.fault("frame", "fragment", bytes=500)
        self.ding.say("alice", "x")
        frames = [self.mine.frame()]
        while not frames[-1][2]:
            frames.append(self.mine.frame())
        self.assertEqual({kind for kind, _, _ in frames}, {"text", "continuation"})
        self.ding.fault("frame", "fragment", bytes=100, ping=True)
        asked = self.ding.say("alice", "x" * 300)
        self.assertEqual(self.heard(self.mine)["inner"]["text"]["content"], "x" * 300)
        self.ding.acked(asked)

    def test_byte_by_byte(self):
        self.ding.fault("frame", "slow", bytes=8, ms=0.2)
        for text in ("slow", "behind it"):
            self.ding.say("alice", text)
        self.mine.send_frame(PING, b"between")
        self.assertEqual(self.texts(2), ["slow", "behind it"])
        self.assertEqual(self.mine.frame()[:2], ("pong", b"between"))

    def test_enormous_and_deep(self):
        self.ding.fault("frame", "pad", bytes=900_000)
        self.ding.say("alice", "x")
        self.assertEqual(len(self.heard(self.mine)["inner"]["padding"]), 900_000)
        self.ding.fault("frame", "nest", depth=500)
        self.ding.say("alice", "x")
        self.assertEqual(json.dumps(self.heard(self.mine)["inner"]["nested"]).count("["), 500)

    def test_broken(self):
        self.ding.fault("frame", "truncate")
        asked = self.ding.say("alice", "x")
        self.assertRaises(ValueError, json.loads, self.mine.text())
        self.ding.fault("frame", "binary")
        self.ding.say("alice", "x")
        self.assertEqual(self.mine.frame()[0], "binary")
        self.ding.advance(16)
        self.heard(self.mine)
        self.heard(self.mine)
        self.ding.acked(asked)

    def test_the_connection_goes_behind_it(self):
        self.ding.fault("frame", "cut_after")
        asked = self.ding.say("alice", "x")
        self.mine.frame_of(MESSAGES)
        self.assertTrue(self.mine.ended())
        self.mine = self.connect()
        self.ding.advance(16)
        self.heard(self.mine)
        self.ding.acked(asked)
