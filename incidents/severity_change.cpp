#include <algorithm>

#include "incidents/decision.hpp"
#include "incidents/drill.hpp"
#include "incidents/lifecycle.hpp"

namespace tocsin {
namespace {

using namespace deciding;

/// The repeats of a step that has fired go on from now: those of the new grid that are past were never owed.
void skip_past_repeats(Incident& incident, Instant now) {
  for (std::size_t i = 0; i < incident.policy.steps.size(); ++i) {
    auto const& step = incident.policy.steps[i];
    auto& fired = incident.fired.steps[i];
    if (fired == 0 || !step.repeat_every) continue;
    auto const& clock = step.of == Target::response ? incident.response : incident.recovery;
    auto const counted = elapsed(clock, pauses_of(incident), now) - clock.target * step.percent / 100;
    if (counted > Millis{0}) fired = static_cast<std::int32_t>(counted / *step.repeat_every) + 1;
  }
}

/// Marks of the new deadlines that are past already: a lapse of the old promise is a fact and stays; warnings that the
/// new promise has left behind would only be noise beside its lapse.
std::uint32_t marks_after(Incident const& incident, Instant now) {
  std::uint32_t marks = 0;
  auto const lapsed = [&](TargetClock const& clock) {
    return state_at(clock, pauses_of(incident), now) == ClockState::lapsed;
  };
  if (lapsed(incident.response)) marks |= 0b011U | (incident.fired.marks & 0b100U);
  if (lapsed(incident.recovery)) marks |= 0b011000U | (incident.fired.marks & 0b100000U);
  return marks;
}

}  // namespace

Decided<Decision> change_severity(Incident const& incident, Severity severity, Promises const& promises,
                                  Circumstances const& now) {
  if (!is_live(incident))
    return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  if (severity == incident.severity) return refusal("same_severity", incident).with("severity", severity);
  auto decision = begin(incident, now);
  auto& next = decision.next;
  next.severity = severity;
  auto promise = promised(promises, severity, incident);
  auto const& targets = promise.targets;
  // An answered clock keeps the promise it was answered under: a verdict is not rewritten by a later change.
  if (!next.response.met_at) next.response.target = targets.response;
  if (!next.recovery.met_at) next.recovery.target = targets.recovery;
  next.policy = std::move(promise.policy);
  ++next.arming;
  next.fired.steps = carried_over(incident, next, now.now);
  skip_past_repeats(next, now.now);
  next.fired.marks = marks_after(next, now.now);
  decision.undoable = true;

  auto text = Notice("timeline.severity").with("from", incident.severity).with("to", severity);
  record(decision, EntryKind::severity, now, std::move(text));
  auto answer = about("incident.severity", next).with("who", now.by).with("from", incident.severity);
  answer.with("started", next.recovery.started_at);
  if (!next.response.met_at) {
    answer.with("response_target", next.response.target);
    if (auto const by = deadline(next.response, pauses_of(next))) answer.with("response_by", *by);
  }
  if (!next.recovery.met_at) {
    answer.with("recovery_target", next.recovery.target);
    if (auto const by = deadline(next.recovery, pauses_of(next))) answer.with("recover_by", *by);
  }
  decision.outgoing.emplace_back(Announcement{answer});
  decision.answer = std::move(answer);
  return decision;
}

}  // namespace tocsin
