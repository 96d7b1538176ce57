#include "commands/duration.hpp"

#include <array>
#include <cstdint>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view word;
  Millis length;
};

// Longer words first, where one begins with another.
constexpr std::array kHanUnits{
    Unit{"个星期", 168h}, Unit{"个礼拜", 168h}, Unit{"星期", 168h},  Unit{"礼拜", 168h},
    Unit{"周", 168h},     Unit{"天", 24h},      Unit{"个小时", 1h},  Unit{"小时", 1h},
    Unit{"个钟头", 1h},   Unit{"钟头", 1h},     Unit{"刻钟", 15min}, Unit{"刻", 15min},
    Unit{"分钟", 1min},   Unit{"分", 1min},     Unit{"秒钟", 1s},    Unit{"秒", 1s},
};
constexpr std::array kLatinUnits{
    Unit{"weeks", 168h}, Unit{"week", 168h}, Unit{"wks", 168h}, Unit{"wk", 168h},      Unit{"w", 168h},
    Unit{"days", 24h},   Unit{"day", 24h},   Unit{"d", 24h},    Unit{"hours", 1h},     Unit{"hour", 1h},
    Unit{"hrs", 1h},     Unit{"hr", 1h},     Unit{"h", 1h},     Unit{"minutes", 1min}, Unit{"minute", 1min},
    Unit{"mins", 1min},  Unit{"min", 1min},  Unit{"m", 1min},   Unit{"seconds", 1s},   Unit{"second", 1s},
    Unit{"secs", 1s},    Unit{"sec", 1s},    Unit{"s", 1s},
};
/// What can follow 半 and 个半.
constexpr std::array kHalvedUnits{Unit{"个小时", 1h}, Unit{"小时", 1h},     Unit{"个钟头", 1h}, Unit{"钟头", 1h},
                                  Unit{"天", 24h},    Unit{"个星期", 168h}, Unit{"星期", 168h}, Unit{"分钟", 1min}};

/// How one part was written: halves are added only to the last.
struct Part {
  Millis length{};
  Millis unit{};
  std::size_t used = 0;
  bool closed = false;  ///< nothing may follow: it ended in a half
};

bool ends_latin_unit(std::string_view text, std::size_t at) {
  return at >= text.size() || utf8::is_ascii_digit(text[at]) || utf8::is_word_end(text, at);
}

std::optional<Unit> unit_at(std::string_view text, std::size_t at, std::size_t& end) {
  auto const rest = text.substr(at);
  for (auto const& unit : kHanUnits) {
    if (!rest.starts_with(unit.word)) continue;
    end = at + unit.word.size();
    return unit;
  }
  for (auto const& unit : kLatinUnits) {
    if (starts_with_any(rest, std::array{unit.word}) == 0 || !ends_latin_unit(text, at + unit.word.size())) continue;
    end = at + unit.word.size();
    return unit;
  }
  return {};
}

/// `半小时`, and after a count `个半小时`.
std::optional<Part> read_half(std::string_view text, std::string_view half, std::int64_t count) {
  if (!text.starts_with(half)) return {};
  auto const at = half.size();
  for (auto const& unit : kHalvedUnits) {
    if (!text.substr(at).starts_with(unit.word)) continue;
    return Part{unit.length * count + unit.length / 2, unit.length, at + unit.word.size(), true};
  }
  return {};
}

/// `half an hour`, `an hour`, `a week`.
std::optional<Part> read_english_one(std::string_view text) {
  constexpr std::array<std::string_view, 3> kHalves{"half an ", "half a ", "half "};
  constexpr std::array<std::string_view, 2> kOnes{"an ", "a "};
  auto const half = starts_with_any(text, kHalves);
  auto const one = half != 0 ? half : starts_with_any(text, kOnes);
  std::size_t end = 0;
  auto const unit = one == 0 ? std::nullopt : unit_at(text, one, end);
  if (!unit || end - one < 3) return {};  // `a d` is no length
  return Part{half != 0 ? unit->length / 2 : unit->length, unit->length, end, true};
}

std::optional<Part> read_part(std::string_view text) {
  if (auto const half = read_half(text, "半", 0)) return half;
  if (auto const one = read_english_one(text)) return one;
  auto const count = read_count(text);
  if (!count) return {};
  std::size_t at = count->used;
  if (auto half = read_half(text.substr(at), "个半", count->value)) {
    half->used += at;
    return half;
  }
  std::int64_t hundredths = 0;
  if (at + 1 < text.size() && text[at] == '.' && utf8::is_ascii_digit(text[at + 1])) {
    auto const decimals = read_digits(text.substr(at + 1));
    if (!decimals || decimals->used > 2) return {};
    hundredths = decimals->used == 1 ? decimals->value * 10 : decimals->value;
    at += 1 + decimals->used;
  }
  std::size_t end = 0;
  auto const unit = unit_at(text, skip_spaces(text, at), end);
  if (!unit) return {};
  Part part{unit->length * count->value + unit->length * hundredths / 100, unit->length, end, false};
  if (text.substr(end).starts_with("半")) {
    part.length += unit->length / 2;
    part.used += std::string_view("半").size();
    part.closed = true;
  }
  return part;
}

}  // namespace

std::optional<Read<Millis>> read_duration(std::string_view text) {
  Read<Millis> out;
  Millis smallest = Millis::max();
  for (std::size_t at = 0; at < text.size();) {
    auto const part = read_part(text.substr(at));
    if (!part || part->unit >= smallest) break;
    out.value += part->length;
    out.used = at + part->used;
    smallest = part->unit;
    if (part->closed) break;
    at = skip_spaces(text, out.used);
  }
  if (out.used == 0) return {};
  return out;
}

Result<Millis> duration_of(std::string_view text) {
  auto const read = read_duration(text);
  if (!read || read->used != text.size() || read->value < kMinDuration) {
    return Error{Errc::invalid, "a length of time was expected, such as 30m, 2h, 1h30m or 3d"};
  }
  if (read->value > kMaxDuration) return Error{Errc::too_large, "at most 400 days"};
  return read->value;
}

std::string compact(Millis length) {
  if (length <= Millis{0}) return "0s";
  struct Step {
    Millis size;
    std::string_view word;
  };
  std::string out;
  for (auto const& [size, word] : {Step{24h, "d"}, Step{1h, "h"}, Step{1min, "m"}, Step{1s, "s"}, Step{1ms, "ms"}}) {
    if (length < size) continue;
    out += std::to_string(length / size);
    out += word;
    length %= size;
  }
  return out;
}

}  // namespace tocsin
