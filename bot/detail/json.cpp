#include "bot/detail/json.hpp"

#include <cstddef>

namespace tocsin::detail {
namespace {

/// The number behind `\\u` at `at`; -1: there is none.
int escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 6;
  if (text.size() < at + kLength || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (std::size_t i = at + 2; i < at + kLength; ++i) {
    char const c = text[i];
    int const digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

std::string with_whole_characters(std::string_view text) {
  constexpr std::size_t kLength = 6;
  std::string whole;
  whole.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto const unit = escaped_unit(text, at);
    auto const second = unit < 0 ? -1 : escaped_unit(text, at + kLength);
    bool const high = unit >= 0xD800 && unit <= 0xDBFF;
    bool const low = unit >= 0xDC00 && unit <= 0xDFFF;
    std::size_t length = unit >= 0 ? kLength : text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
    if (high && second >= 0xDC00 && second <= 0xDFFF) {
      length = 2 * kLength;
    } else if (high || low) {
      whole += "\\ufffd";
      at += length;
      continue;
    }
    whole += text.substr(at, length);
    at += length;
  }
  return whole;
}

}  // namespace

Json tolerantly_parsed(std::string_view text) {
  auto read = parsed(text);
  return read.is_discarded() ? parsed(with_whole_characters(text)) : read;
}

}  // namespace tocsin::detail
