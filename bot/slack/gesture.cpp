#include "bot/slack/gesture.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "bot/detail/json.hpp"

namespace tocsin::slack {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;

/// Several events tell of one message, and one event comes again.
std::string message_key(std::string const& channel, std::string const& message) {
  return "message:" + channel + ':' + message;
}

Gesture slash_command(Json const& payload, Envelope const& envelope) {
  Typed typed;
  typed.place.channel = text_at(payload, "channel_id");
  typed.place.direct = text_at(payload, "channel_name") == "directmessage";
  typed.user = text_at(payload, "user_id");
  auto const rest = text_at(payload, "text");
  typed.text = decoded(text_at(payload, "command") + (rest.empty() ? "" : " " + rest));
  typed.command = true;
  typed.response_url = text_at(payload, "response_url");
  typed.trigger = text_at(payload, "trigger_id");
  std::string key = "command:" + (typed.trigger.empty() ? envelope.id : typed.trigger);
  if (typed.user.empty() || typed.text.empty() || typed.place.channel.empty()) return {key, Nothing{}};
  return {std::move(key), std::move(typed)};
}

/// The current value of one element, whatever its kind; several choices are joined by commas.
std::string value_of(Json const& element) {
  for (auto const* name :
       {"value", "selected_user", "selected_conversation", "selected_channel", "selected_date", "selected_time"}) {
    if (auto text = text_at(element, name); !text.empty()) return text;
  }
  if (auto text = text_at(at(element, "selected_option"), "value"); !text.empty()) return text;
  std::string joined;
  auto const add = [&joined](std::string const& text) {
    if (!text.empty()) joined += (joined.empty() ? "" : ",") + text;
  };
  for (auto const& each : list_at(element, "selected_options")) add(text_at(each, "value"));
  for (auto const* name : {"selected_users", "selected_conversations", "selected_channels"}) {
    for (auto const& each : list_at(element, name)) add(each.is_string() ? each.get<std::string>() : "");
  }
  if (auto const& seconds = at(element, "selected_date_time"); seconds.is_number_integer()) add(seconds.dump());
  return joined;
}

Gesture pressed(Json const& payload, Envelope const& envelope) {
  auto const& actions = at(payload, "actions");
  if (!actions.is_array() || actions.empty()) return {"envelope:" + envelope.id, Nothing{}};
  auto const& action = actions.front();
  auto const& container = at(payload, "container");
  Pressed pressed;
  pressed.user = text_at(at(payload, "user"), "id");
  pressed.action = text_at(action, "action_id");
  pressed.value = value_of(action);
  pressed.message = text_at(container, "message_ts");
  auto const& hidden = at(container, "is_ephemeral");
  pressed.hidden = hidden.is_boolean() && hidden.get<bool>();
  pressed.place.channel = text_at(container, "channel_id");
  if (pressed.place.channel.empty()) pressed.place.channel = text_at(at(payload, "channel"), "id");
  pressed.place.thread = text_at(container, "thread_ts");
  pressed.place.direct = pressed.place.channel.starts_with('D');
  pressed.response_url = text_at(payload, "response_url");
  pressed.trigger = text_at(payload, "trigger_id");
  auto key = pressed.trigger.empty()
                 ? "action:" + pressed.user + ':' + text_at(action, "action_ts") + ':' + pressed.action
                 : "trigger:" + pressed.trigger;
  if (pressed.user.empty() || pressed.action.empty()) return {std::move(key), Nothing{}};
  return {std::move(key), std::move(pressed)};
}

Gesture submitted(Json const& payload, Envelope const& envelope) {
  auto const& view = at(payload, "view");
  Submitted submitted;
  submitted.user = text_at(at(payload, "user"), "id");
  submitted.callback = text_at(view, "callback_id");
  submitted.metadata = text_at(view, "private_metadata");
  auto const& values = at(at(view, "state"), "values");
  if (values.is_object()) {
    for (auto const& [block, elements] : values.items()) {
      if (!elements.is_object() || elements.empty()) continue;
      submitted.values[block] = decoded(value_of(*elements.begin()));
    }
  }
  auto const id = text_at(view, "id");
  auto key = id.empty() ? "envelope:" + envelope.id : "view:" + id + ':' + text_at(view, "hash");
  if (submitted.user.empty()) return {std::move(key), Nothing{}};
  return {std::move(key), std::move(submitted)};
}

Gesture shortcut(Json const& payload, Envelope const& envelope) {
  Shortcut shortcut;
  shortcut.user = text_at(at(payload, "user"), "id");
  shortcut.callback = text_at(payload, "callback_id");
  shortcut.place.channel = text_at(at(payload, "channel"), "id");
  auto const& message = at(payload, "message");
  shortcut.place.thread = text_at(message, "thread_ts");
  shortcut.message = text_at(message, "ts");
  shortcut.text = decoded(text_at(message, "text"));
  shortcut.trigger = text_at(payload, "trigger_id");
  auto key = shortcut.trigger.empty() ? "envelope:" + envelope.id : "trigger:" + shortcut.trigger;
  if (shortcut.user.empty() || shortcut.callback.empty()) return {std::move(key), Nothing{}};
  return {std::move(key), std::move(shortcut)};
}

Gesture interactive(Json const& payload, Envelope const& envelope) {
  auto const type = text_at(payload, "type");
  if (type == "block_actions") return pressed(payload, envelope);
  if (type == "view_submission") return submitted(payload, envelope);
  if (type == "shortcut" || type == "message_action") return shortcut(payload, envelope);
  return {"envelope:" + envelope.id, Nothing{}};
}

/// Of a message: said by a person, and neither a notice of Slack's nor an edit.
bool is_said(Json const& event, Self const& self) {
  static std::set<std::string> const kSaid{"", "thread_broadcast", "file_share", "me_message"};
  if (!kSaid.contains(text_at(event, "subtype"))) return false;
  auto const user = text_at(event, "user");
  auto const bot = text_at(event, "bot_id");
  return !user.empty() && user != self.user && (bot.empty() || bot != self.bot);
}

Gesture said(Json const& event, Self const& self, std::string key) {
  auto const mention = text_at(event, "type") == "app_mention";
  Typed typed;
  typed.place.channel = text_at(event, "channel");
  typed.message = text_at(event, "ts");
  typed.user = text_at(event, "user");
  auto const raw = text_at(event, "text");
  typed.place.direct = !mention && text_at(event, "channel_type") == "im";
  auto const thread = text_at(event, "thread_ts");
  if (thread != typed.message) typed.place.thread = thread;
  if (!is_said(event, self) || typed.place.channel.empty() || typed.message.empty()) return {std::move(key), Nothing{}};
  typed.text = decoded(raw);
  // A mention comes as a message, too, before or after: what comes first counts, for they have the same key.
  key = message_key(typed.place.channel, typed.message);
  return {std::move(key), std::move(typed)};
}

Gesture marked(Json const& event, Self const& self, std::string key) {
  auto const type = text_at(event, "type");
  auto const& item = at(event, "item");
  Marked marked;
  marked.user = text_at(event, "user");
  marked.emoji = text_at(event, "reaction");
  marked.channel = text_at(item, "channel");
  if (marked.channel.empty()) marked.channel = text_at(event, "channel_id");
  marked.message = text_at(item, "ts");
  if (marked.message.empty()) marked.message = text_at(at(item, "message"), "ts");
  bool const nobody = marked.user.empty() || marked.user == self.user;
  if (nobody || text_at(item, "type") != "message" || marked.channel.empty() || marked.message.empty())
    return {std::move(key), Nothing{}};
  return {std::move(key), std::move(marked)};
}

Gesture channel_changed(Json const& event, std::string key) {
  using How = ChannelChanged::How;
  auto const type = text_at(event, "type");
  auto const& channel = at(event, "channel");
  ChannelChanged changed;
  changed.channel = channel.is_string() ? channel.get<std::string>() : text_at(channel, "id");
  changed.name = text_at(channel, "name");
  if (type == "channel_archive" || type == "group_archive") {
    changed.how = How::archived;
  } else if (type == "channel_rename" || type == "group_rename") {
    changed.how = How::renamed;
  } else {
    changed.how = How::left;
  }
  if (changed.channel.empty()) return {std::move(key), Nothing{}};
  return {std::move(key), std::move(changed)};
}

Gesture event(Json const& payload, Envelope const& envelope, Self const& self) {
  auto const& event = at(payload, "event");
  auto const id = text_at(payload, "event_id");
  auto key = id.empty() ? "envelope:" + envelope.id : "event:" + id;
  auto const type = text_at(event, "type");
  if (type == "message" || type == "app_mention") return said(event, self, std::move(key));
  if (type == "reaction_added" || type == "pin_added") return marked(event, self, std::move(key));
  if (type == "app_home_opened") {
    auto user = text_at(event, "user");
    if (user.empty() || text_at(event, "tab") == "messages") return {std::move(key), Nothing{}};
    return {std::move(key), HomeOpened{std::move(user)}};
  }
  // Who else comes and goes is not ours to know; of being sent away the bot hears by these two alone.
  static std::set<std::string> const kChannels{"channel_archive", "channel_rename", "channel_left",
                                               "group_archive",   "group_rename",   "group_left"};
  if (kChannels.contains(type)) return channel_changed(event, std::move(key));
  return {std::move(key), Nothing{}};
}

struct Entity {
  char plain;
  std::string_view written;
};
constexpr std::array kEntities{Entity{'<', "&lt;"}, Entity{'>', "&gt;"}, Entity{'&', "&amp;"}};

}  // namespace

Gesture gesture_of(Envelope const& envelope, Self const& self) {
  auto const payload = parsed(envelope.payload);
  if (payload.is_object()) {
    if (envelope.type == "slash_commands") return slash_command(payload, envelope);
    if (envelope.type == "interactive") return interactive(payload, envelope);
    if (envelope.type == "events_api") return event(payload, envelope, self);
  }
  return {"envelope:" + envelope.id, Nothing{}};
}

std::string decoded(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    std::size_t used = 1;
    char c = text.front();
    for (auto const& each : kEntities) {
      if (!text.starts_with(each.written)) continue;
      c = each.plain;
      used = each.written.size();
      break;
    }
    plain += c;
    text.remove_prefix(used);
  }
  return plain;
}

std::string encoded(std::string_view text) {
  std::string written;
  written.reserve(text.size());
  for (char const c : text) {
    auto const* const found =
        std::find_if(kEntities.begin(), kEntities.end(), [c](Entity const& each) { return each.plain == c; });
    if (found == kEntities.end()) {
      written += c;
    } else {
      written += found->written;
    }
  }
  return written;
}

}  // namespace tocsin::slack
