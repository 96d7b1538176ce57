// How a setting is declared. Each group of settings is a plain struct with its defaults; right below it stands a
// function template `describe(V& visitor, Group& it)` that names the key of every member, documents it and states its
// rule. The loader, the JSON Schema, the printed form and the comparison of two configurations all walk these
// functions, so a key exists for all of them or for none.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace tocsin {

/// What a text may look like. The expression behind each form stands in `forms.cpp`, once, for loader and schema.
enum class Form : std::uint8_t {
  text,          ///< one line of printable text
  word,          ///< what can be typed as one word: letters, digits, - and _; begins with a letter
  alias,         ///< any language, no blanks
  locale_zone,   ///< IANA zone name, checked against the system's zone data
  url,           ///< http or https, with a host, without user and password
  storage,       ///< a path, or postgresql://… without a password
  path,          ///< of a file or folder
  program,       ///< absolute, or ./… from the workdir: never searched for
  host,          ///< a host name or an IPv4 address
  host_pattern,  ///< a host name, or *.domain
  email,
  phone,        ///< international: +8613800000000
  phone_text,   ///< as printed in a list of contacts
  identity,     ///< an account's name on a platform
  variable,     ///< an environment variable, or a prefix ending in *
  flag_prefix,  ///< --name=
};

/// What else holds for a value. `min` and `max` are in the base unit of the type: milliseconds, bytes, tenths of a
/// percent; for texts they bound the number of bytes, for lists the number of items.
struct Rule {
  bool required = false;
  bool restart = false;    ///< takes effect only when the bot is started again
  bool sensitive = false;  ///< may hold a token: never repeated in a mistake or a difference
  bool off = false;        ///< the word `off` means none
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Form form = Form::text;
};

/// The words for the enumerators of E, in their order: specialised beside each enum that a file may name.
template <class E>
struct Names;

template <class E>
concept Named = requires {
  Names<E>::kAll;
};

template <Named E>
[[nodiscard]] constexpr std::string_view name_of(E value) noexcept {
  return Names<E>::kAll[static_cast<std::size_t>(value)];
}

}  // namespace tocsin
