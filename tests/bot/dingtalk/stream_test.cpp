// Stream Mode under supervision: ready with the handshake, answered where it came, replaced when it falls silent.
#include "bot/dingtalk/stream.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tocsin;
using namespace tocsin::dingtalk;
using chat::Supervisor;

namespace {

struct Line {
  Supervisor supervisor{stream_limits(), [] { return 0.5; }};
  chat::Moment now{1'000'000};
  std::vector<ConnectionId> asked;
  std::vector<ConnectionId> dialled;
  std::vector<std::pair<ConnectionId, std::string>> sent;
  std::vector<ConnectionId> closed;
  std::vector<std::pair<ConnectionId, std::string>> delivered;

  void take(chat::Actions const& actions) {
    for (auto const& action : actions) {
      if (auto const* ask = std::get_if<chat::Ask>(&action)) asked.push_back(ask->id);
      if (auto const* dial = std::get_if<chat::Dial>(&action)) dialled.push_back(dial->id);
      if (auto const* send = std::get_if<chat::Send>(&action)) sent.emplace_back(send->id, send->text);
      if (auto const* close = std::get_if<chat::Close>(&action)) closed.push_back(close->id);
      if (auto const* deliver = std::get_if<chat::Deliver>(&action)) deliver->item.deliver(deliver->id);
    }
  }
  void open(ConnectionId id) {
    take(supervisor.address_came(id, "wss://x.test", now));
    take(supervisor.opened(id, now));
  }
  void begin() {
    take(supervisor.look(now));
    open(asked.at(0));
    open(asked.at(1));
  }
  void say(ConnectionId id, std::string const& text) {
    auto const deliver = [this](ConnectionId from, Push const& push) { delivered.emplace_back(from, push.message); };
    take(supervisor.came(id, meaning_of(text, deliver), now));
  }
  void ping(ConnectionId id) {
    say(id, R"({"type":"SYSTEM","headers":{"topic":"ping","messageId":"m"},"data":"{\"opaque\":\"o\"}"})");
  }
  void wait(Millis by) {
    now += by;
    take(supervisor.look(now));
  }
};

constexpr auto kCallback =
    R"({"type":"CALLBACK","headers":{"topic":"/v1.0/im/bot/messages/get","messageId":"m7"},"data":"{}"})";

}  // namespace

TEST_CASE("dingtalk: ready with the handshake: nothing that greets need come") {
  Line line;
  line.begin();
  CHECK(line.supervisor.ready() == 2);
  CHECK(line.supervisor.health().state == Health::State::well);
}

TEST_CASE("dingtalk: a ping is answered at once, with what it brought") {
  Line line;
  line.begin();
  line.ping(1);
  REQUIRE(line.sent.size() == 1);
  CHECK(line.sent[0].first == 1);
  CHECK(line.sent[0].second.find(R"(\"opaque\":\"o\")") != std::string::npos);
}

TEST_CASE("dingtalk: a reply goes where the push came from, or nowhere") {
  Line line;
  line.begin();
  line.say(1, kCallback);
  REQUIRE(line.delivered.size() == 1);
  line.take(line.supervisor.ended(1, "reset", line.now));
  line.take(line.supervisor.acknowledge(1, "late", line.now));
  CHECK(line.sent.empty());
  line.say(2, kCallback);
  line.take(line.supervisor.acknowledge(2, "there", line.now));
  REQUIRE(line.sent.size() == 1);
  CHECK(line.sent[0] == std::pair<ConnectionId, std::string>{2, "there"});
}

TEST_CASE("dingtalk: asked to leave, another is there first, and the old one goes within its ten seconds") {
  Line line;
  line.begin();
  line.say(1, R"({"type":"SYSTEM","headers":{"topic":"disconnect"},"data":"{\"reason\":\"connection is expired\"}"})");
  REQUIRE(line.asked.size() == 3);
  CHECK(line.closed.empty());
  line.open(3);
  line.wait(Millis{2'000});
  CHECK(line.closed == std::vector<ConnectionId>{1});
}

TEST_CASE("dingtalk: what answers pings of the protocol but says no word for three minutes is replaced") {
  Line line;
  line.begin();
  for (int second = 0; second < 180; second += 10) {
    line.wait(Millis{10'000});
    line.ping(2);
    line.supervisor.heard(1, line.now);
  }
  REQUIRE(line.asked.size() == 3);
  line.open(3);
  line.wait(Millis{10'000});
  CHECK(line.closed == std::vector<ConnectionId>{1});
}

TEST_CASE("dingtalk: a stream is renewed before its time, not both at once") {
  Line line;
  line.begin();
  auto const standing = line.supervisor.standing();
  REQUIRE(standing.size() == 2);
  for (auto const& each : standing) {
    REQUIRE(each.renewal);
    CHECK(*each.renewal - line.now > std::chrono::hours{4});
    CHECK(*each.renewal - line.now < std::chrono::hours{6});
  }
}
