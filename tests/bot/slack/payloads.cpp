#include "tests/bot/slack/payloads.hpp"

#include <array>

namespace tocsin::test {
namespace {

using Json = nlohmann::json;
using namespace tocsin::slack;

void put(Json& object, char const* name, std::string const& text) {
  if (!text.empty()) object[name] = text;
}
void put(Json& object, char const* name, bool flag) {
  if (flag) object[name] = true;
}
void put(Json& object, Place const& place) {
  put(object, "channel", place.channel);
  put(object, "thread", place.thread);
  put(object, "direct", place.direct);
}

Json shown(slack::Nothing const&) { return {{"kind", "Nothing"}}; }
Json shown(Typed const& typed) {
  Json object{{"kind", "Typed"}};
  put(object, typed.place);
  put(object, "user", typed.user);
  put(object, "text", typed.text);
  put(object, "message", typed.message);
  put(object, "command", typed.command);
  put(object, "response_url", typed.response_url);
  put(object, "trigger", typed.trigger);
  return object;
}
Json shown(Pressed const& pressed) {
  Json object{{"kind", "Pressed"}};
  put(object, pressed.place);
  put(object, "user", pressed.user);
  put(object, "action", pressed.action);
  put(object, "value", pressed.value);
  put(object, "message", pressed.message);
  put(object, "response_url", pressed.response_url);
  put(object, "trigger", pressed.trigger);
  return object;
}
Json shown(Submitted const& submitted) {
  Json object{{"kind", "Submitted"}, {"values", Json::object()}};
  put(object, "user", submitted.user);
  put(object, "callback", submitted.callback);
  put(object, "metadata", submitted.metadata);
  for (auto const& [block, value] : submitted.values) object["values"][block] = value;
  return object;
}
Json shown(Shortcut const& shortcut) {
  Json object{{"kind", "Shortcut"}};
  put(object, shortcut.place);
  put(object, "user", shortcut.user);
  put(object, "callback", shortcut.callback);
  put(object, "message", shortcut.message);
  put(object, "text", shortcut.text);
  put(object, "trigger", shortcut.trigger);
  return object;
}
Json shown(Marked const& marked) {
  Json object{{"kind", "Marked"}};
  put(object, "user", marked.user);
  put(object, "emoji", marked.emoji);
  put(object, "channel", marked.channel);
  put(object, "message", marked.message);
  return object;
}
Json shown(HomeOpened const& opened) { return {{"kind", "HomeOpened"}, {"user", opened.user}}; }
Json shown(ChannelChanged const& changed) {
  constexpr std::array kHow{"archived", "renamed", "left"};
  Json object{{"kind", "ChannelChanged"}, {"how", kHow.at(static_cast<std::size_t>(changed.how))}};
  put(object, "channel", changed.channel);
  put(object, "name", changed.name);
  return object;
}

struct Shown {
  Json operator()(Noise const&) const { return {{"frame", "noise"}}; }
  Json operator()(Unreadable const& unreadable) const { return {{"frame", "unreadable"}, {"id", unreadable.id}}; }
  Json operator()(Hello const& hello) const {
    Json object{{"frame", "hello"}};
    put(object, "app_id", hello.app_id);
    put(object, "host", hello.host);
    if (hello.sockets) object["sockets"] = *hello.sockets;
    if (hello.life) object["life_seconds"] = hello.life->count() / 1'000;
    return object;
  }
  Json operator()(Disconnect const& disconnect) const {
    constexpr std::array kWhy{"recycled", "disabled", "crowded"};
    Json object{{"frame", "disconnect"}, {"why", kWhy.at(static_cast<std::size_t>(disconnect.why))}};
    put(object, "reason", disconnect.reason);
    return object;
  }
  Json operator()(Envelope const& envelope) const {
    auto const gesture = gesture_of(envelope, recorded_self());
    return {{"frame", "envelope"},
            {"id", envelope.id},
            {"type", envelope.type},
            {"takes_payload", envelope.takes_payload},
            {"attempt", envelope.attempt},
            {"key", gesture.key},
            {"gesture", std::visit([](auto const& what) { return shown(what); }, gesture.what)}};
  }
};

}  // namespace

Self const& recorded_self() {
  static Self const self{"U0BOT", "B0BOT"};
  return self;
}

std::vector<Recorded> recorded_slack() { return recorded_in("tests/bot/slack/payloads"); }

Json read_of(std::string_view text) { return std::visit(Shown{}, parse_frame(text)); }

}  // namespace tocsin::test
