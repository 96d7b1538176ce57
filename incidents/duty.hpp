// Who is on call. Pure calendar arithmetic: hand-overs happen at a local time of the rota's own zone, whatever
// daylight saving does there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// People who take turns. The first person's first shift begins at `start` (a local date) at `hand_over`.
struct Rotation {
  enum class Every : std::uint8_t { day, week } every = Every::week;
  std::vector<PersonId> people;            ///< in turn order; not empty
  std::chrono::year_month_day start{};     ///< for weekly: also fixes the weekday of the hand-over
  std::chrono::minutes hand_over{9 * 60};  ///< since local midnight, 0..1439
  std::string zone = "Asia/Shanghai";      ///< IANA name
  friend bool operator==(Rotation const&, Rotation const&) = default;
};

/// Somebody stands in for whoever would be on: [from, to). The one recorded last wins.
struct Override {
  PersonId person;
  Instant from{};
  Instant to{};
  PersonId recorded_by;
  friend bool operator==(Override const&, Override const&) = default;
};

struct DutySchedule {
  std::optional<Rotation> rotation;
  std::vector<PersonId> backups;  ///< in order; paged when nobody else is found or reached
  friend bool operator==(DutySchedule const&, DutySchedule const&) = default;
};

struct Shift {
  PersonId person;
  Instant from{};
  Instant to{};
  bool overridden = false;
  friend bool operator==(Shift const&, Shift const&) = default;
};

/// Who is on at `at`; nothing before the rotation starts or when there is none (then the backups answer).
/// `overrides` in the order they were recorded. Errors: none; an unknown zone is refused when loading.
[[nodiscard]] std::optional<Shift> on_duty(DutySchedule const& schedule, std::vector<Override> const& overrides,
                                           Instant at);

/// The shifts that touch [from, to), in order, gaps left out; at most 400 of them.
[[nodiscard]] std::vector<Shift> shifts(DutySchedule const& schedule, std::vector<Override> const& overrides,
                                        Instant from, Instant to);

/// Is `zone` known to the system's zone data?
[[nodiscard]] bool known_zone(std::string const& zone);

}  // namespace tocsin
