// UTF-8 by hand, as far as typed commands need it: decoding that refuses every malformed sequence, and the few classes
// of characters by which words end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::utf8 {

/// One decoded character. `size` 0: the bytes are not UTF-8 (overlong, surrogate, cut off, above U+10FFFF).
struct Char {
  char32_t code = 0;
  std::size_t size = 0;
};

/// The character at `at`, which must be inside `text`.
[[nodiscard]] Char decode(std::string_view text, std::size_t at) noexcept;
/// The last character before `at`; code 0 and size 0 at the beginning. `text` must be valid.
[[nodiscard]] Char decode_before(std::string_view text, std::size_t at) noexcept;
void append(std::string& out, char32_t code);
[[nodiscard]] std::u32string decode_all(std::string_view text);

/// Letters and digits of scripts that put spaces between words: two of them side by side are one word.
[[nodiscard]] bool is_word(char32_t code) noexcept;
/// Han, Kana, Hangul: written without spaces, so a word may end between any two of them.
[[nodiscard]] bool is_han(char32_t code) noexcept;
/// Any white space, U+00A0 and U+3000 included.
[[nodiscard]] bool is_space(char32_t code) noexcept;
/// Leaves no mark on the screen: zero width, BOM, controls of direction, other controls, tags, variation selectors.
[[nodiscard]] bool is_invisible(char32_t code) noexcept;

[[nodiscard]] constexpr bool is_ascii_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Can a word of `text` end at `at`? Not between two letters, nor before `-`, `_`, `.` or `/` that a letter follows.
[[nodiscard]] bool is_word_end(std::string_view text, std::size_t at) noexcept;

/// One line of at most `columns` (Han count two), cut on a character with `…`; line breaks become spaces.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t columns);
/// Width on a terminal or a phone: Han and emoji 2, invisible 0, others 1.
[[nodiscard]] std::size_t columns(std::string_view text);

}  // namespace tocsin::utf8
