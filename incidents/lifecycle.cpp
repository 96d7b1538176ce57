#include "incidents/lifecycle.hpp"

#include <algorithm>

#include "incidents/decision.hpp"
#include "incidents/drill.hpp"

namespace tocsin {
namespace {

using namespace deciding;

constexpr std::uint32_t kResponseLapsed = 0b100;
constexpr std::uint32_t kRecoveryLapsed = 0b100000;

void start_clocks(Incident& incident, Targets const& targets, Instant at) {
  incident.response = {at, targets.response, std::nullopt};
  incident.recovery = {at, targets.recovery, std::nullopt};
  incident.pauses.clear();
  incident.fired = {};
  incident.fired.steps.assign(incident.policy.steps.size(), 0);
  incident.idle_paged_at = {};
}

/// Asked of the rows, not of an instant: the wall clock may have been set back to before the pause.
bool is_paused(Incident const& incident) { return !incident.pauses.empty() && !incident.pauses.back().to; }

void end_pause(Incident& incident, Instant at) {
  if (is_paused(incident)) incident.pauses.back().to = std::max(at, incident.pauses.back().from);
}

/// Pauses stand in order and never overlap: one that is recorded before the end of the last, because the wall clock was
/// set back, begins where that ended.
Instant pause_start(Incident const& incident, Instant at) {
  if (incident.pauses.empty()) return at;
  return std::max(at, incident.pauses.back().to.value_or(at));
}

/// A recorded lapse stays one: an answer that comes after it does not overtake it, wherever the wall clock was set back
/// to meanwhile.
Instant answered_at(Incident const& incident, TargetClock const& clock, std::uint32_t lapse, Instant now) {
  auto const by = deadline(clock, pauses_of(incident));
  return (incident.fired.marks & lapse) != 0 && by ? std::max(now, *by) : now;
}

/// The response clock's answer: whoever first puts a hand on the incident.
void take(Decision& decision, Circumstances const& now) {
  auto& incident = decision.next;
  if (incident.response.met_at) return;
  incident.response.met_at = answered_at(incident, incident.response, kResponseLapsed, now.now);
  incident.acknowledged_by = now.by;
  if (incident.assignee.empty()) incident.assignee = now.by;
  incident.status = Status::acknowledged;
}

/// Of an answered clock, even where the answer lies in the future of a clock that was set back.
ClockState last_verdict(Incident const& incident, TargetClock const& clock, Instant now) {
  return state_at(clock, pauses_of(incident), std::max(now, clock.met_at.value_or(now)));
}

void stop_recovery(Incident& incident, Instant at) {
  end_pause(incident, at);
  if (!incident.recovery.met_at)
    incident.recovery.met_at = answered_at(incident, incident.recovery, kRecoveryLapsed, at);
}

/// How often the steps of `next` have sounded under the chain that `incident` leaves behind. The repeats of that chain
/// stood on a grid of its own: what counts is the counted time up to which they came.
std::vector<std::int32_t> heard_meanwhile(Incident const& incident, Incident const& next, Instant now) {
  auto heard = carried_over(incident, next, now);
  auto const base = [](Incident const& of, EscalationStep const& step) {
    return (step.of == Target::response ? of.response : of.recovery).target * step.percent / 100;
  };
  for (std::size_t i = 0; i < heard.size(); ++i) {
    auto const& step = next.policy.steps[i];
    if (heard[i] == 0 || !step.repeat_every) continue;
    for (std::size_t j = 0; j < incident.policy.steps.size() && j < incident.fired.steps.size(); ++j) {
      auto const& there = incident.policy.steps[j];
      if (!same_step(there, step) || !there.repeat_every) continue;
      auto const until = base(incident, there) + *there.repeat_every * (incident.fired.steps[j] - 1) - base(next, step);
      if (until > Millis{0}) heard[i] = static_cast<std::int32_t>(until / *step.repeat_every) + 1;
    }
  }
  return heard;
}

void stand_down(Decision& decision, std::string key, Circumstances const& now) {
  decision.outgoing.emplace_back(
      StandDown{now.by, about(std::move(key), decision.next).with("who", now.by).with("at", now.now)});
}

void announce(Decision& decision, Notice text) { decision.outgoing.emplace_back(Announcement{std::move(text)}); }

Notice with_deadline(Notice notice, std::string const& name, Incident const& incident, TargetClock const& clock) {
  if (auto const by = deadline(clock, pauses_of(incident))) notice.with(name, *by);
  return notice;
}

bool is_over(Incident const& incident) { return incident.status >= Status::resolved; }

}  // namespace

Decided<Decision> open_incident(OpenRequest const& request, Promises const& promises, Circumstances const& now) {
  if (request.title.empty()) return Notice("refused.title_missing");
  if (request.title.size() > kMaxTitleBytes)
    return Notice("refused.title_long").with("limit", std::int64_t{kMaxTitleBytes});
  Decision decision;
  auto& incident = decision.next;
  incident.severity = request.severity;
  incident.title = request.title;
  incident.room = request.room;
  incident.opened_by = now.by;
  incident.opened_at = now.now;
  incident.active_at = now.now;
  incident.hidden = request.hidden;
  if (request.hidden && !now.by.empty()) incident.members.push_back(now.by);
  incident.drill = request.drill;
  incident.drill_pages = request.drill_pages;
  incident.drill_everyone = request.drill && request.drill_everyone;
  if (request.drill) incident.drill_speed = std::clamp(request.drill_speed, 1, kMaxDrillSpeed);
  auto promise = promised(promises, request.severity, incident);
  incident.policy = std::move(promise.policy);
  start_clocks(incident, promise.targets, now.now);
  auto entry = Notice("timeline.opened").with("severity", incident.severity).with("title", incident.title);
  if (incident.drill) entry.with("drill", std::int64_t{1});
  record(decision, EntryKind::opened, now, std::move(entry));
  return decision;
}

Decided<Decision> acknowledge(Incident const& incident, Circumstances const& now, std::optional<Instant> claimed) {
  if (is_over(incident)) return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  if (claimed && (*claimed > now.now || *claimed < incident.response.started_at))
    return refusal("claim_outside", incident).with("from", incident.response.started_at).with("to", now.now);
  auto decision = begin(incident, now);
  if (incident.response.met_at) {
    if (now.by == incident.assignee || now.by == incident.acknowledged_by) {
      decision.answer = about("incident.already_yours", incident).with("at", *incident.response.met_at);
      return decision;
    }
    add_unique(decision.next.responders, now.by);
    record(decision, EntryKind::assigned, now, Notice("timeline.joined"));
    decision.answer = about("incident.joined", incident).with("who", incident.assignee);
    return decision;
  }
  take(decision, now);
  decision.undoable = true;
  auto& next = decision.next;
  // Whoever was asked to do it before may be asleep; from here on the one who answered is called.
  if (!now.by.empty()) next.assignee = now.by;
  auto const after = elapsed(next.response, pauses_of(next), *next.response.met_at);
  auto entry = Notice("timeline.acknowledged").with("after", after).with("limit", next.response.target);
  if (claimed && *claimed < now.now) {
    next.claimed_at = claimed;
    entry.with("claimed", *claimed);
  }
  record(decision, EntryKind::acknowledged, now, std::move(entry), claimed);
  auto answer = with_deadline(about("incident.taken", next).with("who", now.by).with("after", after), "recover_by",
                              next, next.recovery);
  if (next.policy.idle_page) answer.with("idle", *next.policy.idle_page);
  announce(decision, answer);
  decision.answer = std::move(answer);
  stand_down(decision, "page.stay_in_bed", now);
  return decision;
}

Decided<Decision> mitigate(Incident const& incident, Circumstances const& now, std::string const& how) {
  if (is_over(incident)) return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  if (incident.recovery.met_at) return refusal("already_mitigated", incident).with("at", *incident.recovery.met_at);
  auto decision = begin(incident, now);
  bool const was_open = !incident.response.met_at;
  take(decision, now);
  stop_recovery(decision.next, now.now);
  decision.next.status = Status::mitigated;
  decision.undoable = true;
  auto const after = elapsed(decision.next.recovery, pauses_of(decision.next), *decision.next.recovery.met_at);
  auto text = Notice("timeline.mitigated").with("after", after).with("limit", decision.next.recovery.target);
  if (!how.empty()) text.with("how", how);
  record(decision, EntryKind::mitigated, now, std::move(text));
  auto answer = about("incident.mitigated", decision.next)
                    .with("who", now.by)
                    .with("after", after)
                    .with("limit", decision.next.recovery.target);
  announce(decision, answer);
  decision.answer = std::move(answer);
  if (was_open) stand_down(decision, "page.stay_in_bed", now);
  return decision;
}

Decided<Decision> resolve(Incident const& incident, Circumstances const& now, std::string const& how) {
  if (is_over(incident)) return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  auto decision = begin(incident, now);
  take(decision, now);
  stop_recovery(decision.next, now.now);
  decision.next.status = Status::resolved;
  decision.next.resolved_at = std::max(now.now, *decision.next.recovery.met_at);
  decision.next.update_due.reset();
  decision.undoable = true;
  auto const after = elapsed(decision.next.recovery, pauses_of(decision.next), *decision.next.recovery.met_at);
  auto text = Notice("timeline.resolved").with("after", after);
  if (!how.empty()) text.with("how", how);
  record(decision, EntryKind::resolved, now, std::move(text));
  auto answer = about("incident.resolved", decision.next)
                    .with("who", now.by)
                    .with("after", after)
                    .with("limit", decision.next.recovery.target);
  announce(decision, answer);
  decision.answer = std::move(answer);
  stand_down(decision, "page.over", now);
  ask_for_report(decision);
  return decision;
}

Decided<Decision> close_incident(Incident const& incident, Circumstances const& now) {
  if (incident.status == Status::closed) return refusal("already_over", incident).with("status", std::string("closed"));
  if (incident.status != Status::resolved) return refusal("not_resolved", incident);
  if (incident.open_reviews > 0)
    return refusal("review_open", incident).with("count", std::int64_t{incident.open_reviews});
  auto decision = begin(incident, now);
  decision.next.status = Status::closed;
  decision.next.closed_at = now.now;
  record(decision, EntryKind::closed, now, Notice("timeline.closed"));
  decision.answer = about("incident.closed", decision.next);
  return decision;
}

Decided<Decision> reopen(Incident const& incident, Promises const& promises, Circumstances const& now,
                         std::string const& why) {
  if (incident.merged_into) return refusal("merged_away", incident).with("main", incident.merged_into);
  if (!incident.recovery.met_at && is_over(incident))  // a drill that ended with nobody mitigating anything
    return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  if (!incident.recovery.met_at) return refusal("still_open", incident);
  auto decision = begin(incident, now);
  auto& next = decision.next;
  auto const stopped_at = *incident.recovery.met_at;
  next.false_alarm = false;
  next.resolved_at.reset();
  next.closed_at.reset();
  next.idle_paged_at = now.now;
  bool const regression = now.now - stopped_at <= kRegressionWindow;
  if (regression) {
    next.recovery.met_at.reset();
    // The clock stood still while it looked well: a lapse before that stays one, and no minute is counted twice.
    auto const from = pause_start(next, stopped_at);
    if (now.now > from) next.pauses.push_back({from, now.now});
    next.status = Status::acknowledged;
    auto text = Notice("timeline.regressed").with("stood", elapsed(next.recovery, pauses_of(next), now.now));
    if (!why.empty()) text.with("why", why);
    record(decision, EntryKind::regressed, now, std::move(text));
    decision.answer =
        with_deadline(about("incident.regressed", next).with("who", now.by), "recover_by", next, next.recovery);
  } else {
    auto text = Notice("timeline.reopened")
                    .with("response", std::string(name_of(last_verdict(incident, incident.response, now.now))))
                    .with("recovery", std::string(name_of(last_verdict(incident, incident.recovery, now.now))))
                    .with("round", std::int64_t{incident.round + 1});
    if (!why.empty()) text.with("why", why);
    record(decision, EntryKind::reopened, now, std::move(text));
    ++next.round;
    ++next.arming;
    next.status = Status::open;
    next.acknowledged_by = {};
    next.assignee = {};
    next.claimed_at.reset();
    auto promise = promised(promises, next.severity, next);
    next.policy = std::move(promise.policy);
    start_clocks(next, promise.targets, now.now);
    decision.answer = with_deadline(about("incident.reopened", next).with("who", now.by), "by", next, next.response);
  }
  announce(decision, decision.answer);
  return decision;
}

Decided<Decision> call_false_alarm(Incident const& incident, Circumstances const& now, std::string const& why) {
  if (is_over(incident)) return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  auto decision = begin(incident, now);
  take(decision, now);
  stop_recovery(decision.next, now.now);
  decision.next.status = Status::resolved;
  decision.next.resolved_at = std::max(now.now, *decision.next.recovery.met_at);
  decision.next.false_alarm = true;
  decision.next.update_due.reset();
  decision.undoable = true;
  auto text = Notice("timeline.false_alarm");
  if (!why.empty()) text.with("why", why);
  record(decision, EntryKind::false_alarm, now, std::move(text));
  decision.answer = about("incident.false_alarm", decision.next).with("who", now.by);
  announce(decision, decision.answer);
  stand_down(decision, "page.over", now);
  ask_for_report(decision);
  return decision;
}

Decided<Decision> merge_into(Incident const& incident, Incident const& main, Circumstances const& now) {
  if (incident.id == main.id) return refusal("merge_self", incident);
  // Joined to practice a real one would lose its clocks; the other way round practice would be told as real.
  if (incident.drill != main.drill) return refusal("merge_drill", incident).with("main", main.id);
  if (is_over(incident)) return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
  if (is_over(main) || main.merged_into)
    return refusal("merge_into_over", main).with("status", std::string(name_of(main.status)));
  // Merging closes, and broken glass must be reviewed before that.
  if (incident.open_reviews > 0)
    return refusal("review_open", incident).with("count", std::int64_t{incident.open_reviews});
  auto decision = begin(incident, now);
  take(decision, now);
  stop_recovery(decision.next, now.now);
  decision.next.status = Status::closed;
  decision.next.resolved_at = std::max(now.now, *decision.next.recovery.met_at);
  decision.next.closed_at = now.now;
  decision.next.merged_into = main.id;
  decision.next.update_due.reset();
  decision.undoable = true;
  record(decision, EntryKind::merged, now, Notice("timeline.merged").with("main", main.id));
  decision.answer = about("incident.merged", decision.next).with("main", main.id).with("main_title", main.title);
  announce(decision, decision.answer);
  stand_down(decision, "page.merged", now);
  return decision;
}

Decided<Decision> undo(Incident const& incident, Incident const& previous, PersonId const& made_by, Instant made_at,
                       Circumstances const& now) {
  if (now.now - made_at > kUndoWindow)
    return refusal("undo_late", incident).with("at", made_at).with("limit", kUndoWindow);
  if (now.by != made_by) return refusal("undo_not_yours", incident).with("who", made_by);
  auto decision = begin(previous, now);
  auto& next = decision.next;
  // What fired meanwhile has been heard and must not sound twice.
  if (next.arming == incident.arming) {
    next.fired.marks |= incident.fired.marks;
    next.fired.steps.resize(std::max(next.fired.steps.size(), incident.fired.steps.size()), 0);
    for (std::size_t i = 0; i < incident.fired.steps.size(); ++i) {
      next.fired.steps[i] = std::max(next.fired.steps[i], incident.fired.steps[i]);
    }
  } else {
    auto const heard = heard_meanwhile(incident, next, now.now);
    next.fired.steps.resize(heard.size(), 0);
    for (std::size_t i = 0; i < heard.size(); ++i) next.fired.steps[i] = std::max(next.fired.steps[i], heard[i]);
    next.arming = incident.arming + 1;
  }
  // Only what that decision decided goes back. What others did in between stays: people, promises, and above all
  // privacy, which nothing may lift by the way.
  next.hidden = incident.hidden;
  next.members = incident.members;
  next.responders = incident.responders;
  next.commander = incident.commander;
  next.scribe = incident.scribe;
  next.communications = incident.communications;
  // The promise of an update ended with an incident that ended; else it is as whoever spoke last left it.
  if (is_live(incident)) next.update_due = incident.update_due;
  next.open_reviews = incident.open_reviews;
  record(decision, EntryKind::undone, now, Notice("timeline.undone").with("made_at", made_at));
  decision.answer = about("incident.undone", decision.next).with("who", now.by);
  announce(decision, decision.answer);
  return decision;
}

Decided<Decision> pause(Incident const& incident, Circumstances const& now, std::string const& why) {
  if (is_over(incident) || incident.recovery.met_at)
    return refusal("nothing_to_pause", incident).with("status", std::string(name_of(incident.status)));
  if (is_paused(incident)) return refusal("already_paused", incident);
  if (why.empty()) return refusal("pause_reason", incident);
  auto decision = begin(incident, now);
  decision.next.pauses.push_back({pause_start(incident, now.now), std::nullopt});
  record(decision, EntryKind::paused, now, Notice("timeline.paused").with("why", why));
  decision.answer = about("incident.paused", decision.next).with("who", now.by).with("why", why);
  announce(decision, decision.answer);
  return decision;
}

Decided<Decision> resume(Incident const& incident, Circumstances const& now) {
  if (!is_paused(incident)) return refusal("not_paused", incident);
  auto decision = begin(incident, now);
  end_pause(decision.next, now.now);
  auto const& pause = decision.next.pauses.back();
  Millis const length = *pause.to - pause.from;
  record(decision, EntryKind::resumed, now, Notice("timeline.resumed").with("length", length));
  decision.answer = with_deadline(about("incident.resumed", decision.next).with("length", length), "recover_by",
                                  decision.next, decision.next.recovery);
  announce(decision, decision.answer);
  return decision;
}

}  // namespace tocsin
