// An e-mail as text (RFC 5322, MIME), made without touching anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::paging {

inline constexpr std::size_t kMaxSubjectBytes = 800;      ///< longer subjects are cut, with "…"
inline constexpr std::size_t kMaxBodyBytes = 256 * 1024;  ///< longer bodies are cut, with "…"
inline constexpr std::size_t kMaxReferences = 20;         ///< of more, the first and the last ones are named

struct EmailMessage {
  std::string from;       ///< address
  std::string from_name;  ///< shown beside it; may be empty
  std::string to;         ///< address
  std::string subject;
  std::string message_id;               ///< without brackets
  std::vector<std::string> references;  ///< without brackets, oldest first; the last is what this one replies to
  std::string body;
  bool may_repeat = false;  ///< adds "X-Tocsin-May-Repeat: yes"
};

/// The whole message: CRLF lines of at most 78 characters but for long ids, ASCII only, subject and name as RFC 2047
/// words where they need it, the body base64 (so that no line begins with a dot). `at` becomes the Date, in UTC.
/// Text that is no UTF-8 has its bad bytes replaced; other control characters in header texts become blanks.
/// Errc::invalid for CR, LF or NUL in a header value, and for an address or id that is none.
[[nodiscard]] Result<std::string> build_email(EmailMessage const& message, Instant at);

/// True for what can stand in an envelope and a header: local@domain, ASCII, RFC 5321's lengths; no quoted local
/// parts, no address literals, no comments.
[[nodiscard]] bool is_email_address(std::string_view text) noexcept;

}  // namespace tocsin::paging
