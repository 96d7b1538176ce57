#include "commands/refusals.hpp"

#include "commands/questions.hpp"
#include "commands/suggest.hpp"
#include "commands/usage.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kUsageLineColumns = 72;  // of a usage or example line, with what stands before it below 80

}  // namespace

std::string Refusals::quoted(std::size_t at, std::size_t end) const {
  return utf8::one_line(request_.line.free_text(at, end), kQuotedColumns);
}

std::string Refusals::word() const { return printed_word(request_.command, request_.context.locale); }

std::string Refusals::label(Parameter const& parameter) const { return label_of(parameter, request_.context.locale); }

std::string Refusals::usage() const {
  return utf8::one_line(usage_of(request_.command, request_.context.locale), kUsageLineColumns);
}

std::string Refusals::example() const {
  return utf8::one_line(example_of(request_.command, request_.context.locale), kUsageLineColumns);
}

std::vector<Notice> Refusals::expected(Parameter const& parameter) const {
  return {expected_of(parameter, request_.context.vocabulary, request_.context.locale)};
}

Refused Refusals::missing(Parameter const& parameter) const {
  return refuse(Notice("parse.missing", {{"command", word()},
                                         {"parameter", label(parameter)},
                                         {"expected", expected(parameter)},
                                         {"usage", usage()},
                                         {"example", example()}}));
}

std::vector<std::string> Refusals::near_values(Parameter const& parameter, std::string_view typed) const {
  std::vector<std::string> known;
  auto const* vocabulary = request_.context.vocabulary;
  if (parameter.type == ParamType::choice) {
    known = parameter.choices;
    for (auto const& [alias, choice] : parameter.aliases) known.push_back(alias);
    if (vocabulary != nullptr && !parameter.vocabulary.empty()) {
      for (auto& word : vocabulary->words_of(parameter.vocabulary)) known.push_back(std::move(word));
    }
  } else if (parameter.type == ParamType::person && vocabulary != nullptr) {
    known = vocabulary->names_of_people();
  }
  std::vector<std::string> out;
  for (auto const& near : nearest(typed, known)) out.push_back(known[near.index]);
  return out;
}

Refused Refusals::wrong(Parameter const& parameter, std::size_t at, std::size_t end) const {
  auto const& line = request_.line;
  auto typed = std::string_view(line.text).substr(at, end - at);
  while (!typed.empty() && std::string_view("\"'@").find(typed.front()) != typed.npos) typed.remove_prefix(1);
  while (!typed.empty() && (typed.back() == '"' || typed.back() == '\'')) typed.remove_suffix(1);
  auto const near = near_values(parameter, typed);
  Notice notice(near.empty() ? "parse.wrong" : "parse.wrong_near",
                {{"command", word()}, {"input", quoted(at, end)}, {"parameter", label(parameter)}});
  if (near.empty()) {
    notice.with("expected", expected(parameter)).with("usage", usage()).with("example", example());
    return refuse(std::move(notice));
  }
  std::vector<std::string> shown;
  for (auto const& value : near) shown.push_back(utf8::one_line(value, share_of_line(near.size())));
  auto refused = refuse(std::move(notice.with("near", items_of(shown))));
  auto const before = line.raw.substr(line.origin[request_.word_at], line.origin[at] - line.origin[request_.word_at]);
  auto const after = line.raw.substr(line.origin[end], line.origin[request_.to] - line.origin[end]);
  std::string const sign = parameter.type == ParamType::person ? "@" : "";
  for (auto const& value : near) {
    // 张三数据库挂了: the name, and what it was glued to.
    bool const goes_on = typed.starts_with(value) && utf8::is_han(utf8::decode_before(value, value.size()).code);
    auto const glued = goes_on ? " " + std::string(typed.substr(value.size())) : std::string();
    refused.suggestions.push_back(before + sign + value + glued + after);
  }
  return refused;
}

Refused Refusals::out_of_range(Parameter const& parameter, ArgValue const& value) const {
  Notice notice("parse.range", {{"command", word()}, {"parameter", label(parameter)}});
  auto const range = bounds_of(parameter).value_or(Range{});
  if (auto const* length = std::get_if<Millis>(&value)) {
    notice.with("value", *length).with("min", Millis{range.min}).with("max", Millis{range.max});
  } else {
    notice.with("value", std::get<std::int64_t>(value)).with("min", range.min).with("max", range.max);
  }
  return refuse(std::move(notice));
}

Refused Refusals::too_long(Parameter const& parameter, std::size_t characters) const {
  auto const range = parameter.range.value_or(Range{});
  return refuse(Notice("parse.text_length", {{"command", word()},
                                             {"parameter", label(parameter)},
                                             {"length", static_cast<std::int64_t>(characters)},
                                             {"min", range.min},
                                             {"max", range.max}}));
}

Refused Refusals::too_many(std::size_t at) const {
  return refuse(
      Notice("parse.too_many",
             {{"command", word()}, {"input", quoted(at, request_.to)}, {"usage", usage()}, {"example", example()}}));
}

Refused Refusals::too_many_values(Parameter const& parameter) const {
  return refuse(Notice(
      "parse.too_many_values",
      {{"command", word()}, {"parameter", label(parameter)}, {"limit", static_cast<std::int64_t>(kMaxRepeated)}}));
}

Refused Refusals::twice(Parameter const& parameter, std::size_t at, std::size_t end) const {
  return refuse(
      Notice("parse.twice", {{"command", word()}, {"parameter", label(parameter)}, {"input", quoted(at, end)}}));
}

Refused Refusals::together(Parameter const& first, Parameter const& second) const {
  return refuse(Notice("parse.together",
                       {{"command", word()}, {"first", label(first)}, {"second", label(second)}, {"usage", usage()}}));
}

Refused Refusals::open_quote(std::size_t at) const {
  return refuse(Notice("parse.quote", {{"command", word()}, {"input", quoted(at, request_.to)}}));
}

Refused Refusals::glued(std::size_t at) const {
  auto const& line = request_.line;
  auto const command = line.free_text(request_.word_at, at);
  auto refused = refuse(Notice(
      "parse.glued",
      {{"input", quoted(request_.word_at, request_.to)}, {"command", command}, {"rest", quoted(at, request_.to)}}));
  refused.suggestions.push_back(command + " " + line.free_text(at, request_.to));
  return refused;
}

Refused Refusals::unknown_flag(std::string_view flag) const {
  std::vector<std::string> known;
  for (auto const& parameter : request_.command.parameters) {
    if (!parameter.flag_name.empty()) known.push_back(parameter.flag_name);
  }
  std::vector<std::string> near;
  for (auto const& found : nearest(flag, known)) near.push_back("--" + known[found.index]);
  Notice notice(near.empty() ? "parse.unknown_flag" : "parse.unknown_flag_near",
                {{"command", word()}, {"flag", utf8::one_line(flag, kQuotedColumns)}});
  if (near.empty()) return refuse(std::move(notice.with("usage", usage())));
  return refuse(std::move(notice.with("near", items_of(near))));
}

Refused Refusals::flag_needs_value(Parameter const& parameter) const {
  return refuse(Notice("parse.flag_needs",
                       {{"command", word()}, {"flag", parameter.flag_name}, {"expected", expected(parameter)}}));
}

Refused Refusals::flag_takes_no_value(Parameter const& parameter, std::size_t at, std::size_t end) const {
  return refuse(Notice("parse.flag_takes_none",
                       {{"command", word()}, {"flag", parameter.flag_name}, {"input", quoted(at, end)}}));
}

}  // namespace tocsin
