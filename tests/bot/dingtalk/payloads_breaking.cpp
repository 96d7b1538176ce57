#include "tests/bot/dingtalk/payloads_breaking.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace tocsin::test {
namespace {

using Names = std::set<std::string>;

constexpr std::string_view kMessages = "/v1.0/im/bot/messages/get";
constexpr std::string_view kDelegate = "/v1.0/im/bot/messages/delegate";
constexpr std::string_view kCards = "/v1.0/card/instances/callback";

/// What is longer is no name that DingTalk gives.
constexpr std::size_t kLongestId = 256;

/// Which members may come of a place ("*": all). Of every other place nothing does.
struct Touch {
  std::string place;
  Names members;
};
using Touches = std::vector<Touch>;

Touches const kFrame{{"type", {"*"}},
                     {"headers/topic", {"*"}},
                     {"headers/messageId", {"id", "key"}},
                     {"headers/eventId", {"event", "key"}},
                     {"headers/eventType", {"event_type"}}};
Touches const kSystem{{"data/opaque", {"data"}}, {"data/reason", {"reason"}}};
Touches const kSaid{{"data/msgId", {"message", "key"}},
                    {"data/robotCode", {"robot", "key"}},
                    {"data/conversationId", {"conversation"}},
                    {"data/conversationType", {"group"}},
                    {"data/senderStaffId", {"staff"}},
                    {"data/senderNick", {"nick"}},
                    {"data/createAt", {"at"}},
                    {"data/sessionWebhook", {"webhook"}},
                    {"data/sessionWebhookExpiredTime", {"webhook_until"}},
                    {"data/atUsers", {"mentioned"}},
                    {"data/chatbotUserId", {"mentioned"}},
                    {"data/originalMsgId", {"quoted"}},
                    {"data/text/repliedMsg/msgId", {"quoted"}},
                    {"data/text/content", {"text"}},
                    {"data/msgtype", {"text", "attachments", "spoken"}},
                    {"data/content/recognition", {"text"}},
                    {"data/content/richText", {"text", "attachments"}},
                    {"data/content/downloadCode", {"attachments"}},
                    {"data/content/fileName", {"attachments"}}};
Touches const kPressed{{"data/outTrackId", {"card", "key"}},
                       {"data/userId", {"staff", "key"}},
                       {"data/userIdType", {"by_union"}},
                       {"data/content", {"action", "param", "key"}},
                       {"data/value", {"action", "param", "key"}}};

bool within(std::string const& inner, std::string const& outer) {
  return outer.empty() || inner == outer || inner.starts_with(outer + '/');
}

Names touched(Whole const& whole, std::string const& place) {
  if (place.empty() || place == "headers" || place == "data") return {"*"};
  Names names;
  auto const add = [&](Touches const& touches) {
    for (auto const& touch : touches) {
      if (within(place, touch.place) || within(touch.place, place))
        names.insert(touch.members.begin(), touch.members.end());
    }
  };
  add(kFrame);
  auto const topic = told_in(whole.told, "topic");
  if (whole.is_system()) add(kSystem);
  if (topic == kMessages || topic == kDelegate) add(kSaid);
  if (topic == kCards) add(kPressed);
  return names;
}

/// Must the bot answer it, whatever is wrong with it? `nested`: the place is inside a text.
bool owes_answer(Whole const& whole, std::string const& place, Instead::Kind kind, bool nested) {
  if (told_in(whole.named, "id").empty() || within("headers/messageId", place)) return false;
  if (whole.is_system() && (!whole.is_ping() || within("headers/topic", place) || place == "type")) return false;
  return kind != Instead::Kind::bytes && (kind != Instead::Kind::broken || nested);
}

void check_members(Whole const& whole, std::string const& place, Told const& told) {
  auto const names = touched(whole, place);
  if (names.count("*") == 1 || (!names.empty() && told_in(told, "what") == "nothing")) return;
  std::string changed;
  auto const compare = [&](Told const& all, Told const& before) {
    for (auto const& [name, value] : all) {
      bool const may = names.count(name.substr(0, name.find(' '))) == 1;
      if (!may && told_in(told, name) != told_in(before, name)) changed += name + ' ';
    }
  };
  if (is_gesture(told) && !is_gesture(whole.told) && !names.empty()) {
    // Where nobody did anything before, it is who and what the frame names all the same.
    compare(whole.named, whole.named);
  } else {
    compare(whole.told, whole.told);
    compare(told, whole.told);
  }
  REQUIRE_MESSAGE(changed.empty(), changed << "in " << shown(told));
}

/// Two gestures with one key are one gesture.
void check_key(Whole const& whole, Told const& told) {
  if (!is_gesture(told) || !is_gesture(whole.told) || told.at("key") != whole.told.at("key")) return;
  for (std::string const name : {"message", "robot", "card", "action"})
    REQUIRE(told_in(told, name) == told_in(whole.told, name));
  // The same message is known by its number alone.
  if (told.at("what") == "clicked") REQUIRE(told_in(told, "staff") == told_in(whole.told, "staff"));
}

}  // namespace

bool Whole::is_system() const { return frame.at("type") == "SYSTEM"; }
bool Whole::is_ping() const { return is_system() && told.at("is") == "answer"; }

std::vector<Whole> const& whole_frames() {
  static std::vector<Whole> const all = [] {
    std::vector<Whole> made;
    for (auto& [file, frame] : recorded_dingtalk()) {
      auto text = wire(frame);
      auto told = told_by(text);
      Told named;
      for (auto const& at : places_of(frame)) {
        auto const name = verbatim(plain(at));
        if (!name.empty() && frame.at(at).is_string()) named[name] = frame.at(at).get<std::string>();
      }
      made.push_back({file, std::move(frame), std::move(text), std::move(told), std::move(named)});
    }
    return made;
  }();
  return all;
}

std::vector<Whole const*> one_of_each_kind() {
  Names kinds;
  std::vector<Whole const*> found;
  for (auto const& each : whole_frames()) {
    auto const kind = each.told.at("is") + told_in(each.told, "topic") + told_in(each.told, "what");
    if (kinds.insert(kind).second) found.push_back(&each);
  }
  return found;
}

std::string told_in(Told const& told, std::string const& name) {
  auto const found = told.find(name);
  return found == told.end() ? std::string() : found->second;
}
bool is_gesture(Told const& told) { return told.count("what") == 1 && told.at("what") != "nothing"; }

std::string plain(Pointer const& place) {
  auto path = place.to_string();
  for (auto at = path.find("/json"); at != std::string::npos; at = path.find("/json")) path.erase(at, 5);
  if (within(path, "/header")) path.insert(7, "s");
  return path.empty() ? path : path.substr(1);
}

std::string verbatim(std::string const& plain_place) {
  static Told const kPlaces{
      {"data/msgId", "message"},          {"data/robotCode", "robot"}, {"data/conversationId", "conversation"},
      {"data/senderStaffId", "staff"},    {"data/userId", "staff"},    {"data/outTrackId", "card"},
      {"data/sessionWebhook", "webhook"}, {"headers/messageId", "id"}, {"headers/eventId", "event"}};
  return told_in(kPlaces, plain_place);
}

std::string data_in(std::string const& text) {
  auto const frame = Ordered::parse(text);
  auto const data = frame.find("data");
  if (data == frame.end() || data->is_null()) return {};
  return data->is_string() ? data->get<std::string>() : nlohmann::json(*data).dump();
}

Instead a_text(std::string const& value) { return {in_quotes(value), Instead::Kind::json, value}; }

void check_who(Whole const& whole, Told const& told) {
  if (!is_gesture(told)) return;
  // Who and what else is named in the recorded frames, and in what is put there instead; and what those said.
  constexpr std::array<std::string_view, 9> kOthers{"ben0202",           "cho0303",
                                                    "uBenInvented",      "msgQuotedInvented==",
                                                    "cidOpsInvented==",  "cidAloneInvented==",
                                                    "cidBossInvented==", "关闭 INC-41",
                                                    "P0 INC-42"};
  std::string mistaken;
  for (std::string const name : {"staff", "conversation", "message", "card", "text"}) {
    auto const found = told_in(told, name);
    bool const of_another = std::find(kOthers.begin(), kOthers.end(), found) != kOthers.end();
    if (of_another && found != told_in(whole.named, name) && found != told_in(whole.told, name))
      mistaken += name + ' ' + found + ' ';
  }
  REQUIRE_MESSAGE(mistaken.empty(), mistaken << "in " << shown(told));
}

void check_changed(Whole const& whole, Pointer const& at, Instead const& instead) {
  using Kind = Instead::Kind;
  auto const place = plain(at);
  Change change{&whole.frame.at(at)};
  if (instead.kind != Kind::gone) change.text = instead.text;
  auto const text = wire(whole.frame, change);
  CAPTURE(text);
  auto const told = told_by(text);
  check_who(whole, told);
  check_key(whole, told);

  auto const id = told_in(told, "id");
  REQUIRE((id.size() <= kLongestId && told_in(told, "event").size() <= kLongestId));
  bool const named = !within("headers/messageId", place);
  if (named) REQUIRE((id.empty() || id == told_in(whole.named, "id")));
  if (owes_answer(whole, place, instead.kind, at.to_string().find("/json") != std::string::npos)) {
    REQUIRE(!id.empty());
    if (whole.is_ping()) {
      REQUIRE(told.at("is") == "answer");
      REQUIRE(told.at("code") == "200");
      REQUIRE(told_in(told, "data") == data_in(text));
    }
  }

  bool const sound = instead.kind == Kind::json || instead.kind == Kind::gone;
  if (told.count("what") == 1 || (sound && (named || told.at("is") != "noise"))) {
    check_members(whole, place, told);
  } else if (!sound && instead.kind != Kind::twice && !whole.is_system()) {
    REQUIRE((told.at("is") == "noise" || told_in(told, "code") == "400"));
  }

  auto const name = verbatim(place);
  if (!name.empty() && sound && told_in(told, "what") != "nothing") {
    auto const found = told_in(told, name);
    REQUIRE((found.empty() || found == instead.value));
  }
}

}  // namespace tocsin::test
