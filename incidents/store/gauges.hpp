// How much there is of what, for /metrics: numbers, never a title or a name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "incidents/base/time.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

inline constexpr std::size_t kOpenStatuses = 3;  ///< open, acknowledged, mitigated: what still runs

/// Things that have their turn at an instant.
struct Turns {
  std::int64_t waiting = 0;       ///< all of them, overdue ones too
  std::int64_t overdue = 0;       ///< whose instant has passed
  std::optional<Instant> oldest;  ///< the instant that passed first; nothing is overdue without
};

struct Gauges {
  std::array<std::array<std::int64_t, kOpenStatuses>, 4> incidents{};  ///< [severity][status], without practice
  std::int64_t drills = 0;                                             ///< practice that still runs
  Turns clocks;                                                        ///< incidents for which time has something to do
  Turns pages;                 ///< on their way: with a try or a hand-over to come
  Turns outbox;                ///< what must still be said
  std::int64_t in_flight = 0;  ///< deliveries in a carrier's hands
  std::int64_t approvals = 0;  ///< not yet used, denied or expired
  std::int64_t reviews = 0;    ///< of broken glass, not yet written
  std::int64_t audit_rows = 0;
};

/// Reads indexes but for the incidents that are open and the reviews there ever were, so that what was closed long ago
/// costs nothing.
[[nodiscard]] Gauges gauges(Database& database, Instant now);

}  // namespace tocsin::store
