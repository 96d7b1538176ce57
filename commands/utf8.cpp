#include "commands/utf8.hpp"

#include <algorithm>

namespace tocsin::utf8 {
namespace {

constexpr bool within(char32_t code, char32_t first, char32_t last) noexcept { return code >= first && code <= last; }

constexpr unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

std::size_t width_of(char32_t code) noexcept {
  if (is_invisible(code)) return 0;
  bool const wide = is_han(code) || within(code, 0x3000, 0x303E) || within(code, 0xFE30, 0xFE6F) ||
                    within(code, 0xFF01, 0xFF60) || within(code, 0xFFE0, 0xFFE6) || within(code, 0x1F300, 0x1FAFF);
  return wide ? 2 : 1;
}

}  // namespace

Char decode(std::string_view text, std::size_t at) noexcept {
  unsigned const first = byte_at(text, at);
  if (first < 0x80) return {first, 1};
  std::size_t const size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + size > text.size()) return {};
  char32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    unsigned const next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (next & 0x3FU);
  }
  bool const overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || within(code, 0xD800, 0xDFFF) || code > 0x10FFFF) return {};
  return {code, size};
}

Char decode_before(std::string_view text, std::size_t at) noexcept {
  if (at == 0 || at > text.size()) return {};
  std::size_t start = at - 1;
  while (start > 0 && at - start < 4 && (byte_at(text, start) & 0xC0U) == 0x80U) --start;
  return decode(text, start);
}

void append(std::string& out, char32_t code) {
  auto const put = [&out](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | (code >> 6U));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U)), put(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U)), put(0x80U | ((code >> 12U) & 0x3FU)), put(0x80U | ((code >> 6U) & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
}

std::u32string decode_all(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto const [code, size] = decode(text, at);
    if (size == 0) return out;
    out += code;
    at += size;
  }
  return out;
}

bool is_word(char32_t code) noexcept {
  if (code < 0x80) return is_ascii_digit(static_cast<char>(code)) || is_ascii_letter(static_cast<char>(code));
  return within(code, 0xC0, 0x1FFF) && code != 0xD7 && code != 0xF7;
}

bool is_han(char32_t code) noexcept {
  return within(code, 0x3400, 0x9FFF) || within(code, 0x2E80, 0x2FDF) || within(code, 0x3005, 0x3007) ||
         within(code, 0x3040, 0x31FF) || within(code, 0xAC00, 0xD7A3) || within(code, 0xF900, 0xFAFF) ||
         within(code, 0x20000, 0x3FFFF);
}

bool is_space(char32_t code) noexcept {
  if (code <= 0x20) return code == ' ' || within(code, 0x09, 0x0D);
  return code == 0x85 || code == 0xA0 || code == 0x1680 || within(code, 0x2000, 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_invisible(char32_t code) noexcept {
  if (is_space(code)) return false;
  if (code < 0x20 || within(code, 0x7F, 0x9F) || code == 0xAD) return true;
  return code == 0x034F || code == 0x061C || code == 0x115F || code == 0x1160 || code == 0x180E ||
         within(code, 0x200B, 0x200F) || within(code, 0x202A, 0x202E) || within(code, 0x2060, 0x206F) ||
         code == 0x20E3 || code == 0x3164 || within(code, 0xFE00, 0xFE0F) || code == 0xFEFF || code == 0xFFA0 ||
         within(code, 0xFFF9, 0xFFFB) || within(code, 0xE0000, 0xE0FFF);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_word_end(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size() || !is_word(decode_before(text, at).code)) return true;
  char const next = text[at];
  if (next != '-' && next != '_' && next != '.' && next != '/') return !is_word(decode(text, at).code);
  return at + 1 >= text.size() || !is_word(decode(text, at + 1).code);
}

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  for (char32_t const code : decode_all(text)) sum += width_of(code);
  return sum;
}

std::string one_line(std::string_view text, std::size_t columns_allowed) {
  std::string out;
  std::size_t used = 0;
  std::size_t cut = 0;  // where the `…` goes if the rest does not fit
  for (std::size_t at = 0; at < text.size();) {
    auto [code, size] = decode(text, at);
    if (size == 0) break;
    at += size;
    if (is_space(code)) code = ' ';
    if (is_invisible(code) || (code == ' ' && (out.empty() || out.back() == ' '))) continue;
    used += width_of(code);
    if (used > columns_allowed) return out.substr(0, cut) + "…";
    append(out, code);
    if (used < columns_allowed) cut = out.size();
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace tocsin::utf8
