// The small values of a configuration: how each is written, and the type it becomes. Pure functions, usable for
// anything that people type. Every `parse_…` refuses what it does not understand wholly; every `print` gives a form
// that its parser reads back as the same value.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "incidents/base/time.hpp"

namespace tocsin {

/// A share, exact to a tenth of a percent.
struct Percent {
  std::int32_t tenths = 0;
  friend auto operator<=>(Percent, Percent) = default;
  [[nodiscard]] constexpr double value() const noexcept { return tenths / 10.0; }
};

[[nodiscard]] constexpr Percent percent(std::int32_t whole) noexcept { return {whole * 10}; }

/// An amount of data.
struct Bytes {
  std::int64_t count = 0;
  friend auto operator<=>(Bytes, Bytes) = default;
};

[[nodiscard]] constexpr Bytes kibibytes(std::int64_t n) noexcept { return {n * 1024}; }
[[nodiscard]] constexpr Bytes mebibytes(std::int64_t n) noexcept { return {n * 1024 * 1024}; }

/// A part of every day, in some zone: [from, to); `to` before `from` runs over midnight. Never empty.
struct DailyHours {
  std::chrono::minutes from{};  ///< since local midnight, 0..1439
  std::chrono::minutes to{};    ///< 0..1440, not equal to `from`
  friend bool operator==(DailyHours const&, DailyHours const&) = default;
};

/// A part of every week, or of every day.
struct WeeklyHours {
  std::optional<std::chrono::weekday> day;  ///< of `hours.from`; none: every day
  DailyHours hours;
  friend bool operator==(WeeklyHours const&, WeeklyHours const&) = default;
};

/// Where to listen or to connect.
struct HostPort {
  std::string host;        ///< a name or an address, IPv6 without brackets; not empty
  std::uint16_t port = 0;  ///< 0: the system chooses
  friend bool operator==(HostPort const&, HostPort const&) = default;
};

/// At most `count` in any stretch of length `per`.
struct RateLimit {
  std::int64_t count = 0;
  Millis per{};
  friend bool operator==(RateLimit const&, RateLimit const&) = default;
};

/// `90s`, `5m`, `1h30m`, `7d`, `250ms`; units w d h m s ms, each at most once and falling; at most ten years.
[[nodiscard]] std::optional<Millis> parse_length(std::string_view text);
/// `80%`, `99.5 %`; 0..1000 %, at most one decimal.
[[nodiscard]] std::optional<Percent> parse_percent(std::string_view text);
/// `512 B`, `64KiB`, `1 MiB`, `2 GiB`.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);
/// `09:00`, `24:00`.
[[nodiscard]] std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);
/// `2026-11-23`, a day that exists.
[[nodiscard]] std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
/// `22:00-08:00`.
[[nodiscard]] std::optional<DailyHours> parse_daily_hours(std::string_view text);
/// `sunday 02:00-04:00`, `daily 12:00-13:00`.
[[nodiscard]] std::optional<WeeklyHours> parse_weekly_hours(std::string_view text);
/// `127.0.0.1:8088`, `[::1]:8088`, `db.internal:5432`.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);
/// `30 per 1m`.
[[nodiscard]] std::optional<RateLimit> parse_rate(std::string_view text);

[[nodiscard]] std::string print(Millis length);
[[nodiscard]] std::string print(Percent share);
[[nodiscard]] std::string print(Bytes amount);
[[nodiscard]] std::string print(std::chrono::minutes time_of_day);
[[nodiscard]] std::string print(std::chrono::year_month_day day);
[[nodiscard]] std::string print(DailyHours const& hours);
[[nodiscard]] std::string print(WeeklyHours const& hours);
[[nodiscard]] std::string print(HostPort const& where);
[[nodiscard]] std::string print(RateLimit const& rate);

/// Is `host` this machine by any of its usual names (127.0.0.0/8, ::1, localhost)?
[[nodiscard]] bool is_loopback(std::string_view host) noexcept;
/// The host of a URL, without user, port and brackets; empty when there is none.
[[nodiscard]] std::string host_of(std::string_view url);

}  // namespace tocsin
