#include "commands/clock_time.hpp"

#include <array>
#include <cstdio>

#include "commands/duration.hpp"
#include "commands/utf8.hpp"

namespace tocsin {
namespace {

using std::chrono::day;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::month_day;
using std::chrono::year;

/// The part of the day that was named with an hour.
enum class Period : std::uint8_t { none, before_dawn, morning, noon, afternoon, evening, am, pm };

struct PeriodWord {
  std::string_view word;
  Period period;
};
constexpr std::array kPeriods{
    PeriodWord{"凌晨", Period::before_dawn}, PeriodWord{"清晨", Period::morning}, PeriodWord{"早上", Period::morning},
    PeriodWord{"早晨", Period::morning},     PeriodWord{"上午", Period::morning}, PeriodWord{"中午", Period::noon},
    PeriodWord{"下午", Period::afternoon},   PeriodWord{"傍晚", Period::evening}, PeriodWord{"晚上", Period::evening},
    PeriodWord{"夜里", Period::evening},     PeriodWord{"半夜", Period::evening}, PeriodWord{"深夜", Period::evening},
};

/// The hour of 24 that an hour of some period means; nothing where nobody says that (上午15点, 13pm).
std::optional<int> hour_of(int hour, Period period) {
  switch (period) {
    case Period::none:
      return hour;
    case Period::before_dawn:
      return hour == 12 ? 0 : hour <= 6 ? std::optional(hour) : std::nullopt;
    case Period::morning:
      return hour <= 12 ? std::optional(hour) : std::nullopt;
    case Period::noon:
      if (hour >= 11 && hour <= 14) return hour;
      return hour == 1 || hour == 2 ? std::optional(hour + 12) : std::nullopt;
    case Period::afternoon:
      if (hour >= 12 && hour <= 19) return hour;
      return hour >= 1 && hour <= 7 ? std::optional(hour + 12) : std::nullopt;
    case Period::evening:
      if (hour == 12) return 0;
      if (hour < 5 || hour >= 17) return hour;
      return hour < 12 ? std::optional(hour + 12) : std::nullopt;
    case Period::am:
      return hour == 12 ? 0 : hour < 12 ? std::optional(hour) : std::nullopt;
    case Period::pm:
      if (hour == 12) return 12;
      return hour >= 1 && hour < 12 ? std::optional(hour + 12) : std::nullopt;
  }
  return {};
}

/// A time as it was said; `bare` is a number alone, which only a range makes a time.
struct Clock {
  int hour = 0;
  int minute = 0;
  int second = 0;
  Period period = Period::none;
  bool bare = false;
  std::size_t used = 0;
};

std::optional<int> two_digits(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || !utf8::is_ascii_digit(text[at]) || !utf8::is_ascii_digit(text[at + 1])) return {};
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool eat(std::string_view text, std::size_t& at, std::string_view word) {
  if (!text.substr(at).starts_with(word)) return false;
  at += word.size();
  return true;
}

/// What follows 点: 钟, 整, 半, 一刻, 15, 十五分. False: something else that starts like minutes.
bool read_han_minutes(std::string_view text, Clock& clock) {
  auto& at = clock.used;
  if (eat(text, at, "钟") || eat(text, at, "整")) return true;
  if (eat(text, at, "半")) return clock.minute = 30, true;
  if (eat(text, at, "一刻")) return clock.minute = 15, true;
  if (eat(text, at, "三刻")) return clock.minute = 45, true;
  auto const count = read_count(text.substr(at));
  if (!count) return true;
  auto const after = at + count->used;
  bool const named = text.substr(after).starts_with("分") && !text.substr(after).starts_with("分钟");
  bool const two_places = count->used == 2 && utf8::is_ascii_digit(text[at]);
  bool const spoken = !utf8::is_ascii_digit(text[at]) && count->used > 3;  // 十五, 零五; 五 alone could go on as 五分
  if (count->value > 59 || (!named && !two_places && !spoken)) return false;
  clock.minute = static_cast<int>(count->value);
  at = after + (named ? std::string_view("分").size() : 0);
  return true;
}

void read_am_pm(std::string_view text, Clock& clock) {
  constexpr std::array<std::string_view, 4> kWords{"a.m.", "p.m.", "am", "pm"};
  auto const at = skip_spaces(text, clock.used);
  auto const size = starts_with_any(text.substr(at), kWords);
  if (size == 0 || !utf8::is_word_end(text, at + size)) return;
  clock.period = utf8::lower(text[at]) == 'a' ? Period::am : Period::pm;
  clock.bare = false;
  clock.used = at + size;
}

std::optional<Clock> read_named(std::string_view text) {
  constexpr std::array<std::string_view, 2> kMidnights{"midnight", "午夜"};
  constexpr std::array<std::string_view, 3> kNoons{"noon", "中午", "正午"};
  Clock clock;
  if ((clock.used = starts_with_any(text, kMidnights)) == 0) {
    clock.hour = 12;
    clock.used = starts_with_any(text, kNoons);
  }
  if (clock.used == 0 || !utf8::is_word_end(text, clock.used)) return {};
  return clock;
}

std::optional<Clock> read_clock(std::string_view text) {
  Clock clock;
  for (auto const& [word, period] : kPeriods) {
    if (eat(text, clock.used, word)) clock.period = period;
    if (clock.used != 0) break;
  }
  clock.used = skip_spaces(text, clock.used);
  auto const count = read_count(text.substr(clock.used));
  if (!count) return read_named(text);
  if (count->value > 24) return {};
  bool const digits = utf8::is_ascii_digit(text[clock.used]);
  clock.hour = static_cast<int>(count->value);
  clock.used += count->used;
  if (digits && count->used <= 2 && text.substr(clock.used).starts_with(':')) {
    auto const minute = two_digits(text, clock.used + 1);
    if (!minute || *minute > 59) return {};
    clock.minute = *minute;
    clock.used += 3;
    if (auto const second = two_digits(text, clock.used + 1); second && text[clock.used] == ':' && *second < 60) {
      clock.second = *second;
      clock.used += 3;
    }
  } else if (eat(text, clock.used, "点") || eat(text, clock.used, "點") || eat(text, clock.used, "时")) {
    if (!read_han_minutes(text, clock)) return {};
  } else {
    clock.bare = digits && count->used <= 2 && clock.period == Period::none;
    if (!clock.bare) return {};
  }
  if (clock.period == Period::none) read_am_pm(text, clock);
  if (clock.hour == 24 && (clock.minute != 0 || clock.period != Period::none)) return {};
  if (!hour_of(clock.hour, clock.period) || !utf8::is_word_end(text, clock.used)) return {};
  return clock;
}

minutes minutes_of(Clock const& clock) {
  return minutes{(hour_of(clock.hour, clock.period).value_or(0) % 24) * 60 + clock.minute};
}

/// The day that a moment names, and how much of the text did.
struct Day {
  LocalMoment moment;
  Period period = Period::none;  ///< 昨晚, 今早
  std::size_t used = 0;
};

struct DayWord {
  std::string_view word;
  int days;
  Period period;
};
constexpr std::array kDayWords{
    DayWord{"今天", 0, Period::none},     DayWord{"昨天", -1, Period::none},   DayWord{"明天", 1, Period::none},
    DayWord{"前天", -2, Period::none},    DayWord{"后天", 2, Period::none},    DayWord{"今晚", 0, Period::evening},
    DayWord{"昨晚", -1, Period::evening}, DayWord{"明晚", 1, Period::evening}, DayWord{"今早", 0, Period::morning},
    DayWord{"明早", 1, Period::morning},  DayWord{"today", 0, Period::none},   DayWord{"yesterday", -1, Period::none},
    DayWord{"tomorrow", 1, Period::none},
};

std::optional<Day> read_day_word(std::string_view text) {
  for (auto const& [word, days, period] : kDayWords) {
    auto const size = starts_with_any(text, std::array{word});
    if (size == 0 || !utf8::is_word_end(text, size)) continue;
    Day out;
    out.moment.days_from_today = days;
    out.period = period;
    out.used = size;
    return out;
  }
  return {};
}

/// Reads a number of at most `digits` digits and the sign after it (`-` `/` or a Han word).
std::optional<std::int64_t> number_and(std::string_view text, std::size_t& at, std::size_t digits, char sign,
                                       std::string_view han) {
  auto const count = read_count(text.substr(at));
  if (!count || (utf8::is_ascii_digit(text[at]) && count->used > digits)) return {};
  auto next = at + count->used;
  bool const matched = sign != '\0' ? next < text.size() && text[next] == sign : eat(text, next, han);
  if (!matched) return {};
  at = next + (sign != '\0' ? 1 : 0);
  return count->value;
}

/// `11-23`, `11/23`, `11月23日`, with a year before it or not. `sign` '\0': the Han form.
std::optional<Day> read_date(std::string_view text, char sign) {
  Day out;
  auto& at = out.used;
  if (auto const number = number_and(text, at, 4, sign, "年"); number && *number >= 100) {
    if (*number < 2000 || *number > 2100) return {};
    out.moment.year = year{static_cast<int>(*number)};
  } else {
    at = 0;
  }
  auto const months = number_and(text, at, 2, sign, "月");
  if (!months) return {};
  auto const days = read_count(text.substr(at));
  if (!days || days->used > (utf8::is_ascii_digit(text[at]) ? 2U : 9U)) return {};
  at += days->used;
  if (sign == '\0' && !eat(text, at, "日") && !eat(text, at, "号")) return {};
  if (*months > 12 || days->value > 31) return {};
  month_day const date{month{static_cast<unsigned>(*months)}, day{static_cast<unsigned>(days->value)}};
  if (!(out.moment.year.value_or(year{2000}) / date).ok()) return {};
  bool const joined = text.substr(at).starts_with('T') && at + 1 < text.size() && utf8::is_ascii_digit(text[at + 1]);
  if (!joined && !utf8::is_word_end(text, at)) return {};
  out.moment.date = date;
  return out;
}

std::optional<Day> read_day(std::string_view text) {
  if (auto const word = read_day_word(text)) return word;
  for (char const sign : {'-', '/', '\0'}) {
    if (auto const date = read_date(text, sign)) return date;
  }
  return {};
}

/// `Z`, `+08:00`, `-0530` right after a time.
std::optional<Read<minutes>> read_offset(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] == 'Z' || text[0] == 'z') return Read<minutes>{minutes{0}, 1};
  if (text[0] != '+' && text[0] != '-') return {};
  auto const hours = two_digits(text, 1);
  std::size_t const at = text.size() > 3 && text[3] == ':' ? 4 : 3;
  auto const rest = two_digits(text, at);
  if (!hours || !rest || *hours > 14 || *rest > 59) return {};
  minutes const offset{*hours * 60 + *rest};
  return Read<minutes>{text[0] == '-' ? -offset : offset, at + 2};
}

std::optional<Read<Moment>> read_relative(std::string_view text) {
  constexpr std::array<std::string_view, 3> kNow{"now", "现在", "此刻"};
  constexpr std::array<std::string_view, 4> kBefore{"以前", "之前", "ago", "前"};
  constexpr std::array<std::string_view, 5> kAfter{"以后", "之后", "from now", "later", "后"};
  if (auto const now = starts_with_any(text, kNow); now != 0 && utf8::is_word_end(text, now)) {
    return Read<Moment>{Ago{}, now};
  }
  std::size_t const in = starts_with_any(text, std::array<std::string_view, 1>{"in "});
  auto const length = read_duration(text.substr(in));
  if (!length || length->value > kMaxDuration) return {};
  auto at = in + length->used;
  if (in != 0) return utf8::is_word_end(text, at) ? std::optional(Read<Moment>{Ago{-length->value}, at}) : std::nullopt;
  at = skip_spaces(text, at);
  auto const before = starts_with_any(text.substr(at), kBefore);
  auto const after = before != 0 ? before : starts_with_any(text.substr(at), kAfter);
  if (after == 0 || !utf8::is_word_end(text, at + after)) return {};
  return Read<Moment>{Ago{before != 0 ? length->value : -length->value}, at + after};
}

std::string two(long number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

std::optional<Read<TimeOfDay>> read_time_of_day(std::string_view text) {
  auto const clock = read_clock(text);
  if (!clock || clock->bare || clock->hour == 24) return {};
  return Read<TimeOfDay>{TimeOfDay{minutes_of(*clock)}, clock->used};
}

std::optional<Read<TimeRange>> read_time_range(std::string_view text) {
  constexpr std::array<std::string_view, 2> kFrom{"from ", "从"};
  constexpr std::array<std::string_view, 7> kTo{"until", "to", "到", "至", "--", "-", "~"};
  auto const start = skip_spaces(text, starts_with_any(text, kFrom));
  // The end of a first time is not the end of a word when `-` follows it, so it is read without what comes after.
  auto const sign = text.find_first_of("-~", start);
  auto const limit = sign == std::string_view::npos ? text.size() : sign;
  auto first = read_clock(text.substr(start, limit - start));
  if (!first) return {};
  auto at = skip_spaces(text, start + first->used);
  auto const to = starts_with_any(text.substr(at), kTo);
  if (to == 0) return {};
  at = skip_spaces(text, at + to);
  auto second = read_clock(text.substr(at));
  if (!second || first->hour == 24) return {};
  // `下午3点到5点` ends at 17:00, `3-5pm` begins at 15:00; `晚上10点到8点` ends the next morning.
  bool const later_half = first->period == Period::afternoon || first->period == Period::evening ||
                          first->period == Period::noon || first->period == Period::pm;
  auto from = minutes_of(*first);
  auto until = minutes_of(*second);
  if (later_half && second->period == Period::none && second->hour < 12 && until + minutes{720} > from) {
    until += minutes{720};
  }
  if (first->period == Period::none && second->period == Period::pm && first->hour < 12 &&
      from + minutes{720} < until) {
    from += minutes{720};
  }
  if (from == until) return {};
  return Read<TimeRange>{TimeRange{TimeOfDay{from}, TimeOfDay{until}}, at + second->used};
}

std::optional<Read<Moment>> read_moment(std::string_view text) {
  if (auto const relative = read_relative(text)) return relative;
  auto named = read_day(text);
  if (!named) {
    auto const clock = read_time_of_day(text);
    if (!clock) return {};
    LocalMoment moment;
    moment.time = clock->value;
    return Read<Moment>{moment, clock->used};
  }
  auto at = named->used;
  if (at < text.size() && text[at] == 'T') ++at;
  at = skip_spaces(text, at);
  // The clock's own end of word would refuse an offset behind it, so a sign ends what it sees.
  auto const sign = text.find_first_of("+-Zz", at);
  auto const limit = sign == std::string_view::npos ? text.size() : sign;
  auto clock = read_clock(text.substr(at, limit - at));
  if (!clock || clock->bare || clock->hour == 24) {
    if (named->period != Period::none) return {};
    return Read<Moment>{named->moment, named->used};
  }
  if (named->period != Period::none && clock->period == Period::none) clock->period = named->period;
  if (!hour_of(clock->hour, clock->period)) return {};
  named->moment.time = TimeOfDay{minutes_of(*clock)};
  at += clock->used;
  auto const offset = named->moment.year ? read_offset(text.substr(at)) : std::nullopt;
  if (!offset) {
    if (!utf8::is_word_end(text, at)) return {};
    return Read<Moment>{named->moment, at};
  }
  auto const date = std::chrono::sys_days{*named->moment.year / *named->moment.date};
  Instant const exact = date + named->moment.time.since_midnight + std::chrono::seconds{clock->second} - offset->value;
  return Read<Moment>{exact, at + offset->used};
}

std::string compact(TimeOfDay time) {
  auto const count = time.since_midnight.count();
  return two(count / 60) + ":" + two(count % 60);
}

std::string compact(TimeRange const& range) { return compact(range.from) + "-" + compact(range.to); }

std::string compact(Moment const& moment) {
  if (auto const* ago = std::get_if<Ago>(&moment)) {
    if (ago->length == Millis{0}) return "now";
    return ago->length > Millis{0} ? compact(ago->length) + " ago" : "in " + compact(-ago->length);
  }
  if (auto const* exact = std::get_if<Instant>(&moment)) {
    auto const date = std::chrono::floor<std::chrono::days>(*exact);
    std::chrono::year_month_day const ymd{date};
    std::chrono::hh_mm_ss const time{std::chrono::floor<std::chrono::seconds>(*exact - date)};
    return std::to_string(static_cast<int>(ymd.year())) + "-" + two(static_cast<unsigned>(ymd.month())) + "-" +
           two(static_cast<unsigned>(ymd.day())) + "T" + two(time.hours().count()) + ":" + two(time.minutes().count()) +
           ":" + two(time.seconds().count()) + "Z";
  }
  auto const& local = std::get<LocalMoment>(moment);
  constexpr std::array<std::string_view, 5> kDays{"前天 ", "昨天 ", "", "明天 ", "后天 "};
  std::string out(local.date ? std::string_view{} : kDays.at(static_cast<std::size_t>(local.days_from_today + 2)));
  if (local.year) out += std::to_string(static_cast<int>(*local.year)) + "-";
  if (local.date) {
    out += two(static_cast<unsigned>(local.date->month())) + "-" + two(static_cast<unsigned>(local.date->day())) + " ";
  }
  return out + compact(local.time);
}

}  // namespace tocsin
