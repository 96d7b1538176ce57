#include "bot/slack/rooms.hpp"

#include "bot/detail/json.hpp"

namespace tocsin::slack {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

constexpr std::size_t kLongestName = 80;  // Slack's reference, `conversations.create`
constexpr std::size_t kLongestTitle = 40;

/// What a name may hold of the text, words joined by hyphens.
std::string slug_of(std::string_view text) {
  std::string slug;
  for (char const c : text) {
    bool const upper = c >= 'A' && c <= 'Z';
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || plain) {
      slug += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() >= kLongestTitle) break;
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug;
}

bool flag_at(Json const& object, char const* name) {
  auto const& value = at(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::set<std::string> set_at(Json const& object, char const* name) {
  std::set<std::string> all;
  for (auto const& each : list_at(object, name)) {
    if (each.is_string()) all.insert(each.get<std::string>());
  }
  return all;
}

}  // namespace

bool wants_own_channel(Incident const& incident, SlackOptions const& options) {
  if (incident.drill) return false;
  if (incident.hidden) return true;
  // The names of both enumerations stand in the order of the severities.
  return options.own_channel != OwnChannel::never &&
         static_cast<int>(incident.severity) <= static_cast<int>(options.own_channel);
}

std::string channel_name(std::string const& prefix, IncidentId id, std::string_view title, int attempt) {
  auto const start = slug_of(prefix);
  std::string name = (start.empty() ? "inc" : start) + "-" + std::to_string(id.value);
  if (auto const slug = slug_of(title); !slug.empty()) name += "-" + slug;
  auto const suffix = attempt > 1 ? "-" + std::to_string(attempt) : "";
  return name.substr(0, kLongestName - suffix.size()) + suffix;
}

std::string meeting_of(SlackOptions const& options, IncidentId id) {
  constexpr std::string_view kNumber = "{number}";
  auto url = options.meeting;
  for (auto at = url.find(kNumber); at != std::string::npos; at = url.find(kNumber, at))
    url.replace(at, kNumber.size(), std::to_string(id.value));
  return url;
}

std::string encode(Furniture const& furniture) {
  return written({{"topic", furniture.topic},
                  {"pinned", furniture.pinned},
                  {"bookmarks", furniture.bookmarks},
                  {"archived", furniture.archived},
                  {"invited", furniture.invited},
                  {"could_not", furniture.could_not},
                  {"refused", furniture.refused}});
}

Furniture decode_furniture(std::string_view text) {
  auto const json = parsed(text);
  return {text_at(json, "topic"),  text_at(json, "pinned"),   flag_at(json, "bookmarks"), flag_at(json, "archived"),
          set_at(json, "invited"), set_at(json, "could_not"), text_at(json, "refused")};
}

}  // namespace tocsin::slack
