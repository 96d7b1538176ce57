// Who is looking at the page: whoever followed their personal one-time link, else a viewer. Only hashes are stored.
#pragma once

#include <optional>
#include <string>

#include "incidents/base/ids.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

inline constexpr Millis kLinkLife = std::chrono::hours{24};
inline constexpr Millis kRemembered = std::chrono::hours{24 * 7};  ///< what has ended, before it is unknown
inline constexpr Millis kSessionLife = std::chrono::hours{24 * 14};

/// 128 unpredictable bits in hexadecimal.
[[nodiscard]] std::string new_token(Chance& chance);

/// Each inside a unit of work.
void keep_link(Database& database, std::string const& token, PersonId const& person, Instant now);
/// Who the link belongs to and until when; nothing when it was never given out or was used.
struct Link {
  PersonId person;
  Instant until{};
};
[[nodiscard]] std::optional<Link> peek_link(Database& database, std::string const& token);
/// Uses the link up and begins a session with `session`. Nothing when somebody was faster or it is too late.
[[nodiscard]] std::optional<PersonId> redeem_link(Database& database, std::string const& token,
                                                  std::string const& session, Instant now);
[[nodiscard]] std::optional<PersonId> person_of_session(Database& database, std::string const& session, Instant now);

}  // namespace tocsin::store
