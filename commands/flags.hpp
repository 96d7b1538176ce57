// `--flag value`, `--flag=value`, `key=value`: how they are written, and where they end. Used by the binder only.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "commands/command.hpp"

namespace tocsin {

inline constexpr std::size_t kUnknownFlag = static_cast<std::size_t>(-1);

struct Flag {
  std::size_t parameter = kUnknownFlag;  ///< index into the row's parameters
  std::string_view name;                 ///< as typed, without dashes
  std::size_t value_at = 0;
  std::size_t value_size = 0;  ///< 0: no value
  std::size_t used = 0;        ///< the whole, quotes around the value included
  bool joined = false;         ///< by `=`
  bool quoted = false;
  bool open_quote = false;  ///< the value begins with a quote that is never closed
};

/// A flag at the beginning of `text`. Something with dashes that names no parameter is an unknown flag; `key=value`
/// with an unknown key is no flag at all, because people write equations. A single dash is as good as two.
[[nodiscard]] std::optional<Flag> read_flag(Command const& command, std::string_view text);

/// Where the run of known `--flags` at the end of `text` begins; its size when there is none. One in the middle of a
/// sentence belongs to the sentence.
[[nodiscard]] std::size_t trailing_flags(Command const& command, std::string_view text);

/// yes, no, 是, 否…
[[nodiscard]] std::optional<bool> switch_of(std::string_view text);

}  // namespace tocsin
