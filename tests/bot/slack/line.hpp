// A peer of the supervisor in Socket Mode that does what it is told, in simulated time.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "bot/chat/supervisor.hpp"
#include "bot/slack/socket_mode.hpp"

namespace tocsin::test {

class Line {
 public:
  explicit Line(chat::SocketLimits limits = {}, double chance = 0.5) : mode(limits, [chance] { return chance; }) {}

  void take(chat::Actions const& actions) {
    for (auto const& action : actions) {
      if (auto const* ask = std::get_if<chat::Ask>(&action)) {
        asked.push_back(ask->id);
      } else if (auto const* dial = std::get_if<chat::Dial>(&action)) {
        dialled.push_back(dial->id);
      } else if (auto const* send = std::get_if<chat::Send>(&action)) {
        sent.emplace_back(send->id, send->text);
      } else if (auto const* close = std::get_if<chat::Close>(&action)) {
        closed.emplace_back(close->id, close->politely);
      } else if (auto const* deliver = std::get_if<chat::Deliver>(&action)) {
        deliver->item.deliver(deliver->id);
      } else if (auto const* report = std::get_if<chat::Report>(&action)) {
        health.push_back(report->health);
      }
    }
  }
  void look() { take(mode.look(now)); }
  void wait(Millis by) {
    now += by;
    look();
  }
  void open(chat::ConnectionId id, std::string const& hello = R"({"type":"hello"})") {
    take(mode.address_came(id, "wss://x.test/" + std::to_string(id), now));
    take(mode.opened(id, now));
    say(id, hello);
  }
  void say(chat::ConnectionId id, std::string const& text) {
    take(mode.came(
        id,
        slack::meaning_of(
            text, [this](chat::ConnectionId, slack::Envelope const& envelope) { delivered.push_back(envelope.id); }),
        now));
  }
  void leave(chat::ConnectionId id, std::string const& reason) {
    say(id, R"({"type":"disconnect","reason":")" + reason + R"("})");
  }
  void end(chat::ConnectionId id) { take(mode.ended(id, "reset", now)); }
  void refuse(chat::ConnectionId id, chat::Refusal const& refusal) { take(mode.address_refused(id, refusal, now)); }

  chat::Supervisor mode;
  chat::Moment now{};
  std::vector<chat::ConnectionId> asked;
  std::vector<chat::ConnectionId> dialled;
  std::vector<std::pair<chat::ConnectionId, std::string>> sent;
  std::vector<std::pair<chat::ConnectionId, bool>> closed;
  std::vector<std::string> delivered;
  std::vector<chat::Health> health;
};

/// Both connections there.
inline Line begun(chat::SocketLimits limits = {}) {
  Line line(limits);
  line.look();
  REQUIRE(line.asked == std::vector<chat::ConnectionId>{1, 2});
  line.open(1);
  line.open(2);
  REQUIRE(line.mode.ready() == 2);
  return line;
}

inline constexpr char const* kEnvelope = R"({"envelope_id":"e1","type":"slash_commands","payload":{}})";

}  // namespace tocsin::test
