#include "integrations/logs/stamp.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "integrations/logs/words.hpp"

namespace tocsin::logs {
namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;

constexpr int kMaxLeads = 4;
/// Before the stamp of an access log stand an address and a user, who chose his name himself.
constexpr std::size_t kMaxAccessLeadBytes = 256;

/// Reads a line from left to right; each function takes what it finds, or leaves the place as it was.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  bool eat(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool eat(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  /// Exactly so many digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (auto const c : rest_.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// "Jan" to "Dec".
  std::optional<int> month_name() {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const found = std::find(kMonths.begin(), kMonths.end(), rest_.substr(0, 3));
    if (found == kMonths.end()) return std::nullopt;
    rest_.remove_prefix(3);
    return static_cast<int>(found - kMonths.begin()) + 1;
  }

 private:
  std::string_view rest_;
};

struct LocalTime {
  local_seconds at{};
  Millis fraction{};
  std::optional<seconds> offset;  ///< if the stamp says it
};

std::optional<local_days> date(std::optional<int> year, std::optional<int> month, std::optional<int> day) {
  if (!year || !month || !day) return std::nullopt;
  std::chrono::year_month_day const ymd{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                        std::chrono::day(static_cast<unsigned>(*day))};
  return ymd.ok() ? std::optional(local_days(ymd)) : std::nullopt;
}

/// `02:20:05`. A leap second (:60) counts as the one after it.
std::optional<seconds> time_of_day(Cursor& cursor) {
  auto const hour = cursor.digits(2);
  if (!hour || *hour > 23 || !cursor.eat(':')) return std::nullopt;
  auto const minute = cursor.digits(2);
  if (!minute || *minute > 59 || !cursor.eat(':')) return std::nullopt;
  auto const second = cursor.digits(2);
  if (!second || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

/// `.123456` or `,123`; what is finer than milliseconds is dropped.
Millis fraction(Cursor& cursor) {
  Cursor trial = cursor;
  if (!trial.eat('.') && !trial.eat(',')) return Millis::zero();
  auto const first = trial.digits(1);
  if (!first) return Millis::zero();
  int value = *first * 100;
  for (int unit = 10; unit >= 1; unit /= 10) {
    auto const digit = trial.digits(1);
    if (!digit) break;
    value += *digit * unit;
  }
  while (trial.digits(1)) {
  }
  cursor = trial;
  return Millis{value};
}

/// `Z`, `+08:00`, `+0800`, `+08`, ` +0800`, ` UTC`, ` GMT`. After a space both halves are needed: "+15 items" is none.
std::optional<seconds> zone(Cursor cursor) {
  if (cursor.eat('Z') || cursor.eat('z')) return seconds::zero();
  bool const spaced = cursor.eat(' ');
  if (cursor.eat("UTC") || cursor.eat("GMT")) return seconds::zero();
  int const sign = cursor.eat('+') ? 1 : cursor.eat('-') ? -1 : 0;
  auto const hours = sign != 0 ? cursor.digits(2) : std::nullopt;
  if (!hours || *hours > 23) return std::nullopt;
  cursor.eat(':');
  auto const minutes = cursor.digits(2);
  if ((spaced && !minutes) || minutes.value_or(0) > 59) return std::nullopt;
  return sign * (std::chrono::hours(*hours) + std::chrono::minutes(minutes.value_or(0)));
}

/// `2023-11-23T02:20:05.123Z` and its relatives, and nginx's `2023/11/23 02:20:05`.
std::optional<LocalTime> numeric_stamp(Cursor cursor) {
  auto const year = cursor.digits(4);
  if (!year) return std::nullopt;
  char const separator = cursor.rest().starts_with('/') ? '/' : '-';
  if (!cursor.eat(separator)) return std::nullopt;
  auto const month = cursor.digits(2);
  if (!cursor.eat(separator)) return std::nullopt;
  auto const day = date(year, month, cursor.digits(2));
  if (!day || (!cursor.eat('T') && !cursor.eat(' ') && !cursor.eat('t'))) return std::nullopt;
  auto const time = time_of_day(cursor);
  if (!time) return std::nullopt;
  LocalTime result{*day + *time, fraction(cursor), std::nullopt};
  result.offset = zone(cursor);
  return result;
}

/// `23/Nov/2023:02:20:05 +0800`.
std::optional<LocalTime> access_stamp(Cursor cursor) {
  auto const day_of_month = cursor.digits(2);
  if (!cursor.eat('/')) return std::nullopt;
  auto const month = cursor.month_name();
  if (!cursor.eat('/')) return std::nullopt;
  auto const day = date(cursor.digits(4), month, day_of_month);
  if (!day || !cursor.eat(':')) return std::nullopt;
  auto const time = time_of_day(cursor);
  if (!time) return std::nullopt;
  return LocalTime{*day + *time, Millis::zero(), zone(cursor)};
}

/// `Nov 23 02:20:05`, `Nov  3 02:20:05`, without the year.
std::optional<LocalTime> syslog_stamp(Cursor cursor, int year) {
  auto const month = cursor.month_name();
  if (!month || !cursor.eat(' ')) return std::nullopt;
  auto const day = date(year, month, cursor.eat(' ') ? cursor.digits(1) : cursor.digits(2));
  if (!day || !cursor.eat(' ')) return std::nullopt;
  auto const time = time_of_day(cursor);
  if (!time) return std::nullopt;
  return LocalTime{*day + *time, Millis::zero(), std::nullopt};
}

Instant to_instant(LocalTime const& local, StampRules const& rules) {
  auto const offset = local.offset ? *local.offset : rules.offset ? rules.offset(local.at) : seconds::zero();
  return Instant{local.at.time_since_epoch() - offset} + local.fraction;
}

std::optional<Instant> syslog_instant(Cursor cursor, StampRules const& rules) {
  if (!rules.year) return std::nullopt;
  auto const stamp = syslog_stamp(cursor, *rules.year);
  if (!stamp || (rules.latest && to_instant(*stamp, rules) > *rules.latest)) {
    // The log of December, read in January; or a 29 February of last year.
    auto const before = syslog_stamp(cursor, *rules.year - 1);
    if (before && rules.latest && to_instant(*before, rules) <= *rules.latest) return to_instant(*before, rules);
  }
  return stamp ? std::optional(to_instant(*stamp, rules)) : std::nullopt;
}

std::optional<Instant> stamp_here(std::string_view text, StampRules const& rules) {
  if (text.empty()) return std::nullopt;
  if (auto const stamp = numeric_stamp(Cursor(text))) return to_instant(*stamp, rules);
  return syslog_instant(Cursor(text), rules);
}

/// `{"level":"error","time":"2023-11-23T02:20:05Z",…`
std::optional<Instant> json_stamp(std::string_view line, StampRules const& rules) {
  for (std::string_view const key : {"\"@timestamp\"", "\"timestamp\"", "\"time\"", "\"asctime\"", "\"ts\""}) {
    auto const found = line.find(key);
    if (found == std::string_view::npos) continue;
    auto value = line.substr(found + key.size());
    value.remove_prefix(std::min(value.find_first_not_of(": "), value.size()));
    if (!value.starts_with('"')) continue;
    if (auto const stamp = stamp_here(value.substr(1), rules)) return stamp;
  }
  return std::nullopt;
}

std::optional<Instant> access_instant(std::string_view line, StampRules const& rules) {
  line = line.substr(0, kMaxAccessLeadBytes);
  for (auto at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    if (auto const stamp = access_stamp(Cursor(line.substr(at + 1)))) return to_instant(*stamp, rules);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Instant> parse_stamp(std::string_view line, StampRules const& rules) {
  line = line.substr(0, kStampSearchBytes);
  if (line.starts_with('{')) return json_stamp(line, rules);
  auto rest = line;
  for (int lead = 0; lead <= kMaxLeads; ++lead) {
    if (auto const stamp = stamp_here(rest, rules)) return stamp;
    auto const next = without_lead(rest);
    if (next.size() == rest.size()) break;
    rest = next;
  }
  return access_instant(line, rules);
}

}  // namespace tocsin::logs
