#include "bot/dispatcher.hpp"

#include <algorithm>

#include "bot/attached.hpp"
#include "bot/late_answer.hpp"
#include "bot/recording.hpp"
#include "commands/guard.hpp"
#include "commands/parser.hpp"
#include "commands/retype.hpp"
#include "commands/usage.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin {
namespace {

constexpr Millis kChoiceLife = std::chrono::minutes{10};

/// Lines for the keys of direct messages.
std::string line_of_key(char digit) {
  switch (digit) {
    case '4':
      return "/incident ack";
    case '6':
      return "/escalate";
    case '8':
      return "/incident show";
    default:
      return {};
  }
}

std::string failure_text(std::exception_ptr const& error) {
  try {
    std::rethrow_exception(error);
  } catch (std::exception const& what) {
    return what.what();
  } catch (...) {
    return "unknown";
  }
}

/// One run of a command that answers within its unit of work: made by the caller, used on the writer's thread, there
/// by the unit and by what follows its commit.
struct InstantRun {
  Inbound inbound;
  std::shared_ptr<Setup const> setup;
  Caller caller;
  Command const* command = nullptr;
  Arguments arguments;
  ReplySink reply;
  Message answer;
  Reply::State state = Reply::State::done;
  bool repeated = false;
  bool confidential = false;
};

/// What the command is handed, but for what it works with: the desk of a unit, or the work that goes on.
/// `of`: an InstantRun or a Job, which the call refers to.
template <class Of>
Call call_of(Of const& of, Tools& tools, Instant now) {
  return {.caller = of.caller,
          .room = of.inbound.room,
          .direct = of.inbound.direct,
          .command = of.command,
          .args = of.arguments,
          .typed = of.inbound.text,
          .now = now,
          .config = of.setup->config,
          .redactor = *of.setup->redactor,
          .table = of.setup->table,
          .vocabulary = &of.setup->vocabulary,
          .words = of.setup->catalogue.get(),
          .tools = &tools};
}

/// The unit of work. Leaves what it was handed as it was: a unit that was undone may run again.
void run_unit(InstantRun& run, Tools& tools, Database& database, Instant now) {
  if (auto const stored = store::answer_to(database, run.inbound.platform, run.inbound.id)) {
    auto message = decode_message(*stored);
    run.answer = message ? std::move(*message) : Message(Notice("refused.still_running"));
    run.state = state_of(run.answer);
    run.repeated = true;
    run.confidential = is_too_much_for_the_room(run.inbound, run.answer, database);
    return;
  }
  run.repeated = false;
  Desk const desk{database, run.setup->directory, now};
  auto call = call_of(run, tools, now);
  call.desk = &desk;
  auto refused = missing_role(call);
  run.answer = refused ? Message(std::move(*refused)) : run.command->run(call);
  run.answer.announced = run.answer.announced && is_told_in(database, run.setup->config, run.inbound.room, run.answer);
  auto const [outcome, detail] = outcome_of(run.answer);
  run.state = state_of(run.answer);
  // Looking leaves no trace in the audit unless it was refused: a page that is looked at 20,000 times a second is no
  // evidence of anything.
  if (run.command->effect != Effect::read || run.state == Reply::State::refused)
    store::append_audit(database, audit_row(call, outcome, detail, Millis{0}, now));
  // Kept with its answer, in one row and one writing: whoever could see it unanswered would have to be inside this
  // transaction.
  auto envelope = envelope_of(run.inbound, run.caller, run.inbound.text, now);
  envelope.state = store::EnvelopeState::done;
  envelope.answer = encode(run.answer);
  store::put_answered(database, envelope);
  run.confidential = is_too_much_for_the_room(run.inbound, run.answer, database);
  post_answer(database, now, run.inbound, run.caller, run.answer, run.confidential);
}

}  // namespace

/// The worker's side of a command that takes time.
class WorkInProgress final : public Work {
 public:
  WorkInProgress(Lane& lane, std::shared_ptr<Setup const> setup, std::shared_ptr<Dispatcher::Running const> running,
                 std::mutex& mutex, std::function<void(Message const&)> show, std::function<void()> committed)
      : lane_(lane),
        setup_(std::move(setup)),
        running_(std::move(running)),
        mutex_(mutex),
        show_(std::move(show)),
        committed_(std::move(committed)) {}

  void unit(std::function<void(Desk const&)> const& body) override {
    run_and_wait(lane_, [this, &body](Database& database, Instant now) {
      body(Desk{database, setup_->directory, now});
    });
    committed_();
  }
  void show(Message const& so_far) override { show_(so_far); }
  std::stop_token stopping() const override { return running_->stop.get_token(); }
  std::string code() const override { return running_->code; }
  PersonId stopped_by() const override {
    std::lock_guard const lock(mutex_);
    return running_->stopped_by;
  }

 private:
  Lane& lane_;
  std::shared_ptr<Setup const> setup_;
  std::shared_ptr<Dispatcher::Running const> running_;
  std::mutex& mutex_;  // the dispatcher's: it guards who said stop
  std::function<void(Message const&)> show_;
  std::function<void()> committed_;
};

Dispatcher::Dispatcher(Parts parts) : parts_(std::move(parts)) { parts_.tools.interpreter = this; }

ParseContext Dispatcher::context_of(Inbound const& inbound, Caller const& caller, Setup const& setup) {
  ParseContext context;
  context.locale = std::string(name_of(caller.locale));
  context.direct_message = inbound.direct;
  context.addressed = inbound.addressed;
  context.from_speech = inbound.from_speech;
  context.vocabulary = &setup.vocabulary;
  for (auto const& account : inbound.mentioned) {
    auto const person = setup.caller_of(inbound.platform, account).person;
    if (!person.empty()) context.mentioned.push_back(person);
  }
  std::lock_guard const lock(mutex_);
  auto const found = memory_.find({caller.account, inbound.room.conversation});
  if (found != memory_.end() && parts_.clock.now() < found->second.until) context.suggestions = found->second.choices;
  return context;
}

void Dispatcher::remember(MemoryKey const& key, PersonId const& person, Message const& message, Instant now) {
  std::lock_guard const lock(mutex_);
  std::erase_if(memory_, [now](auto const& each) { return each.second.until <= now; });
  memory_[key] = {person, message.choices, message, now + kChoiceLife};
}

void Dispatcher::paged(PersonId const& person) {
  constexpr std::size_t kWithoutFour = 3;
  std::lock_guard const lock(mutex_);
  for (auto& [key, memory] : memory_) {
    if (memory.person == person && memory.choices.size() > kWithoutFour) memory.choices.resize(kWithoutFour);
  }
}

bool Dispatcher::over_limit(Caller const& caller, Command const& command, Setup const& setup) {
  auto const& limit = setup.config.guard.rate_limit;
  // Taking an incident or calling for help is never too often.
  if (!limit || command.name == "incident ack" || command.name == "escalate" || command.name == "unsure" ||
      command.name == "stop")
    return false;
  auto const now = parts_.clock.now();
  std::lock_guard const lock(mutex_);
  auto& recent = recent_[caller.person.empty() ? caller.account : caller.person.value];
  std::erase_if(recent, [&](Instant at) { return at + limit->per <= now; });
  if (recent.size() >= static_cast<std::size_t>(limit->count)) return true;
  recent.push_back(now);
  return false;
}

ParseOutcome Dispatcher::parse_with_attached(Inbound& inbound, Setup const& setup, ParseContext const& context,
                                             ReplySink& reply) {
  auto outcome = parse(inbound.text, setup.table, context);
  auto const attached = setup.redactor->redact(std::exchange(inbound.attached, {}));
  if (attached.empty()) return outcome;
  auto const* parsed = std::get_if<Parsed>(&outcome);
  auto const* refused = std::get_if<Refused>(&outcome);
  if (std::holds_alternative<Nothing>(outcome) || (refused != nullptr && refused->command == nullptr)) {
    auto const note = note_of(inbound.text, attached);
    if (!note) return outcome;
    inbound.text = *note;
    return parse(inbound.text, setup.table, context);
  }
  if (parsed == nullptr || parsed->command->effect == Effect::read) return outcome;
  reply = [this, inbound, attached, sink = std::move(reply)](Reply const& answer) {
    sink(answer);
    if (answer.state != Reply::State::done || answer.repeated) return;
    auto const incidents = incidents_in(answer.message);
    if (incidents.size() != 1) return;
    auto note = inbound;
    note.id += ":attached";
    note.text = "/note INC-" + std::to_string(incidents.begin()->value) + " -- " + attached;
    note.mentioned.clear();
    take(note, sink);
  };
  return outcome;
}

void Dispatcher::take(Inbound const& typed, ReplySink sink) {
  auto const setup = parts_.setup();
  // The two doors: what comes in is redacted before anything is kept of it, what goes out before anybody reads it.
  auto inbound = typed;
  inbound.text = setup->redactor->redact(typed.text);
  bool const held_secret = inbound.text != typed.text;
  ReplySink reply = [setup, sink = std::move(sink)](Reply const& answer) {
    auto clean = answer;
    redact(clean.message, *setup->redactor);
    sink(clean);
  };
  auto const caller = inbound.as ? setup->caller_of(*inbound.as, inbound.platform + ":" + inbound.account)
                                 : setup->caller_of(inbound.platform, inbound.account);
  auto const context = context_of(inbound, caller, *setup);
  auto outcome = parse_with_attached(inbound, *setup, context, reply);
  if (auto const* key = std::get_if<Key>(&outcome)) {
    if (key->digit == '9') {
      std::lock_guard const lock(mutex_);
      auto const found = memory_.find({caller.account, inbound.room.conversation});
      return reply({Reply::State::done,
                    found == memory_.end() ? Message(Notice("keys.nothing_to_repeat")) : found->second.last, caller});
    }
    auto const line = key->suggestion.empty() ? line_of_key(key->digit) : key->suggestion;
    if (line.empty()) return reply({Reply::State::refused, Message(Notice("keys.no_choice")), caller});
    outcome = parse(line, setup->table, context);
  }
  if (std::holds_alternative<Nothing>(outcome)) return reply({Reply::State::nothing, {}, caller});
  if (auto const* refused = std::get_if<Refused>(&outcome)) {
    Message message(refused->notice);
    message.choices = refused->suggestions;
    remember({caller.account, inbound.room.conversation}, caller.person, message, parts_.clock.now());
    return reply({Reply::State::refused, std::move(message), caller});
  }
  if (auto const* ambiguous = std::get_if<Ambiguous>(&outcome)) {
    Message message(ambiguous->notice);
    for (auto const& candidate : ambiguous->candidates) message.choices.push_back(candidate.line);
    remember({caller.account, inbound.room.conversation}, caller.person, message, parts_.clock.now());
    return reply({Reply::State::refused, std::move(message), caller});
  }
  auto* parsed = std::get_if<Parsed>(&outcome);
  if (parsed == nullptr) return reply({Reply::State::nothing, {}, caller});
  if (held_secret && parsed->command->declared) {
    // A program would be handed the mark instead, and a secret among arguments is there for every user to see.
    return reply({Reply::State::refused, Message(Notice("refused.secret_typed").with("command", parsed->command->name)),
                  caller});
  }
  if (over_limit(caller, *parsed->command, *setup)) {
    auto const& limit = *setup->config.guard.rate_limit;
    return reply(
        {Reply::State::refused,
         Message(
             Notice("refused.too_many").with("limit", static_cast<std::int64_t>(limit.count)).with("per", limit.per)),
         caller});
  }
  auto const now = parts_.clock.now();
  bool const changes = !parsed->command->instant && parsed->command->effect != Effect::read;
  if (inbound.sent && now - *inbound.sent > (changes ? kStaleChange : kStale))
    return reply({Reply::State::refused, too_late(inbound.text, *inbound.sent, now), caller});
  if (parsed->command->instant) {
    run_instant(inbound, setup, caller, parsed->command, std::move(parsed->arguments), reply);
  } else {
    run_work(inbound, setup, caller, parsed->command, std::move(parsed->arguments), reply);
  }
}

void Dispatcher::run_instant(Inbound const& inbound, std::shared_ptr<Setup const> setup, Caller caller,
                             Command const* command, Arguments arguments, ReplySink reply) {
  auto run = std::make_shared<InstantRun>();
  run->inbound = inbound;
  run->setup = std::move(setup);
  run->caller = std::move(caller);
  run->command = command;
  run->arguments = std::move(arguments);
  run->reply = std::move(reply);
  parts_.lane.submit(
      [this, run](Database& database, Instant now) { run_unit(*run, parts_.tools, database, now); },
      [this, run](std::exception_ptr error) {
        if (error) {
          run->reply({Reply::State::refused, Message(Notice("health.not_stored").with("detail", failure_text(error))),
                      run->caller});
          return;
        }
        parts_.committed();
        remember({run->caller.account, run->inbound.room.conversation}, run->caller.person, run->answer,
                 parts_.clock.now());
        bool const stored = is_to_be_posted(run->inbound, run->caller, run->answer, run->confidential);
        run->reply({run->state, std::move(run->answer), run->caller, stored, run->repeated, run->confidential});
      });
}

void Dispatcher::run_work(Inbound const& inbound, std::shared_ptr<Setup const> setup, Caller caller,
                          Command const* command, Arguments arguments, ReplySink reply) {
  auto running = std::make_shared<Running>();
  running->person = caller.person;
  running->what = retype(*command, arguments);
  struct Repeated {
    std::optional<Message> answer;
    bool confidential = false;
  };
  auto repeated = std::make_shared<Repeated>();
  auto const keep = [inbound, caller, repeated, what = running->what](Database& database, Instant now) {
    auto envelope = envelope_of(inbound, caller, what, now);
    if (store::keep_envelope(database, envelope)) return;
    auto stored = decode_message(envelope.answer);
    repeated->answer = stored ? std::move(*stored) : Message(Notice("refused.still_running"));
    repeated->confidential = is_too_much_for_the_room(inbound, *repeated->answer, database);
  };
  Job job{inbound, std::move(setup), std::move(caller), command, std::move(arguments), running, std::move(reply), {}};
  job.inbound.post_answer = inbound.post_answer || inbound.post_late;
  parts_.lane.submit(keep, [this, job, repeated](std::exception_ptr error) {
    auto const answer = [&job](Reply::State state, Message message) {
      job.reply({state, std::move(message), job.caller});
    };
    if (error)
      return answer(Reply::State::refused, Message(Notice("health.not_stored").with("detail", failure_text(error))));
    if (auto& before = repeated->answer) {
      bool const stored = is_to_be_posted(job.inbound, job.caller, *before, repeated->confidential);
      return job.reply({state_of(*before), std::move(*before), job.caller, stored, true, repeated->confidential});
    }
    auto accepted = job;
    if (!hand_over(std::move(accepted)))
      answer(Reply::State::refused, Message(Notice("refused.busy").with("what", job.running->what)));
  });
}

bool Dispatcher::hand_over(Job job) {
  {
    std::lock_guard const lock(mutex_);
    job.running->code = "R" + std::to_string(next_work_++);
    running_.push_back(job.running);
  }
  job.reply({Reply::State::accepted,
             Message(Notice("work.accepted").with("what", job.running->what).with("code", job.running->code)),
             job.caller});
  auto const running = job.running;
  if (parts_.workers.run([this, job = std::move(job)](std::stop_token pool) { perform(job, pool); })) return true;
  std::lock_guard const lock(mutex_);
  std::erase(running_, running);
  return false;
}

Message Dispatcher::run_and_record(Job const& job, bool& confidential) {
  auto const started = parts_.clock.now();
  WorkInProgress progress(
      parts_.lane, job.setup, job.running, mutex_,
      [&job](Message const& so_far) {
        job.reply({Reply::State::progress, so_far, job.caller});
      },
      parts_.committed);
  auto call = call_of(job, parts_.tools, started);
  call.work = &progress;
  Message answer;
  try {
    auto refused = missing_role(call);
    // From here on it may have had an effect, and after a crash it is known to. What only looks needs no such mark.
    if (!refused && job.command->effect != Effect::read) {
      run_and_wait(parts_.lane, [&job](Database& database, Instant) {
        store::start_envelope(database, job.inbound.platform, job.inbound.id);
      });
    }
    answer = refused ? Message(std::move(*refused)) : job.command->run(call);
  } catch (std::exception const& error) {
    answer = Message(Notice("refused.failed")
                         .with("command", printed_word(*job.command, name_of(job.caller.locale)))
                         .with("detail", std::string(error.what())));
  }
  try {
    run_and_wait(parts_.lane, [&](Database& database, Instant now) {
      auto const [outcome, detail] = outcome_of(answer);
      store::append_audit(database, audit_row(call, outcome, detail, now - started, now));
      store::finish_envelope(database, job.inbound.platform, job.inbound.id, store::EnvelopeState::done,
                             encode(answer));
      if (job.also_store) job.also_store(database, now, answer);
      confidential = is_too_much_for_the_room(job.inbound, answer, database);
      post_answer(database, now, job.inbound, job.caller, answer, confidential);
    });
  } catch (std::exception const& error) {
    answer.say(Notice("health.not_stored").with("detail", std::string(error.what())));
  }
  return answer;
}

void Dispatcher::perform(Job const& job, std::stop_token const& pool) {
  std::stop_callback const forward(pool, [&job] { job.running->stop.request_stop(); });
  bool confidential = false;
  auto answer = run_and_record(job, confidential);
  {
    std::lock_guard const lock(mutex_);
    std::erase(running_, job.running);
  }
  remember({job.caller.account, job.inbound.room.conversation}, job.caller.person, answer, parts_.clock.now());
  auto const state = state_of(answer);
  bool const stored = is_to_be_posted(job.inbound, job.caller, answer, confidential);
  job.reply({state, std::move(answer), job.caller, stored, false, confidential});
  parts_.committed();
}

StopOutcome Dispatcher::stop_work(PersonId const& by, Role role, std::string const& code) {
  StopOutcome outcome;
  std::lock_guard const lock(mutex_);
  for (auto const& each : running_) {
    // "停 R3" by its own number, "停 K9" by that of the approval it runs on.
    bool const named = each->code == code || each->what == "/run " + code;
    bool const meant = code.empty() ? each->person == by : named;
    if (!meant || each->what.starts_with("/stop")) continue;
    if (each->person != by && role < Role::operator_) {
      outcome.owner = each->person;
      continue;
    }
    if (each->stopped_by.empty()) each->stopped_by = by;
    each->stop.request_stop();
    outcome.stopped.push_back(each->what);
  }
  return outcome;
}

std::optional<std::pair<Command const*, Arguments>> Dispatcher::read(std::string const& line,
                                                                     Setup const& setup) const {
  ParseContext context;
  context.vocabulary = &setup.vocabulary;
  context.direct_message = true;
  auto outcome = parse(line, setup.table, context);
  auto* parsed = std::get_if<Parsed>(&outcome);
  if (parsed == nullptr) return std::nullopt;
  return std::pair{parsed->command, std::move(parsed->arguments)};
}

}  // namespace tocsin
