// "Did you mean": which known words are near to what was typed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

inline constexpr std::size_t kMaxSuggestions = 3;

/// How near two words are: 1 the same, 0 not near at all. Latin by edits (Damerau-Levenshtein: a swap of neighbours is
/// one), with fewer of them allowed in short words, or as the beginning of the known word; Han by the characters they
/// share in order. Symmetric only for Latin.
[[nodiscard]] double likeness(std::string_view typed, std::string_view known);

struct Near {
  std::size_t index = 0;  ///< into the known words
  double likeness = 0;
  std::size_t from = 0;  ///< the part of the typed line that looks like it: first byte…
  std::size_t to = 0;    ///< …and one past the last
  bool inside = false;   ///< the part ends in the middle of a run of Han: 重器 of 重器后端
};

/// The nearest known words, best first, at most `at_most`; none when nothing is near.
[[nodiscard]] std::vector<Near> nearest(std::string_view typed, std::span<std::string const> known,
                                        std::size_t at_most = kMaxSuggestions);

/// The same for phrases of one or more words that stand in a line, at its beginning or after a few other words:
/// "show logs backend" is near to `logs`, 看日志 to 日志. Everything near, best first.
[[nodiscard]] std::vector<Near> nearest_in(std::string_view line, std::span<std::string const> known);

}  // namespace tocsin
