// The words that log lines begin with: levels, containers' names, brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::logs {

enum class Level : std::uint8_t {
  none,    ///< the line says none
  calm,    ///< up to a warning
  error,   ///< error and above
  detail,  ///< PostgreSQL's DETAIL, HINT, STATEMENT…: a line that belongs to the one before it
};

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return '0' <= c && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); }

/// The level that one word means: written in capitals, or in small letters where `any_case` (within brackets, behind
/// `level=`), since "error" is also a word of English.
[[nodiscard]] Level level_of_word(std::string_view word, bool any_case) noexcept;

/// The level of a line: the first word near its beginning that is one.
[[nodiscard]] Level level_of_line(std::string_view line) noexcept;

/// Does the line begin with its level (`ERROR: …`, `[INFO] …`)?
[[nodiscard]] bool begins_with_level(std::string_view line) noexcept;

/// The line without one lead: `backend_1  | `, `[`, `(`, `"`, `<34>`, `ERROR: `, `[INFO] `, or spaces after such a one.
/// Unchanged when it has none.
[[nodiscard]] std::string_view without_lead(std::string_view line) noexcept;

/// The status of an access log's line, `"GET / HTTP/1.1" 502 157`: what stands behind the request. Nothing elsewhere.
[[nodiscard]] std::optional<int> http_status(std::string_view line) noexcept;

}  // namespace tocsin::logs
