#include <algorithm>
#include <utility>

#include "commands/action.hpp"
#include "commands/diagnosis.hpp"
#include "commands/look_record.hpp"
#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"

namespace tocsin::verbs {
namespace {

Parameter parameter_of(ActionParameter const& declared) {
  Parameter parameter;
  parameter.name = declared.name;
  parameter.required = declared.required && !declared.fallback;
  switch (declared.type) {
    case ParameterType::word:
      parameter.type = ParamType::word;
      break;
    case ParameterType::number:
      parameter.type = ParamType::number;
      parameter.range = Range{declared.min.value_or(0), declared.max.value_or(kGreatestNumber)};
      break;
    case ParameterType::choice:
      parameter.type = ParamType::choice;
      parameter.choices = declared.choices;
      break;
    case ParameterType::service:
      parameter.type = ParamType::choice;
      parameter.vocabulary = "service";
      break;
    case ParameterType::log:
      parameter.type = ParamType::choice;
      parameter.vocabulary = "log";
      break;
    case ParameterType::text:
      parameter.type = ParamType::text;
      break;
  }
  if (!declared.title.empty())
    parameter.labels = {{"zh-CN", declared.title.in(Locale::zh_cn)}, {"en", declared.title.in(Locale::en)}};
  return parameter;
}

}  // namespace

std::vector<Command> action_commands(Config const& config) {
  std::vector<Command> rows;
  for (auto const& spec : config.actions) {
    Command row;
    row.name = (spec.effect == Effect::read ? "diag " : "fix ") + spec.name;
    row.words = spec.aliases;
    // As the built-in looks are asked for: 诊断 系统.
    for (auto const& alias : spec.aliases) {
      bool const chinese = static_cast<unsigned char>(alias.front()) >= 0x80;
      if (spec.effect == Effect::read && chinese && !alias.starts_with("诊断")) row.words.push_back("诊断" + alias);
    }
    row.effect = spec.effect;
    row.needs = spec.role();
    row.instant = false;
    row.declared = true;
    row.summary_key = spec.effect == Effect::read ? "help.declared_read" : "help.declared";
    for (auto const& parameter : spec.parameters) row.parameters.push_back(parameter_of(parameter));
    row.run = run_action;
    // Nothing but a look at the host is the built-in diagnosis under the configuration's own name.
    if (spec.steps.size() == 1 && spec.verify.empty()) {
      if (auto const* step = std::get_if<HostStep>(&spec.steps.front())) {
        row.run = [probe = step->host](Call& call) {
          return on_record(call, diagnose(call, probe == HostProbe::system ? DiagnosisScope{.system = true}
                                                                           : DiagnosisScope{.network = true}));
        };
      }
    }
    // It takes the place of a built-in look at the same thing, so it answers to that one's words as well.
    if (spec.effect == Effect::read) {
      for (auto const& [name, word] :
           {std::pair{"system", "诊断系统"}, {"network", "诊断网络"}, {"health", "诊断健康"}}) {
        bool const taken = std::find(row.words.begin(), row.words.end(), word) != row.words.end();
        if (spec.name == name && !taken) row.words.emplace_back(word);
      }
    }
    row.titles = {{"zh-CN", spec.title.in(Locale::zh_cn)}, {"en", spec.title.in(Locale::en)}};
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tocsin::verbs
