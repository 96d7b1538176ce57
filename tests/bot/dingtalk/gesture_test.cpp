#include "bot/dingtalk/gesture.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

using namespace tocsin;
using namespace tocsin::dingtalk;
using nlohmann::json;

namespace {

json const kGroup = json::parse(R"({
  "msgId": "msg1==", "msgtype": "text", "createAt": 1700000000123, "conversationType": "2",
  "conversationId": "cidOPS==", "conversationTitle": "ops", "senderId": "$:LWCP_v1:$abc", "senderStaffId": "manager1",
  "senderNick": "小李", "chatbotUserId": "$:LWCP_v1:$bot", "robotCode": "dingbot", "isInAtList": true,
  "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}, {"dingtalkId": "$:LWCP_v1:$x", "staffId": "manager2"}],
  "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=s",
  "sessionWebhookExpiredTime": 1700005400123, "text": {"content": " 新建 P0 网站打不开 "}})");

json const kCard = json::parse(R"({
  "type": "actionCallback", "outTrackId": "INC-1", "userId": "manager1", "userIdType": 1, "spaceType": "IM_GROUP",
  "content": "{\"cardPrivateData\":{\"actionIds\":[\"ack\"],\"params\":{\"incident\":\"INC-1\",\"n\":2}}}"})");

Push push(json const& data, std::string_view topic = kBotTopic) {
  return {Push::Kind::callback, "m-1", std::string(topic), {}, {}, data.dump()};
}

template <class T>
T as(Push const& pushed) {
  auto const gesture = gesture_of(pushed);
  REQUIRE(std::holds_alternative<T>(gesture.what));
  return std::get<T>(gesture.what);
}

}  // namespace

TEST_CASE("dingtalk: in a group a message is what was said behind the mention, and to whom else") {
  auto const typed = as<Typed>(push(kGroup));
  CHECK(gesture_of(push(kGroup)).key == "message:dingbot:msg1==");
  CHECK(typed.text == "新建 P0 网站打不开");
  CHECK(typed.group);
  CHECK(typed.conversation == "cidOPS==");
  CHECK(typed.staff == "manager1");
  CHECK(typed.mentioned == std::vector<std::string>{"manager2"});
  CHECK(typed.at == Instant{Millis{1700000000123}});
  CHECK(typed.webhook_until - typed.at == std::chrono::minutes{90});
  CHECK_FALSE(typed.spoken);
}

TEST_CASE("dingtalk: a repeat is the same gesture, though its delivery is another") {
  auto again = push(kGroup);
  again.message = "m-2";
  CHECK(gesture_of(again).key == gesture_of(push(kGroup)).key);
}

TEST_CASE("dingtalk: whoever is from outside has no staff id") {
  auto outside = kGroup;
  outside.erase("senderStaffId");
  auto const typed = as<Typed>(push(outside));
  CHECK(typed.staff.empty());
  CHECK(typed.nick == "小李");
}

TEST_CASE("dingtalk: the blanks of phones and the mention of rich text are no part of a command") {
  for (auto const* text :
       {"  status", "\u2005status\u3000", "@警钟 status", "@警钟\u2005@小李 status", "\u00A0@Tocsin\u00A0status"})
    CHECK(bare_text(text) == "status");
  CHECK(bare_text("@警钟") == "@警钟");
  CHECK(bare_text("mail a@b.c") == "mail a@b.c");
  CHECK(bare_text("").empty());
}

TEST_CASE("dingtalk: rich text, pictures, files and speech") {
  auto rich = kGroup;
  rich["msgtype"] = "richText";
  rich.erase("text");
  rich["content"] = {
      {"richText", {{{"text", "@警钟 "}}, {{"text", "备注 看图"}}, {{"type", "picture"}, {"downloadCode", "d1"}}}}};
  auto const typed = as<Typed>(push(rich));
  CHECK(typed.text == "备注 看图");
  REQUIRE(typed.attachments.size() == 1);
  CHECK(typed.attachments[0].code == "d1");
  auto file = kGroup;
  file["msgtype"] = "file";
  file["content"] = {{"downloadCode", "d2"}, {"fileName", "heap.txt"}};
  CHECK(as<Typed>(push(file)).attachments[0].name == "heap.txt");
  auto speech = kGroup;
  speech["msgtype"] = "audio";
  speech["content"] = {{"downloadCode", "d3"}, {"recognition", "状态"}};
  auto const spoken = as<Typed>(push(speech));
  CHECK(spoken.spoken);
  CHECK(spoken.text == "状态");
  auto unknown = kGroup;
  unknown["msgtype"] = "unknownMsgType";
  CHECK(std::holds_alternative<dingtalk::Nothing>(gesture_of(push(unknown)).what));
}

TEST_CASE("dingtalk: a click names its card, its button and what is bound to it") {
  auto const clicked = as<Clicked>(push(kCard, kCardTopic));
  CHECK(clicked.card == "INC-1");
  CHECK(clicked.staff == "manager1");
  CHECK(clicked.action == "ack");
  CHECK(clicked.params == std::map<std::string, std::string>{{"incident", "INC-1"}, {"n", "2"}});
  auto valued = kCard;
  valued["value"] = valued["content"];
  valued.erase("content");
  CHECK(gesture_of(push(valued, kCardTopic)).key == gesture_of(push(kCard, kCardTopic)).key);
  for (auto const* content : {"", "no JSON", "{}", R"({"cardPrivateData":{"actionIds":[7]}})"}) {
    auto broken = kCard;
    broken["content"] = content;
    CHECK(std::holds_alternative<dingtalk::Nothing>(gesture_of(push(broken, kCardTopic)).what));
  }
}

TEST_CASE("dingtalk: payloads broken in any way are read or passed over, and never more") {
  for (auto const& [whole, topic] : {std::pair(kGroup, kBotTopic), std::pair(kCard, kCardTopic)}) {
    for (auto const& [name, value] : whole.items()) {
      for (auto const& wrong : {json(nullptr), json(-7), json("x"), json::array({1}), json{{"a", 1}}}) {
        auto broken = whole;
        broken[name] = wrong;
        static_cast<void>(gesture_of(push(broken, topic)));
        broken.erase(name);
        static_cast<void>(gesture_of(push(broken, topic)));
      }
    }
  }
  Push const event{Push::Kind::event, "m", "*", "e-1", "chat_disband", "{}"};
  CHECK(gesture_of(event).key == "event:e-1");
}

TEST_CASE("dingtalk: who else reads an answer is known for certain, or there is none") {
  auto said = kGroup;
  said["conversationType"] = 2;
  CHECK(as<Typed>(push(said)).group);
  said["conversationType"] = "1";
  CHECK_FALSE(as<Typed>(push(said)).group);
  for (auto const& kind : {json("3"), json(""), json(nullptr), json(0), json::array({"2"}), json("２")}) {
    CAPTURE(kind);
    said["conversationType"] = kind;
    CHECK(std::holds_alternative<dingtalk::Nothing>(gesture_of(push(said)).what));
  }
  said.erase("conversationType");
  CHECK(std::holds_alternative<dingtalk::Nothing>(gesture_of(push(said)).what));
}

TEST_CASE("dingtalk: in rich text a mention and a picture part words, and nothing else does") {
  auto const text = [](json const& items, std::string_view bot = "警钟") {
    auto rich = kGroup;
    rich["msgtype"] = "richText";
    rich["content"] = {{"richText", items}};
    auto const gesture = gesture_of(push(rich), bot);
    REQUIRE(std::holds_alternative<Typed>(gesture.what));
    return std::get<Typed>(gesture.what).text;
  };
  json const picture{{"type", "picture"}, {"downloadCode", "c"}};
  CHECK(text({{{"text", "@警钟"}}, {{"text", "认领 INC-42"}}}) == "认领 INC-42");
  CHECK(text({{{"text", "认领"}}, picture, {{"text", "INC-42"}}}) == "认领 INC-42");
  CHECK(text({{{"text", "认"}}, {{"text", "领 INC-"}}, {{"text", "42"}}}) == "认领 INC-42");
  CHECK(text({{{"text", "@Tocsin Bot"}}, {{"text", "ack"}}}, "Tocsin Bot") == "ack");
  CHECK(text({{{"text", "@Tocsin Bot ack"}}}, "Tocsin Bot") == "ack");
  CHECK(text({{{"text", "@Tocsin Botany ack"}}}, "Tocsin Bot") == "Botany ack");
}

TEST_CASE("dingtalk: a time that can't be is none") {
  auto said = kGroup;
  for (auto const& time : {json("1700000000123"), json(1.700000000123e12)}) {
    said["createAt"] = time;
    CHECK(as<Typed>(push(said)).at == Instant{Millis{1700000000123}});
  }
  for (auto const& time : {json(std::numeric_limits<std::int64_t>::min()), json(18446744073709551615ULL), json(-1),
                           json("now"), json(1e300), json("nan"), json("inf"), json(nullptr), json(9e15)}) {
    CAPTURE(time);
    said["createAt"] = time;
    CHECK(as<Typed>(push(said)).at == Instant{});
  }
}

TEST_CASE("dingtalk: a title cut in the middle of an emoji costs nobody a command") {
  auto pushed = push(kGroup);
  auto const at = pushed.data.find("\"ops\"");
  REQUIRE(at != std::string::npos);
  for (auto const* title : {R"("ops \ud83d")", R"("\ude00 ops")", R"("\ud83d\ud83d\ude00")"}) {
    auto cut = pushed;
    cut.data.replace(at, 5, title);
    CHECK(as<Typed>(cut).text == "新建 P0 网站打不开");
  }
  // What is whole stays whole, an escaped backslash too.
  auto whole = pushed;
  whole.data.replace(at, 5, R"("\ud83d\ude00 \\ud83d")");
  CHECK(as<Typed>(whole).text == "新建 P0 网站打不开");
}

TEST_CASE("dingtalk: others who are mentioned are known without the bot's own id") {
  auto said = kGroup;
  said.erase("chatbotUserId");
  said["atUsers"] = {{{"staffId", "manager2"}}};
  CHECK(as<Typed>(push(said)).mentioned == std::vector<std::string>{"manager2"});
}

TEST_CASE("dingtalk: what was pressed on a card may be an object, and stand under either name") {
  auto const inner = json::parse(kCard["content"].get<std::string>());
  auto object = kCard;
  object["content"] = inner;
  CHECK(gesture_of(push(object, kCardTopic)).key == gesture_of(push(kCard, kCardTopic)).key);
  auto empty = kCard;
  empty["value"] = empty["content"];
  empty["content"] = "{}";
  CHECK(gesture_of(push(empty, kCardTopic)).key == gesture_of(push(kCard, kCardTopic)).key);
  auto union_id = kCard;
  for (auto const& type : {json(2), json("2")}) {
    union_id["userIdType"] = type;
    CHECK(as<Clicked>(push(union_id, kCardTopic)).by_union);
  }
  CHECK_FALSE(as<Clicked>(push(kCard, kCardTopic)).by_union);
}
