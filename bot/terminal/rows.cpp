#include "bot/terminal/rows.hpp"

#include <cwchar>
#include <cwctype>

namespace tocsin {
namespace {

/// As libedit shows it: ^C, a character, or \U+1F4A9 for what this locale can't print.
std::size_t shown_columns(wchar_t c) {
  constexpr std::size_t kControl = 2;
  constexpr std::size_t kEscaped = 8;
  if (c < L' ' || c == 0x7F) return kControl;
  auto const width = ::wcwidth(c);
  if (width >= 0) return static_cast<std::size_t>(width);
  return c > 0xFFFF ? kEscaped + 1 : kEscaped;
}

}  // namespace

std::size_t rows_below_first(std::size_t prompt_columns, std::wstring_view text, std::size_t width) {
  if (width == 0) return 0;
  std::size_t row = prompt_columns / width;
  std::size_t column = prompt_columns % width;
  for (auto const c : text) {
    auto const wide = shown_columns(c);
    if (wide == 2 && column + wide > width) {
      ++row;
      column = 0;
    }
    column += wide;
    while (column >= width) {
      ++row;
      column -= width;
    }
  }
  return row;
}

}  // namespace tocsin
