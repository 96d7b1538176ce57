#include "bot/slack/gesture.hpp"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

using namespace tocsin;
using namespace tocsin::slack;
using Json = nlohmann::json;

namespace {

Self const kSelf{"U0BOT", "B0BOT"};

Gesture gesture(std::string const& type, Json const& payload) {
  return gesture_of({"env-1", type, payload.dump(), false, 0}, kSelf);
}
Gesture event(Json const& event, std::string const& id = "Ev1") {
  return gesture("events_api", {{"type", "event_callback"}, {"event_id", id}, {"event", event}});
}

template <class Kind>
Kind as(Gesture const& gesture) {
  auto const* kind = std::get_if<Kind>(&gesture.what);
  REQUIRE(kind != nullptr);
  return *kind;
}
bool is_nothing(Gesture const& gesture) { return std::holds_alternative<Nothing>(gesture.what); }

Json const kCommand = Json::parse(R"({
  "command": "/incident", "text": "open P0 登录 &lt;慢&gt; &amp;amp; <@U0LEE|lee>", "user_id": "U0JO", "user_name": "jo",
  "channel_id": "C0OPS", "channel_name": "ops", "team_id": "T0T", "is_enterprise_install": "false",
  "response_url": "https://hooks.slack.com/commands/1", "trigger_id": "13.37.abc", "token": "gone"})");

Json const kPress = Json::parse(R"({
  "type": "block_actions", "api_app_id": "A0APP", "trigger_id": "1.2.abc", "team": {"id": "T0T"}, "enterprise": null,
  "user": {"id": "U0JO", "username": "jo"},
  "container": {"type": "message", "message_ts": "1700000000.000100", "channel_id": "C0C",
                "thread_ts": "1700000000.000050", "is_ephemeral": false},
  "channel": {"id": "C0C", "name": "inc-42"}, "message": {"type": "message", "ts": "1700000000.000100"},
  "state": {"values": {}}, "response_url": "https://hooks.slack.com/actions/1",
  "actions": [{"type": "button", "action_id": "run.0", "block_id": "b1", "value": "/incident ack INC-42",
               "action_ts": "1700000001.123456"}]})");

Json const kSubmission = Json::parse(R"({
  "type": "view_submission", "team": null, "user": {"id": "U0JO"}, "trigger_id": "9.9.z",
  "view": {"id": "V1", "hash": "h1", "callback_id": "open", "private_metadata": "C0OPS", "blocks": [],
    "state": {"values": {
      "title": {"t": {"type": "plain_text_input", "value": "网站 &lt;打不开&gt;"}},
      "severity": {"s": {"type": "static_select", "selected_option": {"text": {"text": "P0"}, "value": "P0"}}},
      "note": {"n": {"type": "plain_text_input", "value": null}},
      "who": {"w": {"type": "multi_users_select", "selected_users": ["U1", "U2"]}},
      "tags": {"g": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}}}}}})");

Json const kMention = Json::parse(R"({
  "type": "app_mention", "user": "U0JO", "text": "<@U0BOT> 认领", "ts": "1700000002.000200", "channel": "C0C",
  "thread_ts": "1700000000.000050", "event_ts": "1700000002.000200", "client_msg_id": "c1"})");

Json const kDirect = Json::parse(R"({
  "type": "message", "channel": "D0JO", "channel_type": "im", "user": "U0JO", "text": "4",
  "ts": "1700000003.000300", "event_ts": "1700000003.000300", "team": "T0T", "blocks": []})");

Json const kReaction = Json::parse(R"({
  "type": "reaction_added", "user": "U0JO", "reaction": "pushpin", "item_user": "U0LEE",
  "item": {"type": "message", "channel": "C0C", "ts": "1700000000.000050"}, "event_ts": "1700000004.000400"})");

Json const kPin = Json::parse(R"({
  "type": "pin_added", "user": "U0JO", "channel_id": "C0C", "pin_count": 1, "event_ts": "1700000005.000500",
  "item": {"type": "message", "channel": "C0C", "created": 1700000005, "created_by": "U0JO",
           "message": {"ts": "1700000000.000060", "permalink": "https://x.slack.com/archives/C0C/p1"}}})");

Json const kRename = Json::parse(R"({
  "type": "channel_rename", "channel": {"id": "C0C", "name": "inc-42-done", "created": 1700000000}})");

}  // namespace

TEST_CASE("slack: a slash command is what was typed, with its entities decoded once") {
  auto const read = gesture("slash_commands", kCommand);
  auto const typed = as<Typed>(read);
  CHECK(read.key == "command:13.37.abc");
  CHECK(typed.text == "/incident open P0 登录 <慢> &amp; <@U0LEE|lee>");
  CHECK(typed.user == "U0JO");
  CHECK(typed.place.channel == "C0OPS");
  CHECK(!typed.place.direct);
  CHECK(typed.command);
  CHECK(typed.trigger == "13.37.abc");
  auto direct = kCommand;
  direct["channel_name"] = "directmessage";
  direct["text"] = "";
  CHECK(as<Typed>(gesture("slash_commands", direct)).place.direct);
  CHECK(as<Typed>(gesture("slash_commands", direct)).text == "/incident");
  direct.erase("trigger_id");
  CHECK(gesture("slash_commands", direct).key == "command:env-1");
}

TEST_CASE("slack: a press carries its command, where it was made and what to answer to") {
  auto const read = gesture("interactive", kPress);
  auto const press = as<Pressed>(read);
  CHECK(read.key == "trigger:1.2.abc");
  CHECK(press.action == "run.0");
  CHECK(press.value == "/incident ack INC-42");
  CHECK(press.place.channel == "C0C");
  CHECK(press.place.thread == "1700000000.000050");
  CHECK(press.message == "1700000000.000100");
  auto bare = kPress;
  bare.erase("trigger_id");
  CHECK(gesture("interactive", bare).key == "action:U0JO:1700000001.123456:run.0");
}

TEST_CASE("slack: a submitted view gives one value for each block, whatever its kind, and none is no value") {
  auto const read = gesture("interactive", kSubmission);
  auto const submitted = as<Submitted>(read);
  CHECK(read.key == "view:V1:h1");
  CHECK(submitted.callback == "open");
  CHECK(submitted.metadata == "C0OPS");
  CHECK(submitted.values ==
        std::map<std::string, std::string>{
            {"title", "网站 <打不开>"}, {"severity", "P0"}, {"note", ""}, {"who", "U1,U2"}, {"tags", "a,b"}});
}

TEST_CASE("slack: a mention counts once, in whichever order its two events come") {
  auto message = kMention;
  message["type"] = "message";
  message["channel_type"] = "channel";
  // Whichever comes first is taken, for the other may have gone to a socket that nobody reads.
  auto const mention = event(kMention, "Ev2");
  for (auto const& each : {mention, event(message, "Ev1")}) {
    CHECK(as<Typed>(each).text == "<@U0BOT> 认领");
    CHECK(as<Typed>(each).place.thread == "1700000000.000050");
    CHECK(each.key == mention.key);
  }
  CHECK(mention.key == event(kMention, "Ev3").key);  // redelivered, and under another number
}

TEST_CASE("slack: words in a direct message are for the bot; a root is no reply to itself") {
  auto direct = kDirect;
  auto const typed = as<Typed>(event(direct));
  CHECK(typed.place.direct);
  CHECK(typed.text == "4");
  CHECK(typed.place.thread.empty());
  direct["thread_ts"] = direct["ts"];
  CHECK(as<Typed>(event(direct)).place.thread.empty());
}

TEST_CASE("slack: what the bot said itself, edits and notices are nobody's wish") {
  auto own = kDirect;
  own["user"] = "U0BOT";
  CHECK(is_nothing(event(own)));
  own = kDirect;
  own["bot_id"] = "B0BOT";
  CHECK(is_nothing(event(own)));
  own["bot_id"] = "B0OTHER";  // some person's other client
  CHECK(!is_nothing(event(own)));
  for (auto const* subtype : {"message_changed", "message_deleted", "channel_join", "bot_message", "message_replied"}) {
    auto notice = kDirect;
    notice["subtype"] = subtype;
    CAPTURE(subtype);
    CHECK(is_nothing(event(notice)));
  }
  for (auto const* subtype : {"thread_broadcast", "file_share", "me_message"}) {
    auto said = kDirect;
    said["subtype"] = subtype;
    CHECK(!is_nothing(event(said)));
  }
}

TEST_CASE("slack: a reaction and a pin name their message") {
  auto const reaction = as<Marked>(event(kReaction));
  CHECK(reaction.emoji == "pushpin");
  CHECK(reaction.channel == "C0C");
  CHECK(reaction.message == "1700000000.000050");
  auto const pin = as<Marked>(event(kPin));
  CHECK(pin.emoji.empty());
  CHECK(pin.message == "1700000000.000060");
  auto own = kReaction;
  own["user"] = "U0BOT";
  CHECK(is_nothing(event(own)));
}

TEST_CASE("slack: what becomes of a channel is told, who else comes and goes is not") {
  auto const renamed = as<ChannelChanged>(event(kRename));
  CHECK(renamed.how == ChannelChanged::How::renamed);
  CHECK(renamed.name == "inc-42-done");
  CHECK(as<ChannelChanged>(event({{"type", "group_archive"}, {"channel", "G1"}})).how == ChannelChanged::How::archived);
  CHECK(as<ChannelChanged>(event({{"type", "channel_left"}, {"channel", "C1"}})).how == ChannelChanged::How::left);
  CHECK(is_nothing(event({{"type", "member_left_channel"}, {"channel", "C1"}, {"user", "U0JO"}})));
  CHECK(as<HomeOpened>(event({{"type", "app_home_opened"}, {"user", "U0JO"}, {"tab", "home"}})).user == "U0JO");
}

TEST_CASE("slack: three characters are written as entities, and read back as themselves") {
  CHECK(encoded("<!channel> & <https://x.test|y>") == "&lt;!channel&gt; &amp; &lt;https://x.test|y&gt;");
  CHECK(decoded("&amp;lt;") == "&lt;");
  CHECK(decoded("&nbsp;&quot;&") == "&nbsp;&quot;&");
  for (auto const* text : {"", "a<b>c&d", "&lt;", "&&amp;&", "网站<慢>"}) CHECK(decoded(encoded(text)) == text);
}
