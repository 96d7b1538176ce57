#include "bot/slack/views.hpp"

#include <algorithm>

#include "bot/detail/json.hpp"
#include "bot/slack/mrkdwn.hpp"
#include "bot/slack/render.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::parsed;
using detail::written;

constexpr std::size_t kTitleInput = 100;  // the domain takes 300 bytes, which are a hundred Han characters
constexpr std::size_t kDetails = 2'900;
constexpr std::size_t kOption = 72;
constexpr std::size_t kErrorText = 300;
constexpr std::size_t kHomeBlocks = 98;
constexpr std::size_t kPartBlocks = 12;
constexpr char const* kSeverityBlock = "severity";
constexpr char const* kTitleBlock = "title";
constexpr char const* kDetailsBlock = "details";
constexpr char const* kPrivateBlock = "private";

class Form {
 public:
  Form(Setup const& setup, Reader const& reader) : setup_(setup), reader_(reader) {}

  Json text(char const* key) const { return plain(setup_.catalogue->render(Notice(key), reader_), kOption); }
  static Json plain(std::string_view words, std::size_t most) {
    return {{"type", "plain_text"}, {"text", std::string(first_units(words, most))}};
  }

  Json option(Severity severity) const {
    auto const& rule = setup_.config.severities[static_cast<std::size_t>(severity)];
    auto const words = std::string(name_of(severity)) + " " + rule.title.in(reader_.locale);
    return {{"text", plain(words, kOption)}, {"value", std::string(name_of(severity))}};
  }

  static Json input(char const* block, Json label, Json element, bool optional) {
    element["action_id"] = "value";
    return {{"type", "input"},
            {"block_id", block},
            {"label", std::move(label)},
            {"element", std::move(element)},
            {"optional", optional}};
  }

 private:
  Setup const& setup_;
  Reader const& reader_;
};

std::string value_of(std::map<std::string, std::string> const& values, char const* block) {
  auto const found = values.find(block);
  return found == values.end() ? std::string() : found->second;
}

/// On one line, as a command is.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

}  // namespace

std::string open_view(Setup const& setup, Reader const& reader, OpenForm const& filled, std::string const& metadata) {
  Form const form(setup, reader);
  Json severities{{"type", "static_select"}, {"options", Json::array()}};
  for (auto const severity : kSeverities) severities["options"].push_back(form.option(severity));
  if (filled.severity) severities["initial_option"] = form.option(*filled.severity);
  Json title{{"type", "plain_text_input"}, {"max_length", kTitleInput}};
  auto const given = std::string(first_units(one_line(filled.title), kTitleInput));
  if (!given.empty()) title["initial_value"] = given;
  Json const details{{"type", "plain_text_input"}, {"multiline", true}, {"max_length", kDetails}};
  Json const hidden{{"type", "checkboxes"},
                    {"options", {{{"text", form.text("slack.form_private_option")}, {"value", "private"}}}}};
  return written({{"type", "modal"},
                  {"callback_id", kOpenForm},
                  {"private_metadata", metadata},
                  {"title", form.text("slack.form_title")},
                  {"submit", form.text("slack.form_submit")},
                  {"close", form.text("slack.form_close")},
                  {"blocks",
                   {Form::input(kSeverityBlock, form.text("slack.form_severity"), severities, false),
                    Form::input(kTitleBlock, form.text("slack.form_symptom"), title, false),
                    Form::input(kDetailsBlock, form.text("slack.form_details"), details, true),
                    Form::input(kPrivateBlock, form.text("slack.form_private"), hidden, true)}}});
}

std::string open_errors(std::string const& what) {
  return written({{"response_action", "errors"},
                  {"errors", {{kTitleBlock, std::string(first_units(what.empty() ? "…" : what, kErrorText))}}}});
}

std::string opening_line(std::map<std::string, std::string> const& values) {
  auto line = "/incident open " + value_of(values, kSeverityBlock);
  if (value_of(values, kPrivateBlock) == "private") line += " --private";
  return line + " -- " + one_line(value_of(values, kTitleBlock));
}

std::string details_of(std::map<std::string, std::string> const& values) { return value_of(values, kDetailsBlock); }

std::string home_view(std::vector<Message> const& parts, Setup const& setup, Reader const& reader) {
  Json blocks = Json::array();
  for (auto const& part : parts) {
    auto const some = parsed(view_blocks(part, setup, reader, kPartBlocks));
    if (!some.is_array() || blocks.size() + some.size() + 1 > kHomeBlocks) break;
    if (!blocks.empty() && !some.empty()) blocks.push_back({{"type", "divider"}});
    for (auto const& block : some) blocks.push_back(block);
  }
  return written({{"type", "home"}, {"blocks", blocks}});
}

}  // namespace tocsin::slack
