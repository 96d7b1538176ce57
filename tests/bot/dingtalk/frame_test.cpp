#include "bot/dingtalk/frame.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace tocsin::dingtalk;
using nlohmann::json;

namespace {

json const kPing = json::parse(R"({
  "specVersion": "1.0", "type": "SYSTEM",
  "headers": {"topic": "ping", "messageId": "m-1", "contentType": "application/json", "time": "1700000000000"},
  "data": "{\"opaque\":\"0a1b\"}"})");

json const kSaid = json::parse(R"({
  "specVersion": "1.0", "type": "CALLBACK",
  "headers": {"topic": "/v1.0/im/bot/messages/get", "messageId": "m-2", "contentType": "application/json",
              "appId": "a", "connectionId": "c"},
  "data": "{\"msgId\":\"msg1\"}"})");

json const kEvent = json::parse(R"({
  "specVersion": "1.0", "type": "EVENT",
  "headers": {"topic": "*", "messageId": "m-3", "eventId": "e-1", "eventType": "chat_disband", "eventBornTime": "1"},
  "data": "{\"chatId\":\"x\"}"})");

template <class T>
T as(json const& frame) {
  auto const read = parse_frame(frame.dump());
  REQUIRE(std::holds_alternative<T>(read));
  return std::get<T>(read);
}

}  // namespace

TEST_CASE("dingtalk: a ping goes back with what it brought") {
  auto const ping = as<Ping>(kPing);
  CHECK(ping.message == "m-1");
  auto const pong = json::parse(tocsin::dingtalk::pong(ping));
  CHECK(pong.at("code") == 200);
  CHECK(pong.at("headers").at("messageId") == "m-1");
  CHECK(pong.at("headers").at("contentType") == "application/json");
  // A string, not an object.
  CHECK(pong.at("data") == R"({"opaque":"0a1b"})");
}

TEST_CASE("dingtalk: a farewell has a reason, and needs no identity") {
  auto frame = kPing;
  frame["headers"] = {{"topic", "disconnect"}};
  frame["data"] = R"({"reason":"connection is expired"})";
  CHECK(as<Disconnect>(frame).reason == "connection is expired");
  frame["data"] = nullptr;
  CHECK(as<Disconnect>(frame).reason.empty());
}

TEST_CASE("dingtalk: a callback and an event are told apart by their type, whatever the topic") {
  auto const said = as<Push>(kSaid);
  CHECK(said.kind == Push::Kind::callback);
  CHECK(said.message == "m-2");
  CHECK(said.data == R"({"msgId":"msg1"})");
  auto event = kEvent;
  for (auto const* topic : {"*", "chat_disband"}) {
    event["headers"]["topic"] = topic;
    auto const read = as<Push>(event);
    CHECK(read.kind == Push::Kind::event);
    CHECK(read.event == "e-1");
    CHECK(read.event_type == "chat_disband");
  }
  // As one example has it.
  auto misspelt = kSaid;
  misspelt["header"] = misspelt["headers"];
  misspelt.erase("headers");
  CHECK(as<Push>(misspelt).topic == "/v1.0/im/bot/messages/get");
  auto object = kSaid;
  object["data"] = {{"msgId", "msg1"}};
  CHECK(as<Push>(object).data == R"({"msgId":"msg1"})");
}

TEST_CASE("dingtalk: what only says that the peer lives is noise") {
  for (auto const* topic : {"KEEPALIVE", "CONNECTED", "REGISTERED", ""}) {
    auto frame = kPing;
    frame["headers"]["topic"] = topic;
    CHECK(std::holds_alternative<Noise>(parse_frame(frame.dump())));
  }
  for (auto const* text : {"", "ping", "null", "[]", "{}", R"({"type":"CALLBACK"})", R"({"headers":[]})", "\xff"})
    CHECK(std::holds_alternative<Noise>(parse_frame(text)));
  CHECK(std::holds_alternative<Noise>(parse_frame(std::string(100'000, '['))));
}

TEST_CASE("dingtalk: what can't be read but names itself is answered") {
  auto frame = kSaid;
  for (auto const* data : {"", "no JSON", "[]", "7"}) {
    frame["data"] = data;
    CHECK(as<Unreadable>(frame).message == "m-2");
  }
  frame["data"] = std::string(100, '[') + std::string(100, ']');
  CHECK(as<Unreadable>(frame).message == "m-2");
  frame = kSaid;
  frame["type"] = "TOMORROW";
  CHECK(as<Unreadable>(frame).message == "m-2");
}

TEST_CASE("dingtalk: a reply says what became of the push, with its data as text") {
  auto const read = [](std::string const& text) { return json::parse(text); };
  auto const taken = read(reply(as<Push>(kSaid), Receipt::taken));
  CHECK(taken.at("code") == 200);
  CHECK(taken.at("message") == "OK");
  CHECK(taken.at("data") == R"({"response":null})");
  auto const event = as<Push>(kEvent);
  CHECK(read(reply(event, Receipt::taken)).at("data") == R"({"status":"SUCCESS"})");
  auto const later = read(reply(event, Receipt::later));
  CHECK(later.at("code") == 500);
  CHECK(later.at("data") == R"({"status":"LATER"})");
  CHECK(read(reply("m-4", Receipt::unknown)).at("code") == 404);
  CHECK(read(reply("m-4", Receipt::broken)).at("code") == 400);
  auto const card = read(card_reply("m-5", R"({"cardData":{"cardParamMap":{"state":"taken"}}})"));
  CHECK(json::parse(card.at("data").get<std::string>()).at("response").at("cardData").at("cardParamMap").at("state") ==
        "taken");
  for (auto const* nothing : {"", "[]", "no"})
    CHECK(read(card_reply("m-5", nothing)).at("data") == R"({"response":{}})");
}

TEST_CASE("dingtalk: frames broken in any way are read or passed over, and never more") {
  for (auto const& whole : {kPing, kSaid, kEvent}) {
    auto const text = whole.dump();
    for (std::size_t length = 0; length < text.size(); ++length) static_cast<void>(parse_frame(text.substr(0, length)));
    for (auto const& [name, value] : whole.items()) {
      for (auto const& wrong : {json(nullptr), json(7), json("x"), json::array({1}), json{{"a", 1}}}) {
        auto broken = whole;
        broken[name] = wrong;
        static_cast<void>(parse_frame(broken.dump()));
      }
    }
  }
}

TEST_CASE("dingtalk: what is no JSON is not answered, so that it comes again whole; half an emoji is no reason") {
  auto const text = kSaid.dump();
  for (auto const& broken : {text.substr(0, text.size() - 1), "{\"x\":1e999," + text.substr(1), text + "}"})
    CHECK(std::holds_alternative<Noise>(parse_frame(broken)));
  auto const half = parse_frame("{\"x\":\"\\ud83d\"," + text.substr(1));
  REQUIRE(std::holds_alternative<Push>(half));
  CHECK(std::get<Push>(half).message == "m-2");
}

TEST_CASE("dingtalk: an event may say all it has to say in its headers, whatever they are called") {
  auto event = kEvent;
  for (auto const& data : {json(""), json(nullptr)}) {
    event["data"] = data;
    CHECK(as<Push>(event).event == "e-1");
  }
  event["header"] = event["headers"];
  event["headers"] = nullptr;
  CHECK(as<Push>(event).event == "e-1");
}
