// Instants and lengths of time. Everything below `bot/` is handed its instants: nothing here reads a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace tocsin {

using Millis = std::chrono::milliseconds;

/// A point in time: UTC, milliseconds since 1970-01-01, no leap seconds. What is stored, compared and logged.
using Instant = std::chrono::sys_time<Millis>;

[[nodiscard]] constexpr std::int64_t to_millis(Instant at) noexcept { return at.time_since_epoch().count(); }
[[nodiscard]] constexpr Instant from_millis(std::int64_t millis) noexcept { return Instant{Millis{millis}}; }

/// The earlier of two instants of which either may be missing; missing means "never".
[[nodiscard]] constexpr std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) noexcept {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace tocsin
