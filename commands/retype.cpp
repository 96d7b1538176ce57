#include "commands/retype.hpp"

#include "commands/duration.hpp"

namespace tocsin {
namespace {

std::vector<std::string> values_of(Parameter const& parameter, Arguments const& args) {
  auto const& name = parameter.name;
  if (!args.given(name)) return {};
  switch (parameter.type) {
    case ParamType::word:
      return args.words(name);
    case ParamType::choice:
      return args.choices(name);
    case ParamType::version:
      return {args.version(name)};
    case ParamType::text:
      return {args.text(name)};
    case ParamType::severity:
      return {std::string(name_of(args.severity(name)))};
    case ParamType::duration:
      return {compact(args.duration(name))};
    case ParamType::time_of_day:
      return {compact(args.time_of_day(name))};
    case ParamType::time_range:
      return {compact(args.time_range(name))};
    case ParamType::instant:
      return {compact(args.instant(name))};
    case ParamType::flag:
      return {};
    case ParamType::number:
    case ParamType::incident:
    case ParamType::person:
      break;
  }
  std::vector<std::string> texts;
  if (parameter.type == ParamType::number) {
    for (auto const number : args.numbers(name)) texts.push_back(std::to_string(number));
  } else if (parameter.type == ParamType::incident) {
    for (auto const id : args.incidents(name)) texts.push_back("INC-" + std::to_string(id.value));
  } else {
    for (auto const& person : args.people(name)) texts.push_back("@" + person.value);
  }
  return texts;
}

}  // namespace

std::string retype(Command const& command, Arguments const& args, std::optional<IncidentId> incident) {
  std::string line = "/" + command.name;
  for (auto const& parameter : command.parameters) {
    if (parameter.type == ParamType::flag) {
      if (args.flag(parameter.name)) line += " --" + parameter.flag_name;
      continue;
    }
    auto texts = values_of(parameter, args);
    if (texts.empty() && parameter.type == ParamType::incident && parameter.name == "incident" && incident)
      texts.push_back("INC-" + std::to_string(incident->value));
    for (auto const& text : texts) {
      line += ' ';
      if (parameter.named_only) line += "--" + parameter.flag_name + "=";
      line += text;
    }
  }
  return line;
}

}  // namespace tocsin
