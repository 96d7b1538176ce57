#include "bot/slack/rooms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "bot/slack/stamp.hpp"

using namespace tocsin;
using namespace tocsin::slack;

namespace {

/// The rules of `conversations.create`.
bool is_channel_name(std::string const& name) {
  return !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

TEST_CASE("slack: channel names say what it is, as far as Slack lets them") {
  CHECK(channel_name("inc-", {42}, "Website down", 1) == "inc-42-website-down");
  CHECK(channel_name("inc-", {42}, "Website down", 3) == "inc-42-website-down-3");
  CHECK(channel_name("inc-", {42}, "网站无法访问", 1) == "inc-42");
  CHECK(channel_name("inc-", {42}, "网站 backend 重启", 1) == "inc-42-backend");
  CHECK(channel_name("", {42}, "!!", 1) == "inc-42");
  CHECK(channel_name("事件", {42}, "", 2) == "inc-42-2");
  CHECK(channel_name("War Room", {7}, "a  --  b", 1) == "war-room-7-a-b");
}

TEST_CASE("slack: whatever prefix and title, the name is allowed, holds the number, and differs with each attempt") {
  std::vector<std::string> const texts{"",
                                       "Website down",
                                       "网站无法访问",
                                       std::string(500, 'A'),
                                       std::string(500, '-'),
                                       "<!channel> & \"x\" `y`",
                                       "\xFF\xFE broken",
                                       "\n\t\0 x",
                                       "ÄÖÜ é",
                                       "🔴 P0",
                                       "a.b/c\\d"};
  for (auto const& prefix : texts) {
    for (auto const& title : texts) {
      for (auto const id : {std::int64_t{1}, std::int64_t{42}, std::numeric_limits<std::int64_t>::max()}) {
        std::set<std::string> names;
        for (int const attempt : {1, 2, 9, 10, 100}) {
          auto const name = channel_name(prefix, {id}, title, attempt);
          CAPTURE(name);
          CHECK(is_channel_name(name));
          CHECK(name.find("-" + std::to_string(id)) != std::string::npos);
          CHECK(names.insert(name).second);
        }
      }
    }
  }
}

TEST_CASE("slack: the call's address has the number wherever it is asked for") {
  SlackOptions options;
  CHECK(meeting_of(options, {42}).empty());
  options.meeting = "https://meet.example/inc-{number}?n={number}";
  CHECK(meeting_of(options, {42}) == "https://meet.example/inc-42?n=42");
  options.meeting = "https://meet.example/all";
  CHECK(meeting_of(options, {42}) == "https://meet.example/all");
}

TEST_CASE("slack: who gets a channel of its own") {
  SlackOptions options;
  for (int own = 0; own <= static_cast<int>(OwnChannel::never); ++own) {
    options.own_channel = static_cast<OwnChannel>(own);
    for (auto const severity : kSeverities) {
      CAPTURE(own);
      CAPTURE(static_cast<int>(severity));
      Incident incident;
      incident.severity = severity;
      bool const severe = options.own_channel != OwnChannel::never && static_cast<int>(severity) <= own;
      CHECK(wants_own_channel(incident, options) == severe);
      incident.hidden = true;
      CHECK(wants_own_channel(incident, options));
      incident.drill = true;
      CHECK_FALSE(wants_own_channel(incident, options));
    }
  }
}

TEST_CASE("slack: what was seen to in a channel comes back from the store as it was") {
  CHECK(decode_furniture(encode(Furniture{})) == Furniture{});
  Furniture const full{"P0 \"网站\" · 03:15\n", "1700000000.000100", true, true, {"U1", "U2"}, {"U2"}, "name_taken"};
  CHECK(decode_furniture(encode(full)) == full);
  Furniture broken;
  broken.topic = "a\xFF";
  CHECK(decode_furniture(encode(broken)).topic == "a\xEF\xBF\xBD");
}

TEST_CASE("slack: a damaged record of it is as if nothing had been seen to, part by part") {
  for (auto const* text : {"", "{", "[]", "null", "7", "\xFF", R"("text")"}) {
    CAPTURE(text);
    CHECK(decode_furniture(text) == Furniture{});
  }
  auto const some = decode_furniture(
      R"({"topic":7,"pinned":"1.2","bookmarks":"yes","archived":null,"invited":["U1",7,null],"could_not":{"U2":1}})");
  Furniture expected;
  expected.pinned = "1.2";
  expected.invited = {"U1"};
  CHECK(some == expected);
}

TEST_CASE("slack: time stamps are read to the millisecond, and what is none is the epoch") {
  CHECK(instant_of("1700000000.000100") == from_millis(1'700'000'000'000));
  CHECK(instant_of("1700000000.123456") == from_millis(1'700'000'000'123));
  CHECK(instant_of("1700000000") == from_millis(1'700'000'000'000));
  for (auto const* text : {"", ".", "x", "-1.000000", "1e9", " 1", "99999999999999999999.0", "100000000001"}) {
    CAPTURE(text);
    CHECK(instant_of(text) == Instant{});
  }
  for (auto const millis : {std::int64_t{0}, std::int64_t{7}, std::int64_t{1'700'000'000'045}})
    CHECK(instant_of(stamp_of(from_millis(millis))) == from_millis(millis));
  CHECK(stamp_of(from_millis(1'700'000'000'045)) == "1700000000.045000");
}
