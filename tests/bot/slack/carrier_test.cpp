#include "bot/slack/carrier.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

using namespace tocsin;
using namespace tocsin::slack;
using nlohmann::json;

namespace {

paging::PageEnvelope page_of(int number, std::size_t length = 20) {
  auto const name = "INC-" + std::to_string(number);
  paging::PageEnvelope page;
  page.message_id = "page-" + std::to_string(number) + ".0@example.org";
  page.subject = "P3 " + name;
  page.body = "P3 " + name + " " + std::string(length, 'x') + "\nby 11:15\n\nDM 4 to take it\n";
  page.answers = {{"Take", "/incident ack " + name}, {"Unsure", "/unsure " + name}, {"Status", "/status"}};
  return page;
}

std::vector<paging::PageEnvelope> pages_of(int count, std::size_t length = 20) {
  std::vector<paging::PageEnvelope> pages;
  for (int number = 1; number <= count; ++number) pages.push_back(page_of(number, length));
  return pages;
}

}  // namespace

TEST_CASE("slack: one page says how to answer it, several in one message leave that to their buttons") {
  CHECK(page_content(page_of(1)).blocks.find("DM 4") != std::string::npos);
  auto const together = page_content(pages_of(3));
  CHECK(together.text == "P3 INC-1 +2");
  CHECK(together.blocks.find("DM 4") == std::string::npos);
  auto const blocks = json::parse(together.blocks);
  REQUIRE(blocks.size() == 6);
  std::set<std::string> names;
  for (std::size_t i = 0; i < 3; ++i) {
    auto const name = "INC-" + std::to_string(i + 1);
    CHECK(blocks[2 * i]["text"]["text"].get<std::string>() == "P3 " + name + " " + std::string(20, 'x') + "\nby 11:15");
    auto const& buttons = blocks[2 * i + 1]["elements"];
    CHECK(buttons[0]["value"] == "/incident ack " + name);
    for (auto const& button : buttons) names.insert(button["action_id"].get<std::string>());
  }
  CHECK(names.size() == 9);
}

TEST_CASE("slack: as many pages go together as a message holds, and one always does") {
  CHECK(fit_together(pages_of(3)) == 3);
  auto const many = pages_of(200);
  auto const count = fit_together(many);
  CHECK(count < 25);
  CHECK(json::parse(page_content({many.begin(), many.begin() + static_cast<std::ptrdiff_t>(count)}).blocks).size() <=
        50);
  CHECK(fit_together(pages_of(10, 3'000)) == 2);
  CHECK(fit_together(pages_of(1, 100'000)) == 1);
}
