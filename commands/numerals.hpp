// Numbers as they are typed and spoken, Chinese numerals included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// What was read at the beginning of a text, and how many bytes of it.
template <class T>
struct Read {
  T value{};
  std::size_t used = 0;
};

/// Digits `0`-`9`, at most 9 of them (more is no number anyone means). No sign.
[[nodiscard]] std::optional<Read<std::int64_t>> read_digits(std::string_view text);

/// `二十五`, `两百`, `一百零五`, `三千六`, `四二` (digit by digit); below 100,000,000.
[[nodiscard]] std::optional<Read<std::int64_t>> read_numeral(std::string_view text);

/// Either of them.
[[nodiscard]] std::optional<Read<std::int64_t>> read_count(std::string_view text);

/// The first of `words` that `text` begins with, ASCII case ignored; its length, or 0. Longer words must come first.
template <class Words>
[[nodiscard]] std::size_t starts_with_any(std::string_view text, Words const& words) {
  for (std::string_view const word : words) {
    if (text.size() < word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; same && i < word.size(); ++i) {
      char const c = text[i];
      same = (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == word[i];
    }
    if (same) return word.size();
  }
  return 0;
}

/// The first byte at or after `at` that is no space.
[[nodiscard]] inline std::size_t skip_spaces(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

}  // namespace tocsin
