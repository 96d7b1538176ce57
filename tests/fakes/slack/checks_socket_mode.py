"""Socket Mode: tickets, hello, turns, acks and redelivery, frames."""
import json
import socket

from case import OPS, Case, actions, button
from common.raw_client import BINARY, PING, TEXT, HandshakeRefused, http_call


class Connecting(Case):
    def test_hello_says_who_and_how_many(self):
        first = self.dial()
        hello = first.json()
        self.assertEqual(hello["num_connections"], 1)
        self.assertEqual(hello["connection_info"], {"app_id": "A0TOCSIN"})
        self.assertEqual(hello["debug_info"]["approximate_connection_time"], 18060)
        self.assertNotIn("envelope_id", hello)
        second = self.dial()
        self.assertEqual(second.json()["num_connections"], 2)
        first.close()
        third = self.dial()
        self.assertEqual(third.json()["num_connections"], 2)

    def test_hello_says_what_it_is_told_to(self):
        self.slack.settings(num_connections=7, approximate_connection_time=60)
        hello = self.dial().json()
        self.assertEqual((hello["num_connections"], hello["debug_info"]["approximate_connection_time"]), (7, 60))

    def test_a_ticket_serves_once(self):
        url = self.new_url()
        self.dial(url)
        with self.assertRaises(HandshakeRefused) as refused:
            self.dial(url)
        self.assertEqual(refused.exception.status, 403)

    def test_a_ticket_is_used_by_a_failed_attempt_too(self):
        url = self.new_url()
        self.slack.fault("handshake", "status", status=408)
        for status in (408, 403):
            with self.assertRaises(HandshakeRefused) as refused:
                self.dial(url)
            self.assertEqual(refused.exception.status, status)

    def test_a_ticket_grows_old(self):
        url = self.new_url()
        self.slack.advance(31)
        self.assertRaises(HandshakeRefused, self.dial, url)

    def test_an_unknown_ticket_and_another_path_lead_nowhere(self):
        base = self.slack.ready["sockets_url"]
        for path in ("/link/?ticket=mine", "/?ticket=mine", "/link/"):
            self.assertRaises(HandshakeRefused, self.dial, base + path)

    def test_what_is_no_handshake_is_refused(self):
        url = self.new_url().replace("ws://", "http://")
        self.assertEqual(http_call(url, "GET")[0], 400)

    def test_the_cap_shows_instead_of_hello(self):
        kept = [self.connect() for _ in range(10)]
        extra = self.dial()
        self.assertEqual(extra.json()["reason"], "too_many_websockets")
        self.assertEqual(extra.closing()[0], 1000)
        kept[0].close()
        self.connect()

    def test_ghosts_count_and_take_their_turn(self):
        self.slack.settings(ghosts=1)
        mine = self.dial()
        self.assertEqual(mine.json()["num_connections"], 2)
        for _ in range(2):
            self.slack.command("alice", "x")
        self.assertEqual(mine.json()["payload"]["command"], "/incident")
        where = sorted(row["sendings"][0]["socket"] for row in self.slack.get("envelopes"))
        self.assertEqual(where, ["S1", "ghost"])

    def test_sockets_are_recycled_with_a_warning(self):
        mine = self.connect()
        self.slack.settings(ping_seconds=100_000)
        self.slack.advance(18_050)
        self.assertEqual(mine.json(), {"type": "disconnect", "reason": "warning", "debug_info": {"host": "applink-s1"}})
        self.slack.command("alice", "still here")
        self.assertEqual(mine.json()["type"], "slash_commands")
        self.slack.advance(10)
        self.assertEqual(mine.closing()[0], 1000)

    def test_a_life_can_be_shortened_for_tests(self):
        mine = self.dial(self.new_url() + "&debug_reconnects=true")
        self.assertEqual(mine.json()["debug_info"]["approximate_connection_time"], 360)

    def test_without_socket_mode_sockets_are_closed_and_refused(self):
        mine = self.connect()
        self.slack.settings(socket_mode=False)
        self.assertEqual(mine.json()["reason"], "link_disabled")
        self.assertEqual(mine.closing()[0], 1000)
        self.assertEqual(self.dial().json()["reason"], "link_disabled")

    def test_what_a_client_offers_is_written_down_and_not_taken(self):
        mine = self.dial(headers=["Sec-WebSocket-Extensions: permessage-deflate", "User-Agent: me"])
        mine.json()
        row = self.slack.wait("sockets", ready=True)[0]
        self.assertEqual((row["extensions"], row["user_agent"]), ("permessage-deflate", "me"))

    def test_half_closed_and_reset_connections_are_noticed(self):
        self.connect().socket.shutdown(socket.SHUT_RDWR)
        row = self.slack.wait("sockets", state="closed")[0]
        self.assertEqual(row["close"], {"by": "client", "code": 1006, "reason": "connection lost", "clean": False})
        self.connect().close()
        row = self.slack.wait("sockets", id="S2", state="closed")[0]
        self.assertEqual(row["close"], {"by": "client", "code": 1000, "reason": "", "clean": True})


class Acks(Case):
    def test_envelopes_go_round(self):
        sockets = [self.connect() for _ in range(3)]
        for number in range(6):
            self.slack.command("alice", str(number))
        got = [{each.json()["payload"]["text"] for _ in range(2)} for each in sockets]
        self.assertEqual(set().union(*got), {"0", "1", "2", "3", "4", "5"})
        self.assertEqual([max(map(int, each)) - min(map(int, each)) for each in got], [3, 3, 3])

    def test_an_ack_in_time_ends_it(self):
        mine = self.connect()
        asked = self.slack.command("alice", "hi")
        envelope = mine.json()
        self.assertTrue(envelope["accepts_response_payload"])
        self.slack.advance(2.9)
        mine.ack(envelope)
        self.assertEqual(self.slack.acked(asked)["outcome"], "nothing")
        ack = self.slack.get("acks")[0]
        self.assertEqual((ack["state"], ack["socket"], ack["attempt"], ack["kind"]), ("ok", "S1", 0, "/incident"))
        self.assertGreater(ack["latency_ms"], 0)
        self.slack.advance(1000)
        self.assertEqual(len(self.slack.get("envelopes")[0]["sendings"]), 1)

    def test_an_event_comes_again_three_times(self):
        mine = self.connect()
        self.slack.say("alice", "hello", "ops")
        first, seen = mine.json(), []
        self.assertEqual((first["retry_attempt"], first["retry_reason"]), (0, ""))
        self.assertFalse(first["accepts_response_payload"])
        for seconds in (3, 63, 303):
            self.slack.advance(seconds)
            again = self.next_envelope(mine)
            seen.append((again["retry_attempt"], again["retry_reason"]))
            self.assertEqual(again["envelope_id"], first["envelope_id"])
            self.assertEqual(again["payload"]["event_id"], first["payload"]["event_id"])
        self.assertEqual(seen, [(1, "timeout"), (2, "timeout"), (3, "timeout")])
        self.slack.advance(4000)
        self.assertEqual(self.slack.get("envelopes")[0]["state"], "lost")

    def next_envelope(self, mine):
        while "envelope_id" not in (got := mine.json()):
            pass
        return got

    def test_a_redelivery_takes_whichever_socket_is_open(self):
        old = self.connect()
        self.slack.say("alice", "hello", "ops")
        envelope = old.json()
        new = self.connect()
        old.close()
        self.slack.advance(3)
        again = self.next_envelope(new)
        self.assertEqual(again["envelope_id"], envelope["envelope_id"])
        new.ack(again)
        self.assertEqual(self.slack.wait("acks", state="ok")[0]["socket"], "S2")

    def test_events_without_a_socket_are_only_redelivered(self):
        self.slack.say("alice", "anybody?", "ops")
        mine = self.connect()
        self.slack.advance(60)
        self.assertEqual(self.next_envelope(mine)["retry_attempt"], 2)

    def test_a_command_is_redelivered_without_saying_so(self):
        mine = self.connect()
        asked = self.slack.command("alice", "slow")
        first = mine.json()
        self.slack.advance(3)
        self.assertEqual(self.slack.answer(asked)["outcome"], "operation_timeout")
        again = self.next_envelope(mine)
        self.assertEqual(again, first)
        self.assertNotIn("retry_attempt", again)
        mine.ack(again, {"text": "late"})
        self.slack.wait("acks", state="ok")
        self.assertEqual(self.slack.get("ephemerals"), [])

    def test_a_button_is_not_redelivered(self):
        mine = self.connect()
        post = self.ok(self.api("chat.postMessage", channel=OPS, text="x", blocks=[actions(button(value="1"))]))
        mine.ack(mine.json())
        pressed = self.slack.press("alice", "go", channel=OPS, ts=post["ts"])
        self.assertEqual(mine.json()["payload"]["type"], "block_actions")
        self.slack.advance(3)
        self.assertEqual(self.slack.answer(pressed)["outcome"], "operation_timeout")
        self.assertEqual(self.slack.get("envelopes", type="interactive")[0]["state"], "lost")

    def test_without_a_socket_a_command_is_not_dispatched(self):
        asked = self.slack.command("alice", "hi")
        self.assertEqual((asked["state"], asked["outcome"]), ("failed", "dispatch_failed"))
        self.connect()
        self.slack.advance(1000)
        self.assertEqual(self.slack.get("envelopes")[0]["sendings"], [])

    def test_acks_that_do_not_count(self):
        first, second = self.connect(), self.connect()
        self.slack.command("alice", "hi")
        envelope, other = self.received(first, second)
        other.ack(envelope)
        self.slack.wait("acks", state="other_socket")
        other.ack({"envelope_id": "nobody's"})
        self.slack.wait("acks", state="unknown")
        (first if other is second else second).ack(envelope, {"text": "once"})
        self.slack.wait("acks", state="ok")
        (first if other is second else second).ack(envelope, {"text": "twice"})
        self.slack.wait("acks", state="duplicate")
        self.assertEqual([row["text"] for row in self.slack.get("ephemerals")], ["once"])

    def received(self, first, second):
        """The envelope, and the socket it did not come on."""
        where = self.slack.get("envelopes")[0]["sendings"][0]["socket"]
        return (first.json(), second) if where == "S1" else (second.json(), first)

    def test_an_ack_on_another_socket_counts_if_wanted(self):
        self.slack.settings(ack_on_any_socket=True)
        first, second = self.connect(), self.connect()
        self.slack.command("alice", "hi")
        envelope, other = self.received(first, second)
        other.ack(envelope)
        self.slack.wait("acks", state="ok")

    def test_an_ack_after_the_deadline_is_late(self):
        mine = self.connect()
        self.slack.settings(redelivery_seconds=[10, 60, 300])
        self.slack.say("alice", "hello", "ops")
        envelope = mine.json()
        self.slack.advance(3)
        mine.ack(envelope)
        self.slack.wait("acks", state="late")
        self.slack.advance(10)
        self.assertEqual(self.next_envelope(mine)["retry_attempt"], 1)

    def test_a_payload_nobody_asked_for_is_ignored(self):
        mine = self.connect()
        self.slack.say("alice", "hello", "ops")
        mine.ack(mine.json(), {"text": "hello yourself"})
        self.assertTrue(self.slack.wait("acks", state="ok")[0]["ignored_payload"])

    def test_an_empty_payload_is_none(self):
        mine = self.connect()
        asked = self.slack.command("alice", "hi")
        mine.ack(mine.json(), {})
        self.assertEqual(self.slack.acked(asked)["outcome"], "nothing")

    def test_what_is_no_ack_is_written_down(self):
        mine = self.connect()
        for text in ("hello", "[]", '{"type":"ping"}', "[" * 20_000):
            mine.send(text)
        self.slack.wait("bad_frames", 4, why="no ack")


class Frames(Case):
    def test_an_ack_of_20480_bytes_closes_the_socket(self):
        mine = self.connect()
        asked = self.slack.command("alice", "hi")
        envelope = mine.json()
        mine.send(self.padded(envelope, 20_480))
        self.assertEqual(mine.closing(), (1009, "Max frame length of 20480 has been exceeded"))
        self.slack.wait("bad_frames", why="too long")
        other = self.connect()
        self.slack.advance(3)
        self.assertEqual(self.slack.answer(asked)["outcome"], "operation_timeout")
        self.assertEqual(other.json(), envelope)

    def test_an_ack_of_one_byte_less_is_fine(self):
        mine = self.connect()
        asked = self.slack.command("alice", "hi")
        mine.send(self.padded(mine.json(), 20_479))
        self.assertEqual(self.slack.answer(asked)["outcome"], "message")
        self.assertEqual(self.slack.get("acks")[0]["bytes"], 20_479)

    @staticmethod
    def padded(envelope, size):
        text = json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": ""}})
        return text.replace('""', '"' + "x" * (size - len(text)) + '"')

    def test_fragments_are_refused(self):
        mine = self.connect()
        mine.send_frame(TEXT, b'{"envelope_id":', fin=False)
        self.assertEqual(mine.closing()[0], 1002)
        self.slack.wait("bad_frames", why="fragmented")

    def test_frames_without_a_mask_are_refused(self):
        mine = self.connect()
        mine.send_frame(TEXT, b"{}", masked=False)
        self.assertEqual(mine.closing()[0], 1002)
        self.assertIn("unmasked", self.slack.wait("bad_frames", why="protocol")[0]["reason"])

    def test_binary_frames_and_broken_text_are_refused(self):
        mine = self.connect()
        mine.send_frame(BINARY, b"{}")
        self.assertEqual(mine.closing()[0], 1003)
        mine = self.connect()
        mine.send_frame(TEXT, b"\xff\xfe")
        self.assertEqual(mine.closing()[0], 1007)

    def test_a_ping_is_answered_with_the_same_bytes(self):
        mine = self.connect()
        mine.send_frame(PING, b"are you there")
        self.assertEqual(mine.frame()[:2], ("pong", b"are you there"))

    def test_the_server_pings_at_its_pace(self):
        mine = self.connect()
        self.slack.advance(25)
        for _ in range(2):
            kind, payload, _ = mine.frame()
            self.assertEqual(kind, "ping")
            mine.send_frame(10, payload)
        self.assertEqual(len(self.slack.wait("sockets", contains="s1:1")[0]["pongs"]), 2)

    def test_a_client_that_never_answers_a_close_is_cut_off(self):
        mine = self.connect()
        self.slack.post("sockets", do="close", code=1001, reason="bye")
        self.assertEqual(mine.closing(), (1001, "bye"))
        self.assertEqual(self.slack.get("sockets")[0]["state"], "closing")
        self.slack.advance(5)
        self.assertTrue(mine.ended())
        self.assertEqual(self.slack.get("sockets")[0]["close"]["clean"], False)
