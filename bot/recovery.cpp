// After a restart: what had been taken and was not finished.

#include "bot/dispatcher.hpp"
#include "bot/late_answer.hpp"
#include "bot/log.hpp"
#include "commands/retype.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin {
namespace {

enum class Fate : std::uint8_t { again, asked, not_run, interrupted };

/// `begun`: its handler had started, so that it may have had an effect.
Fate fate_of(Effect effect, bool begun, Millis age) {
  if (effect == Effect::read) return Fate::again;
  if (begun) return Fate::interrupted;
  if (effect == Effect::danger) return Fate::not_run;
  return age > kStaleChange ? Fate::asked : Fate::again;
}

/// Of a line that means nothing any more the worst is assumed. `run K9` is as dangerous as what waits behind the code.
Effect effect_of(std::optional<std::pair<Command const*, Arguments>> const& meant) {
  if (!meant || meant->first->name == "run") return Effect::danger;
  return meant->first->effect;
}

std::string text_of(Notice const& record, std::string_view name) {
  auto const* text = record.text(name);
  return text == nullptr ? std::string{} : *text;
}

/// Where it was asked, and on which account.
struct Origin {
  Room room;
  std::string account;
  bool direct = false;
  std::string answer_thread;
};

Origin origin_of(store::Envelope const& envelope) {
  auto const record = decode_notice(envelope.room);
  if (record.has_error()) return {};
  auto const* direct = record->find("direct");
  return {{text_of(*record, "platform"), text_of(*record, "conversation"), text_of(*record, "thread")},
          text_of(*record, "account"),
          direct != nullptr && *direct == Arg{std::int64_t{1}},
          text_of(*record, "answer_thread")};
}

Message told(Fate fate, store::Envelope const& envelope, Instant now) {
  if (fate == Fate::asked) return too_late(envelope.text, envelope.at, now);
  std::string const key = fate == Fate::interrupted ? "late.interrupted"
                          : fate == Fate::again     ? "late.read"
                                                    : "late.not_run";
  auto const age = now - envelope.at;
  return Message(Notice(key).with("what", envelope.text).with("at", envelope.at).with("ago", age).with("age", age));
}

/// For whoever asked alone: it may have been asked in confidence.
void put_answer(Database& database, Instant now, store::Envelope const& envelope, Message const& answer) {
  auto origin = origin_of(envelope);
  put_late_answer(database, now, std::move(origin.room),
                  {envelope.person, !envelope.person.empty(), std::move(origin.answer_thread)}, answer, envelope.id);
}

void report(Database& database, Instant now, store::Envelope const& envelope, Message const& message) {
  auto const& key = std::get<Say>(message.blocks.front()).notice.key;
  put_answer(database, now, envelope, message);
  store::append_audit(
      database, {0, now, envelope.person, envelope.platform, envelope.text, "interrupted", key, now - envelope.at, {}});
  store::finish_envelope(database, envelope.platform, envelope.id, store::EnvelopeState::interrupted, encode(message));
}

}  // namespace

Dispatcher::Job Dispatcher::late_job(store::Envelope const& envelope, Command const* command, Arguments arguments,
                                     std::shared_ptr<Setup const> setup) {
  auto const origin = origin_of(envelope);
  Job job;
  job.inbound.platform = envelope.platform;
  job.inbound.id = envelope.id;
  job.inbound.account = origin.account;
  job.inbound.room = origin.room;
  job.inbound.direct = origin.direct;
  job.inbound.text = envelope.text;
  job.caller = envelope.person.empty() ? setup->caller_of(envelope.platform, origin.account)
                                       : setup->caller_of(envelope.person, envelope.platform + ":" + origin.account);
  job.setup = std::move(setup);
  job.command = command;
  job.arguments = std::move(arguments);
  job.running = std::make_shared<Running>();
  job.running->person = job.caller.person;
  job.running->what = envelope.text;
  job.reply = [](Reply const&) {};  // whoever asked is no longer connected: the outbox tells them
  job.also_store = [envelope, setup = job.setup](Database& database, Instant now, Message const& answer) {
    Message late(Notice("late.rerun").with("what", envelope.text).with("at", envelope.at));
    late.blocks.insert(late.blocks.end(), answer.blocks.begin(), answer.blocks.end());
    late.choices = answer.choices;
    redact(late, *setup->redactor);
    put_answer(database, now, envelope, late);
  };
  return job;
}

void Dispatcher::recover() {
  auto const setup = parts_.setup();
  std::vector<std::pair<store::Envelope, Job>> again;
  std::vector<std::pair<store::Envelope, Message>> asked;
  run_and_wait(parts_.lane, [&](Database& database, Instant now) {
    again.clear();
    asked.clear();
    for (auto const& envelope : store::unfinished_envelopes(database)) {
      auto meant = read(envelope.text, *setup);
      auto const fate = fate_of(effect_of(meant), envelope.state == store::EnvelopeState::running, now - envelope.at);
      if (fate == Fate::again) {
        again.emplace_back(envelope, late_job(envelope, meant->first, std::move(meant->second), setup));
        continue;
      }
      auto const message = told(fate, envelope, now);
      report(database, now, envelope, message);
      if (fate == Fate::asked) asked.emplace_back(envelope, message);
    }
  });
  for (auto const& [envelope, message] : asked) {
    auto const origin = origin_of(envelope);
    remember({envelope.platform + ":" + origin.account, origin.room.conversation}, envelope.person, message,
             parts_.clock.now());
  }
  for (auto& [envelope, job] : again) {
    log_info("run again after a restart: {}", envelope.text);
    if (hand_over(std::move(job))) continue;
    run_and_wait(parts_.lane, [&envelope = envelope](Database& database, Instant now) {
      report(database, now, envelope, told(Fate::again, envelope, now));
    });
  }
  if (!again.empty() || !asked.empty()) parts_.committed();
}

}  // namespace tocsin
