#include "bot/pager.hpp"

#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "bot/clock.hpp"
#include "bot/render.hpp"
#include "bot/settled.hpp"
#include "commands/guard.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::pair<Outcome::Kind, std::string_view>, 5> kOutcomes{
    {{Outcome::Kind::accepted, "accepted"},
     {Outcome::Kind::retry_later, "retry_later"},
     {Outcome::Kind::rejected, "rejected"},
     {Outcome::Kind::misconfigured, "misconfigured"},
     {Outcome::Kind::unknown, "unknown"}}};

Outcome outcome_of(paging::DeliveryOutcome const& delivered) {
  using From = paging::DeliveryOutcome::Kind;
  Outcome outcome;
  outcome.retry_after = delivered.retry_after;
  outcome.detail = delivered.detail;
  switch (delivered.kind) {
    case From::accepted:
      outcome.kind = Outcome::Kind::accepted;
      break;
    case From::retry_later:
      outcome.kind = Outcome::Kind::retry_later;
      break;
    case From::rejected:
      outcome.kind = Outcome::Kind::rejected;
      break;
    case From::misconfigured:
      outcome.kind = Outcome::Kind::misconfigured;
      break;
    case From::unknown:
      outcome.kind = Outcome::Kind::unknown;
      break;
  }
  return outcome;
}

/// What can be pressed where a channel has buttons: the same as can be typed.
std::vector<paging::PageAnswer> answers_to(PageJob const& job, Setup const& setup, Reader const& reader) {
  std::vector<paging::PageAnswer> answers;
  auto const add = [&](Notice const& label, std::string command) {
    answers.push_back({setup.catalogue->render(label, reader), std::move(command)});
  };
  if (job.text.key == kApprovalPage) {
    auto const* code = job.text.text("code");
    if (code == nullptr) return answers;
    for (auto const& button : consent_buttons(*code).buttons) add(button.label, button.command);
  } else if (job.incident) {
    auto const number = " INC-" + std::to_string(job.incident.value);
    add(Notice("button.ack"), "/incident ack" + number);
    add(Notice("button.unsure"), "/unsure" + number);
    add(Notice("button.status"), "/incident show" + number);
  }
  return answers;
}

paging::PageEnvelope::Loudness loudness_of(Ding ding) noexcept {
  using Loudness = paging::PageEnvelope::Loudness;
  return ding == Ding::call ? Loudness::call : ding == Ding::text ? Loudness::loud : Loudness::quiet;
}

/// The telephone is for what can't wait for anybody to look, and neither is for a drill.
paging::PageEnvelope::Loudness loudness_of(PageJob const& job, DingTable const& table) {
  using Loudness = paging::PageEnvelope::Loudness;
  auto const* arg = job.text.find("severity");
  auto const* severity = arg == nullptr ? nullptr : std::get_if<Severity>(arg);
  if (severity == nullptr) return job.urgent ? Loudness::loud : Loudness::quiet;
  if (job.drill) return Loudness::quiet;
  auto const dings = std::to_array({table.p0, table.p1, table.p2, table.p3});
  return loudness_of(dings[static_cast<std::size_t>(*severity)]);
}

/// The first line with its marks: late and may-repeat are facts of this delivery, not of the page.
Notice marked(Notice text, PageJob const& job, Instant now) {
  if (now - job.due > kLateAfter) text.with("late", job.due);
  if (job.may_repeat) text.with("may_repeat", std::int64_t{1});
  return text;
}

}  // namespace

paging::PageEnvelope worded_page(PageJob const& job, Setup const& setup, std::string const& ack_link,
                                 std::string const& domain, Instant now) {
  auto const text = marked(job.text, job, now);
  auto const root = "incident-" + std::to_string(job.incident.value) + "@" + domain;
  paging::PageEnvelope envelope;
  envelope.contact = job.contact;
  envelope.may_repeat = job.may_repeat;
  envelope.urgent = job.urgent;
  auto const& dingtalk = setup.config.chat.dingtalk;
  envelope.loudness = loudness_of(job, dingtalk ? dingtalk->ding : DingTable{});
  // The same page keeps its identity when it is sent again: a mail server may then fold the repeat away.
  envelope.message_id = page_key(job.page, job.position) + "@" + domain;
  if (job.incident) envelope.references = {root};
  auto reader = setup.reader_of(job.person, now, Medium::subject);
  auto subject = setup.catalogue->render(text, reader);
  envelope.subject = subject.substr(0, subject.find('\n'));
  reader.medium = Medium::plain;
  envelope.body = setup.catalogue->render(text, reader) + "\n";
  auto how = Notice("page.how_to_answer").with("incident", job.incident);
  if (!ack_link.empty()) how.with("link", ack_link);
  if (job.incident) envelope.body += "\n" + setup.catalogue->render(how, reader) + "\n";
  envelope.answers = answers_to(job, setup, reader);
  envelope.subject = setup.redactor->redact(envelope.subject);
  envelope.body = setup.redactor->redact(envelope.body);
  return envelope;
}

void Pager::carry(std::vector<PageJob> jobs) {
  for (auto& job : jobs) {
    // The inbox is the bot's own: what is stored is there.
    if (job.channel == "inbox") {
      parts_.shown(job, marked(job.text, job, parts_.clock.now()));
      report(job, {Outcome::Kind::accepted, std::nullopt, {}});
      continue;
    }
    std::unique_lock lock(mutex_);
    bool const waits = queue_.push(job);
    lock.unlock();
    if (!waits) report(job, {Outcome::Kind::retry_later, std::nullopt, "too many pages at once"});
  }
  begin();
}

/// As many as may be under way.
void Pager::begin() {
  while (auto const first = next(std::nullopt)) {
    bool const begun = parts_.workers.run([this, first](std::stop_token stop) {
      for (auto job = first; job;) {
        stop.stop_requested() ? give_back(*job) : perform(*job, stop);
        job = next(job);
        // One place that is free may let several go, each by another limit.
        begin();
      }
    });
    if (begun) continue;
    for (auto job = first; job; job = next(job)) give_back(*job);
  }
}

/// The one after `ended`, which frees its place.
std::optional<PageJob> Pager::next(std::optional<PageJob> const& ended) {
  std::lock_guard const lock(mutex_);
  if (ended) queue_.ended(*ended);
  return queue_.pop();
}

/// The bot ends: it was certainly not sent.
void Pager::give_back(PageJob const& job) {
  report(job, {Outcome::Kind::retry_later, std::nullopt, "the bot is ending"});
}

void Pager::perform(PageJob const& job, std::stop_token const& stop) {
  auto const carrier = parts_.carrier(job.channel);
  if (!carrier)
    return report(job, {Outcome::Kind::misconfigured, std::nullopt, "channel " + job.channel + " is not configured"});
  Outcome outcome;
  try {
    auto const setup = parts_.setup();
    auto const envelope =
        worded_page(job, *setup, parts_.ack_link(job.page), parts_.message_domain, parts_.clock.now());
    outcome = outcome_of(carrier->send(envelope, stop));
  } catch (std::exception const& error) {
    outcome = {Outcome::Kind::unknown, std::nullopt, error.what()};
  }
  report(job, std::move(outcome));
}

std::map<std::pair<std::string, std::string>, std::int64_t> Pager::counts() const {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  std::lock_guard const lock(mutex_);
  std::set<std::string> channels{"inbox"};
  if (parts_.setup()->config.mail) channels.insert("email");
  for (auto const& [what, count] : counts_) channels.insert(what.first);
  for (auto const& channel : channels) {
    for (auto const& [kind, name] : kOutcomes) {
      auto const found = counts_.find({channel, kind});
      counts[{channel, std::string(name)}] = found == counts_.end() ? 0 : found->second;
    }
  }
  return counts;
}

void Pager::report(PageJob const& job, Outcome outcome) {
  {
    std::lock_guard const lock(mutex_);
    ++counts_[{job.channel, outcome.kind}];
  }
  auto const jitter = share_of(parts_.chance);
  auto const setup = parts_.setup();
  parts_.lane.submit(
      [setup, job, outcome = std::move(outcome), jitter](Database& database, Instant now) {
        report_page(Desk{database, setup->directory, now}, job.page, job.position, outcome, jitter);
      },
      // A report that could not be stored leaves the delivery as "being sent": after a restart it is tried again,
      // marked.
      [this](std::exception_ptr) { parts_.committed(); });
}

}  // namespace tocsin
