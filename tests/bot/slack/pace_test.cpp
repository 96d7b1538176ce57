#include "bot/chat/pace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bot/slack/api.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using chat::Pace;
using namespace std::chrono_literals;

namespace {

Moment earliest(Pace const& pace, Call const& call, Moment now) {
  return pace.earliest(call.method, budgets_of(call), call.urgency, now);
}

Call call_of(std::string_view method, std::string channel = {}, Urgency urgency = Urgency::normal) {
  Call call{std::string(method), {}};
  call.channel = std::move(channel);
  call.urgency = urgency;
  return call;
}

/// As much as is let through from `from` on until `until`.
void flood(Pace& pace, Call const& call, Moment from, Moment until, std::vector<Moment>& gone) {
  for (auto at = earliest(pace, call, from); at < until; at = earliest(pace, call, at)) {
    // What may go at a moment may go when that moment has come: nobody wakes for nothing.
    REQUIRE(earliest(pace, call, at) == at);
    pace.spend(budgets_of(call), at);
    gone.push_back(at);
  }
}

std::size_t most_within(std::vector<Moment> const& gone, Moment window) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < gone.size(); ++last) {
    while (gone[last] - gone[first] >= window) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

/// How many go at once.
int at_once(Pace& pace, Call const& call, Moment now) {
  int count = 0;
  for (; count < 1'000 && earliest(pace, call, now) == now; ++count) pace.spend(budgets_of(call), now);
  return count;
}

}  // namespace

TEST_CASE("slack: no minute holds more than a method's tier allows, after a rest neither") {
  for (auto const& method : methods()) {
    for (auto const urgency : {Urgency::urgent, Urgency::page, Urgency::normal, Urgency::slow}) {
      CAPTURE(std::string(method.name));
      Pace pace;
      std::vector<Moment> gone;
      auto const call = call_of(method.name, {}, urgency);
      flood(pace, call, 5min, 8min, gone);
      auto const before = gone.size();
      flood(pace, call, 68min, 71min, gone);
      CHECK(most_within(gone, 1min) <= static_cast<std::size_t>(method.per_minute));
      // It does not stand still either: half of what is allowed goes through.
      CHECK(gone.size() - before >= static_cast<std::size_t>(method.per_minute) * 3 / 2);
    }
  }
}

TEST_CASE("slack: a channel gets a post a second in the long run, and a few at once") {
  Pace pace;
  std::vector<Moment> gone;
  flood(pace, call_of("chat.postMessage", "C1"), 0s, 30s, gone);
  CHECK(most_within(gone, 10s) <= 14);
  CHECK(most_within(gone, 1s) <= 5);
  CHECK(gone.size() >= 30);
  // Another channel has its own.
  CHECK(earliest(pace, call_of("chat.postMessage", "C2"), 30s) == 30s);
  CHECK(earliest(pace, call_of("chat.postMessage", "C1"), 30s) > 30s - 1ms);
}

TEST_CASE("slack: when other traffic has used its share, pages still go") {
  Pace pace;
  auto const normal = at_once(pace, call_of("chat.postMessage"), 1min);
  auto const pages = at_once(pace, call_of("chat.postMessage", {}, Urgency::urgent), 1min);
  CHECK(normal > 50);
  CHECK(pages >= 20);
  CHECK(earliest(pace, call_of("chat.postMessage", {}, Urgency::urgent), 1min) <
        earliest(pace, call_of("chat.postMessage"), 1min));
}

TEST_CASE("slack: a wait holds its own method alone, and a shorter one later takes nothing back") {
  Pace pace;
  pace.wait("chat.postMessage", 90s);
  pace.wait("chat.postMessage", 40s);
  CHECK(earliest(pace, call_of("chat.postMessage", "C1", Urgency::urgent), 30s) == 90s);
  CHECK(earliest(pace, call_of("chat.update", "C1"), 30s) == 30s);
  CHECK(earliest(pace, call_of("conversations.create"), 30s) == 30s);
  CHECK(earliest(pace, call_of("chat.postMessage"), 91s) == 91s);
}

TEST_CASE("slack: thousands of channels are forgotten without one of them going faster") {
  Pace pace;
  auto const busy = call_of("chat.update", "CBUSY");
  CHECK(at_once(pace, busy, 0s) > 0);
  for (int i = 0; i < 3'000; ++i) pace.spend(budgets_of(call_of("auth.test", "C" + std::to_string(i))), 1ms);
  CHECK(earliest(pace, busy, 1ms) > 1ms);
}
