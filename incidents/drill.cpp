#include "incidents/drill.hpp"

#include <algorithm>

#include "incidents/decision.hpp"

namespace tocsin {

using namespace deciding;

Promise promised(Promises const& promises, Severity severity, Incident const& incident) {
  Promise promise{targets_of(promises.targets, severity), promises.policies[static_cast<std::size_t>(severity)]};
  if (!incident.drill) return promise;
  auto const factor = std::clamp(incident.drill_speed, 1, kMaxDrillSpeed);
  promise.targets.response /= factor;
  promise.targets.recovery /= factor;
  for (auto& step : promise.policy.steps) {
    if (step.repeat_every) step.repeat_every = std::max(Millis{1000}, *step.repeat_every / factor);
  }
  if (promise.policy.idle_page) promise.policy.idle_page = std::max(Millis{1000}, *promise.policy.idle_page / factor);
  return promise;
}

std::vector<PersonId> drill_people(Incident const& incident) {
  return incident.drill_pages.empty() ? std::vector{incident.opened_by} : incident.drill_pages;
}

std::optional<Instant> drill_ends_at(Incident const& incident) {
  if (!incident.drill || !is_live(incident)) return std::nullopt;
  auto last = deadline(incident.recovery, pauses_of(incident));
  if (!last) return std::nullopt;
  for (auto const& step : incident.policy.steps) {
    auto const& clock = step.of == Target::response ? incident.response : incident.recovery;
    auto const at = instant_at(clock, pauses_of(incident), step.percent);
    if (!at) return std::nullopt;
    last = std::max(*last, *at);
  }
  return *last + kDrillTail;
}

void ask_for_report(Decision& decision) {
  auto const& incident = decision.next;
  if (!incident.drill) return;
  // The room last: where both are the same conversation, what everybody may read replaces the whisper.
  if (!incident.response.met_at && !incident.opened_by.empty())
    decision.outgoing.emplace_back(Whisper{incident.opened_by, about(kDrillReportKey, incident)});
  decision.outgoing.emplace_back(Announcement{about(kDrillReportKey, incident)});
}

Decided<Decision> end_drill(Incident const& incident, Circumstances const& now, Instant at) {
  if (!incident.drill) return refusal("not_a_drill", incident);
  if (!is_live(incident))
    return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  auto decision = begin(incident, now);
  auto& next = decision.next;
  if (!next.pauses.empty() && !next.pauses.back().to) next.pauses.back().to = std::max(at, next.pauses.back().from);
  // Nobody acknowledged or mitigated anything by this: the clocks keep what they had.
  next.status = Status::closed;
  next.resolved_at = at;
  next.closed_at = at;
  next.update_due.reset();
  record(decision, EntryKind::closed, now, Notice(now.by.empty() ? "timeline.drill_over" : "timeline.drill_stopped"),
         at);
  decision.answer = about("drill.stopped", next).with("at", at);
  if (!now.by.empty()) decision.answer.with("who", now.by);
  decision.outgoing.emplace_back(Announcement{decision.answer});
  // To all who were paged: stopping a drill is no acknowledgement of its pages.
  decision.outgoing.emplace_back(StandDown{{}, about("page.drill_over", next).with("at", at)});
  ask_for_report(decision);
  return decision;
}

}  // namespace tocsin
