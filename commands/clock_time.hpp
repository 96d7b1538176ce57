// Times of day, ranges between two of them, and points in time, as people type them. What depends on today's date or
// on a zone stays undecided here: the verb knows both.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "commands/numerals.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// Minutes since local midnight, 0..1439.
struct TimeOfDay {
  std::chrono::minutes since_midnight{};
  friend auto operator<=>(TimeOfDay, TimeOfDay) = default;
};

/// [from, to): `to` at or before `from` is on the next day. Never empty.
struct TimeRange {
  TimeOfDay from;
  TimeOfDay to;
  friend auto operator<=>(TimeRange, TimeRange) = default;
};

/// A length of time before now; negative: after now.
struct Ago {
  Millis length{};
  friend auto operator<=>(Ago, Ago) = default;
};

/// A point on the reader's own calendar; what is missing is today's.
struct LocalMoment {
  std::optional<std::chrono::year> year;
  std::optional<std::chrono::month_day> date;  ///< exists in `year`, or in a leap year when there is none
  int days_from_today = 0;                     ///< -2..2, only without `date`
  TimeOfDay time;
  friend bool operator==(LocalMoment const&, LocalMoment const&) = default;
};

using Moment = std::variant<Instant, Ago, LocalMoment>;

/// `03:15`, `3点15`, `下午3点`, `3:15pm`, `凌晨两点半`, `noon`, `零点`. A bare number is none.
[[nodiscard]] std::optional<Read<TimeOfDay>> read_time_of_day(std::string_view text);

/// `22:00-08:00`, `22:00到08:00`, `22-8`, `晚上10点到早上8点`, `下午3点到5点`, `from 22:00 to 08:00`.
[[nodiscard]] std::optional<Read<TimeRange>> read_time_range(std::string_view text);

/// `03:15`, `昨天 22:00`, `11-23 02:00`, `11月23日 2点`, `2023-11-23T02:00Z`, `10分钟前`, `10m ago`, `in 2h`, `now`.
/// A date without a time is its midnight.
[[nodiscard]] std::optional<Read<Moment>> read_moment(std::string_view text);

/// `03:15`; `22:00-08:00`; `2023-11-23T02:00:00Z`, `2h ago`, `yesterday 22:00`: forms that read back as the same.
[[nodiscard]] std::string compact(TimeOfDay time);
[[nodiscard]] std::string compact(TimeRange const& range);
[[nodiscard]] std::string compact(Moment const& moment);

}  // namespace tocsin
