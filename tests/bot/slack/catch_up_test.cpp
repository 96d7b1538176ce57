#include "bot/slack/catch_up.hpp"

#include <doctest/doctest.h>

#include "bot/slack/gesture.hpp"
#include "bot/slack/stamp.hpp"

using namespace tocsin;
using namespace tocsin::slack;

namespace {

Self const kOwn{"U0BOT", "B0BOT"};

Gesture gesture_in(Missed const& missed) {
  Envelope envelope;
  envelope.type = "events_api";
  envelope.payload = R"({"type":"event_callback","event":)" + missed.event + "}";
  return gesture_of(envelope, kOwn);
}

}  // namespace

TEST_CASE("slack: what was missed is what would have come, by the same key") {
  auto const missed = missed_in(R"({"ok":true,"messages":[
      {"type":"message","user":"U1","text":"<@U0BOT> status","ts":"1700000009.000100"},
      {"type":"message","user":"U2","text":"in a thread","ts":"1700000008.000100","thread_ts":"1700000001.000100"},
      {"type":"message","user":"U0BOT","bot_id":"B0BOT","text":"mine","ts":"1700000007.000100"},
      {"type":"message","subtype":"channel_join","user":"U3","text":"joined","ts":"1700000006.000100"}]})",
                                "C1", false, instant_of("1700000005.000000"), kOwn);
  // Its own words are most of what is there, and command nothing.
  REQUIRE(missed.size() == 3);
  auto const first = gesture_in(missed[0]);
  CHECK(first.key == "message:C1:1700000009.000100");
  auto const* typed = std::get_if<Typed>(&first.what);
  REQUIRE(typed != nullptr);
  CHECK(typed->text == "<@U0BOT> status");
  CHECK_FALSE(typed->place.direct);
  auto const reply = gesture_in(missed[1]);
  REQUIRE(std::holds_alternative<Typed>(reply.what));
  CHECK(std::get<Typed>(reply.what).place.thread == "1700000001.000100");
  CHECK(std::holds_alternative<Nothing>(gesture_in(missed[2]).what));
}

TEST_CASE("slack: in a direct message words alone are for the bot, but no bare key") {
  auto const missed = missed_in(R"({"messages":[{"user":"U1","text":"status","ts":"1700000009.000100"},
      {"user":"U1","text":" 4 ","ts":"1700000010.000100"},{"user":"U1","text":"42","ts":"1700000011.000100"}]})",
                                "D1", true, instant_of("1700000005.000000"), kOwn);
  REQUIRE(missed.size() == 2);
  auto const first = gesture_in(missed[0]);
  REQUIRE(std::holds_alternative<Typed>(first.what));
  CHECK(std::get<Typed>(first.what).place.direct);
  CHECK(missed[1].stamp == "1700000011.000100");
}

TEST_CASE("slack: what is older, or no message, was not missed") {
  auto const since = instant_of("1700000005.000000");
  CHECK(missed_in(R"({"messages":[{"user":"U1","text":"root","ts":"1700000001.000100"}]})", "C1", false, since, kOwn)
            .empty());
  for (auto const* body : {"", "{}", "[]", "null", R"({"messages":{}})", R"({"messages":[null,1,"x",[],{}]})",
                           R"({"messages":[{"ts":1700000009}]})", R"({"messages":[{"ts":"soon"}]})"})
    CHECK(missed_in(body, "C1", false, since, kOwn).empty());
}
