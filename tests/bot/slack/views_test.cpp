#include "bot/slack/views.hpp"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "bot/slack/mrkdwn.hpp"
#include "commands/parser.hpp"
#include "tests/bot/slack/words.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using Json = nlohmann::json;

namespace {

std::size_t length(Json const& text) { return units(text.at("text").get<std::string>()); }

std::string times(int count, std::string const& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("slack: the form keeps to the limits in both languages, filled in or not") {
  for (auto const locale : {Locale::zh_cn, Locale::en}) {
    for (auto const& title : {std::string(), std::string("网站\n无法访问"), times(400, "🔴")}) {
      auto const form =
          open_view(test::demo_setup(), test::demo_reader(locale), {Severity::p1, title}, "{\"channel\":\"C1\"}");
      test::keep_view(form);
      auto const view = Json::parse(form);
      for (auto const* part : {"title", "submit", "close"}) {
        CAPTURE(part);
        CHECK(length(view.at(part)) >= 1);
        CHECK(length(view.at(part)) <= 24);
      }
      CHECK(view.at("private_metadata") == "{\"channel\":\"C1\"}");
      REQUIRE(view.at("blocks").size() == 4);
      for (auto const& block : view.at("blocks")) {
        CHECK(length(block.at("label")) <= 2'000);
        auto const& element = block.at("element");
        for (auto const& option : element.value("options", Json::array())) {
          CHECK(length(option.at("text")) <= 75);
          CHECK(option.at("value").get<std::string>().size() <= 75);
        }
        if (element.contains("initial_value")) {
          auto const given = element["initial_value"].get<std::string>();
          CHECK(units(given) <= element.at("max_length").get<std::size_t>());
          CHECK(given.find('\n') == std::string::npos);
        }
        if (element.contains("max_length")) CHECK(element["max_length"].get<int>() <= 3'000);
      }
      // Slack refuses a choice that is none of the options.
      auto const& severities = view.at("blocks")[0].at("element");
      CHECK(severities.at("initial_option") == severities.at("options").at(1));
    }
  }
}

TEST_CASE("slack: what went wrong is said at an input that the form has") {
  auto const answer = Json::parse(open_errors(times(900, "网")));
  CHECK(answer.at("response_action") == "errors");
  CHECK(units(answer.at("errors").at("title").get<std::string>()) <= 300);
  CHECK_FALSE(Json::parse(open_errors("")).at("errors").at("title").get<std::string>().empty());
}

TEST_CASE("slack: a submitted form opens with exactly the title that was typed") {
  for (std::string const title :
       {"Website down", "网站无法访问", "--private P0 \"x", "P1 P2", "-- x", "--", "severity=P3", "\"", "'x' \\",
        "Ｐ１ 网站", "INC-1", "@alice", "确认", "help", "网站，挂了。", "P0", "a  b", "150 %"}) {
    for (bool const hidden : {false, true}) {
      CAPTURE(title);
      CAPTURE(hidden);
      std::map<std::string, std::string> values{{"severity", "P1"}, {"title", title}};
      if (hidden) values["private"] = "private";
      ParseContext context;
      context.vocabulary = &test::demo_setup().vocabulary;
      context.addressed = true;
      auto const outcome = parse(opening_line(values), test::demo_setup().table, context);
      auto const* parsed = std::get_if<Parsed>(&outcome);
      CHECK(parsed != nullptr);
      if (parsed == nullptr) continue;
      CHECK(parsed->arguments.find_text("title").value_or("(none)") == title);
      CHECK(parsed->arguments.find_severity("severity") == Severity::p1);
      CHECK(parsed->arguments.flag("private") == hidden);
    }
  }
}

TEST_CASE("slack: the home has at most a hundred blocks, however much there is") {
  for (std::size_t const count : {0U, 1U, 49U, 50U, 300U}) {
    CAPTURE(count);
    std::vector<Message> parts;
    for (std::size_t i = 0; i < count; ++i) {
      Message part;
      for (std::size_t j = 0; j <= i % 15; ++j) part.blocks.emplace_back(Code{"x", {}, {}});
      parts.push_back(std::move(part));
    }
    auto const home = home_view(parts, test::demo_setup(), test::demo_reader(Locale::en));
    if (count > 0) test::keep_view(home);
    auto const view = Json::parse(home);
    CHECK(view.at("type") == "home");
    CHECK(view.at("blocks").size() <= 100);
    CHECK(view.at("blocks").empty() == (count == 0));
  }
}
