// What people read elsewhere has none of Slack's markup in it.
#include "commands/markup.hpp"

#include <doctest/doctest.h>

#include "commands/vocabulary.hpp"

using namespace tocsin;

TEST_CASE("addresses, people, channels and groups are written as people write them, and nothing else is touched") {
  Vocabulary vocabulary;
  REQUIRE(vocabulary.add_person("U0BOB", {"bob"}));
  struct Row {
    std::string text;
    std::string plain;
  };
  for (auto const& row : {
           Row{"see <https://x.test/a?b=1&c|x.test/a> now", "see https://x.test/a?b=1&c now"},
           Row{"<http://x.test>", "http://x.test"},
           Row{"ask <mailto:a@x.test|a@x.test>", "ask a@x.test"},
           Row{"cc <@U0BOB> and <@U0BOB|robert>", "cc @bob and @bob"},
           Row{"cc <@U0ZOE|zoe>, <@U0ZOE>", "cc @zoe, @U0ZOE"},
           Row{"in <#C012|ops>, <#C012>", "in #ops, #C012"},
           Row{"<!subteam^S012|@dba> <!here> <!channel>", "@dba @here @channel"},
           Row{"a < b > c, <div>, <<@U0BOB>>, <@U0BOB", "a < b > c, <div>, <@bob>, <@U0BOB"},
           Row{"<@nobody> <!date^1|x> <>", "<@nobody> <!date^1|x> <>"},
           Row{"", ""},
       }) {
    CAPTURE(row.text);
    CHECK(without_markup(row.text, &vocabulary) == row.plain);
  }
  CHECK(without_markup("<@U0BOB>", nullptr) == "@U0BOB");
}
