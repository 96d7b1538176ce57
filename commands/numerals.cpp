#include "commands/numerals.hpp"

#include <string>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMaxDigits = 9;
constexpr std::int64_t kMaxNumeral = 100'000'000;
constexpr std::size_t kMaxNumeralLength = 16;

std::optional<std::int64_t> digit_of(char32_t code) {
  switch (code) {
    case U'零':
    case U'〇':
      return 0;
    case U'一':
      return 1;
    case U'二':
    case U'两':
      return 2;
    case U'三':
      return 3;
    case U'四':
      return 4;
    case U'五':
      return 5;
    case U'六':
      return 6;
    case U'七':
      return 7;
    case U'八':
      return 8;
    case U'九':
      return 9;
    default:
      return {};
  }
}

std::int64_t unit_of(char32_t code) {
  switch (code) {
    case U'十':
      return 10;
    case U'百':
      return 100;
    case U'千':
      return 1000;
    case U'万':
      return 10'000;
    default:
      return 0;
  }
}

/// The part of a numeral on one side of 万. `unit_before` is 10,000 on its right, else 0.
std::optional<std::int64_t> section_of(std::u32string_view run, std::int64_t unit_before) {
  std::int64_t sum = 0;
  std::int64_t smallest = 10'000;  // units only get smaller
  std::int64_t last_unit = unit_before;
  bool zero = false;
  for (std::size_t i = 0; i < run.size();) {
    auto digit = digit_of(run[i]);
    if (digit == 0) {
      zero = true;
      if (++i == run.size()) return {};
      continue;
    }
    if (!digit && run[i] != U'十') return {};
    if (digit) ++i;
    auto const unit = i < run.size() ? unit_of(run[i]) : 0;
    if (unit == 0) {
      if (i != run.size()) return {};
      // `三千六` is 3,600: a last digit right after a unit counts tenths of it.
      return sum + *digit * (!zero && last_unit >= 100 ? last_unit / 10 : 1);
    }
    if (unit >= smallest) return {};
    sum += digit.value_or(1) * unit;  // `十五` stands for `一十五`
    smallest = last_unit = unit;
    zero = false;
    ++i;
  }
  return sum;
}

std::optional<std::int64_t> value_of(std::u32string_view run) {
  bool spelled = true;  // `四二`: digit by digit
  std::int64_t value = 0;
  for (char32_t const code : run) {
    auto const digit = digit_of(code);
    spelled = spelled && digit && value < kMaxNumeral;
    if (spelled) value = value * 10 + *digit;
  }
  if (spelled) return value;
  auto const myriad = run.find(U'万');
  if (myriad == std::u32string_view::npos) return section_of(run, 0);
  auto const high = section_of(run.substr(0, myriad), 0);
  auto const low = section_of(run.substr(myriad + 1), 10'000);
  if (!high || !low || *high == 0) return {};
  return *high * 10'000 + *low;
}

}  // namespace

std::optional<Read<std::int64_t>> read_digits(std::string_view text) {
  std::int64_t value = 0;
  std::size_t used = 0;
  while (used < text.size() && utf8::is_ascii_digit(text[used])) {
    if (used == kMaxDigits) return {};
    value = value * 10 + (text[used++] - '0');
  }
  if (used == 0) return {};
  return Read<std::int64_t>{value, used};
}

std::optional<Read<std::int64_t>> read_numeral(std::string_view text) {
  std::u32string run;
  std::size_t used = 0;
  while (used < text.size()) {
    auto const [code, size] = utf8::decode(text, used);
    if (!digit_of(code) && unit_of(code) == 0) break;
    if (run.size() == kMaxNumeralLength) return {};
    run += code;
    used += size;
  }
  auto const value = run.empty() ? std::nullopt : value_of(run);
  if (!value || *value >= kMaxNumeral) return {};
  return Read<std::int64_t>{*value, used};
}

std::optional<Read<std::int64_t>> read_count(std::string_view text) {
  if (auto const digits = read_digits(text)) return digits;
  return read_numeral(text);
}

}  // namespace tocsin
