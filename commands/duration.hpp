// Lengths of time as people type them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "commands/numerals.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// No length of time in a command may be longer; a parameter's own range is usually narrower.
inline constexpr Millis kMaxDuration = std::chrono::hours{24 * 400};
/// Nor shorter, where a parameter has no range of its own.
inline constexpr Millis kMinDuration = std::chrono::seconds{1};

/// A length of time at the beginning of `text`: `90s`, `1h30m`, `2 hours`, `half an hour`, `5分钟`, `两个半小时`,
/// `一刻钟`, `半天`, `一小时半`. Units only get smaller. A number without a unit is none. The value may be 0 or above
/// kMaxDuration: bounds are the caller's.
[[nodiscard]] std::optional<Read<Millis>> read_duration(std::string_view text);

/// The whole text. Errors: Errc::invalid (what was expected), Errc::too_large (over kMaxDuration); 0 is invalid.
[[nodiscard]] Result<Millis> duration_of(std::string_view text);

/// The shortest form that reads back as the same length, e.g. `1h30m`; not for people's eyes.
[[nodiscard]] std::string compact(Millis length);

}  // namespace tocsin
