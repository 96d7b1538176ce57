#include "bot/slack/parts.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace tocsin::slack;
using nlohmann::json;

namespace {

json block(char const* id, char const* text) {
  return {{"type", "section"}, {"block_id", id}, {"text", {{"type", "mrkdwn"}, {"text", text}}}};
}

std::string answer(json blocks) {
  return json{{"ok", true},
              {"messages", json::array({{{"ts", "1.1"}, {"text", "three pages"}, {"blocks", std::move(blocks)}}})}}
      .dump();
}

Rendered settled() {
  Rendered content;
  content.blocks = json::array({block("x", "taken"), block("y", "by bob"), block("z", "third")}).dump();
  return content;
}

}  // namespace

TEST_CASE("slack: one part of a message changes, and the others stay as they are") {
  auto const before = json::array({block("page:1", "one"),
                                   block("page:1:buttons", "b"),
                                   block("page:12", "twelve"),
                                   block("page:12:buttons", "c"),
                                   {{"type", "divider"}}});
  auto const after = with_part(answer(before), "page:1", settled());
  REQUIRE(after);
  CHECK(after->text == "three pages");
  auto const blocks = json::parse(after->blocks);
  REQUIRE(blocks.size() == 5);
  CHECK(blocks[0].at("block_id") == "page:1");
  CHECK(blocks[0].at("text").at("text") == "taken");
  CHECK(blocks[1].at("text").at("text") == "by bob");
  CHECK(blocks[2] == before[2]);
  CHECK(blocks[3] == before[3]);
  CHECK(blocks[4] == before[4]);
  // Once more: what took its place is what changes.
  auto again = settled();
  again.blocks = json::array({block("", "resolved")}).dump();
  auto const last = json::parse(with_part(answer(blocks), "page:1", again)->blocks);
  REQUIRE(last.size() == 4);
  CHECK(last[0].at("text").at("text") == "resolved");
  CHECK(last[1] == before[2]);
}

TEST_CASE("slack: a part that is not there changes nothing") {
  auto const blocks = json::array({block("page:2", "two")});
  CHECK_FALSE(with_part(answer(blocks), "page:1", settled()));
  for (auto const* body : {"", "{}", "null", R"({"messages":[]})", R"({"messages":[null]})", R"({"messages":[{}]})",
                           R"({"messages":[{"blocks":[null,1,"x"]}]})"})
    CHECK_FALSE(with_part(body, "page:1", settled()));
}
