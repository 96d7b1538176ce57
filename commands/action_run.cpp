#include "commands/action_run.hpp"

#include <algorithm>
#include <chrono>

#include "commands/progress.hpp"
#include "commands/tools.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"
#include "integrations/process/output.hpp"
#include "integrations/process/runner.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kStoredOutputBytes = 256 * 1024;
constexpr std::size_t kTimelineOutputBytes = 4 * 1024;

/// What came of a list of steps.
struct StepsOutcome {
  bool passed = true;
  bool stopped = false;
  StepNumber last;  ///< how far it got
  std::optional<int> exit_code;
  std::string output;
  Notice why;  ///< of a failure
};

bool has_line_with(std::string_view output, std::vector<std::string> const& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto const& word) { return output.find(word) != std::string_view::npos; });
}

/// An exit code of 0 is not enough: scripts of this world print their failures and end well all the same.
Notice judge(ActionSpec const& spec, process::ProcessOutcome const& outcome) {
  using process::Ending;
  switch (outcome.ending) {
    case Ending::failed_to_start:
      return Notice("step.not_started").with("detail", outcome.failure.detail);
    case Ending::timed_out:
      return Notice("step.timed_out").with("limit", spec.timeout);
    case Ending::stopped:
      return Notice("step.stopped");
    case Ending::signalled:
      return Notice("step.signalled").with("signal", std::int64_t{outcome.signal});
    case Ending::exited:
      break;
  }
  if (outcome.exit_code != 0) return Notice("step.exit_code").with("code", std::int64_t{outcome.exit_code});
  if (has_line_with(outcome.output, spec.failure_lines)) return Notice("step.failure_line");
  if (!spec.success_lines.empty() && !has_line_with(outcome.output, spec.success_lines))
    return Notice("step.no_success_line");
  return Notice();
}

std::vector<std::pair<std::string, std::string>> environment_for(Call const& call, ActionSpec const& spec) {
  std::vector<std::pair<std::string, std::string>> variables;
  auto const known = call.tools->environment_names ? call.tools->environment_names() : std::vector<std::string>{};
  auto const add = [&](std::string const& name, bool named) {
    auto value = call.tools->environment(name);
    bool const twice =
        std::any_of(variables.begin(), variables.end(), [&](auto const& each) { return each.first == name; });
    // A secret is handed over by its own name only, never because a * happened to fit.
    if (!value || twice || (!named && call.redactor.finds_in(name + "=" + *value))) return;
    variables.emplace_back(name, std::move(*value));
  };
  for (auto const& name : spec.environment) {
    if (!name.ends_with('*')) {
      add(name, true);
      continue;
    }
    auto const beginning = std::string_view(name).substr(0, name.size() - 1);
    for (auto const& each : known) {
      if (each.starts_with(beginning)) add(each, false);
    }
  }
  return variables;
}

/// One run of an action: what every step needs.
struct Running {
  Call& call;
  ResolvedAction const& action;
  ProgressReport& progress;
  RunId run;
};

/// A program of a step; its output is redacted as it comes, before anything is cut: a cut could halve a secret and hide
/// it from the redactor.
process::ProcessOutcome run_program(Running const& running, ResolvedStep const& step, Millis left,
                                    std::stop_token stop) {
  auto const& spec = *running.action.spec;
  auto const& tools = *running.call.tools;
  process::ProcessSpec program;
  program.argv = step.argv;
  program.working_directory = tools.workdir;
  if (program.argv.front().starts_with("./"))
    program.argv.front() = (tools.workdir / program.argv.front().substr(2)).string();
  program.environment = environment_for(running.call, spec);
  program.timeout = left;
  program.output_limit_bytes =
      static_cast<std::size_t>(std::min<std::int64_t>(spec.output_limit.count, process::kMaxOutputBytes));
  RedactingStream redacting(running.call.redactor);
  process::HeadAndTail kept(program.output_limit_bytes);
  auto const keep = [&](std::string const& clean) {
    kept.add(clean);
    running.progress.output(clean);
  };
  auto outcome = process::run(program, std::move(stop), [&](std::string_view chunk) {
    std::string clean;
    redacting.feed(chunk, clean);
    keep(clean);
  });
  std::string last;
  redacting.finish(last);
  keep(last);
  outcome.output = kept.text();
  return outcome;
}

/// Why the step failed; no key: it did not.
Notice run_step(Running const& running, ResolvedStep const& step, Millis left, std::stop_token stop,
                StepsOutcome& result) {
  if (!step.health.empty()) {
    auto const* check = running.call.config.health_check(step.health);
    auto const finding = running.call.tools->probe(*check);
    result.output += step.health + ": " + web::describe(finding) + "\n";
    if (web::is_good(finding)) return Notice();
    return Notice("step.unhealthy").with("check", step.health).with("detail", web::describe(finding));
  }
  if (step.argv.empty()) return Notice();
  auto const outcome = run_program(running, step, left, std::move(stop));
  result.output += outcome.output;
  if (outcome.ending == process::Ending::exited) result.exit_code = outcome.exit_code;
  result.stopped = outcome.ending == process::Ending::stopped;
  auto why = judge(*running.action.spec, outcome);
  auto const by = running.call.work->stopped_by();
  if (result.stopped && !by.empty()) why.with("who", by);
  return why;
}

/// Runs steps one after the other, each within what is left of the action's time.
StepsOutcome run_steps(Running const& running, std::vector<ResolvedStep> const& steps, Notice const& title,
                       std::stop_token stop) {
  StepsOutcome result;
  auto const limit = running.action.spec->timeout;
  auto const deadline = std::chrono::steady_clock::now() + limit;
  for (auto const& step : steps) {
    result.last = {result.last.n + 1, static_cast<std::int64_t>(steps.size())};
    running.call.tools->board.put(running.run, result.last);
    running.progress.step(title, result.last);
    auto const left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    if (left <= Millis{0}) {
      result.why = Notice("step.timed_out").with("limit", limit);
    } else if (stop.stop_requested()) {
      result.stopped = true;
      result.why = Notice("step.stopped");
    } else {
      result.why = run_step(running, step, left, stop, result);
    }
    result.passed = result.why.key.empty();
    if (!result.passed) return result;
  }
  return result;
}

std::string shown_values(ResolvedAction const& action) {
  std::string text;
  for (auto const& [name, value] : action.values) text += (text.empty() ? "" : " ") + name + "=" + value;
  return text;
}

void put_on_timeline(Desk const& desk, Call const& call, IncidentId incident, Notice entry) {
  if (!incident) return;
  store::append_timeline(desk.database, incident,
                         {{EntryKind::command, call.caller.person, desk.now, desk.now, std::move(entry), 0, 0}});
}

/// The check that turned green, in a few words.
std::string check_text(std::vector<ResolvedStep> const& verify) {
  std::string text;
  for (auto const& step : verify) {
    if (!text.empty()) text += " · ";
    text += step.health;
    for (std::size_t i = 0; i < step.argv.size(); ++i) {
      auto const& word = step.argv[i];
      text += i == 0 ? word.substr(word.rfind('/') + 1) : " " + word;
    }
  }
  return text;
}

/// What stopping would leave behind.
Notice on_stop(Call const& call, ResolvedAction const& action) {
  bool const changes = action.spec->effect != Effect::read;
  return Notice(!changes              ? "work.stop_look"
                : action.undo.empty() ? "work.stop_leaves"
                                      : "work.stop_undoes")
      .with("code", call.work->code());
}

/// The whole of it: steps, check, and the way back. `outcome.output` is everything that was printed.
std::string carry_through(Running const& running, Notice const& title, StepsOutcome& outcome) {
  auto const& action = running.action;
  auto const stop = running.call.work->stopping();
  auto const more = [&outcome](StepsOutcome next) {
    outcome.output += next.output;
    outcome.passed = next.passed;
    outcome.stopped = next.stopped;
    outcome.last = next.last;
    if (!next.passed) outcome.why = std::move(next.why);
  };
  outcome = run_steps(running, action.steps, title, stop);
  if (outcome.passed && action.verify.empty()) return "ran";
  if (outcome.passed)
    more(run_steps(running, action.verify, Notice("work.verifying").with("what", std::vector{title}), stop));
  if (outcome.passed) return "verified";
  std::string const state = outcome.stopped ? "stopped" : "failed";
  if (action.spec->effect == Effect::read || action.undo.empty()) return state;
  // Whoever stopped it wanted it undone, so the way back does not hear that stop; its own time is limited.
  auto undone = run_steps(running, action.undo, Notice("work.undoing").with("what", std::vector{title}), {});
  outcome.output += undone.output;
  return undone.passed ? "undone" : state;
}

/// A remedy that failed is somebody else's business now, too. Returns who is called.
std::vector<Notice> call_for_help(Desk const& desk, Call const& call, store::Run const& run, Notice const& title) {
  std::vector<Notice> called;
  auto const incident = run.incident ? store::load_incident(desk.database, run.incident) : std::nullopt;
  if (!incident || !is_live(*incident)) return called;
  for (auto const& lead : DeskRoster(desk).holders({Recipient::Kind::role, "tech-lead"}, desk.now)) {
    if (lead == call.caller.person) continue;
    auto page = Notice("page.remedy_failed")
                    .with("severity", incident->severity)
                    .with("incident", incident->id)
                    .with("who", lead)
                    .with("what", std::vector{title})
                    .with("asked_by", call.caller.person);
    if (run.state == "undone") page.with("undone", std::int64_t{1});
    order_page(desk, *incident,
               {kStepRemedy, static_cast<std::int32_t>(run.id.value), lead, std::move(page), desk.now, false});
    called.push_back(Notice("person").with("who", lead));
  }
  return called;
}

Message target_busy(Call const& call, ResolvedAction const& action, store::Run const& busy) {
  auto text = Notice("refused.target_busy")
                  .with("target", action.target)
                  .with("who", busy.person)
                  .with("since", busy.started_at)
                  .with("action", busy.action);
  if (auto const step = call.tools->board.find(busy.id)) text.with("n", step->n).with("of", step->of);
  return Message(std::move(text));
}

}  // namespace

Message carry_out(Call& call, ResolvedAction const& action, IncidentId incident, Notice const& title) {
  auto const& spec = *action.spec;
  bool const changes = spec.effect != Effect::read;
  std::optional<store::Run> busy;
  store::Run run;
  run.incident = incident;
  run.action = spec.name;
  run.target = action.target;
  run.parameters = shown_values(action);
  run.effect = std::string(name_of(spec.effect));
  run.person = call.caller.person;
  call.work->unit([&](Desk const& desk) {
    if (changes) busy = store::running_on(desk.database, action.target);
    if (busy) return;
    run.started_at = desk.now;
    run.id = store::insert_run(desk.database, run);
    if (changes)
      put_on_timeline(desk, call, incident,
                      Notice("timeline.run_began").with("what", std::vector{title}).with("run", run.id.value));
  });
  if (busy) return target_busy(call, action, *busy);

  StepsOutcome outcome;
  {
    ProgressReport progress(*call.work, on_stop(call, action), std::chrono::seconds{1});
    run.state = carry_through({call, action, progress, run.id}, title, outcome);
  }
  call.tools->board.remove(run.id);
  run.exit_code = outcome.exit_code ? std::optional<std::int64_t>(*outcome.exit_code) : std::nullopt;
  run.digest = sha256_hex(outcome.output);
  run.output = std::string(process::utf8_suffix(outcome.output, kStoredOutputBytes));
  Millis length{};
  std::vector<Notice> called;
  call.work->unit([&](Desk const& desk) {
    run.ended_at = desk.now;
    length = desk.now - run.started_at;
    store::finish_run(desk.database, run);
    bool const hurt = changes && !outcome.passed && !outcome.stopped;
    called = hurt ? call_for_help(desk, call, run, title) : std::vector<Notice>{};
    auto entry = Notice("timeline.run_" + run.state)
                     .with("what", std::vector{title})
                     .with("length", length)
                     .with("run", run.id.value);
    if (run.exit_code) entry.with("code", *run.exit_code);
    if (!outcome.why.key.empty()) entry.with("why", std::vector{outcome.why});
    if (!run.output.empty()) entry.with("output", std::string(process::utf8_suffix(run.output, kTimelineOutputBytes)));
    put_on_timeline(desk, call, incident, std::move(entry));
  });

  auto head = Notice((changes ? "run." : "look.") + run.state).with("what", std::vector{title}).with("length", length);
  if (!outcome.why.key.empty()) head.with("why", std::vector{outcome.why});
  if (!call.approval.empty()) head.with("code", call.approval);
  if (run.state == "verified" && changes) head.with("check", check_text(action.verify));
  if (run.state == "stopped") head.with("n", outcome.last.n).with("of", outcome.last.of);
  if (!called.empty()) head.with("called", std::move(called));
  Message message(std::move(head));
  if (!run.output.empty()) message.blocks.emplace_back(Code{run.output, "", spec.name + ".txt"});
  return message;
}

}  // namespace tocsin
