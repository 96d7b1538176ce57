// The text of one message with its holes.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"

namespace tocsin {

/// How a hole is filled; what a format does not apply to is shown as usual.
enum class HoleFormat : std::uint8_t {
  usual,
  clock,      ///< Instant: HH:MM
  date,       ///< Instant: MM-DD, with the year when it is not this one
  full,       ///< Instant: date, time with seconds, offset
  colon,      ///< Millis: 2:10, 1:05:00
  spelled,    ///< `long`. Millis: 10 分钟, where the usual form is 10 分
  mark,       ///< Severity: 🔴 🟠 🟡 🔵
  percent,    ///< int64: 87 %
  bytes,      ///< int64: 1.8 GB
  lines,      ///< list: one item a line
  comma,      ///< list: a, b
  pause,      ///< list: a、b
  semicolon,  ///< list: a; b
  all_of,     ///< `and`. list: a, b and c
  any_of,     ///< `or`. list: a, b or c
  word,       ///< string: the catalogue's `word.<string>`, if it has one
  fit,        ///< foreign text: cut so that the line keeps to its columns
  columns,    ///< a number. foreign text: cut to so many columns
};

struct Hole {
  std::string argument;  ///< empty: none, the piece is only text
  HoleFormat format = HoleFormat::usual;
  std::size_t columns = 0;  ///< of HoleFormat::columns
  bool plural = false;      ///< then only one of the two words is printed, by the argument's number
  std::string one;
  std::string many;
  bool address = false;  ///< `{@}`: what a command in a group begins with, as the reader's place needs it; no argument
};

/// Some text, then perhaps a hole.
struct Piece {
  std::string text;
  Hole hole;
};

struct TemplateLine {
  std::vector<std::string> needs;    ///< left out unless each of these arguments is there and not empty
  std::vector<std::string> refuses;  ///< left out when one of these is there and not empty
  std::vector<Piece> pieces;
};

struct Template {
  std::vector<TemplateLine> lines;
  [[nodiscard]] std::set<std::string> arguments() const;
};

/// Text as in `config/README.md`, section "Message catalogues". Errors: invalid, with what is wrong.
[[nodiscard]] Result<Template> parse_template(std::string_view text);

}  // namespace tocsin
