// Characters, columns, and foreign text made harmless.
#include "config/text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "config/nearest.hpp"

using namespace tocsin;

TEST_CASE("columns: Han and emoji take two, marks none") {
  struct Row {
    char const* text;
    std::size_t columns;
  };
  for (Row const& row : {Row{"", 0}, Row{"abc", 3}, Row{"网站", 4}, Row{"，", 2}, Row{"·", 1}, Row{"🔴", 2},
                         Row{"⚠️", 2}, Row{"⚠", 1}, Row{"e\xCC\x81", 1}, Row{"…", 1}, Row{"✅ 张三", 7}, Row{"ｱ", 1},
                         Row{"Ａ", 2}, Row{"한", 2}, Row{"\xFF", 1}}) {
    CAPTURE(row.text);
    CHECK(columns(row.text) == row.columns);
  }
}

TEST_CASE("cut to characters: on a character boundary, the mark of the cut counts") {
  CHECK(cut_characters("网站无法访问", 6) == "网站无法访问");
  CHECK(cut_characters("网站无法访问", 5) == "网站无法…");
  CHECK(cut_characters("abc", 1) == "…");
  CHECK(cut_characters("abc", 0).empty());
  CHECK(cut_characters("", 3).empty());
}

TEST_CASE("cut to columns: never more than asked for, never half a character") {
  CHECK(cut_columns("网站无法访问", 12) == "网站无法访问");
  CHECK(cut_columns("网站无法访问", 11) == "网站无法访…");
  CHECK(cut_columns("网站无法访问", 10) == "网站无法…");
  for (std::size_t most = 0; most < 30; ++most)
    CHECK(columns(cut_columns("a网b站c⚠️d🔴e\xCC\x81", most)) <= most);
}

TEST_CASE("invalid UTF-8 is found where it begins") {
  struct Row {
    std::string text;
    std::optional<std::size_t> at;
  };
  for (Row const& row : {Row{"后端 ok 🔴", std::nullopt}, Row{"ab\xFF", 2}, Row{"a\xC0\xAF", 1},  // overlong
                         Row{"\xED\xA0\x80", 0},                                                 // surrogate
                         Row{"x\xE5\x90", 1}, Row{"\xF4\x90\x80\x80", 0}, Row{"\x80", 0}}) {
    CAPTURE(row.text);
    CHECK(first_invalid_utf8(row.text) == row.at);
  }
}

TEST_CASE("foreign text: one line, no controls, no marks that turn the writing round") {
  struct Row {
    std::string given;
    std::string shown;
  };
  for (Row const& row :
       {Row{"plain", "plain"}, Row{"two\nlines\r\n\tand a tab", "two lines and a tab"}, Row{"  padded  ", "padded"},
        Row{"a\x1B[31mred", "a[31mred"}, Row{"user\xE2\x80\xAEtxt.exe", "usertxt.exe"},  // U+202E
        Row{"a\xE2\x81\xA6"
            "b\xE2\x81\xA9",
            "ab"},  // U+2066, U+2069
        Row{"zero\xE2\x80\x8Bwidth", "zerowidth"}, Row{"nul\0byte", "nul"}, Row{std::string("nul\0byte", 8), "nulbyte"},
        Row{"bad\xFF"
            "byte",
            "bad\xEF\xBF\xBD"
            "byte"},
        Row{"sep\xE2\x80\xA8here", "sep here"}}) {
    CAPTURE(row.given);
    CHECK(harmless(row.given) == row.shown);
  }
  CHECK(harmless(std::string(300, 'x')) == std::string(199, 'x') + "…");
  CHECK(harmless(std::string(200, 'x')) == std::string(200, 'x'));
}

TEST_CASE("what a program printed keeps its columns, and nothing else that a terminal knows") {
  CHECK(harmless_output("NAME     STATE   PORTS") == "NAME     STATE   PORTS");
  CHECK(harmless_output("    indented  ") == "    indented");
  CHECK(harmless_output("a\tbc\td") == "a       bc      d");
  CHECK(harmless_output("a\rb\x07\u202e") == "a b");
  CHECK(harmless_output("\xff") == "\uFFFD");
}

TEST_CASE("without emoji: for SMS, voice and subjects") {
  CHECK(without_emoji("🔴 P0 网站") == "P0 网站");
  CHECK(without_emoji("⚠️ K9") == "K9");
  CHECK(without_emoji("备份 ✅ 已校验") == "备份 已校验");
  CHECK(without_emoji("plain") == "plain");
}

TEST_CASE("the nearest key: a slip of the fingers, not a guess") {
  std::vector<std::string_view> const known{"listen", "public_url", "public_listen", "allowed_hosts"};
  CHECK(nearest_key("lisen", known) == "listen");
  CHECK(nearest_key("lsiten", known) == "listen");
  CHECK(nearest_key("public_ulr", known) == "public_url");
  CHECK(nearest_key("port", known).empty());
  CHECK(nearest_key(std::string(100'000, 'a'), known).empty());
}
