#include "bot/dingtalk/markdown.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "bot/chat/words.hpp"
#include "config/text.hpp"
#include "integrations/net/http.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;

namespace {

std::string const kBroken = "\xEF\xBF\xBD";

/// What a reader of Markdown sees: without backslashes in front of signs.
std::string seen(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool const sign =
        at + 1 < text.size() && std::string_view("\\*_`~#>-+.)|=:").find(text[at + 1]) != std::string::npos;
    if (text[at] == '\\' && sign) ++at;
    out += text[at];
  }
  return out;
}

/// Whether anything in it links, shows a picture, is HTML or sends a command, by the loosest of readings.
bool is_inert(std::string_view text) {
  for (auto const* bad : {"](", "dtmd://", "dingtalk://", "DTMD://", "<a", "<f", "</", "<!", "&lt;", "&#60;"}) {
    if (text.find(bad) != std::string_view::npos) return false;
  }
  return true;
}

std::string without_breaks(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
  return text;
}

std::string joined(std::vector<std::string> const& all) {
  std::string text;
  for (auto const& each : all) text += each;
  return text;
}

}  // namespace

TEST_CASE("dingtalk: foreign text can't mention, link or format") {
  struct Row {
    std::string text;
    std::string expected;
  };
  std::vector<Row> const rows{
      {"", ""},
      {"*bold* _it_ `code`", "\\*bold\\* \\_it\\_ \\`code\\`"},
      {"lawsker_prod 2 * 3, 0 3 * * 1", "lawsker\\_prod 2 * 3, 0 3 * * 1"},
      {"~~gone~~ ~/a about ~5", "\\~\\~gone\\~\\~ \\~/a about ~5"},
      {"[bank](https://evil.test)", "[bank］(https://evil.test)"},
      {"![p](https://evil.test/p.png)", "![p］(https://evil.test/p.png)"},
      {"[x]: https://evil.test", "[x］: https://evil.test"},
      {"at [error]: [Take] [a][b]", "at [error]: [Take] [a][b]"},
      {"<font color=red>x</font><!-- --> a < b <5 x->y", "‹font color=red>x‹/font>‹!-- --> a < b <5 x->y"},
      {"<https://evil.test>", "‹https://evil.test>"},
      {"&lt;b&#62; a & b; &;", "＆lt;b＆#62; a & b; &;"},
      {"@all @张三 ops@lawsker.test a @ b", "＠all ＠张三 ops@lawsker.test a @ b"},
      {"dtmd://dingtalkclient/sendMessage?content=x", "dtmd∶//dingtalkclient/sendMessage?content=x"},
      {"DingTalk://x DTMD://y https://z", "DingTalk∶//x DTMD∶//y https://z"},
      {"# head", "\\# head"},
      {"> said", "\\> said"},
      {"- one\n+ two\n* three\n-four", "\\- one  \n\\+ two  \n\\* three  \n-four"},
      {"1. one\n12) two\n3.5 s\n2026", "1\\. one  \n12\\) two  \n3.5 s  \n2026"},
      {"a\n---\n===\n| - | - |", "a  \n\\---  \n\\===  \n\\| - | - |"},
      {"```\nx", "\\`\\`\\`  \nx"},
      {"~~~\nx", "\\~\\~\\~  \nx"},
      {"    code",
       "\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0"
       "code"},
      {"C:\\Users \\* x\\", "C:\\Users \\\\\\* x\\\\"},
      {"a\n\n\n\nb\nc\n", "a\n\nb  \nc"},
      {"a\xFFz\xC0\xAF", "a" + kBroken + "z" + kBroken + kBroken},
      {"a\x01\x1B\x7F\tb\r\n\xE2\x80\xAE"
       "c\xE2\x80\x8B",
       "a b  \nc"},
      {"\xF0\x9F\x94\xB4 P0 网站*慢*", "\xF0\x9F\x94\xB4 P0 网站\\*慢\\*"},
  };
  for (auto const& row : rows) {
    CAPTURE(row.text);
    CHECK(markdown(row.text) == row.expected);
    CHECK(is_inert(markdown(row.text)));
    CHECK_FALSE(first_invalid_utf8(markdown(row.text)));
  }
}

TEST_CASE("dingtalk: an address is the only at sign that stays one, and foreign text can't hold its mark") {
  auto const address = marked_address("警钟_1");
  CHECK(markdown("发 " + address + "认领 @all") == "发 @警钟\\_1 认领 ＠all");
  CHECK(unmarked("send " + address + "take") == "send @警钟_1 take");
  CHECK(markdown(harmless(address + "x")) == "警钟\\_1 x");
}

TEST_CASE("dingtalk: a quotation keeps its lines, bold is one line and can't be ended from inside") {
  CHECK(quoted("a\n\n# b\n") == "> a  \n> \xC2\xA0  \n> \\# b");
  CHECK(quoted("").empty());
  CHECK(bold("a**b\nc") == "**a\\*\\*b c**");
  CHECK(bold("C:\\") == "**C:\\\\**");
  CHECK(bold("* *") == "**\\* \\***");
  CHECK(bold(" x ") == "**x**");
  CHECK(bold(" \n").empty());
}

TEST_CASE("dingtalk: a link says a command, whatever its words are") {
  CHECK(command_url("/incident ack INC-42") == "dtmd://dingtalkclient/sendMessage?content=%2Fincident%20ack%20INC-42");
  CHECK(command_url("认领") == "dtmd://dingtalkclient/sendMessage?content=%E8%AE%A4%E9%A2%86");
  CHECK(command_link("Take", "4") == "[Take](dtmd://dingtalkclient/sendMessage?content=4)");
  CHECK(command_link("a](b)\n[c\\", "x") == "[a］(b) ［c\\\\](dtmd://dingtalkclient/sendMessage?content=x)");
  CHECK(command_link("", "x") == "[…](dtmd://dingtalkclient/sendMessage?content=x)");
  for (std::string const command : {"a)b](c \"'<>\n", "\xF0\x9F\x94\xB4 100 %", "@警钟 执行 K9"}) {
    auto const url = command_url(command).substr(command_url("").size());
    for (char const c : url) CHECK(std::string_view("()[]<> \"'\n*`").find(c) == std::string_view::npos);
    CHECK(net::percent_decode(url).value() == command);
  }
}

TEST_CASE("dingtalk: pieces end between paragraphs or lines where they can") {
  CHECK(pieces("", 9).empty());
  CHECK(pieces("\n \n", 9).empty());
  CHECK(pieces("aaaa\n\nbb  \ncc", 9) == std::vector<std::string>{"aaaa", "bb  \ncc"});
  CHECK(pieces("aaaa  \nbbbb", 8) == std::vector<std::string>{"aaaa", "bbbb"});
  CHECK(pieces("aaaa\nbbbb", 4) == std::vector<std::string>{"aaaa", "bbbb"});
  // Not what would begin a list, nor half an escape.
  CHECK(pieces("aaaa- bbbb", 4) == std::vector<std::string>{"aaa", "a- b", "bbb"});
  CHECK(pieces("aaa\\*\\*", 4) == std::vector<std::string>{"aa", "a\\*", "\\*"});
  CHECK(joined(pieces("\\*\\*\\*", 1)) == "\\*\\*\\*");
  // By bytes, where characters are wide.
  CHECK(pieces("网网网网", 4, 6) == std::vector<std::string>{"网网", "网网"});
  CHECK(pieces("网网", 4, 1) == std::vector<std::string>{"网", "网"});
}

TEST_CASE("dingtalk: each place where a piece may end is tried around emoji") {
  std::string const text = "aa\xF0\x9F\x94\xB4\xF0\x9F\x94\xB4网\xE2\x9A\xA0\xEF\xB8\x8F bb\xF0\x9F\x94\xB4";
  for (std::size_t most = 1; most <= chat::characters(text) + 1; ++most) {
    CAPTURE(most);
    auto const all = pieces(text, most);
    for (auto const& piece : all) {
      CHECK_FALSE(first_invalid_utf8(piece));
      CHECK(chat::characters(piece) <= most);
    }
    CHECK(without_breaks(joined(all)) == without_breaks(text));
  }
}

TEST_CASE("dingtalk: a hundred kilobytes without a line end are parted all the same") {
  for (std::string const sign :
       {"x",      "*",    "\\",           "@", "<", "`",  "_", "~", "网", "\xF0\x9F\x94\xB4", "\xFF",
        "[a](b)", "\x01", "\xE2\x80\xAE", "&", " ", "\"", "-", "1", "&#", "\xE2\x80\xAEx"}) {
    CAPTURE(sign);
    std::string text;
    while (text.size() < 100'000) text += sign;
    auto const whole = markdown(text);
    CHECK(is_inert(whole));
    auto const all = pieces(whole, 3'500, 9'000);
    CHECK(all.size() < 100);
    for (auto const& piece : all) {
      CHECK(chat::characters(piece) <= 3'500);
      CHECK(weight(piece) <= 9'000);
      CHECK_FALSE(first_invalid_utf8(piece));
    }
    CHECK(without_breaks(joined(all)) == without_breaks(whole));
  }
}

TEST_CASE("dingtalk: text of chance is inert, is seen as it was, and its pieces are small and lose nothing") {
  std::vector<std::string> const scraps{"@all",
                                        "*",
                                        "_",
                                        "`",
                                        "~~",
                                        "[a](b)",
                                        "![",
                                        "](",
                                        "<b>",
                                        "&lt;",
                                        "#",
                                        ">",
                                        "- ",
                                        "1. ",
                                        "|",
                                        "--",
                                        "=",
                                        "\\",
                                        "\n",
                                        "\n",
                                        " ",
                                        "网站",
                                        "\xF0\x9F\x94\xB4",
                                        "\xFF",
                                        "x",
                                        "dtmd://",
                                        "\"",
                                        "\xE2\x80\xAE",
                                        "\x01"};
  std::mt19937 chance(20261123);
  for (int round = 0; round < 1'000; ++round) {
    CAPTURE(round);
    std::string text;
    for (auto left = chance() % 150; left > 0; --left) text += scraps.at(chance() % scraps.size());
    auto const whole = markdown(text);
    CHECK(is_inert(whole));
    CHECK_FALSE(first_invalid_utf8(whole));
    CHECK(seen(markdown(seen(whole))) == seen(whole));
    std::size_t const most = 2 + chance() % 60;
    std::size_t const heaviest = 10 + chance() % 100;
    auto const all = pieces(whole, most, heaviest);
    for (auto const& piece : all) {
      CHECK_FALSE(piece.empty());
      CHECK(chat::characters(piece) <= most);
      CHECK(weight(piece) <= heaviest);
      CHECK_FALSE(first_invalid_utf8(piece));
    }
    CHECK(without_breaks(joined(all)) == without_breaks(whole));
  }
}
