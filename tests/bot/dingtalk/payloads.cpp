#include "tests/bot/dingtalk/payloads.hpp"

#include <array>
#include <cstdio>

#include "bot/dingtalk/gesture.hpp"
#include "bot/dingtalk/stream.hpp"

namespace tocsin::test {
namespace {

using Json = nlohmann::json;
using namespace tocsin::dingtalk;

bool is_nested(Ordered const& node) { return node.is_object() && node.size() == 1 && node.contains("json"); }

void write(std::string& out, Ordered const& node, Change const& change) {
  if (&node == change.place) {
    out += change.text.value_or("");
  } else if (is_nested(node)) {
    std::string inner;
    write(inner, node.front(), change);
    out += in_quotes(inner);
  } else if (node.is_object() || node.is_array()) {
    out += node.is_object() ? '{' : '[';
    bool first = true;
    for (auto const& [name, child] : node.items()) {
      if (&child == change.place && !change.text) continue;
      if (!std::exchange(first, false)) out += ',';
      if (node.is_object()) out += in_quotes(name) + ':';
      write(out, child, change);
    }
    out += node.is_object() ? '}' : ']';
  } else {
    out += node.is_string() ? in_quotes(node.get_ref<std::string const&>()) : node.dump();
  }
}

void put(Told& told, std::string const& name, std::string const& text) {
  if (!text.empty()) told[name] = text;
}
void put(Told& told, std::string const& name, bool flag) { put(told, name, std::string(flag ? "yes" : "")); }
void put(Told& told, std::string const& name, Instant at) {
  if (at != Instant{}) told[name] = std::to_string(to_millis(at));
}

void put(Told& told, dingtalk::Nothing const&) { told["what"] = "nothing"; }
void put(Told& told, Typed const& typed) {
  told["what"] = "typed";
  put(told, "robot", typed.robot);
  put(told, "message", typed.message);
  put(told, "conversation", typed.conversation);
  put(told, "group", typed.group);
  put(told, "staff", typed.staff);
  put(told, "nick", typed.nick);
  put(told, "at", typed.at);
  put(told, "text", typed.text);
  put(told, "spoken", typed.spoken);
  put(told, "webhook", typed.webhook);
  put(told, "webhook_until", typed.webhook_until);
  put(told, "quoted", typed.quoted);
  for (auto const& staff : typed.mentioned) told["mentioned"] += (told["mentioned"].empty() ? "" : ", ") + staff;
  for (auto const& each : typed.attachments) {
    constexpr std::array kKinds{"picture", "file", "video", "speech"};
    auto& all = told["attachments"];
    all += (all.empty() ? "" : ", ") + std::string(kKinds.at(static_cast<std::size_t>(each.kind)));
    for (auto const& part : {each.code, each.name}) all += part.empty() ? "" : " " + part;
  }
}
void put(Told& told, Clicked const& clicked) {
  told["what"] = "clicked";
  put(told, "card", clicked.card);
  put(told, "staff", clicked.staff);
  put(told, "by_union", clicked.by_union);
  put(told, "action", clicked.action);
  for (auto const& [name, value] : clicked.params) told["param " + name] = value;
}

Told told_of(Push const& push) {
  Told told{{"is", push.kind == Push::Kind::callback ? "callback" : "event"}};
  put(told, "id", push.message);
  put(told, "topic", push.topic);
  put(told, "event", push.event);
  put(told, "event_type", push.event_type);
  auto const gesture = gesture_of(push);
  put(told, "key", gesture.key);
  std::visit([&](auto const& what) { put(told, what); }, gesture.what);
  return told;
}

struct Means {
  Told operator()(chat::Noise const&) const { return {{"is", "noise"}}; }
  Told operator()(chat::Greeting const&) const { return {{"is", "greeting"}}; }
  Told operator()(chat::Farewell const& farewell) const {
    constexpr std::array kWhy{"recycled", "disabled", "crowded"};
    Told told{{"is", "farewell"}, {"why", kWhy.at(static_cast<std::size_t>(farewell.why))}};
    put(told, "reason", farewell.reason);
    return told;
  }
  Told operator()(chat::Reply const& reply) const {
    auto const sent = Json::parse(reply.text);
    Told told{{"is", "answer"}, {"code", sent.at("code").dump()}};
    put(told, "id", sent.at("headers").at("messageId").get<std::string>());
    put(told, "data", sent.at("data").get<std::string>());
    put(told, "happened", reply.happened);
    return told;
  }
  Told operator()(chat::Item const& item) const {
    item.deliver(7);
    return told_of(*delivered);
  }
  std::optional<Push> const& delivered;
};

}  // namespace

std::vector<Recorded> recorded_dingtalk() { return recorded_in("tests/bot/dingtalk/payloads"); }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (char const c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    }
  }
  return out + '"';
}

std::string wire(Ordered const& frame, Change const& change) {
  std::string out;
  write(out, frame, change);
  return out;
}

Told told_by(std::string_view text) {
  std::optional<Push> delivered;
  auto const meaning = meaning_of(text, [&](ConnectionId id, Push const& push) {
    REQUIRE(id == 7);
    REQUIRE(!delivered.has_value());
    delivered = push;
  });
  return std::visit(Means{delivered}, meaning);
}

std::string shown(Told const& told) {
  std::string out;
  for (auto const& [name, value] : told) out += name + ": " + value + "; ";
  return out;
}

}  // namespace tocsin::test
