// What phones and Chinese input methods make of a command, undone. The parser matches on the undone text; free text
// (titles, notes, reasons) is taken from the original, at the same place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/notice.hpp"

namespace tocsin {

/// The longest command anyone may type.
inline constexpr std::size_t kMaxInputBytes = 8 * 1024;

/// What `normalise` changed; each kind at most once, in the order it first happened.
enum class Change : std::uint8_t {
  width,   ///< full-width letters, digits and signs; `、` typed for `/`; `。` typed for `.` between letters or digits
  quotes,  ///< “” 「」 『』 ‘’ to plain quotes
  dashes,  ///< `—` `–` `−` and their kin to `-`, or to `--` before a letter
  spaces,  ///< U+00A0, U+3000, line breaks… to a plain space
  invisible,  ///< zero-width characters, BOM, controls, variation selectors: removed
  ending,     ///< `。` `.` `！` `!` `~` after the last word: removed
};

/// A typed line, ready for matching. Case is kept: matching ignores it, free text shows it.
struct Normalised {
  std::string raw;                    ///< as it came
  std::string text;                   ///< valid UTF-8; no leading or trailing space; the only white space is ' '
  std::vector<std::uint32_t> origin;  ///< for each byte of `text`, and one past: its place in `raw`
  std::vector<Change> changes;

  /// What was typed between two places of `text`, without outer space; only characters that could mislead a reader
  /// (controls, direction, zero width outside of emoji and joined scripts) are gone.
  [[nodiscard]] std::string free_text(std::size_t from, std::size_t to) const;
};

/// Refusals: `parse.too_long {bytes, limit}`, `parse.not_text {at}` (the first byte that is not UTF-8, from 1).
[[nodiscard]] Decided<Normalised> normalise(std::string_view raw);

}  // namespace tocsin
