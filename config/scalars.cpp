#include "config/scalars.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tocsin {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};

// Falling, so that one pass both reads `1h30m` and refuses `30m1h`.
constexpr std::array kUnits{Unit{"w", 604'800'000}, Unit{"d", 86'400'000}, Unit{"h", 3'600'000},
                            Unit{"m", 60'000},      Unit{"s", 1'000},      Unit{"ms", 1}};
constexpr std::int64_t kLongestMillis = 3650LL * 86'400'000;

struct Scale {
  std::string_view name;
  std::int64_t bytes;
};
constexpr std::array kScales{Scale{"GiB", 1LL << 30}, Scale{"MiB", 1LL << 20}, Scale{"KiB", 1LL << 10}, Scale{"B", 1}};

constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes leading digits (1 to `most`) off `text`.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t most) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  if (length == 0 || length > most) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The letters at the front: a unit's name must end where they end, so that `m` is not read out of `ms`.
std::string_view leading_letters(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  return text.substr(0, length);
}

std::optional<std::chrono::minutes> take_time(std::string_view& text) {
  if (text.size() < 5 || !is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) ||
      !is_digit(text[4]))
    return std::nullopt;
  int const hour = (text[0] - '0') * 10 + (text[1] - '0');
  int const minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
  text.remove_prefix(5);
  return std::chrono::minutes{hour * 60 + minute};
}

}  // namespace

std::optional<Millis> parse_length(std::string_view text) {
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    auto const number = take_number(text, 12);
    if (!number) return std::nullopt;
    auto const name = leading_letters(text);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    if (*number > kLongestMillis / kUnits[next_unit].millis) return std::nullopt;
    total += *number * kUnits[next_unit].millis;
    text.remove_prefix(name.size());
    ++next_unit;
  }
  if (total > kLongestMillis) return std::nullopt;
  return Millis{total};
}

std::optional<Percent> parse_percent(std::string_view text) {
  auto const whole = take_number(text, 4);
  if (!whole) return std::nullopt;
  std::int64_t tenths = *whole * 10;
  if (take(text, ".")) {
    auto const tenth = take_number(text, 1);
    if (!tenth) return std::nullopt;
    tenths += *tenth;
  }
  take(text, " ");
  if (text != "%" || tenths > 10'000) return std::nullopt;
  return Percent{static_cast<std::int32_t>(tenths)};
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  auto const number = take_number(text, 9);
  if (!number) return std::nullopt;
  take(text, " ");
  for (auto const& scale : kScales) {
    if (text == scale.name) return Bytes{*number * scale.bytes};
  }
  return std::nullopt;
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  auto const time = take_time(text);
  return text.empty() ? time : std::nullopt;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::array<int, 3> parts{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 3> kPlaces{{{0, 4}, {5, 2}, {8, 2}}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto part = text.substr(kPlaces[i].first, kPlaces[i].second);
    auto const number = take_number(part, 4);
    if (!number || !part.empty()) return std::nullopt;
    parts[i] = static_cast<int>(*number);
  }
  std::chrono::year_month_day const day{std::chrono::year{parts[0]},
                                        std::chrono::month{static_cast<unsigned>(parts[1])},
                                        std::chrono::day{static_cast<unsigned>(parts[2])}};
  if (!day.ok() || parts[0] < 1970) return std::nullopt;
  return day;
}

std::optional<DailyHours> parse_daily_hours(std::string_view text) {
  auto const from = take_time(text);
  if (!from || !take(text, "-")) return std::nullopt;
  auto const to = take_time(text);
  if (!to || !text.empty() || *from == *to || from->count() == 24 * 60) return std::nullopt;
  return DailyHours{*from, *to};
}

std::optional<WeeklyHours> parse_weekly_hours(std::string_view text) {
  auto const space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  auto const day = text.substr(0, space);
  auto const hours = parse_daily_hours(text.substr(space + 1));
  if (!hours) return std::nullopt;
  if (day == "daily") return WeeklyHours{std::nullopt, *hours};
  for (unsigned i = 0; i < kDays.size(); ++i) {
    if (day == kDays[i]) return WeeklyHours{std::chrono::weekday{i}, *hours};
  }
  return std::nullopt;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  auto const colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  auto host = text.substr(0, colon);
  auto rest = text.substr(colon + 1);
  auto const port = take_number(rest, 5);
  if (!port || !rest.empty() || *port > 65'535) return std::nullopt;
  bool const bracketed = host.front() == '[';
  if (bracketed) {
    if (host.size() < 4 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  }
  if (host.size() > 253) return std::nullopt;
  for (char const c : host) {
    bool const fits = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
                      c == '_' || (bracketed && (c == ':' || c == '%'));
    if (!fits) return std::nullopt;
  }
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::optional<RateLimit> parse_rate(std::string_view text) {
  auto const count = take_number(text, 9);
  if (!count || *count < 1 || !take(text, " per ")) return std::nullopt;
  auto const per = parse_length(text);
  if (!per || *per <= Millis{0}) return std::nullopt;
  return RateLimit{*count, *per};
}

std::string print(Millis length) {
  std::string text;
  auto rest = length.count();
  for (auto const& unit : kUnits) {
    if (unit.name == "w" && rest % unit.millis != 0) continue;  // 10d, not 1w3d
    if (auto const count = rest / unit.millis; count > 0) {
      text += fmt::format("{}{}", count, unit.name);
      rest %= unit.millis;
    }
  }
  return text.empty() ? "0s" : text;
}

std::string print(Percent share) {
  if (share.tenths % 10 == 0) return fmt::format("{} %", share.tenths / 10);
  return fmt::format("{}.{} %", share.tenths / 10, share.tenths % 10);
}

std::string print(Bytes amount) {
  for (auto const& scale : kScales) {
    if (amount.count >= scale.bytes && amount.count % scale.bytes == 0)
      return fmt::format("{} {}", amount.count / scale.bytes, scale.name);
  }
  return "0 B";
}

std::string print(std::chrono::minutes time_of_day) {
  return fmt::format("{:02}:{:02}", time_of_day.count() / 60, time_of_day.count() % 60);
}

std::string print(std::chrono::year_month_day day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::string print(DailyHours const& hours) { return print(hours.from) + "-" + print(hours.to); }

std::string print(WeeklyHours const& hours) {
  std::string_view const day = hours.day ? kDays[hours.day->c_encoding()] : "daily";
  return std::string(day) + " " + print(hours.hours);
}

std::string print(HostPort const& where) {
  bool const six = where.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", where.host, six ? "]" : "", where.port);
}

std::string print(RateLimit const& rate) { return fmt::format("{} per {}", rate.count, print(rate.per)); }

bool is_loopback(std::string_view host) noexcept {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string host_of(std::string_view url) {
  auto const scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (auto const at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

}  // namespace tocsin
