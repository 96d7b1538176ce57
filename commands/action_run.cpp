#include "commands/action_run.hpp"

#include <algorithm>
#include <chrono>

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
constexpr Millis kShowEvery{2'000};

/// What came of a list of steps.
struct StepsOutcome {
  bool passed = true;
  bool stopped = false;
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
  static constexpr std::array<std::string_view, 6> kLocaleVariables{"LC_ALL",  "LC_CTYPE",   "LC_MESSAGES",
                                                                    "LC_TIME", "LC_NUMERIC", "LC_COLLATE"};
  auto const add = [&](std::string const& name) {
    if (auto value = call.tools->environment(name)) variables.emplace_back(name, std::move(*value));
  };
  for (auto const& name : spec.environment) {
    if (!name.ends_with('*')) {
      add(name);
    } else if (name == "LC_*") {
      for (auto const each : kLocaleVariables) add(std::string(each));
    }
  }
  return variables;
}

/// Runs steps one after the other, each within what is left of the action's time.
StepsOutcome run_steps(Call& call, ResolvedAction const& action, std::vector<ResolvedStep> const& steps,
                       Notice const& title) {
  StepsOutcome result;
  auto const& spec = *action.spec;
  auto const deadline = std::chrono::steady_clock::now() + spec.timeout;
  std::int64_t number = 0;
  for (auto const& step : steps) {
    ++number;
    auto const left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    if (left <= Millis{0}) {
      result.passed = false;
      result.why = Notice("step.timed_out").with("limit", spec.timeout);
      return result;
    }
    Message progress(Notice("work.step")
                         .with("what", std::vector{title})
                         .with("n", number)
                         .with("of", static_cast<std::int64_t>(steps.size())));
    call.work->show(progress);
    if (!step.health.empty()) {
      auto const* check = call.config.health_check(step.health);
      auto const finding = call.tools->probe(*check);
      result.output += step.health + ": " + web::describe(finding) + "\n";
      if (!web::is_good(finding)) {
        result.passed = false;
        result.why = Notice("step.unhealthy").with("check", step.health).with("detail", web::describe(finding));
        return result;
      }
      continue;
    }
    if (step.argv.empty()) continue;
    process::ProcessSpec program;
    program.argv = step.argv;
    program.working_directory = call.tools->workdir;
    if (program.argv.front().starts_with("./"))
      program.argv.front() = (call.tools->workdir / program.argv.front().substr(2)).string();
    program.environment = environment_for(call, spec);
    program.timeout = left;
    program.output_limit_bytes =
        static_cast<std::size_t>(std::min<std::int64_t>(spec.output_limit.count, process::kMaxOutputBytes));
    auto shown = std::chrono::steady_clock::now();
    // Redacted as it comes, before anything is cut: a cut could halve a secret and hide it from the redactor.
    RedactingStream redacting(call.redactor);
    process::HeadAndTail kept(program.output_limit_bytes);
    std::string tail;
    auto const keep = [&](std::string const& clean) {
      constexpr std::size_t kTailBytes = 400;
      kept.add(clean);
      tail += clean;
      if (tail.size() > kTailBytes) tail = std::string(process::utf8_suffix(tail, kTailBytes));
    };
    auto outcome = process::run(program, call.work->stopping(), [&](std::string_view chunk) {
      std::string clean;
      redacting.feed(chunk, clean);
      keep(clean);
      if (std::chrono::steady_clock::now() - shown < kShowEvery) return;
      shown = std::chrono::steady_clock::now();
      Message so_far = progress;
      so_far.blocks.emplace_back(Code{tail, "", ""});
      call.work->show(so_far);
    });
    std::string last;
    redacting.finish(last);
    keep(last);
    outcome.output = kept.text();
    result.output += outcome.output;
    if (outcome.ending == process::Ending::exited) result.exit_code = outcome.exit_code;
    if (auto why = judge(spec, outcome); !why.key.empty()) {
      result.passed = false;
      result.stopped = outcome.ending == process::Ending::stopped;
      result.why = std::move(why);
      return result;
    }
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
  if (busy) {
    return Message(Notice("refused.target_busy")
                       .with("target", action.target)
                       .with("who", busy->person)
                       .with("since", busy->started_at)
                       .with("action", busy->action));
  }

  auto outcome = run_steps(call, action, action.steps, title);
  std::string output = std::move(outcome.output);
  std::string state = outcome.passed ? "ran" : outcome.stopped ? "stopped" : "failed";
  if (outcome.passed && !action.verify.empty()) {
    auto verified = run_steps(call, action, action.verify, Notice("work.verifying").with("what", std::vector{title}));
    output += verified.output;
    state = verified.passed ? "verified" : "failed";
    if (!verified.passed) outcome.why = std::move(verified.why);
  }
  if (state == "failed" && changes && !action.undo.empty()) {
    auto const undone = run_steps(call, action, action.undo, Notice("work.undoing").with("what", std::vector{title}));
    output += undone.output;
    if (undone.passed) state = "undone";
  }

  run.state = state;
  run.exit_code = outcome.exit_code ? std::optional<std::int64_t>(*outcome.exit_code) : std::nullopt;
  run.digest = sha256_hex(output);
  run.output = std::string(process::utf8_suffix(output, kStoredOutputBytes));
  Millis length{};
  call.work->unit([&](Desk const& desk) {
    run.ended_at = desk.now;
    length = desk.now - run.started_at;
    store::finish_run(desk.database, run);
    auto entry = Notice("timeline.run_" + state)
                     .with("what", std::vector{title})
                     .with("length", length)
                     .with("run", run.id.value);
    if (run.exit_code) entry.with("code", *run.exit_code);
    if (!outcome.why.key.empty()) entry.with("why", std::vector{outcome.why});
    if (!run.output.empty()) entry.with("output", std::string(process::utf8_suffix(run.output, kTimelineOutputBytes)));
    put_on_timeline(desk, call, incident, std::move(entry));
  });

  auto head = Notice((changes ? "run." : "look.") + state).with("what", std::vector{title}).with("length", length);
  if (!outcome.why.key.empty()) head.with("why", std::vector{outcome.why});
  if (!call.approval.empty()) head.with("code", call.approval);
  Message message(std::move(head));
  if (!run.output.empty()) message.blocks.emplace_back(Code{run.output, "", spec.name + ".txt"});
  return message;
}

}  // namespace tocsin
