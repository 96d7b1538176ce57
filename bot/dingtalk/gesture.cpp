#include "bot/dingtalk/gesture.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/detail/levels.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

/// What phones and input methods put around a mention: also no-break, four-per-em, wide and zero-width.
constexpr auto kBlanks =
    std::to_array<std::string_view>({" ", "\t", "\r", "\n", "\u00A0", "\u2005", "\u200B", "\u3000", "\uFEFF"});

/// Removes blanks in front; how many bytes.
std::size_t blank_at(std::string_view text) {
  for (auto const blank : kBlanks) {
    if (text.starts_with(blank)) return blank.size();
  }
  return 0;
}

std::string_view trimmed(std::string_view text) {
  while (auto const size = blank_at(text)) text.remove_prefix(size);
  for (bool more = true; more;) {
    more = false;
    for (auto const blank : kBlanks) {
      if (!text.ends_with(blank)) continue;
      text.remove_suffix(blank.size());
      more = true;
    }
  }
  return text;
}

/// Milliseconds since 1970, also in a string, or written as 1.79e12; the epoch: there are none, or not of this century.
Instant instant_at(Json const& object, char const* name) {
  constexpr double kLast = 4'102'444'800'000.0;
  auto const& value = at(object, name);
  double number = 0;
  if (value.is_number()) {
    number = value.get<double>();
  } else {
    auto const text = text_at(object, name);
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  // Not a number is not within.
  return number > 0 && number < kLast ? Instant{Millis{static_cast<std::int64_t>(number)}} : Instant{};
}

/// A mention is a text of its own there, and what stands on both sides of a picture are two words.
void put_rich(Typed& typed, Json const& content, std::string_view bot) {
  std::string text;
  bool apart = false;
  for (auto const& item : list_at(content, "richText")) {
    if (text_at(item, "type") == "picture") {
      typed.attachments.push_back({Attachment::Kind::picture, text_at(item, "downloadCode"), {}});
      apart = !text.empty();
      continue;
    }
    auto const words = text_at(item, "text");
    text += (apart ? " " : "") + words;
    auto const bare = trimmed(words);
    apart = bare.starts_with('@') && (bare.find(' ') == std::string_view::npos || bare.substr(1) == bot);
  }
  typed.text = bare_text(text, bot);
}

/// What was said without words is told by what it is.
void put_content(Typed& typed, Json const& data, std::string_view bot) {
  auto const type = text_at(data, "msgtype");
  auto const& content = at(data, "content");
  auto const attach = [&](Attachment::Kind kind) {
    typed.attachments.push_back({kind, text_at(content, "downloadCode"), text_at(content, "fileName")});
  };
  if (type == "text") {
    typed.text = bare_text(text_at(at(data, "text"), "content"), bot);
  } else if (type == "richText") {
    put_rich(typed, content, bot);
  } else if (type == "audio") {
    typed.spoken = true;
    typed.text = bare_text(text_at(content, "recognition"), bot);
    attach(Attachment::Kind::speech);
  } else if (type == "picture") {
    attach(Attachment::Kind::picture);
  } else if (type == "file") {
    attach(Attachment::Kind::file);
  } else if (type == "video") {
    attach(Attachment::Kind::video);
  }
}

/// A value is text, whatever it was.
std::string plain(Json const& value) { return value.is_string() ? value.get<std::string>() : written(value); }

Gesture said(Json const& data, std::string fallback, std::string_view name) {
  Typed typed;
  typed.robot = text_at(data, "robotCode");
  typed.message = text_at(data, "msgId");
  typed.conversation = text_at(data, "conversationId");
  auto const kind = plain(at(data, "conversationType"));
  // Of what is neither, nobody can say who else would read the answer.
  if (kind != "1" && kind != "2") return {std::move(fallback), Nothing{}};
  typed.group = kind == "2";
  typed.staff = text_at(data, "senderStaffId");
  typed.nick = text_at(data, "senderNick");
  typed.at = instant_at(data, "createAt");
  typed.webhook = text_at(data, "sessionWebhook");
  typed.webhook_until = instant_at(data, "sessionWebhookExpiredTime");
  auto const bot = text_at(data, "chatbotUserId");
  for (auto const& each : list_at(data, "atUsers")) {
    auto staff = text_at(each, "staffId");
    if (!staff.empty() && (bot.empty() || text_at(each, "dingtalkId") != bot))
      typed.mentioned.push_back(std::move(staff));
  }
  typed.quoted = text_at(data, "originalMsgId");
  if (typed.quoted.empty()) typed.quoted = text_at(at(at(data, "text"), "repliedMsg"), "msgId");
  put_content(typed, data, name);
  if (typed.message.empty() || typed.conversation.empty()) return {std::move(fallback), Nothing{}};
  if (typed.text.empty() && typed.attachments.empty()) return {std::move(fallback), Nothing{}};
  return {"message:" + typed.robot + ':' + typed.message, std::move(typed)};
}

Gesture clicked(Json const& data, std::string fallback) {
  Clicked clicked;
  clicked.card = text_at(data, "outTrackId");
  clicked.staff = text_at(data, "userId");
  auto const& id_type = at(data, "userIdType");
  clicked.by_union = id_type == 2 || id_type == "2";
  // As JSON in a text, or as what it is; some events have it under another name.
  auto const inner = [&data](char const* place) {
    auto const text = plain(at(data, place));
    return detail::too_deep(text) ? Json() : parsed(text);
  };
  auto content = inner("content");
  if (!at(content, "cardPrivateData").is_object() || at(content, "cardPrivateData").empty()) content = inner("value");
  auto const& shown = at(content, "cardPrivateData");
  auto const& actions = list_at(shown, "actionIds");
  if (!actions.empty() && actions.front().is_string()) clicked.action = actions.front().get<std::string>();
  auto const& params = at(shown, "params");
  for (auto const& [name, value] : params.items()) clicked.params[name] = plain(value);
  if (clicked.card.empty() || clicked.staff.empty() || clicked.action.empty()) return {std::move(fallback), Nothing{}};
  auto key = "card:" + clicked.card + ':' + clicked.staff + ':' + clicked.action + ':' + written(params);
  return {std::move(key), std::move(clicked)};
}

}  // namespace

std::string bare_text(std::string_view text, std::string_view bot) {
  text = trimmed(text);
  // A name of several words ends where it ends.
  if (!bot.empty() && text.starts_with('@') && text.substr(1).starts_with(bot)) {
    auto const rest = text.substr(1 + bot.size());
    if (rest.empty() || blank_at(rest) > 0) text = trimmed(rest);
  }
  // In rich text the mention of the bot stays, and phones mention with a blank of their own behind it.
  while (text.starts_with('@')) {
    std::size_t end = 1;
    while (end < text.size() && blank_at(text.substr(end)) == 0) ++end;
    if (end == text.size()) break;
    text = trimmed(text.substr(end));
  }
  return std::string(text);
}

Gesture gesture_of(Push const& push, std::string_view bot) {
  auto fallback = push.event.empty() ? "push:" + push.message : "event:" + push.event;
  if (push.kind != Push::Kind::callback) return {std::move(fallback), Nothing{}};
  auto const data = detail::tolerantly_parsed(push.data);
  if (!data.is_object()) return {std::move(fallback), Nothing{}};
  if (push.topic == kBotTopic) return said(data, std::move(fallback), bot);
  if (push.topic == kCardTopic) return clicked(data, std::move(fallback));
  return {std::move(fallback), Nothing{}};
}

}  // namespace tocsin::dingtalk
