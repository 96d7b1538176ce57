#include "commands/text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "commands/utf8.hpp"

using namespace tocsin;

namespace {

std::string text_of(std::string_view raw) {
  auto const line = normalise(raw);
  return line ? line->text : line.error().key;
}

}  // namespace

TEST_CASE("what phones and input methods make of a command is undone") {
  struct Row {
    char const* name;
    std::string raw;
    std::string text;
  };
  for (Row const& row : {
           Row{"plain ASCII stays", "/incident open P0 website down", "/incident open P0 website down"},
           Row{"case stays", "ACK Inc-42", "ACK Inc-42"},
           Row{"full-width digits and letters", "Ｐ０　ＩＮＣ４２", "P0 INC42"},
           Row{"full-width signs", "／ａ：ｂ＝ｃ，ｄ＠ｅ＃ｆ％", "/a:b=c,d@e#f%"},
           Row{"full-width brackets and tilde", "（ａ）～ｂ", "(a)~b"},
           Row{"the key of the slash on a Chinese keyboard", "、认领", "/认领"},
           Row{"the same sign between words", "张三、李雷", "张三,李雷"},
           Row{"the key of the full stop between digits", "10。0。0。1", "10.0.0.1"},
           Row{"a full stop between sentences stays", "好。坏", "好。坏"},
           Row{"double quotes", "“a”„b‟「c」『d』＂e＂", "\"a\"\"b\"\"c\"\"d\"\"e\""},
           Row{"single quotes", "‘a’ can’t ＇b＇", "'a' can't 'b'"},
           Row{"an em dash before a letter", "x —lines", "x --lines"},
           Row{"two horizontal bars", "x ――lines", "x --lines"},
           Row{"two em dashes", "x ——lines", "x --lines"},
           Row{"an em dash before a full-width letter", "x —ｌｉｎｅｓ", "x --lines"},
           Row{"an en dash is one hyphen", "x –lines", "x -lines"},
           Row{"two en dashes", "x ––lines", "x --lines"},
           Row{"an en dash and a hyphen", "x –-lines", "x --lines"},
           Row{"a minus sign", "x −5", "x -5"},
           Row{"a full-width hyphen", "ＩＮＣ－42", "INC-42"},
           Row{"a dash inside a word", "22:00—08:00", "22:00-08:00"},
           Row{"a dash before a space is no flag", "a — b", "a - b"},
           Row{"hyphens stay as many as they are", "a --b ---c", "a --b ---c"},
           Row{"hyphens inside a word", "false-alarm", "false-alarm"},
           Row{"spaces of every kind", "a\u00A0b\u2005c\u3000d\te\u202Ff", "a b c d e f"},
           Row{"line breaks are spaces", "a\r\nb\nc\u2028d", "a  b c d"},
           Row{"outer space goes", " \u3000\u00A0a b\u3000 ", "a b"},
           Row{"zero width, BOM, direction, controls go",
               "\uFEFFa\u200Bb\u200E\u202Ec\u2066d\x01"
               "e\x7F",
               "abcde"},
           Row{"the keycap around a digit", "4\uFE0F\u20E3", "4"},
           Row{"a trailing full stop", "认领。", "认领"},
           Row{"trailing marks of every kind, repeated", "认领！!~。. ", "认领"},
           Row{"marks that are not last stay", "a. b! c", "a. b! c"},
           Row{"nothing but marks is nothing", "。！~", ""},
           Row{"a question mark is a question", "认领？", "认领?"},
           Row{"Han, emoji and other scripts stay", "网站 👍 сайт café", "网站 👍 сайт café"},
           Row{"nothing is nothing", "", ""},
       }) {
    CAPTURE(row.name);
    CHECK(text_of(row.raw) == row.text);
  }
}

TEST_CASE("bytes that are no UTF-8 are refused with their place") {
  struct Row {
    char const* name;
    std::string raw;
    std::int64_t at;
  };
  for (Row const& row :
       {Row{"a stray continuation", "ab\x80", 3}, Row{"an overlong slash", "\xC0\xAF", 1},
        Row{"an overlong three-byte form", "a\xE0\x80\x80", 2},
        Row{"an overlong four-byte form", "\xF0\x80\x80\x80", 1}, Row{"a surrogate", "认\xED\xA0\x80", 4},
        Row{"above the last character", "\xF4\x90\x80\x80", 1}, Row{"cut off at the end", "认\xE9\xA2", 4},
        Row{"a lead byte before ASCII", "\xE9\x61\x61", 1}, Row{"never a byte of UTF-8", "\xFF", 1}}) {
    CAPTURE(row.name);
    auto const line = normalise(row.raw);
    REQUIRE(!line);
    CHECK(line.error().key == "parse.not_text");
    CHECK(*line.error().find("at") == Arg(row.at));
  }
  CHECK(text_of("\xF4\x8F\xBF\xBF") == "\xF4\x8F\xBF\xBF");
  CHECK(text_of("\xED\x9F\xBF") == "\xED\x9F\xBF");
}

TEST_CASE("eight KiB are read, one byte more is refused") {
  std::string const longest(kMaxInputBytes, 'a');
  CHECK(text_of(longest) == longest);
  auto const line = normalise(longest + "a");
  REQUIRE(!line);
  CHECK(line.error().key == "parse.too_long");
  CHECK(*line.error().find("bytes") == Arg(std::int64_t{8193}));
  CHECK(*line.error().find("limit") == Arg(std::int64_t{8192}));
}

TEST_CASE("what was changed is listed once, in order") {
  auto const changes = [](std::string_view raw) { return normalise(raw)->changes; };
  CHECK(changes("ack 42").empty());
  CHECK(changes("１２") == std::vector{Change::width});
  CHECK(changes("\u200B“Ａ”　—b。") ==
        std::vector{Change::invisible, Change::quotes, Change::width, Change::spaces, Change::dashes, Change::ending});
}

TEST_CASE("free text comes through as it was typed") {
  auto const whole = [](std::string_view raw) {
    auto const line = normalise(raw);
    return line->free_text(0, line->text.size());
  };
  CHECK(whole("ＡＢＣ：“网站”，打不开——真的。") == "ＡＢＣ：“网站”，打不开——真的。");
  CHECK(whole("　两边的空白 \u00A0") == "两边的空白");
  CHECK(whole("中间  的　空白") == "中间  的　空白");
  CHECK(whole("一行\r\n另一行") == "一行\n另一行");
  CHECK(whole("👨‍👩‍👧 ✌️ 4️⃣") == "👨‍👩‍👧 ✌️ 4️⃣");
  CHECK(whole("a\u202E\u2066b\u200Bc\uFEFF\x07") == "abc");
  auto const line = normalise("记录 “Ａ” ！");
  CHECK(line->text == "记录 \"A\"");
  CHECK(line->free_text(7, line->text.size()) == "“Ａ” ！");
  CHECK(line->free_text(8, 9) == "Ａ");
}

TEST_CASE("every byte of the matched text knows where it came from") {
  auto const line = normalise("　认领\u200B ４２。");
  REQUIRE(line->origin.size() == line->text.size() + 1);
  for (std::size_t i = 1; i < line->origin.size(); ++i) CHECK(line->origin[i - 1] <= line->origin[i]);
  CHECK(line->origin.back() == line->raw.size());
}

TEST_CASE("a line for a phone is cut on a character and keeps to its columns") {
  CHECK(utf8::one_line("abc", 3) == "abc");
  CHECK(utf8::one_line("abcd", 3) == "ab…");
  CHECK(utf8::one_line("网站打不开", 10) == "网站打不开");
  CHECK(utf8::one_line("网站打不开", 9) == "网站打不…");
  CHECK(utf8::one_line("a\nb\t c\u202E", 10) == "a b c");
  CHECK(utf8::columns("网a\u200B👍") == 5);
  for (std::size_t limit = 1; limit < 20; ++limit)
    CHECK(utf8::columns(utf8::one_line("P0 网站 down 了吗 ok", limit)) <= limit);
}
