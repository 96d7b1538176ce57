#include "config/wording.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "incidents/duty.hpp"

namespace tocsin {
namespace {

struct LocalMoment {
  date::year_month_day day;
  date::hh_mm_ss<std::chrono::seconds> time;
  std::chrono::minutes offset;
};

LocalMoment local(Instant at, date::time_zone const* zone) {
  auto const offset = zone != nullptr ? zone->get_info(at).offset : std::chrono::seconds{0};
  auto const shifted = date::floor<std::chrono::seconds>(at) + offset;
  auto const midnight = date::floor<std::chrono::days>(shifted);
  return {date::year_month_day{midnight}, date::hh_mm_ss<std::chrono::seconds>{shifted - midnight},
          std::chrono::duration_cast<std::chrono::minutes>(offset)};
}

std::string month_and_day(date::year_month_day day) {
  return fmt::format("{:02}-{:02}", static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::string with_year(date::year_month_day day) {
  return fmt::format("{:04}-{}", static_cast<int>(day.year()), month_and_day(day));
}

struct LengthWords {
  std::string_view days;
  std::string_view day;
  std::string_view hours;
  std::string_view minutes;
  std::string_view minutes_spelled;
};
constexpr std::array<LengthWords, kLocales.size()> kLengthWords{LengthWords{"天", "天", "小时", "分", "分钟"},
                                                                LengthWords{"days", "day", "h", "min", "min"}};

std::string colon(std::int64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string peoples(std::int64_t millis, LengthWords const& words, std::string_view minute_word) {
  auto const seconds = millis / 1000;
  if (millis < 1000) return fmt::format("{} ms", millis);
  if (seconds < 10 && millis % 1000 >= 100) return fmt::format("{}.{} s", seconds, millis % 1000 / 100);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 600 && seconds % 60 != 0) return colon(seconds);
  auto const minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{} {}", minutes, minute_word);
  auto const hours = minutes / 60;
  if (hours < 24) {
    if (minutes % 60 == 0) return fmt::format("{} {}", hours, words.hours);
    return fmt::format("{} {} {} {}", hours, words.hours, minutes % 60, minute_word);
  }
  auto const days = hours / 24;
  auto const text = fmt::format("{} {}", days, days == 1 ? words.day : words.days);
  if (days >= 7 || hours % 24 == 0) return text;
  return fmt::format("{} {} {}", text, hours % 24, words.hours);
}

}  // namespace

std::string worded(Instant at, Instant now, std::string const& zone, HoleFormat format, bool seconds) {
  auto const* rules = known_zone(zone) ? date::locate_zone(zone) : nullptr;
  auto const moment = local(at, rules);
  auto const today = local(now, rules).day;
  auto const minutes_clock = fmt::format("{:02}:{:02}", moment.time.hours().count(), moment.time.minutes().count());
  auto const with_seconds = fmt::format("{}:{:02}", minutes_clock, moment.time.seconds().count());
  auto const& clock = seconds ? with_seconds : minutes_clock;
  auto const day = moment.day.year() == today.year() ? month_and_day(moment.day) : with_year(moment.day);
  switch (format) {
    case HoleFormat::clock:
      return clock;
    case HoleFormat::date:
      return day;
    case HoleFormat::full: {
      auto const minutes = std::abs(moment.offset.count());
      return fmt::format("{} {} {}{:02}:{:02}", with_year(moment.day), with_seconds,
                         moment.offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
    default:
      return moment.day == today ? clock : day + " " + clock;
  }
}

std::string worded(Millis length, Locale locale, HoleFormat format) {
  auto const& words = kLengthWords[static_cast<std::size_t>(locale)];
  auto const millis = length.count();
  // The least value has no positive counterpart; nobody means it.
  auto const size = millis == std::numeric_limits<std::int64_t>::min() ? 0 : std::abs(millis);
  std::string const sign = millis < 0 ? "-" : "";
  if (format == HoleFormat::colon) return sign + colon(size / 1000);
  return sign + peoples(size, words, format == HoleFormat::spelled ? words.minutes_spelled : words.minutes);
}

std::string worded_bytes(std::int64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
  if (bytes > -1000 && bytes < 1000) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace tocsin
