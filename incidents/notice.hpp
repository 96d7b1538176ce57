// What is to be said, without the words: a key of the message catalogue and its arguments. Stored as it is and put
// into words only when it is sent, in the reader's language, zone and platform.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

struct Notice;

/// One argument, typed by what it means, so that the catalogue can put it into a reader's words: an Instant becomes
/// "03:15" in their zone, Millis "2:10" or "27 分", a PersonId a name, a list its items joined by " · ".
/// std::string is foreign text: it is shown as it is, made harmless for the platform, never looked up.
using Arg =
    std::variant<std::string, std::int64_t, Instant, Millis, Severity, PersonId, IncidentId, std::vector<Notice>>;

struct Notice {
  std::string key;  ///< of the catalogue, e.g. "incident.taken"
  std::vector<std::pair<std::string, Arg>> args;

  // All of it stands in notice.cpp, the defaults, too: half the program holds notices, and copying one is much code.
  Notice() noexcept;
  explicit Notice(std::string message_key);
  Notice(std::string message_key, std::vector<std::pair<std::string, Arg>> arguments);
  Notice(Notice const&);
  Notice(Notice&&) noexcept;
  Notice& operator=(Notice const&);
  Notice& operator=(Notice&&) noexcept;
  ~Notice();

  /// Adds an argument; for building step by step: `Notice("x").with("who", person)`.
  Notice& with(std::string name, Arg value) &;
  Notice&& with(std::string name, Arg value) &&;
  [[nodiscard]] Arg const* find(std::string_view name) const noexcept;
  /// The argument if it is there and is a text.
  [[nodiscard]] std::string const* text(std::string_view name) const noexcept;
  friend bool operator==(Notice const& a, Notice const& b);
};

/// An argument that is one notice.
[[nodiscard]] inline std::vector<Notice> one(Notice notice) {
  std::vector<Notice> list;
  list.push_back(std::move(notice));
  return list;
}

/// People as an argument.
[[nodiscard]] inline std::vector<Notice> names_of(std::vector<PersonId> const& people) {
  std::vector<Notice> names;
  for (auto const& person : people) names.push_back(Notice("person").with("who", person));
  return names;
}

/// A decision that was not taken, and what to tell the person: the reason and what to type instead.
template <class T>
using Decided = boost::system::result<T, Notice>;

[[noreturn]] void throw_exception_from_error(Notice const& refusal, boost::source_location const& where);

/// The stored form: length-prefixed, so that no argument can break out of its field.
[[nodiscard]] std::string encode(Notice const& notice);
[[nodiscard]] std::string encode(std::vector<Notice> const& notices);
/// Errors: Errc::invalid for anything `encode` did not write; nesting deeper than 8 is refused.
[[nodiscard]] Result<Notice> decode_notice(std::string_view text);
[[nodiscard]] Result<std::vector<Notice>> decode_notices(std::string_view text);

}  // namespace tocsin
