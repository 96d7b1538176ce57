#include "commands/action.hpp"

#include <algorithm>
#include <variant>

#include "commands/action_run.hpp"
#include "commands/guard.hpp"
#include "commands/tools.hpp"
#include "commands/verbs/common.hpp"
#include "config/fingerprint.hpp"
#include "config/parameter.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

ActionSpec const* spec_of(Call const& call) {
  auto const& name = call.command->name;
  auto const blank = name.rfind(' ');
  if (blank == std::string::npos || !call.command->declared) return nullptr;
  return call.config.action(std::string_view(name).substr(blank + 1));
}

/// The value as typed, whatever type the parameter of the command has.
std::optional<std::string> typed_value(Call const& call, ActionParameter const& parameter) {
  if (!call.args.given(parameter.name)) return parameter.fallback;
  switch (parameter.type) {
    case ParameterType::number:
      return std::to_string(call.args.number(parameter.name));
    case ParameterType::choice:
    case ParameterType::service:
    case ParameterType::log:
      return call.args.choice(parameter.name);
    case ParameterType::text:
      return call.args.text(parameter.name);
    case ParameterType::word:
      return call.args.word(parameter.name);
  }
  return std::nullopt;
}

using Values = std::vector<std::pair<std::string, std::string>>;

std::string const* value_of(Values const& values, std::string_view name) {
  for (auto const& [known, value] : values) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::vector<ResolvedStep> fill(std::vector<ActionStep> const& steps, Values const& values) {
  std::vector<ResolvedStep> filled;
  for (auto const& step : steps) {
    ResolvedStep each;
    if (auto const* run = std::get_if<RunStep>(&step)) {
      for (auto const& argument : run->run) {
        auto const* value = argument.parameter.empty() ? nullptr : value_of(values, argument.parameter);
        // An optional parameter that was not given takes its whole argument with it.
        if (!argument.parameter.empty() && value == nullptr) continue;
        each.argv.push_back(argument.literal + (value == nullptr ? "" : *value));
      }
    } else if (auto const* http = std::get_if<HttpStep>(&step)) {
      each.health = http->http;
    } else {
      each.host = std::get<HostStep>(step).host;
    }
    filled.push_back(std::move(each));
  }
  return filled;
}

std::string fill_text(std::string text, Values const& values) {
  for (auto const& [name, value] : values) {
    auto const hole = "{" + name + "}";
    for (auto at = text.find(hole); at != std::string::npos; at = text.find(hole, at + value.size()))
      text.replace(at, hole.size(), value);
  }
  return text;
}

bool is_fresh(std::optional<Freshness> const& backup, DataSet const& set) {
  // A backup from the future says that some clock was wrong, and then nobody knows how old it is.
  return backup && backup->verified && backup->age >= Millis{0} && backup->age <= set.fresh_for;
}

/// Why there is no fresh backup although one was tried for.
Notice why_unsaved(std::string const& name, std::optional<Freshness> const& before, DataSet const& set,
                   std::string detail) {
  if (before && before->verified) {
    return Notice("unsaved.expired")
        .with("data", name)
        .with("age", before->age)
        .with("limit", set.fresh_for)
        .with("detail", std::move(detail));
  }
  return Notice(before ? "unsaved.damaged" : "unsaved.failed").with("data", name).with("detail", std::move(detail));
}

/// What is missing before data may be put at risk; nothing when all of it is saved. Makes a backup where none is fresh.
std::optional<Notice> save_data(Call& call, ActionSpec const& spec, std::vector<Notice>& facts) {
  for (auto const& name : spec.loses_data) {
    auto const* set = call.config.data_set(name);
    if (set == nullptr || set->kind == DataSet::Kind::none || call.tools->backups == nullptr)
      return Notice("unsaved.unknown").with("data", name);
    auto const before = call.tools->backups->freshness(*set, call.now);
    auto fresh = before;
    if (!is_fresh(fresh, *set)) {
      call.work->show(Message(Notice("work.backing_up").with("data", name)));
      auto const made = call.tools->backups->make(*set, call.now, call.work->stopping());
      if (made.has_error()) return why_unsaved(name, before, *set, made.error().detail);
      fresh = call.tools->backups->freshness(*set, call.now);
      if (!is_fresh(fresh, *set)) return why_unsaved(name, before, *set, "the new one can't be verified");
    }
    facts.push_back(Notice("what.saved").with("data", name).with("age", fresh->age).with("name", fresh->name));
  }
  return std::nullopt;
}

Notice title_of(Call const& call, ResolvedAction const& action) {
  std::string values;
  for (auto const& [name, value] : action.values) values += (values.empty() ? "" : " ") + value;
  auto notice = Notice("what.action").with("title", action.spec->title.in(call.caller.locale));
  if (!values.empty()) notice.with("values", values);
  return notice;
}

/// Before the run: confirmation, backup, second person.
Message ask(Call& call, ResolvedAction const& action) {
  auto const& spec = *action.spec;
  Demand demand;
  demand.what = title_of(call, action);
  demand.plan = plan_of(call);
  demand.bound = bound_by_approval(call);
  demand.second_person = !spec.loses_data.empty() || !spec.loses_service.empty();
  demand.unsaved = save_data(call, spec, demand.facts);
  for (auto const& service : spec.loses_service)
    demand.facts.push_back(Notice("what.loses_service").with("service", service));
  Message answer;
  call.work->unit([&](Desk const& desk) {
    demand.incident = incident_of(desk, call);
    answer = request_consent(desk, call, demand);
  });
  answer.blocks.emplace_back(Code{demand.plan, "plan", ""});
  return answer;
}

}  // namespace

IncidentId incident_of(Desk const& desk, Call const& call) {
  if (call.incident) return call.incident;
  std::vector<IncidentId> real;
  std::vector<IncidentId> drills;
  for (auto const& each : store::live_incidents(desk.database)) {
    if (each.room.platform != call.room.platform || each.room.conversation != call.room.conversation) continue;
    if (may_see(each, call.caller.person)) (each.drill ? drills : real).push_back(each.id);
  }
  if (real.empty() && call.command->effect == Effect::read) real = std::move(drills);
  return real.size() == 1 ? real.front() : IncidentId{};
}

Decided<std::optional<ResolvedAction>> resolved(Call const& call) {
  auto const* spec = spec_of(call);
  if (spec == nullptr) return std::optional<ResolvedAction>{};
  ResolvedAction action;
  action.spec = spec;
  for (auto const& parameter : spec->parameters) {
    auto const typed = typed_value(call, parameter);
    if (!typed) {
      if (parameter.required) return Notice("parameter.missing").with("name", parameter.name);
      continue;
    }
    auto value = accept(parameter, *typed, call.config);
    if (value.has_error()) return value.error();
    action.values.emplace_back(parameter.name, std::move(*value));
  }
  action.steps = fill(spec->steps, action.values);
  action.verify = fill(spec->verify, action.values);
  action.undo = fill(spec->undo, action.values);
  action.target = fill_text(spec->target.empty() ? spec->name : spec->target, action.values);
  return std::optional(std::move(action));
}

std::string plan_of(Call const& call) {
  auto const action = resolved(call);
  if (action.has_error() || !*action) return {};
  std::string text;
  for (auto const& step : (*action)->steps) {
    if (!step.argv.empty()) {
      for (std::size_t i = 0; i < step.argv.size(); ++i) text += (i == 0 ? "" : " ") + step.argv[i];
    } else {
      text += step.health.empty() ? "host" : "http " + step.health;
    }
    text += '\n';
  }
  return text;
}

std::string bound_by_approval(Call const& call) {
  auto const action = resolved(call);
  if (action.has_error() || !*action) return {};
  auto const& spec = *(*action)->spec;
  // The whole declaration, not only the steps: what verifies and undoes it, how long it may take, what it can lose.
  std::string text = (*action)->target + '\n' + fingerprint(spec);
  auto const put = [&text](std::string_view word) { text += std::to_string(word.size()) + ':' + std::string(word); };
  for (auto const* steps : {&(*action)->steps, &(*action)->verify, &(*action)->undo}) {
    for (auto const& step : *steps) {
      for (auto const& argument : step.argv) put(argument);
      if (auto const* check = step.health.empty() ? nullptr : call.config.health_check(step.health)) put(check->url);
      text += '\n';
    }
  }
  for (auto const& name : spec.loses_data) {
    if (auto const* set = call.config.data_set(name)) put(set->path);
  }
  return text;
}

std::optional<Notice> no_longer_saved(Call const& call) {
  auto const* spec = spec_of(call);
  if (spec == nullptr || call.tools->backups == nullptr) return std::nullopt;
  for (auto const& name : spec->loses_data) {
    auto const* set = call.config.data_set(name);
    auto const backup = set == nullptr ? std::nullopt : call.tools->backups->freshness(*set, call.now);
    // It was fresh when it was asked for; meanwhile it may have grown older by the life of an approval.
    if (set == nullptr || !backup || !backup->verified || backup->age > set->fresh_for + call.config.guard.approval)
      return Notice("refused.backup_gone").with("data", name);
  }
  return std::nullopt;
}

Message run_action(Call& call) {
  auto action = resolved(call);
  if (action.has_error()) return Message(action.error());
  if (!*action) return Message(Notice("refused.no_such_action").with("command", call.command->name));
  if ((*action)->spec->effect != Effect::read && !call.confirmed) return ask(call, **action);
  if (call.confirmed && !call.glass_broken) {
    if (auto gone = no_longer_saved(call)) return Message(std::move(*gone));
  }
  IncidentId incident;
  call.work->unit([&](Desk const& desk) { incident = incident_of(desk, call); });
  return carry_out(call, **action, incident, title_of(call, **action));
}

}  // namespace tocsin
