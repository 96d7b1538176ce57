#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "integrations/process/output.hpp"

using namespace tocsin::process;
using namespace std::string_view_literals;

namespace {

struct Row {
  std::string_view name;
  std::string_view raw;
  std::string_view clean;
};

#define FFFD "\xEF\xBF\xBD"

std::vector<Row> const kRows{
    {"plain text stays", "hello\nworld\n"sv, "hello\nworld\n"sv},
    {"an unfinished last line is given out at the end", "a\nb"sv, "a\nb"sv},
    {"tabs stay", "a\tb\n"sv, "a\tb\n"sv},
    {"Chinese and emoji stay", "备份 ✅ 🔴\n"sv, "备份 ✅ 🔴\n"sv},
    {"colours go", "\x1B[0;32m[SUCCESS]\x1B[0m 好\n"sv, "[SUCCESS] 好\n"sv},
    {"cursor moves and private modes go", "\x1B[?25l\x1B[2K\x1B[1;1Hx\x1B[?25h"sv, "x"sv},
    {"a title ended by BEL goes", "a\x1B]0;root@host: ~\x07z"sv, "az"sv},
    {"a hyperlink ended by ST goes, its text stays", "\x1B]8;;http://x/\x1B\\text\x1B]8;;\x1B\\"sv, "text"sv},
    {"a title in Chinese goes", "\x1B]0;监控\x07z"sv, "z"sv},
    {"a string ended by the C1 terminator goes", "\x1B]0;t\xC2\x9Cz"sv, "z"sv},
    {"DCS, APC, PM and SOS go", "\x1BPq#0\x1B\\\x1B_k\x1B\\\x1B^p\x1B\\\x1BXs\x1B\\z"sv, "z"sv},
    {"the choice of a character set goes", "\x1B(Bx\x1B)0y"sv, "xy"sv},
    {"two-character escapes go",
     "\x1B=\x1B>\x1B"
     "7x\x1B"
     "8"sv,
     "x"sv},
    {"C1 forms of CSI and OSC go",
     "\xC2\x9B"
     "31mred\xC2\x9D"
     "0;t\x07!"sv,
     "red!"sv},
    {"other C1 controls go", "a\xC2\x85\xC2\x80z"sv, "az"sv},
    {"an unfinished escape at the end goes", "x\x1B[31"sv, "x"sv},
    {"an unfinished title ends with its line", "a\x1B]0;never ended\nnext\n"sv, "a\nnext\n"sv},
    {"an unfinished CSI ends with its line", "a\x1B[12\nnext\n"sv, "a\nnext\n"sv},
    {"an escape inside an escape begins anew", "\x1B[3\x1B[31mx\x1B\x1B[0my"sv, "xy"sv},
    {"an escape breaks off a title", "\x1B]0;t\x1B[31mx"sv, "x"sv},
    {"text after a broken CSI stays", "\x1B[3é"sv, "é"sv},
    {"NUL, BEL, backspace, vertical tab, DEL go",
     "a\0b\x07"
     "c\x08"
     "d\x0B"
     "e\x7F"
     "f"sv,
     "abcdef"sv},
    {"CRLF is one line end", "a\r\nb\r\n"sv, "a\nb\n"sv},
    {"CR CR LF too", "a\r\r\nb"sv, "a\nb"sv},
    {"a progress bar leaves its last state", "10%\r50%\r100%\ndone\n"sv, "100%\ndone\n"sv},
    {"a progress bar that stops there stays", "10%\r50%\r"sv, "50%"sv},
    {"erasing after a return does not bring the line back", "10%\r\x1B[K50%\n"sv, "50%\n"sv},
    {"a return restarts only its own line", "kept\n10%\r20%\n"sv, "kept\n20%\n"sv},
    {"a stray continuation byte", "a\x80z"sv, "a" FFFD "z"sv},
    {"an overlong slash", "\xC0\xAF"sv, FFFD FFFD ""sv},
    {"an overlong three-byte form", "\xE0\x80\xAFz"sv, FFFD FFFD FFFD "z"sv},
    {"a surrogate", "\xED\xA0\x80z"sv, FFFD FFFD FFFD "z"sv},
    {"above U+10FFFF", "\xF4\x90\x80\x80z"sv, FFFD FFFD FFFD FFFD "z"sv},
    {"no lead byte at all", "\xFE\xFFz"sv, FFFD FFFD "z"sv},
    {"a character broken off by text is one replacement", "\xE5\xA4z"sv, FFFD "z"sv},
    {"a character broken off by another", "\xE5\xA4\xE5\xA4\x87"sv, FFFD "备"sv},
    {"a character broken off by a line end", "\xF0\x9F\n"sv, FFFD "\n"sv},
    {"a character broken off by the end", "x\xF0\x9F\x94"sv, "x" FFFD ""sv},
    {"a character broken off by an escape", "\xE5\x1B[31mx"sv, FFFD "x"sv},
    {"the last of Unicode stays", "\xF4\x8F\xBF\xBF"sv, "\xF4\x8F\xBF\xBF"sv},
};

std::string cleaned_in(std::vector<std::string_view> const& chunks) {
  OutputCleaner cleaner;
  std::string out;
  for (auto const chunk : chunks) cleaner.feed(chunk, out);
  cleaner.finish(out);
  return out;
}

std::string everything_nasty() {
  std::string all;
  for (auto const& row : kRows) all += row.raw;
  return all;
}

}  // namespace

TEST_CASE("output is cleaned") {
  for (auto const& row : kRows) {
    CAPTURE(row.name);
    CHECK(cleaned(row.raw) == row.clean);
  }
}

TEST_CASE("no split changes what the cleaner makes of its input") {
  for (auto const& row : kRows) {
    CAPTURE(row.name);
    for (std::size_t a = 0; a <= row.raw.size(); ++a) {
      for (std::size_t b = a; b <= row.raw.size(); ++b) {
        CHECK(cleaned_in({row.raw.substr(0, a), row.raw.substr(a, b - a), row.raw.substr(b)}) == row.clean);
      }
    }
  }
}

TEST_CASE("no split changes a long nasty sample, not even one byte at a time") {
  auto const all = everything_nasty();
  auto const whole = cleaned(all);
  for (std::size_t at = 0; at <= all.size(); ++at) {
    CHECK(cleaned_in({std::string_view(all).substr(0, at), std::string_view(all).substr(at)}) == whole);
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < all.size(); ++i) bytes.push_back(std::string_view(all).substr(i, 1));
  CHECK(cleaned_in(bytes) == whole);
}

TEST_CASE("whole lines are given out while the program runs, an unfinished one is held back") {
  OutputCleaner cleaner;
  std::string out;
  cleaner.feed("one\ntw", out);
  CHECK(out == "one\n");
  cleaner.feed("o\n", out);
  CHECK(out == "one\ntwo\n");
}

TEST_CASE("a line over the limit is passed on in pieces, and a return can't take those back") {
  std::string const almost(kMaxHeldLineBytes - 1, 'x');
  OutputCleaner cleaner;
  std::string out;
  cleaner.feed(almost, out);
  CHECK(out.empty());
  cleaner.feed("\rnew", out);
  CHECK(out.empty());
  cleaner.finish(out);
  CHECK(out == "new");

  CHECK(cleaned(almost + "y\rnew") == almost + "y\nnew");
  CHECK(cleaned(almost + "yz\rnew") == almost + "yz\nnew");
  std::string const wide = almost + "备份";
  for (std::size_t at = almost.size() - 2; at <= wide.size(); ++at) {
    CHECK(cleaned_in({wide.substr(0, at), std::string_view(wide).substr(at), "\rz\n"}) == wide + "\nz\n");
  }
}

TEST_CASE("an escape sequence has a longest length, after which text is text again") {
  auto const title = [](std::size_t bytes) { return "\x1B]" + std::string(bytes, 't') + "\x07!"; };
  CHECK(cleaned(title(kMaxEscapeBytes - 1)) == "!");
  CHECK(cleaned(title(kMaxEscapeBytes)) == "!");
  CHECK(cleaned(title(kMaxEscapeBytes + 1)) == "t!");
  CHECK(cleaned("\x1B[" + std::string(kMaxEscapeBytes + 10, '1') + "m").size() < 20);
}

TEST_CASE("cutting keeps characters whole") {
  struct Cut {
    std::size_t bytes;
    std::string_view prefix;
    std::string_view suffix;
  };
  for (auto const& row : {Cut{0, "", ""}, Cut{1, "a", "z"}, Cut{2, "a", "z"}, Cut{3, "a", "z"}, Cut{4, "a备", "份z"},
                          Cut{7, "a备份", "备份z"}, Cut{8, "a备份z", "a备份z"}, Cut{99, "a备份z", "a备份z"}}) {
    CAPTURE(row.bytes);
    CHECK(utf8_prefix("a备份z", row.bytes) == row.prefix);
    CHECK(utf8_suffix("a备份z", row.bytes) == row.suffix);
  }
}

TEST_CASE("of a long text the beginning and the end are kept") {
  HeadAndTail kept(8);
  kept.add("01234567");
  CHECK_FALSE(kept.truncated());
  CHECK(kept.text() == "01234567");
  kept.add("8");
  CHECK(kept.truncated());
  CHECK(kept.text() == "01\n[… 1 B …]\n345678");
  for (int i = 0; i < 1000; ++i) kept.add("abc");
  CHECK(kept.text() == "01\n[… 3001 B …]\nabcabc");
  kept.add("the very last one");
  CHECK(kept.text() == "01\n[… 3018 B …]\nst one");
}

TEST_CASE("the kept ends split no character, however the text arrives") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "备";
  for (std::size_t limit = 1; limit < 60; ++limit) {
    CAPTURE(limit);
    HeadAndTail at_once(limit);
    at_once.add(text);
    HeadAndTail bit_by_bit(limit);
    for (int i = 0; i < 100; ++i) bit_by_bit.add("备");
    CHECK(cleaned(at_once.text()) == at_once.text());
    CHECK(at_once.text().find(FFFD) == std::string::npos);
    CHECK(at_once.text() == bit_by_bit.text());
    CHECK(at_once.text().size() <= limit + std::string_view("\n[… 300 B …]\n").size());
  }
}
