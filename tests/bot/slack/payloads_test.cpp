// Every recorded frame of Slack means what its file says; and broken in any way it harms nothing.
#include "tests/bot/slack/payloads.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <set>
#include <string>

#include "bot/slack/manifest.hpp"
#include "tests/bot/slack/line.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using namespace tocsin::test;
using Json = nlohmann::json;

namespace {

std::string id_of(Ordered const& frame) {
  auto const id = frame.find("envelope_id");
  return id != frame.end() && id->is_string() ? id->get<std::string>() : std::string();
}

/// Reads it as the bot does. With an `id`, that must be found: by it the envelope is acknowledged.
void survive(std::string const& text, std::string const& id) {
  auto const frame = parse_frame(text);
  auto const* envelope = std::get_if<Envelope>(&frame);
  auto const* unreadable = std::get_if<Unreadable>(&frame);
  if (envelope != nullptr) REQUIRE(!gesture_of(*envelope, recorded_self()).key.empty());
  if (id.empty()) return;
  auto const found = envelope != nullptr ? envelope->id : unreadable != nullptr ? unreadable->id : std::string();
  REQUIRE(found == id);
  auto const sent = acknowledgement(found, {}).text;
  REQUIRE(sent == R"({"envelope_id":")" + id + R"("})");
}

/// Whether a frame without this place, or with something else there, is still an envelope with its number.
bool keeps_its_number(Pointer const& place) { return !place.empty() && place.to_string() != "/envelope_id"; }

/// One file for each kind of frame: by its type, that of its payload and of its event.
std::vector<Recorded> one_of_each_kind() {
  std::set<std::string> kinds;
  std::vector<Recorded> found;
  for (auto& each : recorded_slack()) {
    Json const frame = each.content.at("frame");
    auto const payload = frame.value("payload", Json::object());
    auto const kind = frame.at("type").get<std::string>() + payload.value("type", "") +
                      payload.value("event", Json::object()).value("type", "");
    if (kinds.insert(kind).second) found.push_back(std::move(each));
  }
  return found;
}

}  // namespace

TEST_CASE("slack payloads: each file says what it expects, and is read so") {
  auto const all = recorded_slack();
  CHECK(all.size() > 150);
  std::set<std::string> names;
  for (auto const& [file, content] : all) {
    CAPTURE(file);
    std::set<std::string> members;
    for (auto const& [name, value] : content.items()) members.insert(name);
    REQUIRE(members == std::set<std::string>{"name", "frame", "expected"});
    CHECK(names.insert(content.at("name").get<std::string>()).second);
    Json const expected = content.at("expected");
    REQUIRE(expected.is_object());
    REQUIRE(expected.contains("frame"));
    if (expected.at("frame") == "envelope") REQUIRE(expected.contains("gesture"));
    auto const read = read_of(content.at("frame").dump());
    CHECK_MESSAGE(read == expected, read.dump());
  }
}

TEST_CASE("slack payloads: every kind of frame, interaction, event and message that the reference names has its file") {
  std::set<std::string> kinds;
  for (auto const& [file, content] : recorded_slack()) {
    Json const frame = content.at("frame");
    auto const type = frame.at("type").get<std::string>();
    kinds.insert(type);
    if (type == "disconnect") kinds.insert("disconnect " + frame.at("reason").get<std::string>());
    auto const payload = frame.value("payload", Json::object());
    if (type == "interactive") kinds.insert(payload.at("type").get<std::string>());
    if (payload.value("type", "") == "block_actions") {
      auto const& container = payload.at("container");
      kinds.insert("in " + container.at("type").get<std::string>());
      kinds.insert(payload.at("actions").front().at("type").get<std::string>());
      if (container.value("is_ephemeral", false)) kinds.insert("ephemeral");
      if (container.contains("thread_ts")) kinds.insert("thread");
      if (payload.contains("view")) kinds.insert("view " + payload.at("view").at("type").get<std::string>());
    }
    auto const event = payload.value("event", Json::object());
    auto const name = event.value("type", "");
    if (name == "message") {
      auto const kind = event.value("channel_type", "");
      kinds.insert("message." + kind + (kind == "channel" || kind == "group" ? "s" : ""));
      kinds.insert(kind + " " + event.value("subtype", "none"));
    } else if (!name.empty()) {
      kinds.insert(name);
    }
  }
  std::vector<std::string> wanted{"hello",
                                  "disconnect warning",
                                  "disconnect refresh_requested",
                                  "disconnect link_disabled",
                                  "disconnect too_many_websockets",
                                  "slash_commands",
                                  "block_actions",
                                  "view_submission",
                                  "view_closed",
                                  "shortcut",
                                  "message_action",
                                  "block_suggestion",
                                  "in message",
                                  "in message_attachment",
                                  "in view",
                                  "view modal",
                                  "view home",
                                  "ephemeral",
                                  "thread",
                                  "button",
                                  "static_select",
                                  "radio_buttons",
                                  "overflow",
                                  "external_select",
                                  "multi_static_select",
                                  "checkboxes",
                                  "users_select",
                                  "multi_users_select",
                                  "conversations_select",
                                  "channels_select",
                                  "datepicker",
                                  "timepicker",
                                  "datetimepicker",
                                  "plain_text_input",
                                  "app_uninstalled",
                                  "tokens_revoked",
                                  "channel_deleted",
                                  "channel_created",
                                  "channel_id_changed"};
  for (auto const event : bot_events()) wanted.emplace_back(event);
  for (std::string const kind : {"channel", "group", "im", "mpim"}) {
    for (auto const* subtype : {"none", "thread_broadcast", "file_share", "me_message", "bot_message",
                                "message_changed", "message_deleted", "message_replied", "ekm_access_denied"})
      wanted.push_back(kind + " " + subtype);
  }
  for (std::string const notice : {"join", "leave", "topic", "purpose", "name", "archive", "unarchive"}) {
    wanted.push_back("channel channel_" + notice);
    wanted.push_back("group group_" + notice);
  }
  wanted.emplace_back("channel channel_posting_permissions");
  for (auto const& kind : wanted) CHECK_MESSAGE(kinds.count(kind) == 1, kind);
}

TEST_CASE("slack payloads: with any part missing or of another kind nothing breaks, and the rest is acknowledged") {
  std::vector<Ordered> const others{nullptr,
                                    true,
                                    7,
                                    -1.5,
                                    "x",
                                    "",
                                    Ordered::array(),
                                    Ordered::object(),
                                    Ordered::array({Ordered::object({{"id", 7}}), "a", nullptr})};
  std::size_t tried = 0;
  for (auto const& [file, content] : recorded_slack()) {
    CAPTURE(file);
    auto const& frame = content.at("frame");
    for (auto const& place : places_of(frame)) {
      auto const id = keeps_its_number(place) ? id_of(frame) : std::string();
      for (auto const& other : others) {
        auto changed = frame;
        changed[place] = other;
        survive(changed.dump(), id);
        ++tried;
      }
      if (place.empty()) continue;
      auto without = frame;
      auto& parent = without[place.parent_pointer()];
      if (parent.is_object()) {
        parent.erase(place.back());
      } else {
        parent.erase(std::stoul(place.back()));
      }
      survive(without.dump(), id);
    }
  }
  CHECK(tried > 50'000);
}

TEST_CASE("slack payloads: cut off anywhere, what is there of its number is enough") {
  std::size_t tried = 0;
  for (auto const& [file, content] : recorded_slack()) {
    CAPTURE(file);
    auto const& frame = content.at("frame");
    auto const whole = frame.dump();
    auto const id = id_of(frame);
    for (std::size_t length = 0; length < whole.size(); length += 50) {
      auto const text = whole.substr(0, length);
      survive(text, text.find(id + '"') != std::string::npos ? id : std::string());
      ++tried;
    }
  }
  CHECK(tried > 2'000);
}

TEST_CASE("slack payloads: flipped bytes break nothing, and a number that they left alone is found") {
  std::size_t found = 0;
  for (auto const& [file, content] : recorded_slack()) {
    auto const& frame = content.at("frame");
    auto const whole = frame.dump();
    auto const id = id_of(frame);
    auto const number = R"("envelope_id":")" + id + '"';
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(file);
      CAPTURE(seed);
      std::mt19937 chance(seed);
      auto text = whole;
      for (unsigned flips = 0; flips <= seed / 10; ++flips) {
        auto const at = std::uniform_int_distribution<std::size_t>(0, text.size() - 1)(chance);
        text[at] = static_cast<char>(text[at] ^ (1 << std::uniform_int_distribution<int>(0, 7)(chance)));
      }
      bool const there = !id.empty() && text.find(number) != std::string::npos;
      found += there ? 1U : 0U;
      survive(text, there ? id : std::string());
    }
  }
  CHECK(found > 5'000);
}

TEST_CASE("slack payloads: ten megabytes in one text, or a hundred thousand levels, are only more of the same") {
  std::string const large(10'000'000, 'x');
  std::string const levels(100'000, '[');
  std::mt19937 chance(7);
  std::set<std::string> forms;  // of payloads, whatever the event
  auto const began = std::chrono::steady_clock::now();
  for (auto const& [file, content] : one_of_each_kind()) {
    CAPTURE(file);
    auto const& frame = content.at("frame");
    std::vector<Pointer> texts;
    for (auto const& place : places_of(frame)) {
      if (frame.at(place).is_string()) texts.push_back(place);
    }
    REQUIRE(!texts.empty());
    auto const payload = frame.value("payload", Ordered::object());
    if (forms.insert(frame.at("type").get<std::string>() + payload.value("type", "")).second) {
      auto const& place = texts[std::uniform_int_distribution<std::size_t>(0, texts.size() - 1)(chance)];
      CAPTURE(place.to_string());
      auto changed = frame;
      changed[place] = large;
      survive(changed.dump(), keeps_its_number(place) ? id_of(frame) : std::string());
    }
    // Closed, and not.
    for (auto const& each : texts) {
      auto const id = keeps_its_number(each) ? id_of(frame) : std::string();
      auto changed = frame;
      changed[each] = "HERE";
      auto deep = changed.dump();
      deep.replace(deep.find("\"HERE\""), 6, levels);
      survive(deep, id);
      changed[each] = "HERE";
      deep = changed.dump();
      deep.replace(deep.find("\"HERE\""), 6, levels + std::string(levels.size(), ']'));
      survive(deep, id);
    }
  }
  // Loose: it is here to find what grows with the square of the length.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{150});
}

TEST_CASE("slack payloads: a number further down is not taken for the envelope's") {
  std::string const levels(100'000, '[');
  survive(R"({"payload":{"message":{"metadata":{"event_payload":{"envelope_id":"theirs"}}},"deep":)" + levels + "},",
          "");
  survive(R"({"payload":{"metadata":{"envelope_id":"theirs"},"deep":)" + levels + std::string(levels.size(), ']') +
              R"(},"envelope_id":"ours","type":"events_api"})",
          "ours");
  survive(R"({"payload":{"text":"\"envelope_id\":\"theirs\"","a":{"envelope_id":"theirs"}},"envelope_id":"ours",oops)",
          "ours");
}

TEST_CASE("slack payloads: a payload under another's type, or none at all, is a gesture like any other or none") {
  for (auto const& [file, content] : recorded_slack()) {
    CAPTURE(file);
    auto const payload = content.at("frame").value("payload", Ordered::object()).dump();
    for (auto const* type : {"slash_commands", "interactive", "events_api", "of_tomorrow", ""}) {
      for (auto const& text : {payload, payload.substr(0, payload.size() / 2), std::string()}) {
        auto const gesture = gesture_of({"e1", type, text, false, 0}, recorded_self());
        CHECK(!gesture.key.empty());
        if (text != payload) CHECK(std::holds_alternative<tocsin::slack::Nothing>(gesture.what));
        // What it is taken for with nobody for a bot.
        CHECK(!gesture_of({"e1", type, text, false, 0}, {}).key.empty());
      }
    }
  }
}

TEST_CASE("slack payloads: over a connection, every envelope is handed on or acknowledged at once") {
  for (auto const& [file, content] : recorded_slack()) {
    CAPTURE(file);
    auto const& frame = content.at("frame");
    auto const id = id_of(frame);
    for (bool const broken : {false, true}) {
      auto line = begun();
      auto text = frame.dump();
      if (broken) text.pop_back();
      line.say(1, text);
      auto const handed = line.delivered.size() + line.sent.size();
      CHECK(handed == (id.empty() ? 0 : 1));
      if (!line.sent.empty()) CHECK(line.sent.front().second == R"({"envelope_id":")" + id + R"("})");
    }
  }
}
