#include "commands/completion.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/commands/sample_table.hpp"

using namespace tocsin;

namespace {

std::vector<std::string> lines(std::string_view typed, std::string_view locale = "zh-CN", Role role = Role::admin) {
  std::vector<std::string> out;
  for (auto& each :
       complete({sample::table(), sample::vocabulary(), role, locale, typed, {IncidentId{4}, IncidentId{42}}, 100}))
    out.push_back(std::move(each.text));
  return out;
}

bool offers(std::string_view typed, std::string const& line, std::string_view locale = "zh-CN") {
  auto const found = lines(typed, locale);
  return std::find(found.begin(), found.end(), line) != found.end();
}

}  // namespace

TEST_CASE("what a half-typed line can become") {
  struct Row {
    std::string typed;
    std::string line;
  };
  for (auto const& row : {
           Row{"", "认领 "},
           Row{"认", "认领 "},
           Row{"/inc", "/incident ack "},
           Row{"/INC", "/incident ack "},
           Row{"／incident a", "/incident ack "},
           Row{"  认", "认领 "},
           Row{"ac", "ack "},
           Row{"认领 ", "认领 INC-4 "},
           Row{"认领 INC-4", "认领 INC-42 "},
           Row{"认领 inc-4", "认领 INC-42 "},
           Row{"认领 4", "认领 42 "},
           Row{"认领 #4", "认领 #42 "},
           Row{"/incident ack ", "/incident ack INC-42 "},
           Row{"改级 ", "改级 P0 "},
           Row{"改级 p", "改级 P1 "},
           Row{"改级 P1 ", "改级 P1 INC-42 "},
       }) {
    CAPTURE(row.typed);
    CHECK(offers(row.typed, row.line));
  }
  CHECK(offers("", "ack ", "en"));
  CHECK_FALSE(offers("", "认领 ", "en"));
}

TEST_CASE("people and words of a deployment are offered where they fit") {
  auto const& names = sample::vocabulary().names_of_people();
  REQUIRE_FALSE(names.empty());
  auto const person = std::find_if(sample::table().rows().begin(), sample::table().rows().end(), [](auto const& row) {
    return !row.parameters.empty() && row.parameters.front().type == ParamType::person;
  });
  REQUIRE(person != sample::table().rows().end());
  CHECK(offers("/" + person->name + " ", "/" + person->name + " " + names.front() + " "));
  CHECK(offers("/" + person->name + " @", "/" + person->name + " @" + names.front() + " "));
}

TEST_CASE("what was given is not offered again, and nobody is offered what they may not run") {
  for (auto const& line : lines("认领 INC-42 ")) CHECK(line.find("INC-4 ") == std::string::npos);
  auto const viewers = lines("", "zh-CN", Role::viewer);
  CHECK(std::find(viewers.begin(), viewers.end(), "认领 ") == viewers.end());
  CHECK(lines("没有这样的命令").empty());
}

TEST_CASE("the common beginning never cuts a character") {
  CHECK(common_beginning({}).empty());
  CHECK(common_beginning({{"认领 ", ""}, {"认领 INC-4 ", ""}}) == "认领 ");
  // 认 and 议 share their first byte.
  CHECK(common_beginning({{"认领 ", ""}, {"议题 ", ""}}).empty());
}
