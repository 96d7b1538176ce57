#include "bot/slack/frame.hpp"

#include <algorithm>
#include <chrono>

#include "bot/detail/json.hpp"
#include "bot/detail/levels.hpp"

namespace tocsin::slack {
namespace {

using detail::at;
using detail::Json;
using detail::parsed;
using detail::text_at;
using detail::written;

/// Longer than any that Slack makes.
constexpr std::size_t kLongestId = 128;

std::optional<std::int64_t> number_at(Json const& object, char const* name) {
  auto const found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
}

constexpr std::string_view kIdName = "\"envelope_id\"";

/// What stands behind the name at `at`, if that is an identifier.
std::string id_behind(std::string_view text, std::size_t at) {
  constexpr std::string_view kBlanks = " \t\r\n";
  at = text.find_first_not_of(kBlanks, at + kIdName.size());
  if (at == std::string_view::npos || text[at] != ':') return {};
  at = text.find_first_not_of(kBlanks, at + 1);
  if (at == std::string_view::npos || text[at] != '"') return {};
  auto const end = text.find('"', at + 1);
  if (end == std::string_view::npos) return {};
  auto const id = text.substr(at + 1, end - at - 1);
  return is_id(id) ? std::string(id) : std::string();
}

/// The identifier in a text that is no JSON as a whole: the frame's own, not one of what it carries; in a text that is
/// broken before it, the first.
std::string dug_out(std::string_view text) {
  detail::Levels levels;
  for (std::size_t at = 0; at < text.size(); levels.pass(text, at)) {
    if (levels.quoted || levels.depth != 1 || !text.substr(at).starts_with(kIdName)) continue;
    if (auto id = id_behind(text, at); !id.empty()) return id;
  }
  auto const at = text.find(kIdName);
  return at == std::string_view::npos ? std::string() : id_behind(text, at);
}

/// A name that Slack gives to something; others are none of its.
std::string name_at(Json const& object, char const* name) {
  auto text = text_at(object, name);
  return is_id(text) ? text : std::string();
}

Hello hello_of(Json const& frame) {
  auto const& debug = at(frame, "debug_info");
  Hello hello{name_at(at(frame, "connection_info"), "app_id"), name_at(debug, "host"),
              number_at(frame, "num_connections"), std::nullopt};
  // Ten is what Slack allows an app.
  constexpr std::int64_t kMostSockets = 1'000;
  if (hello.sockets && (*hello.sockets < 1 || *hello.sockets > kMostSockets)) hello.sockets.reset();
  // A life of no length, or of years, is a mistake and not a plan.
  constexpr std::int64_t kLongestLife = 7 * 24 * 3600;
  if (auto const seconds = number_at(debug, "approximate_connection_time");
      seconds && *seconds > 0 && *seconds <= kLongestLife)
    hello.life = std::chrono::seconds{*seconds};
  return hello;
}

Disconnect disconnect_of(Json const& frame) {
  Disconnect disconnect{Farewell::recycled, name_at(frame, "reason")};
  if (disconnect.reason == "link_disabled") disconnect.why = Farewell::disabled;
  if (disconnect.reason == "too_many_websockets") disconnect.why = Farewell::crowded;
  return disconnect;
}

}  // namespace

Frame parse_frame(std::string_view text) {
  auto const unreadable = [text]() -> Frame {
    auto id = dug_out(text);
    if (id.empty()) return Noise{};
    return Unreadable{std::move(id)};
  };
  if (detail::too_deep(text)) return unreadable();
  auto const frame = parsed(text);
  if (frame.is_discarded()) return unreadable();
  if (!frame.is_object()) return Noise{};
  auto const type = text_at(frame, "type");
  if (type == "hello") return hello_of(frame);
  if (type == "disconnect") return disconnect_of(frame);
  auto const id = text_at(frame, "envelope_id");
  if (!is_id(id)) return Noise{};
  auto const payload = frame.find("payload");
  if (type.empty() || payload == frame.end() || !payload->is_object()) return Unreadable{id};
  auto const takes = frame.find("accepts_response_payload");
  return Envelope{id, type, written(*payload), takes != frame.end() && takes->is_boolean() && takes->get<bool>(),
                  number_at(frame, "retry_attempt").value_or(0)};
}

Acknowledgement acknowledgement(std::string_view envelope, std::string_view payload) {
  auto const bare = R"({"envelope_id":)" + written(envelope);
  if (payload.empty()) return {bare + '}', false};
  auto whole = bare + R"(,"payload":)" + std::string(payload) + '}';
  if (whole.size() >= kAcknowledgementBytes) return {bare + '}', false};
  return {std::move(whole), true};
}

}  // namespace tocsin::slack
