// Text as people see it: characters, columns, and making foreign text harmless.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Takes one character off the front; none for an invalid sequence (then one byte is taken) .
[[nodiscard]] std::optional<char32_t> take_character(std::string_view& utf8) noexcept;

/// The byte where the first invalid UTF-8 sequence begins; none: valid (no overlong forms, no surrogates).
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

/// Columns on a screen: Han, kana, fullwidth forms and emoji take 2, combining marks and variation selectors 0.
/// A sign that a variation selector turns into an emoji takes 2.
[[nodiscard]] std::size_t columns(std::string_view utf8) noexcept;

/// The characters of `utf8`, at most `most`: a longer text is cut and ends in `…`, which counts.
/// At most so many bytes, never part of a character.
[[nodiscard]] std::string_view first_bytes(std::string_view utf8, std::size_t most) noexcept;
[[nodiscard]] std::string cut_characters(std::string_view utf8, std::size_t most);
/// The same by columns.
[[nodiscard]] std::string cut_columns(std::string_view utf8, std::size_t most);

inline constexpr std::size_t kForeignCharacters = 200;

/// Foreign text made fit for one line of a message: line breaks and tabs become a blank; control characters, marks
/// that change the writing direction, invisible ones and tags go; invalid bytes become U+FFFD; cut to `most`
/// characters.
[[nodiscard]] std::string harmless(std::string_view foreign, std::size_t most = kForeignCharacters);
/// The same for a line of what a program printed, whole: its blanks hold its columns together, so they stay, and a tab
/// goes on to the next multiple of eight.
[[nodiscard]] std::string harmless_output(std::string_view line);

/// Without the emoji of the message rules, for SMS, voice and subjects.
[[nodiscard]] std::string without_emoji(std::string_view utf8);

/// The emoji that a message may begin with or mark a list item with, one per entry.
[[nodiscard]] bool is_message_emoji(char32_t character) noexcept;

}  // namespace tocsin
