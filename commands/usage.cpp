#include "commands/usage.hpp"

#include <algorithm>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kExpectedChoicesColumns = 60;

bool is_chinese(std::string_view locale) { return locale.starts_with("zh"); }

bool in_script(std::string_view word, std::string_view locale) {
  auto const codes = utf8::decode_all(word);
  if (is_chinese(locale)) return std::any_of(codes.begin(), codes.end(), utf8::is_han);
  return std::all_of(codes.begin(), codes.end(), [](char32_t code) { return code < 0x80; });
}

std::string sample_of(Parameter const& parameter, std::string_view locale) {
  bool const chinese = is_chinese(locale);
  switch (parameter.type) {
    case ParamType::number:
      return std::to_string(parameter.range ? parameter.range->min : 1);
    case ParamType::severity:
      return "P1";
    case ParamType::incident:
      return chinese ? "42号" : "#42";
    case ParamType::person:
      return chinese ? "@张三" : "@alice";
    case ParamType::duration:
      return chinese ? "30分钟" : "30m";
    case ParamType::time_of_day:
    case ParamType::instant:
      return "03:15";
    case ParamType::time_range:
      return "22:00-08:00";
    case ParamType::version:
      return "v2.8.1";
    case ParamType::choice:
      if (!parameter.choices.empty()) return choices_in(parameter, nullptr, locale).front();
      [[fallthrough]];
    case ParamType::word:
    case ParamType::text:
    case ParamType::flag:
      return label_of(parameter, locale);
  }
  return {};
}

bool by_place(Parameter const& parameter) { return !parameter.named_only && parameter.type != ParamType::flag; }

}  // namespace

std::string const& printed_word(Command const& command, std::string_view locale) {
  for (auto const& word : command.words) {
    if (in_script(word, locale)) return word;
  }
  return command.name;
}

std::string const& label_of(Parameter const& parameter, std::string_view locale) {
  auto const label = parameter.labels.find(std::string(locale));
  return label == parameter.labels.end() ? parameter.name : label->second;
}

std::string usage_of(Command const& command, std::string_view locale) {
  std::string out = printed_word(command, locale);
  for (auto const& parameter : command.parameters) {
    if (!by_place(parameter)) continue;
    out += parameter.required ? " <" : " [";
    out += label_of(parameter, locale);
    if (parameter.repeated) out += "...";
    out += parameter.required ? '>' : ']';
  }
  return out;
}

std::string flags_of(Command const& command, std::string_view locale) {
  std::string out;
  for (auto const& parameter : command.parameters) {
    if (parameter.flag_name.empty()) continue;
    if (!out.empty()) out += ' ';
    out += "--" + parameter.flag_name;
    if (parameter.type != ParamType::flag) out += "=<" + label_of(parameter, locale) + ">";
  }
  return out;
}

std::string example_of(Command const& command, std::string_view locale) {
  for (auto const& example : command.examples) {
    if (example.locale == locale) return example.text;
  }
  std::string out = printed_word(command, locale);
  for (auto const& parameter : command.parameters) {
    if (parameter.required) out += " " + sample_of(parameter, locale);
  }
  return out;
}

std::string alias_in(Parameter const& parameter, std::string_view choice, std::string_view locale) {
  for (auto const& [alias, meant] : parameter.aliases) {
    if (meant == choice && in_script(alias, locale)) return alias;
  }
  return {};
}

std::vector<std::string> choices_in(Parameter const& parameter, Vocabulary const* vocabulary, std::string_view locale) {
  std::vector<std::string> out;
  for (auto const& choice : parameter.choices) {
    auto alias = is_chinese(locale) ? alias_in(parameter, choice, locale) : std::string();
    out.push_back(alias.empty() ? choice : std::move(alias));
  }
  if (vocabulary != nullptr && !parameter.vocabulary.empty()) {
    for (auto const& word : vocabulary->canonical_words_of(parameter.vocabulary)) out.push_back(word);
  }
  return out;
}

Notice expected_of(Parameter const& parameter, Vocabulary const* vocabulary, std::string_view locale) {
  std::string const key = "parse.expect." + std::string(name_of(parameter.type));
  if (parameter.type == ParamType::choice) {
    std::string list;
    for (auto const& choice : choices_in(parameter, vocabulary, locale)) list += (list.empty() ? "" : " ") + choice;
    return Notice(key).with("choices", utf8::one_line(list, kExpectedChoicesColumns));
  }
  if (parameter.type == ParamType::number && parameter.range) {
    return Notice("parse.expect.number_between", {{"min", parameter.range->min}, {"max", parameter.range->max}});
  }
  return Notice(key);
}

std::vector<Notice> items_of(std::vector<std::string> const& texts) {
  std::vector<Notice> out;
  for (auto const& text : texts) out.push_back(Notice("parse.item", {{"text", text}}));
  return out;
}

}  // namespace tocsin
