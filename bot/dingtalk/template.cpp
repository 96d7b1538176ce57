#include "bot/dingtalk/template.hpp"

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/render.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::Json;
using detail::written;

Json fixed_text(std::string const& text) { return {{"type", "dynamicString"}, {"content", text}, {"i18n", false}}; }

Json value_of(std::string const& variable) {
  return {{"type", "variableValue"}, {"variable", variable}, {"variableType", "global"}};
}

Json chosen(std::string const& value) {
  return {{"type", "dynamicSelect"},
          {"valueType", "fixed"},
          {"value", value},
          {"variable", ""},
          {"variableType", "global"}};
}

Json always() {
  return {{"type", "dynamicVisible"},
          {"value", true},
          {"valueType", "fixed"},
          {"condition", {{"op", "and"}, {"conditions", Json::array()}}}};
}

Json only_if(std::string const& variable) {
  Json const condition{
      {"op", "isTrue"},       {"type", "variable"},       {"variable", variable},         {"value", ""},
      {"valueType", "fixed"}, {"variableType", "global"}, {"valueVariableType", "global"}};
  return {{"type", "dynamicVisible"},
          {"value", true},
          {"valueType", "condition"},
          {"condition", {{"op", "and"}, {"conditions", Json::array({condition})}}}};
}

Json component(std::string const& kind, std::string const& id, Json props) {
  props["marginLeft"] = props["marginRight"] = 12;
  props["marginTop"] = props["marginBottom"] = 6;
  return {{"componentName", kind}, {"id", id},          {"props", std::move(props)}, {"title", ""},
          {"hidden", false},       {"isLocked", false}, {"condition", true},         {"conditionGroup", ""}};
}

Json header() { return component("CardHeaderV2", "node_title", {{"title", fixed_text("${title}")}}); }

/// Without `varType` the builder shows nothing of a bound text.
Json text() {
  auto content = value_of("markdown");
  content["varType"] = "markdown";
  return component("MarkdownBlock", "node_markdown",
                   {{"mdVer", 0}, {"content", std::move(content)}, {"isStreaming", false}, {"visible", always()}});
}

Json button(std::string const& number) {
  Json const command{{"type", "variable"}, {"variable", "command" + number}, {"value", ""},
                     {"name", "command"},  {"variableType", "global"},       {"id", "1"}};
  return component("SingleButton", "node_button" + number,
                   {{"text", fixed_text("${button" + number + "}")},
                    {"status", chosen("normal")},
                    {"color", chosen("blue")},
                    {"enableIcon", false},
                    {"enableClickEvent", true},
                    {"actionType", "request"},
                    {"actionId", fixed_text("run" + number)},
                    {"params", Json::array({command})},
                    {"widthMode", "match_parent"},
                    {"disabledWhileForward", true},
                    {"visible", only_if("has" + number)}});
}

Json variable(std::string const& name, char const* type, std::string const& description) {
  return {{"id", name},       {"name", name},
          {"type", type},     {"description", description},
          {"private", false}, {"editorVarType", "variables"},
          {"disabled", false}};
}

Json component_kinds(std::initializer_list<std::string_view> names) {
  auto kinds = Json::array();
  for (auto const name : names) {
    kinds.push_back({{"package", "@ali/dxComponent"},
                     {"version", "1.0.0"},
                     {"exportName", name},
                     {"main", "./src/index.tsx"},
                     {"destructuring", false},
                     {"subName", ""},
                     {"componentName", name}});
  }
  return kinds;
}

}  // namespace

std::string card_template() {
  auto children = Json::array({header(), text()});
  auto variables = Json::array({variable("title", "string", "one line, also in notifications"),
                                variable("markdown", "markdown", "what is known")});
  Json shown{{"title", "🔴 INC-1 P0"}, {"markdown", "**P0** …"}};
  for (std::size_t i = 1; i <= kCardButtons; ++i) {
    auto const number = std::to_string(i);
    children.push_back(button(number));
    variables.push_back(variable("button" + number, "string", "what stands on the button"));
    variables.push_back(variable("command" + number, "string", "what pressing it says to the bot"));
    variables.push_back(variable("has" + number, "boolean", "whether it is there"));
    shown["button" + number] = number;
    shown["command" + number] = "/help";
    shown["has" + number] = true;
  }
  auto card = component("Card", "node_card", {{"hasCardHeader", true}, {"enableClickEvent", false}});
  card["children"] = std::move(children);
  auto const kinds = component_kinds({"Card", "CardHeaderV2", "MarkdownBlock", "SingleButton"});
  Json const editor{{"schemaVersion", "3.0.0"},
                    {"schema",
                     {{"config", nullptr},
                      {"componentsMap", kinds},
                      {"componentsTree", Json::array({std::move(card)})},
                      {"i18n", Json::object()},
                      {"version", "1.0.0"}}},
                    {"mockData",
                     {{"cardData", std::move(shown)},
                      {"cardPrivateData", Json::object()},
                      {"localData", Json::object()},
                      {"richTextData", Json::object()}}},
                    {"renderContext", Json::object()},
                    {"editVersion", 0},
                    {"customWidgetInfo", ""},
                    {"useCustomWidgetInfo", false},
                    {"variableList", std::move(variables)},
                    {"formList", Json::array()},
                    {"customContextList", Json::array()},
                    {"expList", Json::array()},
                    {"localList", Json::array()},
                    {"hsfList", Json::array()},
                    {"lwpList", Json::array()},
                    {"pageData", Json::object()},
                    {"extension", {{"extendType", "NORMAL"}, {"fileTypeList", Json::array()}}}};
  return written({{"editorData", written(editor)}, {"widgetInfo", ""}, {"type", "im"}, {"mode", "card"}});
}

}  // namespace tocsin::dingtalk
