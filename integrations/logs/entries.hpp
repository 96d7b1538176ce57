// Which lines of a log are wanted: pure functions on text. An entry is a line and what belongs to it (a stack trace).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "incidents/base/time.hpp"
#include "integrations/logs/stamp.hpp"

namespace tocsin::logs {

inline constexpr std::size_t kMaxLineBytes = 4 * 1024;
/// So many lines are looked at, from the end.
inline constexpr std::size_t kMaxScannedLines = 100'000;
/// An entry with more lines is looked at in pieces of so many, each with the time and the gravity of the first.
inline constexpr std::size_t kMaxEntryLines = 200;
/// Writers of one log overtake each other; a line this much older than wanted ends the search.
inline constexpr Millis kDisorder{60'000};

struct Everything {};
/// Entries of level ERROR and above, those with a Python traceback or a Go panic, and requests answered with 5xx.
struct ErrorsOnly {};
/// Entries of which a line holds this text, byte for byte.
struct Containing {
  std::string text;
};
using Filter = std::variant<Everything, ErrorsOnly, Containing>;

struct LogLine {
  std::string text;           ///< without terminal control, valid UTF-8, at most kMaxLineBytes and a mark ` […+N B]`
  std::optional<Instant> at;  ///< of its entry, where one is recognised
  bool continues = false;     ///< belongs to the entry of the line above
};

struct Wanted {
  std::size_t lines = 100;        ///< > 0
  std::size_t bytes = 64 * 1024;  ///< of text, all lines together; > 0; one line is given even if it is longer
  std::optional<Instant> since;
  Filter filter;
  /// Of a line that is cut, a secret goes before the cut can halve it; the lines given are the caller's to redact.
  std::function<std::string(std::string_view)> redact;
};

struct Selection {
  std::vector<LogLine> lines;  ///< oldest first
  std::size_t left_out = 0;    ///< lines that match too, but are too many
  bool full = false;           ///< no older text could add anything: there are enough lines, or they are too old
  bool over_limit = false;     ///< kMaxScannedLines or `bytes` ended the search
  bool dated = false;          ///< at least one time was recognised
};

/// Selects from the end of a log. `text` begins with a whole line. `since` is not applied where no time is recognised
/// at all; lines before the first recognised one count as of that time.
/// Of an entry that fits only in part, the line that made it match is kept, and the end.
[[nodiscard]] Selection select(std::string_view text, Wanted const& wanted, StampRules const& rules);

/// A line as it is shown.
[[nodiscard]] std::string shown(std::string_view line);

}  // namespace tocsin::logs
