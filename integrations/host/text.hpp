// Small pieces of reading text that all the parsers of this folder use.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace tocsin::host {

/// Takes the next line off `rest`, without its end.
[[nodiscard]] inline std::string_view next_line(std::string_view& rest) {
  auto const end = rest.find('\n');
  auto const line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

/// Takes the next word off `rest`; empty at the end. Words are parted by spaces and tabs.
[[nodiscard]] inline std::string_view next_word(std::string_view& rest) {
  auto const begin = rest.find_first_not_of(" \t");
  rest.remove_prefix(begin == std::string_view::npos ? rest.size() : begin);
  auto const end = rest.find_first_of(" \t");
  auto const word = rest.substr(0, end);
  rest.remove_prefix(word.size());
  return word;
}

/// The whole of `text` as a number that fits; nothing otherwise.
template <std::integral T>
[[nodiscard]] std::optional<T> number(std::string_view text, int base = 10) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The whole of `text` as a plain decimal that is not negative, as the kernel prints them ("12.34").
[[nodiscard]] inline std::optional<double> decimal(std::string_view text) {
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0) || value > 1e15) return std::nullopt;
  return value;
}

}  // namespace tocsin::host
