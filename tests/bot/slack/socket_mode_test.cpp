#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "tests/bot/slack/line.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using namespace tocsin::test;
using namespace std::chrono_literals;

TEST_CASE("slack: two connections from the beginning, well with the first hello and not with the handshake") {
  Line line;
  line.look();
  line.take(line.mode.address_came(1, "wss://x.test/1", line.now));
  CHECK(line.dialled == std::vector<ConnectionId>{1});
  line.take(line.mode.opened(1, line.now));
  CHECK(line.health.back().state == Health::State::starting);
  line.say(1, R"({"type":"hello"})");
  CHECK(line.health.back().state == Health::State::well);
}

TEST_CASE("slack: asked to leave, a connection serves until another is there, and a moment longer") {
  auto line = begun();
  line.leave(1, "refresh_requested");
  CHECK(line.asked.back() == 3);
  CHECK(line.mode.ready() == 2);
  line.say(1, kEnvelope);
  CHECK(line.delivered == std::vector<std::string>{"e1"});
  line.take(line.mode.acknowledge(1, "ack", line.now));
  line.wait(14s);
  CHECK(line.closed.empty());  // no replacement yet: nothing is given up
  for (ConnectionId const id : {1U, 2U}) line.mode.heard(id, line.now);
  line.open(line.asked.back());
  line.wait(4'999ms);
  CHECK(line.closed.empty());
  line.wait(1ms);
  CHECK(line.closed == std::vector<std::pair<ConnectionId, bool>>{{1, true}});
  CHECK(line.mode.ready() == 2);
}

TEST_CASE("slack: a warning and the request that follows it are one replacement") {
  auto line = begun();
  line.leave(1, "warning");
  line.leave(1, "refresh_requested");
  line.leave(1, "what_is_this");
  CHECK(line.asked.size() == 3);
}

TEST_CASE("slack: a connection that is cut is dialled again at once, the second failure waits") {
  auto line = begun();
  line.say(1, kEnvelope);
  line.end(1);
  CHECK(line.asked.back() == 3);
  line.take(line.mode.ended(3, "refused", line.now));
  CHECK(line.asked.back() == 4);
  line.take(line.mode.ended(4, "refused", line.now));
  CHECK(line.asked.back() == 4);
  line.wait(749ms);
  CHECK(line.asked.back() == 4);
  line.wait(1ms);
  CHECK(line.asked.back() == 5);
}

TEST_CASE("slack: the waits grow up to a minute and never more, and a useful life ends them") {
  SocketLimits limits;
  limits.opens_per_minute = 1'000;
  limits.sockets = 1;
  Line line(limits);
  line.look();
  Millis longest{};
  for (int i = 0; i < 40; ++i) {
    line.end(line.asked.back());
    auto const before = line.now;
    auto const asked = line.asked.size();
    while (line.asked.size() == asked) {
      REQUIRE(line.mode.next().has_value());
      line.now = std::max(line.now + 1ms, *line.mode.next());
      line.look();
    }
    longest = std::max(longest, line.now - before);
  }
  CHECK(longest >= 30s);
  CHECK(longest <= 60s);
  line.open(line.asked.back());
  line.say(line.asked.back(), kEnvelope);
  auto const asked = line.asked.size();
  line.end(line.asked.back());
  CHECK(line.asked.size() == asked + 1);
}

TEST_CASE("slack: no more addresses are asked for in a minute than the budget has, whatever goes wrong") {
  SocketLimits limits;
  Line line(limits);
  std::vector<Moment> at;
  line.look();
  while (line.now < 30min) {
    while (at.size() < line.asked.size()) {
      at.push_back(line.now);
      line.open(line.asked[at.size() - 1]);
      line.say(line.asked[at.size() - 1], kEnvelope);
      line.end(line.asked[at.size() - 1]);  // useful each time: no backoff holds it
    }
    line.now = std::max(line.now + 1ms, line.mode.next().value_or(line.now + 1s));
    line.look();
  }
  REQUIRE(at.size() > limits.opens_per_minute);
  for (std::size_t i = limits.opens_per_minute; i < at.size(); ++i)
    CHECK(at[i] - at[i - limits.opens_per_minute] >= 1min);
}

TEST_CASE("slack: too often is waited out as long as Slack says") {
  Line line;
  line.look();
  line.refuse(1, {Refusal::Kind::too_often, "ratelimited", 17s});
  line.wait(16'999ms);
  CHECK(line.asked.size() == 2);
  line.mode.heard(2, line.now);
  line.wait(1ms);
  CHECK(line.asked.size() == 4);  // the other one got no answer within its time
}

TEST_CASE("slack: a revoked token and a disabled Socket Mode are told, last, and make no loop") {
  for (bool const revoked : {true, false}) {
    CAPTURE(revoked);
    SocketLimits limits;
    limits.sockets = 1;
    Line line(limits);
    line.look();
    if (revoked) {
      line.refuse(1, {Refusal::Kind::lasting, "token_revoked", std::nullopt});
    } else {
      line.open(1);
      line.leave(1, "link_disabled");
    }
    CHECK(line.health.back().state == Health::State::refused);
    CHECK(line.health.back().error == (revoked ? "token_revoked" : "link_disabled"));
    for (int i = 0; i < 299; ++i) line.wait(1s);
    CHECK(line.asked.size() == 1);
    line.wait(1s);
    CHECK(line.asked.size() == 2);
    CHECK(line.health.back().state == Health::State::refused);
    line.open(2);
    CHECK(line.health.back().state == Health::State::well);
  }
}

TEST_CASE("slack: too many sockets may come in place of hello; it is nothing to die of and nothing to hurry for") {
  auto line = begun();
  line.end(1);
  line.take(line.mode.address_came(3, "wss://x.test/3", line.now));
  line.take(line.mode.opened(3, line.now));
  line.leave(3, "too_many_websockets");
  CHECK(line.closed.back() == std::pair<ConnectionId, bool>{3, true});
  CHECK(line.mode.health().state == Health::State::well);
  auto const asked = line.asked.size();
  for (int i = 0; i < 59; ++i) {
    line.mode.heard(2, line.now);
    line.wait(1s);
  }
  CHECK(line.asked.size() == asked);
  line.mode.heard(2, line.now);
  line.wait(1s);
  CHECK(line.asked.size() == asked + 1);
}

TEST_CASE("slack: without an answer, a handshake or a hello an attempt is given up") {
  SocketLimits limits;
  limits.sockets = 1;
  for (int const stage : {0, 1, 2}) {
    CAPTURE(stage);
    Line line(limits);
    line.look();
    if (stage > 0) line.take(line.mode.address_came(1, "wss://x.test/1", line.now));
    if (stage > 1) line.take(line.mode.opened(1, line.now));
    line.wait(stage > 1 ? 9'999ms : 14'999ms);
    CHECK(line.closed.empty());
    line.wait(1ms);
    CHECK(line.closed == std::vector<std::pair<ConnectionId, bool>>{{1, false}});
    CHECK(line.asked.size() == 2);
    // What comes late from it changes nothing.
    line.say(1, R"({"type":"hello"})");
    line.say(1, kEnvelope);
    line.end(1);
    CHECK(line.delivered.empty());
    CHECK(line.asked.size() == 2);
    CHECK(line.mode.ready() == 0);
  }
}

TEST_CASE("slack: silence makes suspicious first, and dead later; any sign of life counts") {
  auto line = begun();
  for (int i = 0; i < 100; ++i) {
    for (ConnectionId const id : {1U, 2U}) line.mode.heard(id, line.now);
    line.wait(1s);
  }
  CHECK(line.asked.size() == 2);
  line.mode.heard(2, line.now);
  line.wait(19s);
  CHECK(line.asked.size() == 3);  // 1 was heard 20 s ago: a spare, no blind kill
  CHECK(line.closed.empty());
  line.open(3);
  line.mode.heard(2, line.now);
  line.wait(10s);
  REQUIRE(!line.closed.empty());
  CHECK(line.closed.front().first == 1);
  CHECK(line.mode.ready() == 2);
}

TEST_CASE("slack: who is silent for too long is dead even where nobody takes its place") {
  auto line = begun();
  line.wait(20s);
  CHECK(line.asked.size() == 4);
  line.mode.heard(2, line.now);
  line.wait(9'999ms);
  CHECK(line.mode.ready() == 2);
  line.wait(1ms);
  CHECK(line.mode.ready() == 1);
  CHECK(line.closed.front() == std::pair<ConnectionId, bool>{1, false});
}

TEST_CASE("slack: a connection is renewed before its announced end, and not all at the same moment") {
  SocketLimits limits;
  limits.silent = limits.suspicious = 24h;
  Line early(limits, 0.999);
  Line late(limits, 0.0);
  for (auto* line : {&early, &late}) {
    line->look();
    line->open(1, R"({"type":"hello","debug_info":{"approximate_connection_time":3600}})");
    line->open(2);
  }
  early.wait(3'061s);
  late.wait(3'061s);
  CHECK(early.asked.size() == 3);
  CHECK(late.asked.size() == 2);
  late.wait(179s);
  CHECK(late.asked.size() == 3);
}

TEST_CASE("slack: where the connections are, since when, and until when, can be asked for") {
  Line line;
  line.look();
  line.open(1, R"({"type":"hello","debug_info":{"host":"applink-7","approximate_connection_time":3600}})");
  CHECK(line.mode.standing().size() == 1);
  line.wait(10s);
  line.open(2);
  auto const standing = line.mode.standing();
  REQUIRE(standing.size() == 2);
  CHECK(standing[0].host == "applink-7");
  CHECK(standing[1].since - standing[0].since == 10s);
  REQUIRE(standing[0].renewal);
  CHECK(*standing[0].renewal - standing[0].since > 3'000s);
  CHECK_FALSE(standing[1].renewal);
}

TEST_CASE("slack: more sockets than ours are told") {
  auto line = begun();
  CHECK(line.health.back().strangers == 0);
  line.leave(1, "warning");
  line.open(3, R"({"type":"hello","num_connections":5})");
  CHECK(line.health.back().strangers == 2);
}

TEST_CASE("slack: an acknowledgement goes where the envelope came from, and else where there is a way") {
  auto line = begun();
  line.take(line.mode.acknowledge(2, "ack", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{2, "ack"});
  line.wait(1'001ms);
  line.end(2);
  line.take(line.mode.acknowledge(2, "late", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "late"});
  CHECK(line.sent.size() == 2);
}

TEST_CASE("slack: what the end of a connection may have overtaken is acknowledged again, on what stays or comes") {
  auto line = begun();
  line.take(line.mode.acknowledge(2, "arrived", line.now));
  line.wait(500ms);
  line.take(line.mode.acknowledge(2, "overtaken", line.now));
  line.wait(501ms);
  line.end(2);
  CHECK(line.sent.size() == 3);
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "overtaken"});
  // Without any connection it waits for the next one, but not for ever.
  line.wait(1s);
  line.end(1);
  line.take(line.mode.acknowledge(1, "waits", line.now));
  CHECK(line.sent.size() == 3);
  line.open(line.asked.back());
  CHECK(line.sent.size() == 4);
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{line.asked.back(), "waits"});
  line.end(line.asked.back());
  line.wait(3'001ms);
  line.open(line.asked.back());
  CHECK(line.sent.size() == 4);
}

TEST_CASE("slack: a flood of acknowledgements is not kept for ever") {
  SocketLimits limits;
  limits.kept_bytes = 1'000;
  auto line = begun(limits);
  for (int i = 0; i < 1'000; ++i) line.take(line.mode.acknowledge(2, std::string(100, 'x'), line.now));
  line.end(2);
  CHECK(line.sent.size() == 1'010);
}

TEST_CASE("slack: an acknowledgement that its connection did not send goes by another, once by each") {
  auto line = begun();
  line.take(line.mode.acknowledge(2, "ack", line.now));
  line.take(line.mode.unsent(2, "ack", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "ack"});
  // Nothing goes by the second any more, though its end was not told yet.
  line.take(line.mode.acknowledge(2, "later", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "later"});
  auto const count = line.sent.size();
  line.take(line.mode.unsent(1, "ack", line.now));
  CHECK(line.sent.size() == count);
}

TEST_CASE("slack: what can't be read is acknowledged, so that it doesn't come again for ever") {
  auto line = begun();
  line.say(1, R"({"envelope_id":"e9","type":"events_api","payload":{"cut)");
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, R"({"envelope_id":"e9"})"});
  line.say(1, "UNAUTHENTICATED: cache_error");
  CHECK(line.sent.size() == 1);
  CHECK(line.mode.ready() == 2);
}

TEST_CASE("slack: stopped, it closes politely and does nothing more") {
  auto line = begun();
  line.take(line.mode.stop());
  CHECK(line.closed == std::vector<std::pair<ConnectionId, bool>>{{1, true}, {2, true}});
  line.wait(1h);
  CHECK(line.asked.size() == 2);
  CHECK(!line.mode.next());
}

TEST_CASE("slack: whatever the weather, sockets don't pile up, and when it clears up all is well within two minutes") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 chance(seed);
    auto const pick = [&chance](int below) { return std::uniform_int_distribution<int>(0, below - 1)(chance); };
    Line line;
    std::set<ConnectionId> alive;  // as the peer sees it
    std::size_t answered = 0;
    line.look();
    auto const forget_closed = [&] {
      for (auto const& [id, politely] : line.closed) alive.erase(id);
      line.closed.clear();
    };
    for (int step = 0; step < 400; ++step) {
      line.wait(Millis{pick(3'000)});
      for (; answered < line.asked.size(); ++answered) {
        auto const id = line.asked[answered];
        int const fate = pick(8);
        if (fate == 0) continue;  // no answer at all
        if (fate == 1) {
          line.refuse(id, {Refusal::Kind::passing, "503", std::nullopt});
        } else if (fate == 2) {
          line.refuse(id, {Refusal::Kind::too_often, "ratelimited", Millis{pick(5'000)}});
        } else {
          alive.insert(id);
          line.open(id);
        }
      }
      forget_closed();
      for (auto const id : std::set<ConnectionId>(alive)) {
        int const fate = pick(40);
        if (fate == 0) {
          alive.erase(id);
          line.end(id);
        } else if (fate == 1) {
          line.leave(id, "warning");
        } else if (fate == 2) {
          line.say(id, kEnvelope);
        } else if (fate < 38) {
          line.mode.heard(id, line.now);
        }
      }
      forget_closed();
      // Two that serve, two that leave, one that is being replaced twice.
      REQUIRE(alive.size() <= 6);
    }
    for (auto const end = line.now + 2min; line.now < end;) {
      line.wait(1s);
      for (; answered < line.asked.size(); ++answered) {
        alive.insert(line.asked[answered]);
        line.open(line.asked[answered]);
      }
      forget_closed();
      for (auto const id : alive) line.mode.heard(id, line.now);
    }
    CHECK(line.mode.health().state == Health::State::well);
    CHECK(line.mode.ready() == 2);
    CHECK(alive.size() == 2);
  }
}
