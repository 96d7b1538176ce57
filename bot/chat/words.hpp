// Text on its way to any chat: characters counted and cut, outputs made plain, lines taken from an end. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::chat {

/// Code points; a byte that is no UTF-8 is one, too.
[[nodiscard]] std::size_t characters(std::string_view utf8) noexcept;
/// The longest beginning of at most `most` characters.
[[nodiscard]] std::string_view first_characters(std::string_view utf8, std::size_t most) noexcept;
/// The same of the end.
[[nodiscard]] std::string_view last_characters(std::string_view utf8, std::size_t most) noexcept;

[[nodiscard]] std::string_view first_lines(std::string_view text, std::size_t lines) noexcept;
[[nodiscard]] std::string_view last_lines(std::string_view text, std::size_t lines) noexcept;

/// Without what is no text: terminal codes, marks that turn the writing direction; each line stays a line.
[[nodiscard]] std::string plain_output(std::string_view text);

/// Ten signs and the numbers: `▓▓▓░░░░░░░ 3/10`. Empty for a total that is not known.
[[nodiscard]] std::string progress_bar(std::int64_t done, std::int64_t total);

}  // namespace tocsin::chat
