// Socket Mode's machine against a peer and a network that mean no good.
#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <set>
#include <string>

#include "tests/bot/slack/line.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

std::string envelope(std::string const& id) {
  return R"({"envelope_id":")" + id + R"(","type":"slash_commands","payload":{}})";
}
std::string hello(std::int64_t sockets) {
  return R"({"type":"hello","num_connections":)" + std::to_string(sockets) + "}";
}

/// Time goes by, and every connection that is there gives signs of life.
void live(Line& line, Millis by, std::set<ConnectionId> const& ids) {
  for (auto const end = line.now + by; line.now < end;) {
    line.now = std::min(end, line.now + 1s);
    for (auto const id : ids) line.mode.heard(id, line.now);
    line.look();
  }
}

}  // namespace

TEST_CASE("slack: whose connection is gone is acknowledged on the newest that stays, not on one that is leaving") {
  auto line = begun();
  line.leave(1, "warning");
  line.open(3);
  line.end(2);
  line.take(line.mode.acknowledge(2, "ack", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{3, "ack"});
  // Where only a leaving one is left, that one.
  line.end(3);
  line.take(line.mode.acknowledge(2, "late", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "late"});
}

TEST_CASE("slack: an envelope that comes before hello is acknowledged where it came") {
  auto line = begun();
  line.leave(1, "warning");
  line.take(line.mode.address_came(3, "wss://x.test/3", line.now));
  line.take(line.mode.opened(3, line.now));
  line.say(3, kEnvelope);
  CHECK(line.delivered == std::vector<std::string>{"e1"});
  line.take(line.mode.acknowledge(3, "ack", line.now));
  CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{3, "ack"});
}

TEST_CASE("slack: what is replaced stays until its envelopes are acknowledged, for a while") {
  for (bool const answered : {true, false}) {
    CAPTURE(answered);
    auto line = begun();
    line.leave(1, "warning");
    line.say(1, envelope("a"));
    line.say(1, envelope("b"));
    line.open(3);
    live(line, 5s, {1, 2, 3});
    line.take(line.mode.acknowledge(1, "a", line.now));
    line.look();
    CHECK(line.closed.empty());
    REQUIRE(line.mode.next().has_value());
    CHECK(*line.mode.next() > line.now);  // it doesn't spin meanwhile
    if (answered) {
      line.take(line.mode.acknowledge(1, "b", line.now));
      CHECK(line.sent.back() == std::pair<ConnectionId, std::string>{1, "b"});
      REQUIRE(line.mode.next().has_value());
      CHECK(*line.mode.next() <= line.now);
      line.look();
    } else {
      live(line, 9'999ms, {1, 2, 3});
      CHECK(line.closed.empty());
      line.wait(1ms);
    }
    CHECK(line.closed == std::vector<std::pair<ConnectionId, bool>>{{1, true}});
  }
}

TEST_CASE("slack: a replacement that dies at once leaves its work to whom it replaced") {
  auto line = begun();
  line.leave(1, "warning");
  line.open(3);
  line.wait(2s);
  line.end(3);
  line.wait(4s);
  CHECK(line.closed.empty());
  CHECK(line.mode.ready() == 2);
  line.open(line.asked.back());
  live(line, 5s, {1, 2, line.asked.back()});
  CHECK(line.closed == std::vector<std::pair<ConnectionId, bool>>{{1, true}});
}

TEST_CASE("slack: old failures don't make a connection that served for hours wait") {
  for (int const end : {0, 1, 2}) {
    CAPTURE(end);
    SocketLimits limits;
    limits.sockets = 1;
    limits.opens_per_minute = 1'000;
    Line line(limits);
    line.look();
    for (int i = 0; i < 8; ++i) {
      line.end(line.asked.back());
      while (line.mode.next() && *line.mode.next() > line.now && line.asked.size() < static_cast<std::size_t>(i) + 2)
        line.wait(*line.mode.next() - line.now);
    }
    REQUIRE(line.asked.size() == 9);
    auto const id = line.asked.back();
    line.open(id, R"({"type":"hello","debug_info":{"approximate_connection_time":7200}})");
    live(line, 1h, {id});
    REQUIRE(line.asked.size() == 9);
    if (end == 0) {
      line.end(id);  // it brought nothing, but it lived
    } else if (end == 1) {
      line.wait(31s);  // silent: the replacement was asked for before, and its failure is the first
      line.end(line.asked.back());
    } else {
      line.leave(id, "refresh_requested");
      line.end(line.asked.back());
      line.end(id);
    }
    auto const asked = line.asked.size();
    CHECK(asked == (end == 0 ? 10 : 11));
  }
}

TEST_CASE("slack: one connection that is well doesn't let another be tried without end") {
  SocketLimits limits;
  limits.opens_per_minute = 1'000;
  auto line = begun(limits);
  line.say(1, kEnvelope);
  live(line, 1min, {1, 2});
  auto const before = line.asked.size();
  line.end(2);
  for (auto const end = line.now + 1min; line.now < end;) {
    line.mode.heard(1, line.now);
    line.say(1, kEnvelope);
    line.take(line.mode.acknowledge(1, "ack", line.now));
    line.end(line.asked.back());
    line.wait(100ms);
  }
  CHECK(line.asked.size() - before < 12);
}

TEST_CASE("slack: crowded for long, the waits grow, but not for ever") {
  SocketLimits limits;
  limits.sockets = 1;
  Line line(limits);
  line.look();
  Millis last{};
  for (int i = 0; i < 40; ++i) {
    auto const id = line.asked.back();
    line.take(line.mode.address_came(id, "wss://x.test/", line.now));
    line.take(line.mode.opened(id, line.now));
    auto const asked = line.asked.size();
    auto const before = line.now;
    line.leave(id, "too_many_websockets");
    CHECK(line.health.back().error == "too_many_websockets");
    while (line.asked.size() == asked) {
      REQUIRE(line.mode.next().has_value());
      line.now = std::max(line.now + 1ms, *line.mode.next());
      line.look();
    }
    CHECK(line.now - before >= last);
    last = line.now - before;
  }
  CHECK(last == 5min);
}

TEST_CASE("slack: told to wait for years, it asks again within the hour") {
  SocketLimits limits;
  limits.sockets = 1;
  for (auto const wait : {Millis{std::numeric_limits<std::int64_t>::max() / 2}, Millis{-5'000}, Millis{0}}) {
    Line line(limits);
    line.look();
    line.refuse(1, {Refusal::Kind::too_often, "ratelimited", wait});
    line.wait(1h);
    CHECK(line.asked.size() >= 2);
  }
}

TEST_CASE("slack: a hello ends the rest that a refusal began, and the refusal's reason outlives other failures") {
  auto line = Line();
  line.look();
  line.refuse(1, {Refusal::Kind::lasting, "invalid_auth", std::nullopt});
  line.open(2);
  CHECK(line.asked.size() == 3);
  CHECK(line.health.back().state == Health::State::well);

  Line other;
  other.look();
  other.refuse(1, {Refusal::Kind::lasting, "token_revoked", std::nullopt});
  other.refuse(2, {Refusal::Kind::passing, "timed out", std::nullopt});
  CHECK(other.health.back().state == Health::State::refused);
  CHECK(other.health.back().error == "token_revoked");
}

TEST_CASE("slack: a count of sockets that can't be is no count, and our own that are being dialled are no strangers") {
  for (auto const* odd :
       {"-9223372036854775808", "-1", "9223372036854775807", "18446744073709551615", "1.5", "\"7\""}) {
    CAPTURE(odd);
    auto line = begun();
    line.leave(1, "warning");
    line.open(3, std::string(R"({"type":"hello","num_connections":)") + odd + "}");
    CHECK(line.health.back().strangers == 0);
  }
  Line line;
  line.look();
  line.take(line.mode.address_came(2, "wss://x.test/2", line.now));  // Slack has it already, we not yet
  line.open(1, hello(2));
  CHECK(line.health.back().strangers == 0);
}

TEST_CASE("slack: strangers are counted again before hours are over: ghosts go by themselves") {
  auto line = begun();
  line.leave(1, "warning");
  line.open(3, hello(4));
  CHECK(line.mode.health().strangers == 1);
  // Without a count nothing is known, and nothing is forgotten.
  line.leave(2, "warning");
  line.open(4);
  CHECK(line.mode.health().strangers == 1);
  live(line, 9min, {3, 4});
  CHECK(line.asked.size() == 4);
  live(line, 1min, {3, 4});
  REQUIRE(line.asked.size() == 5);
  line.open(5, hello(3));
  CHECK(line.mode.health().strangers == 0);
  live(line, 1h, {4, 5});
  CHECK(line.asked.size() == 5);
}

TEST_CASE("slack: deaf, every connection is replaced before it is given up, and it is told until something comes") {
  auto line = begun();
  line.take(line.mode.deaf(line.mode.ready_ids(), line.now));
  CHECK(line.asked == std::vector<ConnectionId>{1, 2, 3, 4});
  CHECK(line.health.back().deaf);
  CHECK(line.health.back().state == Health::State::well);
  CHECK(line.mode.ready() == 2);
  line.take(line.mode.deaf(line.mode.ready_ids(), line.now));  // said again meanwhile: the same replacements
  CHECK(line.asked.size() == 4);
  live(line, 10s, {1, 2});
  CHECK(line.closed.empty());
  line.open(3);
  line.open(4);
  CHECK(line.mode.health().deaf);  // a hello proves nothing
  live(line, 5s, {1, 2, 3, 4});
  CHECK(std::set<std::pair<ConnectionId, bool>>(line.closed.begin(), line.closed.end()) ==
        std::set<std::pair<ConnectionId, bool>>{{1, true}, {2, true}});
  CHECK(line.mode.ready() == 2);
  auto const told = line.health.size();
  line.say(4, kEnvelope);
  CHECK(line.health.size() == told + 1);
  CHECK(!line.health.back().deaf);
  line.take(line.mode.deaf(line.mode.ready_ids(), line.now));
  CHECK(line.mode.health().deaf);
  line.say(3, R"({"envelope_id":"e9","type":"events_api","payload":{"cut)");  // unreadable, but heard
  CHECK(!line.mode.health().deaf);
}

TEST_CASE("slack: deaf where nothing is ready is no news, and after the end nothing at all") {
  Line line;
  line.look();
  line.take(line.mode.deaf(line.mode.ready_ids(), line.now));
  CHECK(!line.mode.health().deaf);
  CHECK(line.asked.size() == 2);
  auto cut = begun();
  cut.take(cut.mode.deaf(cut.mode.ready_ids(), cut.now));
  cut.end(1);
  cut.end(2);
  CHECK(cut.health.back().state == Health::State::cut_off);
  CHECK(!cut.health.back().deaf);
  cut.open(3);
  CHECK(!cut.health.back().deaf);  // that one was never suspected
  auto ended = begun();
  ended.take(ended.mode.stop());
  ended.take(ended.mode.deaf(ended.mode.ready_ids(), ended.now));
  CHECK(ended.asked.size() == 2);
}

TEST_CASE("slack: deaf again and again keeps to the budget, and leaves enough of it for what is lost") {
  auto line = begun();
  std::size_t answered = 2;
  for (int i = 0; i < 10; ++i) {
    line.take(line.mode.deaf(line.mode.ready_ids(), line.now));
    for (; answered < line.asked.size(); ++answered) line.open(line.asked[answered]);
    line.wait(100ms);
  }
  CHECK(line.asked.size() == 4);  // of six in a minute two are kept
  CHECK(line.mode.ready() >= 2);
  for (ConnectionId id = 1; id <= 4; ++id) {
    line.say(id, kEnvelope);
    line.end(id);
  }
  CHECK(line.asked.size() == 6);
  CHECK(line.mode.health().state == Health::State::cut_off);
}

TEST_CASE("slack: what comes again is delivered again, by whichever connection: it may be the only time") {
  auto line = begun();
  std::string const again = R"({"envelope_id":"e1","type":"events_api","payload":{},"retry_attempt":3})";
  for (ConnectionId const id : {1U, 2U}) line.say(id, again);
  CHECK(line.delivered == std::vector<std::string>{"e1", "e1"});
  // Each is acknowledged where it came.
  for (ConnectionId const id : {1U, 2U}) {
    line.take(line.mode.acknowledge(id, "ack", line.now));
    CHECK(line.sent.back().first == id);
  }
}

TEST_CASE("slack: reasons of megabytes go nowhere") {
  SocketLimits limits;
  limits.sockets = 1;
  Line line(limits);
  line.look();
  line.take(line.mode.address_came(1, "wss://x.test/1", line.now));
  line.take(line.mode.opened(1, line.now));
  line.leave(1, std::string(10'000'000, 'x'));
  CHECK(line.health.back().error.size() < 200);
}

TEST_CASE("slack: while Slack answers, no weather leaves a moment without a connection once one was there") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 chance(seed);
    auto const pick = [&chance](int below) { return std::uniform_int_distribution<int>(0, below - 1)(chance); };
    auto line = begun();
    std::size_t answered = 2;
    std::vector<std::pair<ConnectionId, Moment>> owed;
    int number = 0;
    std::vector<Moment> asks;
    std::set<ConnectionId> alive{1, 2};
    auto const forget_closed = [&] {
      for (auto const& [id, politely] : line.closed) {
        alive.erase(id);
        // Nothing of it is unanswered: an acknowledgement elsewhere may not count.
        for (auto const& [from, since] : owed) CHECK(from != id);
      }
      line.closed.clear();
    };
    for (int step = 0; step < 600; ++step) {
      line.wait(Millis{pick(1'000)});
      forget_closed();
      while (!owed.empty() && owed.front().second + 300ms <= line.now) {
        line.take(line.mode.acknowledge(owed.front().first, "ack", line.now));
        CHECK(line.sent.back().first == owed.front().first);
        owed.erase(owed.begin());
      }
      while (asks.size() < line.asked.size()) asks.push_back(line.now);
      for (; answered < line.asked.size(); ++answered) {
        alive.insert(line.asked[answered]);
        line.open(line.asked[answered]);
      }
      // Planned endings and suspicion only: what Slack announces, and what we make of it.
      int const fate = pick(60);
      if (fate == 0) line.leave(*alive.begin(), pick(2) == 0 ? "warning" : "refresh_requested");
      if (fate == 1) line.take(line.mode.deaf(line.mode.ready_ids(), line.now));
      forget_closed();
      if (fate > 40) {
        auto const id = *std::next(alive.begin(), pick(static_cast<int>(alive.size())));
        line.say(id, envelope("e" + std::to_string(number++)));
        owed.emplace_back(id, line.now);
      }
      for (auto const id : alive) line.mode.heard(id, line.now);
      REQUIRE(line.mode.ready() >= 2);
      REQUIRE(alive.size() <= 6);
    }
    CHECK(line.delivered.size() == static_cast<std::size_t>(number));
    for (std::size_t i = 6; i < asks.size(); ++i) CHECK(asks[i] - asks[i - 6] >= 59s);
  }
}
