#include "bot/slack/mrkdwn.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "config/text.hpp"

using namespace tocsin;
using namespace tocsin::slack;

namespace {

constexpr std::string_view kBroken = "\xEF\xBF\xBD";

/// Whether `text` is whole: each `<` has its `>`, each `&` is an entity, the bytes are UTF-8.
bool is_whole(std::string_view text) {
  if (first_invalid_utf8(text)) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto const rest = text.substr(at);
    if (text[at] == '&' && !rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;"))
      return false;
    if (text[at] == '>') return false;
    if (text[at] != '<') continue;
    auto const end = rest.find('>');
    if (end == std::string_view::npos || !rest.starts_with("<!date^")) return false;
    at += end;
  }
  return true;
}

std::string joined(std::vector<std::string> const& all) {
  std::string text;
  for (auto const& each : all) text += each;
  return text;
}

std::string without_breaks(std::string text) {
  std::erase(text, '\n');
  return text;
}

}  // namespace

TEST_CASE("slack: foreign text can't mention, link or format") {
  struct Row {
    std::string text;
    std::string expected;
  };
  std::vector<Row> const rows{
      {"<!channel> <@U1> <#C1|x> <!subteam^S1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1|x&gt; &lt;!subteam^S1&gt;"},
      {"<https://evil.test|bank>", "&lt;https://evil.test|bank&gt;"},
      {"<!date^1^{date}|x>", "&lt;!date^1^{date}|x&gt;"},
      {"&lt;!here&gt; & &amp;", "&amp;lt;!here&amp;gt; &amp; &amp;amp;"},
      {"*bold* _it_ ~no~ `code`", "∗bold* ˍit_ ∼no~ ˋcodeˋ"},
      {"```\nfence\n```", "ˋˋˋ\nfence\nˋˋˋ"},
      {"snake_case 2*3 a~b", "snake_case 2*3 a~b"},
      {"> quote\n>>> more\na > b", "› quote\n›&gt;&gt; more\na &gt; b"},
      {"网站*粗*", "网站∗粗*"},
      {"a\xFFz", "a" + std::string(kBroken) + "z"},
      {"\xC0\xBC!channel>", std::string(kBroken) + std::string(kBroken) + "!channel&gt;"},
      {"", ""},
  };
  for (auto const& row : rows) {
    CAPTURE(row.text);
    CHECK(mrkdwn(row.text) == row.expected);
    CHECK(unmarked(row.text) == row.expected);
    CHECK(is_whole(mrkdwn(row.text)));
  }
}

TEST_CASE("slack: an instant becomes Slack's date, its words stay for who sees no dates") {
  auto const at = from_millis(1'795'403'700'999);
  CHECK(mrkdwn("by " + marked_instant(at, "03:15") + "!") == "by <!date^1795403700^{time}|03:15>!");
  CHECK(unmarked("by " + marked_instant(at, "03:15") + "!") == "by 03:15!");
  CHECK(mrkdwn(marked_instant(at, "03:15:20")) == "<!date^1795403700^{time_secs}|03:15:20>");
  CHECK(mrkdwn(marked_instant(at, "11-23 03:15")) == "<!date^1795403700^{date_short_pretty} {time}|11-23 03:15>");
  CHECK(mrkdwn(marked_instant(from_millis(-5'000), "03:15")) == "<!date^0^{time}|03:15>");
  CHECK(fenced(marked_instant(at, "03:15")) == "```\n03:15\n```");
  // Foreign text loses the marks before it gets here.
  CHECK(mrkdwn(harmless(marked_instant(at, "03:15"))) == "03:15");
}

TEST_CASE("slack: torn, nested and endless marks do no harm") {
  auto const good = marked_instant(from_millis(1'000), "03:15");
  std::string const begin(good.substr(0, 4));
  std::string const epoch(good.substr(9, 4));
  std::string const digit(good.substr(13, 4));
  std::string const end(good.substr(good.size() - 4));
  std::string endless = begin + "x" + epoch;
  for (int i = 0; i < 100; ++i) endless += digit;
  endless += end;
  for (auto const& text : {begin, epoch, end, digit, begin + begin + "x" + end, begin + "a<b" + epoch + end,
                           end + begin, begin + "x", epoch + digit + end, endless, good + end, begin + good}) {
    CAPTURE(text);
    CHECK(is_whole(mrkdwn(text)));
    CHECK(is_whole(unmarked(text)));
  }
}

TEST_CASE("slack: fixed width ends where it should end") {
  CHECK(fenced("a```b") == "```\naˋˋˋb\n```");
  CHECK(fenced("<!channel>&\n\n") == "```\n&lt;!channel&gt;&amp;\n```");
  CHECK(fenced("") == "```\n \n```");
  CHECK(fenced("x\xFF") == "```\nx" + std::string(kBroken) + "\n```");
}

TEST_CASE("slack: units are UTF-16's, and no cut parts a character") {
  CHECK(units("") == 0);
  CHECK(units("aé网") == 3);
  CHECK(units("🔴") == 2);
  CHECK(first_units("a🔴b", 2) == "a");
  CHECK(first_units("a🔴b", 3) == "a🔴");
  CHECK(last_units("a🔴b", 2) == "b");
  CHECK(last_units("a🔴b", 3) == "🔴b");
  CHECK(first_units("abc", 0).empty());
  CHECK(last_units("abc", 0).empty());
  CHECK(last_units("abc", 9) == "abc");
}

TEST_CASE("slack: pieces are small enough, whole, and lose nothing but line breaks") {
  std::vector<std::string> const parts{"<!channel>",
                                       "&",
                                       "a",
                                       "网站",
                                       "🔴",
                                       "\n",
                                       " ",
                                       "*x*",
                                       "\xFF",
                                       ">",
                                       "\xE2\x80\xAEx",
                                       marked_instant(from_millis(1'795'403'700'000), "11-23 03:15")};
  std::mt19937 chance(20261123);
  for (int round = 0; round < 500; ++round) {
    CAPTURE(round);
    std::string text;
    auto const count = chance() % 120;
    for (std::size_t i = 0; i < count; ++i) text += parts.at(chance() % parts.size());
    auto const whole = mrkdwn(text);
    REQUIRE(is_whole(whole));
    std::size_t const most = 70 + chance() % 60;
    auto const all = pieces(whole, most);
    for (auto const& piece : all) {
      CHECK(units(piece) <= most);
      CHECK_FALSE(piece.empty());
      CHECK(is_whole(piece));
    }
    CHECK(without_breaks(joined(all)) == without_breaks(whole));
  }
}

TEST_CASE("slack: each place where a piece may end is tried around a date, an entity and an emoji") {
  auto const whole = mrkdwn("aa🔴<" + marked_instant(from_millis(1'000), "03:15") + "&🔴bb");
  for (std::size_t most = 32; most <= units(whole) + 1; ++most) {
    CAPTURE(most);
    auto const all = pieces(whole, most);
    for (auto const& piece : all) CHECK(is_whole(piece));
    CHECK(joined(all) == whole);
  }
  // What no piece can hold whole is parted all the same, rather than never.
  CHECK(joined(pieces(whole, 2)) == whole);
  CHECK(joined(pieces("🔴🔴", 1)) == "🔴🔴");
}
