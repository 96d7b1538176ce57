"""The weather: each fault of the Web API, the handshake, the sockets and the envelopes."""
import base64
import http.client
import json
import threading

from case import OPS, Case, actions, button
from common.raw_client import PING, HandshakeRefused, http_call

GONE = (ConnectionError, http.client.HTTPException)


class OfCalls(Case):
    def call(self, channel=OPS):
        return self.api.answer("chat.postMessage", channel=channel, text="x")

    def raw(self):
        return http_call(self.slack.api_url + "chat.postMessage", body=b"channel=C0OPS&text=x", headers={
            "Authorization": "Bearer " + self.api.token, "Content-Type": "application/x-www-form-urlencoded"})

    def posted(self):
        return len(self.slack.get("messages"))

    def test_a_rate_limit_of_one_method(self):
        self.slack.fault("chat.postMessage", "status", status=429, retry_after=7)
        status, headers, body = self.call()
        self.assertEqual((status, headers["retry-after"], body["error"]), (429, "7", "ratelimited"))
        self.ok(self.call()[2])
        self.assertEqual(self.posted(), 1)
        self.assertEqual([row["fault"] for row in self.slack.get("calls")], ["status", None])

    def test_an_error_of_the_server(self):
        self.slack.fault("api", "status", status=503, times=2)
        self.assertEqual([self.raw()[0] for _ in range(3)], [503, 503, 200])

    def test_any_error_also_after_the_work(self):
        self.slack.fault("chat.postMessage", "error", error="internal_error", performed=True)
        self.refused("internal_error", self.call()[2])
        self.assertEqual(self.posted(), 1)
        self.slack.fault("chat.postMessage", "error", error="fatal_error")
        self.refused("fatal_error", self.call()[2])
        self.assertEqual(self.posted(), 1)

    def test_rules_match_and_let_pass(self):
        self.slack.fault("chat.postMessage", "error", error="fatal_error", match={"channel": OPS}, after=1, times=-1)
        self.ok(self.call("C0GENERAL")[2])
        self.ok(self.call()[2])
        self.refused("fatal_error", self.call()[2])
        self.refused("fatal_error", self.call()[2])
        self.slack.no_faults()
        self.ok(self.call()[2])

    def test_nonsense_for_answers(self):
        self.slack.fault("chat.postMessage", "broken_json")
        status, headers, body = self.raw()
        self.assertEqual((status, headers["content-type"]), (200, "application/json; charset=utf-8"))
        self.assertRaises(ValueError, json.loads, body)
        self.slack.fault("chat.postMessage", "html")
        status, headers, body = self.raw()
        self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertTrue(body.startswith(b"<!DOCTYPE html>"))
        self.slack.fault("chat.postMessage", "body", body="[]")
        self.assertEqual(self.raw()[2], b"[]")

    def test_an_answer_that_is_lost_after_the_work(self):
        self.slack.fault("chat.postMessage", "cut", performed=True)
        self.assertRaises(GONE, self.raw)
        self.assertEqual(self.posted(), 1)
        self.slack.fault("chat.postMessage", "cut", bytes=30, performed=True, reset=True)
        self.assertRaises(GONE, self.raw)
        self.assertEqual(self.posted(), 2)
        self.slack.fault("chat.postMessage", "cut")
        self.assertRaises(GONE, self.raw)
        self.assertEqual(self.posted(), 2)

    def test_slow_bytes(self):
        self.slack.fault("chat.postMessage", "pass", chunk_bytes=7, chunk_ms=0.1)
        status, _, body = self.raw()
        self.assertEqual((status, json.loads(body)["ok"]), (200, True))

    def test_an_answer_held_back(self):
        self.slack.fault("chat.postMessage", "hold", performed=True)
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(self.raw()[0]))
        waiting.start()
        self.slack.wait("messages")
        self.assertEqual(answers, [])
        self.slack.post("release")
        waiting.join(10)
        self.assertEqual(answers, [200])

    def test_kept_connections_end(self):
        kept = http.client.HTTPConnection("127.0.0.1", self.slack.ready["ports"]["api"], timeout=10)
        self.addCleanup(kept.close)
        for _ in range(2):
            kept.request("POST", "/api/auth.test", headers={"Authorization": "Bearer " + self.api.token})
            self.assertEqual(kept.getresponse().read()[:11], b'{"ok": true')
        self.assertEqual([row["requests"] for row in self.slack.get("connections")], [2])
        self.slack.post("connections", listener="api")
        self.assertEqual(kept.sock.recv(1), b"")

    def test_closed_ports(self):
        self.slack.post("listening", api=False)
        self.assertRaises(ConnectionRefusedError, self.raw)
        self.slack.post("listening", api=True)
        self.ok(self.call()[2])

    def test_hooks_and_uploads_have_the_same(self):
        mine = self.connect()
        self.slack.command("alice", "x")
        url = mine.json()["payload"]["response_url"]
        kind = {"Content-Type": "application/json"}
        self.slack.fault("hooks", "status", status=500)
        self.assertEqual(http_call(url, body=b'{"text":"x"}', headers=kind)[0], 500)
        self.slack.fault("hooks", "cut", performed=True)
        self.assertRaises(GONE, http_call, url, body=b'{"text":"x"}', headers=kind)
        self.assertEqual(len(self.slack.get("ephemerals")), 1)
        got = self.ok(self.api("files.getUploadURLExternal", filename="a", length=1))
        self.slack.fault("upload", "status", status=503)
        self.assertEqual([http_call(got["upload_url"], body=b"x")[0] for _ in range(2)], [503, 200])

    def test_a_misspelt_rule_is_refused(self):
        for rule in ({"at": "chat.postMesage", "do": "html"}, {"at": "api", "do": "explode"},
                     {"at": "pong", "do": "cut"}, {"at": "api", "do": "status", "stauts": 500},
                     {"at": "envelope", "do": "late", "status": 500}):
            self.impossible(400, self.slack.post, "fault", rule)
        for name, value in (("ack_secnods", 1), ("ack_seconds", "1"), ("short_pages", 1), ("ghosts", True)):
            self.impossible(400, self.slack.settings, **{name: value})


class OfSockets(Case):
    def test_handshakes_that_fail(self):
        for fault, status, start in (({"do": "status", "status": 408}, 408, b""), ({"do": "html"}, 200, b"<!DOCTYPE"),
                                     ({"do": "status", "status": 429, "retry_after": 1}, 429, b"{")):
            self.slack.fault("handshake", **fault)
            with self.assertRaises(HandshakeRefused) as refused:
                self.dial()
            self.assertEqual(refused.exception.status, status)
            self.assertTrue(refused.exception.body.startswith(start))
        self.slack.fault("handshake", "cut")
        self.assertRaises(ConnectionError, self.dial)
        self.connect()
        self.assertEqual([row["status"] for row in self.slack.get("refusals")][:3], [408, 200, 429])

    def test_no_hello(self):
        self.slack.fault("hello", "withhold")
        mine = self.dial()
        self.slack.wait("sockets", state="open")
        self.slack.command("alice", "x")
        self.assertFalse(self.slack.get("sockets")[0]["ready"])
        mine.send_frame(PING, b"?")
        self.assertEqual(mine.frame()[0], "pong")

    def test_hello_late_or_after_nonsense(self):
        self.slack.fault("hello", "hold")
        mine = self.dial()
        self.slack.wait("sockets", state="open")
        self.slack.post("release")
        self.assertEqual(mine.json()["type"], "hello")
        self.slack.fault("hello", "text", text="UNAUTHENTICATED: cache_error")
        mine = self.dial()
        self.assertEqual(mine.text(), "UNAUTHENTICATED: cache_error")
        self.assertEqual(mine.json()["type"], "hello")

    def test_a_disconnect_or_nothing_instead_of_hello(self):
        for reason in ("warning", "refresh_requested", "link_disabled", "too_many_websockets", "novelty"):
            self.slack.fault("hello", "disconnect", reason=reason)
            mine = self.dial()
            self.assertEqual(mine.json()["reason"], reason)
            mine.closing()
        self.slack.fault("hello", "cut")
        self.assertTrue(self.dial().ended())

    def test_disconnects_with_and_without_closing(self):
        mine = self.connect()
        self.slack.post("sockets", do="disconnect", reason="refresh_requested", close=False)
        self.assertEqual(mine.json()["reason"], "refresh_requested")
        self.slack.command("alice", "still")
        self.assertEqual(mine.json()["type"], "slash_commands")
        self.slack.post("sockets", do="disconnect", reason="warning")
        self.assertEqual(mine.json()["reason"], "warning")
        self.slack.settings(ping_seconds=1000)
        self.slack.advance(9)
        self.assertEqual(self.slack.get("sockets")[0]["state"], "open")
        self.slack.advance(1)
        self.assertEqual(mine.closing()[0], 1000)
        mine = self.connect()
        self.slack.post("sockets", socket="newest", do="disconnect", reason="refresh_requested")
        self.assertEqual(mine.json()["reason"], "refresh_requested")
        self.assertEqual(mine.closing()[0], 1000)

    def test_ends_without_a_closing_frame(self):
        for how in ({}, {"reset": True}):
            mine = self.connect()
            self.slack.post("sockets", do="cut", **how)
            self.assertTrue(mine.ended())
        self.impossible(404, self.slack.post, "sockets", do="cut", socket="S9")

    def test_a_half_open_socket_keeps_its_turn(self):
        first, second = self.connect(), self.connect()
        self.slack.post("sockets", socket="oldest", do="freeze")
        first.send_frame(PING, b"dead?")
        for _ in range(2):
            self.slack.command("alice", "x")
        self.assertEqual(second.json()["type"], "slash_commands")
        first.socket.close()
        row = self.slack.get("sockets", id="S1")[0]
        self.assertEqual((row["state"], row["pings_received"]), ("half_open", 0))
        self.assertEqual(self.dial().json()["num_connections"], 3)

    def test_a_frozen_socket_can_be_thawed(self):
        mine = self.connect()
        self.slack.post("sockets", do="freeze")
        mine.send_frame(PING, b"dead?")
        self.slack.post("sockets", do="thaw")
        self.assertEqual(mine.frame()[:2], ("pong", b"dead?"))

    def test_a_frozen_socket_can_end_by_itself(self):
        mine = self.connect()
        self.slack.post("sockets", do="freeze", cut_after=2)
        self.slack.advance(1.9)
        self.assertEqual(self.slack.get("sockets")[0]["state"], "half_open")
        self.slack.advance(0.1)
        self.assertTrue(mine.ended())
        self.assertEqual(self.slack.get("sockets")[0]["close"]["code"], 1006)

    def test_withheld_pongs_and_pings(self):
        mine = self.connect()
        self.slack.fault("pong", "withhold")
        self.slack.fault("ping", "withhold", times=-1)
        mine.send_frame(PING, b"1")
        self.slack.wait("sockets", pings_received=1)
        self.slack.advance(60)
        mine.send_frame(PING, b"2")
        self.assertEqual(mine.frame()[:2], ("pong", b"2"))

    def test_a_goodbye_without_an_echo(self):
        mine = self.connect()
        self.slack.fault("close", "withhold")
        mine.send_frame(8, b"\x03\xe8")
        row = self.slack.wait("sockets", contains='"code": 1000')[0]
        self.assertEqual((row["state"], row["close"]["clean"]), ("open", False))
        self.slack.advance(30)
        self.slack.command("alice", "x")
        mine.socket.close()
        self.slack.wait("sockets", state="closed")

    def test_frames_as_one_likes(self):
        mine = self.connect()
        self.slack.post("sockets", do="send", text="UNAUTHENTICATED: cache_error")
        self.slack.post("sockets", do="send", binary=base64.b64encode(b"\0\1").decode())
        self.slack.post("sockets", do="send", raw=base64.b64encode(b"\x89\x03abc").decode())
        self.slack.post("sockets", do="send", text="0123456789", fragment_bytes=4, ping=True)
        self.slack.post("sockets", do="ping", payload="x")
        self.assertEqual([mine.frame() for _ in range(9)], [
            ("text", b"UNAUTHENTICATED: cache_error", True), ("binary", b"\0\1", True), ("ping", b"abc", True),
            ("text", b"0123", False), ("ping", b"between two fragments", True), ("continuation", b"4567", False),
            ("ping", b"between two fragments", True), ("continuation", b"89", True), ("ping", b"x", True)])


class OfEnvelopes(Case):
    def setUp(self):
        super().setUp()
        self.mine = self.connect()

    def texts(self, count):
        return [self.mine.json()["payload"]["text"] for _ in range(count)]

    def test_lost(self):
        self.slack.fault("envelope", "lose")
        self.slack.say("alice", "x", "ops")
        self.slack.advance(3)
        self.assertEqual(self.mine.json()["retry_attempt"], 1)

    def test_late(self):
        self.slack.fault("envelope", "late", seconds=2.9, match={"kind": "/incident"})
        asked = self.slack.command("alice", "x")
        self.assertEqual(self.slack.get("envelopes")[0]["sendings"], [])
        self.slack.advance(2.9)
        envelope = self.mine.json()
        self.slack.advance(0.2)
        answer = self.api("views.open", trigger_id=envelope["payload"]["trigger_id"], view={
            "type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [{"type": "divider"}]})
        self.refused("expired_trigger_id", answer)
        self.mine.ack(envelope)
        self.slack.acked(asked)

    def test_held_until_released(self):
        self.slack.fault("envelope", "hold")
        self.slack.command("alice", "1")
        self.slack.command("alice", "2")
        self.assertEqual(self.texts(1), ["2"])
        self.slack.post("release")
        self.assertEqual(self.texts(1), ["1"])

    def test_in_another_order(self):
        self.slack.fault("envelope", "hold_back", behind=2)
        for number in range(4):
            self.slack.command("alice", str(number))
        self.assertEqual(self.texts(4), ["1", "2", "0", "3"])

    def test_repeated(self):
        self.slack.fault("envelope", "repeat", copies=3)
        self.slack.say("alice", "x", "ops")
        copies = [self.mine.json() for _ in range(3)]
        self.assertEqual((copies[1:], copies[0]["retry_attempt"]), ([copies[0]] * 2, 0))
        self.mine.ack(copies[0])
        self.slack.wait("acks", state="ok")
        self.slack.post("envelopes/repeat", envelope_id=copies[0]["envelope_id"])
        self.assertEqual(self.mine.json(), copies[0])

    def test_in_fragments(self):
        self.slack.fault("envelope", "fragment", bytes=100, ping=True)
        asked = self.slack.command("alice", "x" * 300)
        envelope = self.mine.json()
        self.assertEqual(envelope["payload"]["text"], "x" * 300)
        self.mine.ack(envelope)
        self.slack.acked(asked)

    def test_enormous(self):
        self.slack.fault("envelope", "pad", bytes=10_000_000)
        self.slack.command("alice", "x")
        text = self.mine.text()
        self.assertGreater(len(text), 10_000_000)
        self.assertEqual(json.loads(text)["payload"]["text"], "x")

    def test_nested_deeply(self):
        self.slack.fault("envelope", "nest", depth=50_000)
        self.slack.command("alice", "x")
        self.assertIn("[" * 50_000 + "]" * 50_000, self.mine.text())

    def test_unreadable_and_unknown_ones_want_an_ack_too(self):
        self.slack.fault("envelope", "truncate")
        asked = self.slack.command("alice", "x")
        text = self.mine.text()
        self.assertRaises(ValueError, json.loads, text)
        self.mine.send(json.dumps({"envelope_id": text.split('"')[3]}))
        self.slack.acked(asked)
        for kind, payload in (("novelty", {"x": 1}), ("events_api", 5), ("interactive", {"type": "novelty"})):
            self.slack.post("envelopes", type=kind, payload=payload)
            self.mine.ack(envelope := self.mine.json())
            self.assertEqual((envelope["type"], envelope["payload"]), (kind, payload))
        self.slack.wait("acks", 4, state="ok")

    def test_what_matches_by_kind(self):
        ts = self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=[actions(button())]))["ts"]
        self.mine.json()
        self.slack.fault("envelope", "lose", match={"kind": "block_actions"})
        self.slack.command("alice", "1")
        self.slack.press("alice", "go", channel=OPS, ts=ts)
        self.slack.command("alice", "2")
        self.assertEqual(self.texts(2), ["1", "2"])
