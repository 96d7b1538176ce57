#include "bot/dingtalk/template.hpp"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "bot/dingtalk/render.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;
using Json = nlohmann::json;

namespace {

Json editor_data() { return Json::parse(Json::parse(card_template()).at("editorData").get<std::string>()); }

Json parts(std::string const& kind) {
  auto const editor = editor_data();
  auto found = Json::array();
  for (auto const& child : editor.at("schema").at("componentsTree").at(0).at("children")) {
    if (child.at("componentName") == kind) found.push_back(child.at("props"));
  }
  return found;
}

}  // namespace

TEST_CASE("the template has the variables that a card is filled with, and no others") {
  Setup const setup(test::shipped_config("demo.yaml"), std::make_shared<Catalogue const>(Catalogue::shipped()));
  std::set<std::string> filled;
  for (auto const& [name, value] : card_params({}, setup)) filled.insert(name);
  auto const editor = editor_data();
  std::set<std::string> declared;
  for (auto const& each : editor.at("variableList")) declared.insert(each.at("name").get<std::string>());
  CHECK(declared == filled);
  std::set<std::string> sample;
  for (auto const& [name, value] : editor.at("mockData").at("cardData").items()) sample.insert(name);
  CHECK(sample == filled);
}

TEST_CASE("what is pressed on the template is what the bot understands of a press") {
  auto const buttons = parts("SingleButton");
  REQUIRE(buttons.size() == kCardButtons);
  for (std::size_t i = 0; i < buttons.size(); ++i) {
    auto const number = std::to_string(i + 1);
    CAPTURE(number);
    auto const& button = buttons[i];
    CHECK(button.at("actionType") == "request");
    CHECK(button.at("actionId").at("content") == "run" + number);
    CHECK(button.at("text").at("content") == "${button" + number + "}");
    REQUIRE(button.at("params").size() == 1);
    CHECK(button.at("params")[0].at("name") == "command");
    CHECK(button.at("params")[0].at("type") == "variable");
    CHECK(button.at("params")[0].at("variable") == "command" + number);
    CHECK(button.at("visible").at("condition").at("conditions")[0].at("variable") == "has" + number);
  }
}

TEST_CASE("the template shows the title and the text, and every kind of part is declared") {
  REQUIRE(parts("CardHeaderV2").size() == 1);
  CHECK(parts("CardHeaderV2")[0].at("title").at("content") == "${title}");
  REQUIRE(parts("MarkdownBlock").size() == 1);
  CHECK(parts("MarkdownBlock")[0].at("content").at("variable") == "markdown");
  CHECK(parts("MarkdownBlock")[0].at("content").at("varType") == "markdown");
  auto const editor = editor_data();
  auto const& schema = editor.at("schema");
  std::set<std::string> declared;
  for (auto const& each : schema.at("componentsMap")) declared.insert(each.at("componentName").get<std::string>());
  std::set<std::string> used{schema.at("componentsTree").at(0).at("componentName").get<std::string>()};
  std::set<std::string> ids;
  for (auto const& child : schema.at("componentsTree").at(0).at("children")) {
    used.insert(child.at("componentName").get<std::string>());
    CHECK(ids.insert(child.at("id").get<std::string>()).second);
  }
  CHECK(used == declared);
}
