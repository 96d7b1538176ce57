#include "config/text.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr char32_t kEmojiSelector = 0xFE0F;
constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Span {
  char32_t first;
  char32_t last;
};

bool within(char32_t c, auto const& spans) {
  auto const after =
      std::upper_bound(spans.begin(), spans.end(), c, [](char32_t x, Span const& s) { return x < s.first; });
  return after != spans.begin() && c <= std::prev(after)->last;
}

// East Asian Wide and Fullwidth of Unicode 15, joined into few spans (unassigned code points between them counted
// wide).
constexpr std::array kWide{
    Span{0x1100, 0x115F},   Span{0x231A, 0x231B},   Span{0x2329, 0x232A},   Span{0x23E9, 0x23EC},
    Span{0x23F0, 0x23F0},   Span{0x23F3, 0x23F3},   Span{0x25FD, 0x25FE},   Span{0x2614, 0x2615},
    Span{0x2648, 0x2653},   Span{0x267F, 0x267F},   Span{0x2693, 0x2693},   Span{0x26A1, 0x26A1},
    Span{0x26AA, 0x26AB},   Span{0x26BD, 0x26BE},   Span{0x26C4, 0x26C5},   Span{0x26CE, 0x26CE},
    Span{0x26D4, 0x26D4},   Span{0x26EA, 0x26EA},   Span{0x26F2, 0x26F3},   Span{0x26F5, 0x26F5},
    Span{0x26FA, 0x26FA},   Span{0x26FD, 0x26FD},   Span{0x2705, 0x2705},   Span{0x270A, 0x270B},
    Span{0x2728, 0x2728},   Span{0x274C, 0x274C},   Span{0x274E, 0x274E},   Span{0x2753, 0x2755},
    Span{0x2757, 0x2757},   Span{0x2795, 0x2797},   Span{0x27B0, 0x27B0},   Span{0x27BF, 0x27BF},
    Span{0x2B1B, 0x2B1C},   Span{0x2B50, 0x2B50},   Span{0x2B55, 0x2B55},   Span{0x2E80, 0x303E},
    Span{0x3041, 0x33FF},   Span{0x3400, 0x4DBF},   Span{0x4E00, 0xA4CF},   Span{0xA960, 0xA97F},
    Span{0xAC00, 0xD7A3},   Span{0xF900, 0xFAFF},   Span{0xFE10, 0xFE19},   Span{0xFE30, 0xFE6F},
    Span{0xFF01, 0xFF60},   Span{0xFFE0, 0xFFE6},   Span{0x16FE0, 0x18AFF}, Span{0x1AFF0, 0x1B2FF},
    Span{0x1F004, 0x1F004}, Span{0x1F0CF, 0x1F0CF}, Span{0x1F18E, 0x1F18E}, Span{0x1F191, 0x1F19A},
    Span{0x1F200, 0x1F320}, Span{0x1F32D, 0x1F335}, Span{0x1F337, 0x1F37C}, Span{0x1F37E, 0x1F393},
    Span{0x1F3A0, 0x1F3CA}, Span{0x1F3CF, 0x1F3D3}, Span{0x1F3E0, 0x1F3F0}, Span{0x1F3F4, 0x1F3F4},
    Span{0x1F3F8, 0x1F43E}, Span{0x1F440, 0x1F440}, Span{0x1F442, 0x1F4FC}, Span{0x1F4FF, 0x1F53D},
    Span{0x1F54B, 0x1F54E}, Span{0x1F550, 0x1F567}, Span{0x1F57A, 0x1F57A}, Span{0x1F595, 0x1F596},
    Span{0x1F5A4, 0x1F5A4}, Span{0x1F5FB, 0x1F64F}, Span{0x1F680, 0x1F6C5}, Span{0x1F6CC, 0x1F6CC},
    Span{0x1F6D0, 0x1F6D2}, Span{0x1F6D5, 0x1F6DF}, Span{0x1F6EB, 0x1F6EC}, Span{0x1F6F4, 0x1F6FC},
    Span{0x1F7E0, 0x1F7EB}, Span{0x1F90C, 0x1F9FF}, Span{0x1FA70, 0x1FAFF}, Span{0x20000, 0x2FFFD},
    Span{0x30000, 0x3FFFD}};

// What takes no room: combining marks of the scripts one meets in names, joiners, variation selectors.
constexpr std::array kNarrowless{
    Span{0x0300, 0x036F}, Span{0x0483, 0x0489}, Span{0x0591, 0x05BD}, Span{0x064B, 0x065F},  Span{0x0E31, 0x0E31},
    Span{0x0E34, 0x0E3A}, Span{0x0E47, 0x0E4E}, Span{0x1AB0, 0x1AFF}, Span{0x1DC0, 0x1DFF},  Span{0x200B, 0x200F},
    Span{0x20D0, 0x20FF}, Span{0xFE00, 0xFE0F}, Span{0xFE20, 0xFE2F}, Span{0xE0100, 0xE01EF}};

// Dropped from foreign text: controls, direction marks, invisible characters, private tags.
constexpr std::array kDropped{Span{0x0000, 0x001F}, Span{0x007F, 0x009F}, Span{0x00AD, 0x00AD}, Span{0x034F, 0x034F},
                              Span{0x061C, 0x061C}, Span{0x115F, 0x1160}, Span{0x17B4, 0x17B5}, Span{0x180B, 0x180F},
                              Span{0x200B, 0x200F}, Span{0x2028, 0x202E}, Span{0x2060, 0x206F}, Span{0x3164, 0x3164},
                              Span{0xFEFF, 0xFEFF}, Span{0xFFA0, 0xFFA0}, Span{0xFFF0, 0xFFFB}, Span{0xE0000, 0xE0FFF}};

constexpr std::array<char32_t, 16> kMessageEmoji{U'🔴', U'🟠', U'🟡', U'🔵', U'🔍', U'✋', U'⚠', U'⏳',
                                                 U'✅', U'⛔',    U'⏰',    U'🔁', U'📋', U'🆘', U'❌', U'▶'};

/// The length of the character at the front as its first byte tells it; 0: no first byte.
std::size_t length_at(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

std::size_t width_of(char32_t c) {
  if (within(c, kNarrowless)) return 0;
  return within(c, kWide) ? 2 : 1;
}

/// Calls `visit(bytes, width)` for each visible unit: a character with what combines with it.
template <class Visit>
void each_unit(std::string_view text, Visit visit) {
  while (!text.empty()) {
    auto rest = text;
    auto const c = take_character(rest);
    std::size_t width = c ? width_of(*c) : 1;
    while (!rest.empty()) {
      auto after = rest;
      auto const next = take_character(after);
      if (!next || width_of(*next) != 0 || *next < 0x300) break;
      if (*next == kEmojiSelector) width = 2;
      rest = after;
    }
    if (!visit(text.substr(0, text.size() - rest.size()), width)) return;
    text = rest;
  }
}

}  // namespace

std::optional<char32_t> take_character(std::string_view& utf8) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  auto const length = length_at(byte(0));
  auto const fail = [&]() -> std::optional<char32_t> {
    utf8.remove_prefix(1);
    return std::nullopt;
  };
  if (length == 0 || length > utf8.size()) return fail();
  constexpr std::array<unsigned, 5> kLeadBits{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = byte(0) & kLeadBits[length];
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return fail();
    c = (c << 6U) | (byte(i) & 0x3FU);
  }
  bool const overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  if (overlong || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return fail();
  utf8.remove_prefix(length);
  return c;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  auto rest = text;
  while (!rest.empty()) {
    auto const at = text.size() - rest.size();
    if (!take_character(rest)) return at;
  }
  return std::nullopt;
}

std::size_t columns(std::string_view utf8) noexcept {
  std::size_t total = 0;
  each_unit(utf8, [&](std::string_view, std::size_t width) {
    total += width;
    return true;
  });
  return total;
}

std::string_view first_bytes(std::string_view utf8, std::size_t most) noexcept {
  if (utf8.size() <= most) return utf8;
  constexpr unsigned kContinues = 0x80;
  constexpr unsigned kMask = 0xC0;
  while (most > 0 && (static_cast<unsigned char>(utf8[most]) & kMask) == kContinues) --most;
  return utf8.substr(0, most);
}

std::string cut_characters(std::string_view utf8, std::size_t most) {
  std::size_t count = 0;
  std::size_t keep = 0;  // bytes that stay when there is one character too many
  auto rest = utf8;
  while (!rest.empty()) {
    static_cast<void>(take_character(rest));
    ++count;
    if (count + 1 == most) keep = utf8.size() - rest.size();
    if (count > most) return std::string(utf8.substr(0, keep)) + std::string(most > 0 ? kEllipsis : "");
  }
  return std::string(utf8);
}

std::string cut_columns(std::string_view utf8, std::size_t most) {
  if (columns(utf8) <= most) return std::string(utf8);
  std::string kept;
  std::size_t used = 0;
  each_unit(utf8, [&](std::string_view unit, std::size_t width) {
    if (used + width + 1 > most) return false;
    used += width;
    kept += unit;
    return true;
  });
  return most > 0 ? kept + std::string(kEllipsis) : kept;
}

std::string harmless(std::string_view foreign, std::size_t most) {
  std::string out;
  bool blank_before = true;  // leading blanks go, runs of them become one
  while (!foreign.empty()) {
    auto const start = foreign;
    auto const c = take_character(foreign);
    if (c && (*c == U'\n' || *c == U'\r' || *c == U'\t' || *c == U' ' || *c == 0x2028 || *c == 0x2029)) {
      if (!blank_before) out += ' ';
      blank_before = true;
      continue;
    }
    if (c && within(*c, kDropped)) continue;
    blank_before = false;
    out += c ? start.substr(0, start.size() - foreign.size()) : kReplacement;
  }
  while (out.ends_with(' ')) out.pop_back();
  return cut_characters(out, most);
}

std::string harmless_output(std::string_view line) {
  constexpr std::size_t kTab = 8;
  std::string out;
  std::size_t column = 0;
  while (!line.empty()) {
    auto const start = line;
    auto const c = take_character(line);
    if (c && *c == U'\t') {
      do {
        out += ' ';
      } while (++column % kTab != 0);
      continue;
    }
    bool const breaks = c && (*c == U'\n' || *c == U'\r' || *c == 0x2028 || *c == 0x2029);
    if (c && !breaks && within(*c, kDropped)) continue;
    out += breaks ? " " : c ? start.substr(0, start.size() - line.size()) : kReplacement;
    ++column;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

bool is_message_emoji(char32_t character) noexcept {
  return std::find(kMessageEmoji.begin(), kMessageEmoji.end(), character) != kMessageEmoji.end();
}

std::string without_emoji(std::string_view utf8) {
  std::string out;
  while (!utf8.empty()) {
    auto const start = utf8;
    auto const c = take_character(utf8);
    if (c && is_message_emoji(*c)) {
      if (utf8.starts_with("\xEF\xB8\x8F")) utf8.remove_prefix(3);  // U+FE0F, which belongs to the emoji before it
      if (utf8.starts_with(' ')) utf8.remove_prefix(1);
      continue;
    }
    out += start.substr(0, start.size() - utf8.size());
  }
  return out;
}

}  // namespace tocsin
