// Reading JSON that somebody else wrote, and writing what foreign text goes into. For .cpp files alone: the library is
// a heavy one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tocsin::detail {

using Json = nlohmann::json;

/// Discarded if it is no JSON.
[[nodiscard]] inline Json parsed(std::string_view text) { return Json::parse(text, nullptr, false); }

/// The same, but half a surrogate pair, which a text has that was cut in the middle of an emoji, costs that character
/// only.
[[nodiscard]] Json tolerantly_parsed(std::string_view text);

/// What an object holds under the name; an empty object if it is none or holds nothing.
[[nodiscard]] inline Json const& at(Json const& object, char const* name) {
  static Json const kNone = Json::object();
  if (!object.is_object()) return kNone;
  auto const found = object.find(name);
  return found == object.end() ? kNone : *found;
}

/// Empty if there is none.
[[nodiscard]] inline std::string text_at(Json const& object, char const* name) {
  auto const& value = at(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// An empty list if there is none.
[[nodiscard]] inline Json const& list_at(Json const& object, char const* name) {
  static Json const kNone = Json::array();
  auto const& value = at(object, name);
  return value.is_array() ? value : kNone;
}

/// Bytes that are no UTF-8 are replaced.
[[nodiscard]] inline std::string written(Json const& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tocsin::detail
