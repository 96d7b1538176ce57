// What people decide. Each answer is the key of the words the bot must use.
#include <algorithm>

#include "tests/simulation/model.hpp"

namespace tocsin::simulation {
namespace {

constexpr Time kUndoWithin = kMinute;
constexpr Time kRegressionWithin = 30 * kMinute;
constexpr Time kApprovalLife = 10 * kMinute;
constexpr std::size_t kMostApprovers = 5;

bool has(Names const& names, std::string const& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// An answer that comes after its lapse was recorded does not overtake it, wherever the wall clock was set.
Time answered(ModelClock const& clock, std::vector<ModelPause> const& pauses, bool lapsed, Time now) {
  auto const deadline = instant_of(clock, pauses, clock.target);
  return lapsed && deadline ? std::max(now, *deadline) : now;
}

void take(ModelIncident& it, std::string const& by, Time now) {
  if (it.response.met) return;
  it.response.met = answered(it.response, it.pauses, it.marks[2], now);
  it.taken_by = by;
  if (it.assignee.empty()) it.assignee = by;
  it.stage = Stage::acknowledged;
}

void serve_again(ModelIncident& it, Time now) {
  if (it.standing()) it.pauses.back().to = std::max(now, it.pauses.back().from);
  if (!it.recovery.met) it.recovery.met = answered(it.recovery, it.pauses, it.marks[5], now);
}

/// Pauses stand in order and don't overlap, even where the wall clock was set back in between.
void stand_still(ModelIncident& it, Time from, std::optional<Time> to) {
  if (!it.pauses.empty() && it.pauses.back().to) from = std::max(from, *it.pauses.back().to);
  if (!to || *to > from) it.pauses.push_back({from, to});
}

void start(ModelIncident& it, Time now) {
  auto const& promise = house().promises[static_cast<std::size_t>(it.severity)];
  it.chain = promise.chain;
  it.response = {now, promise.response, std::nullopt};
  it.recovery = {now, promise.recovery, std::nullopt};
  it.pauses.clear();
  it.heard.assign(it.chain.steps.size(), {});
  it.marks = {};
  it.idle_paged = 0;
}

}  // namespace

ModelIncident* Model::find(std::int64_t incident) {
  for (auto& each : incidents) {
    if (each.id == incident) return &each;
  }
  return nullptr;
}

void Model::remember(ModelIncident const& it, Act const& act, Time now, bool stood_down) {
  undos[it.id] = {it, act.by, now, stood_down};
}

std::string Model::act(Act const& act, Time now) {
  using What = Act::What;
  if (act.what == What::open) return open(act, now);
  if (act.what == What::approve) return approve(act, now);
  if (act.what == What::run) return run(act, now);
  if (act.what == What::stand_in) return stand_in(act, now);
  auto* it = find(act.incident);
  if (it == nullptr) return "refused.no_such_incident";
  if (act.what == What::pause && it->severity == 0) return ask_for_pause(*it, act, now);
  return decide(*it, act, now);
}

/// Time acts first, so that no answer overtakes a lapse; and after it, for what the decision has put into the past.
std::string Model::decide(ModelIncident& it, Act const& act, Time now) {
  using What = Act::What;
  if (act.what == What::merge) {
    if (auto* main = find(act.number)) let_time_act(*main, now);
  }
  let_time_act(it, now);
  touched.insert(it.id);
  std::string key;
  switch (act.what) {
    case What::acknowledge:
      key = take_it(it, act, now);
      break;
    case What::severity:
      key = change_severity(it, act, now);
      break;
    case What::mitigate:
    case What::resolve:
    case What::false_alarm:
    case What::close:
      key = end(it, act, now);
      break;
    case What::reopen:
      key = reopen(it, act, now);
      break;
    case What::merge:
      key = merge(it, act, now);
      break;
    case What::undo:
      key = undo(it, act, now);
      break;
    case What::pause:
    case What::run:
      key = pause(it, act, now);
      break;
    case What::resume:
      key = resume(it, act, now);
      break;
    case What::escalate:
      key = escalate(it, act, now);
      break;
    case What::assign:
      if (it.over()) return "refused.already_over";
      if (it.assignee == act.who) return "refused.already_assigned";
      remember(it, act, now, false);
      it.assignee = act.who;
      key = "incident.assigned";
      break;
    case What::note:
      key = "incident.noted";
      break;
    case What::update:
      if (it.over()) return "refused.already_over";
      it.update_due.reset();
      if (act.length > 0) it.update_due = now + act.length;
      key = "incident.update";
      break;
    case What::call:
      if (it.over()) return "refused.already_over";
      page(it, kManual, act.who, now, now);
      key = "incident.called";
      break;
    case What::open:
    case What::approve:
    case What::stand_in:
      break;
  }
  if (key.starts_with("refused.")) return key;
  it.active = now;
  let_time_act(it, now);
  return key;
}

std::string Model::open(Act const& act, Time now) {
  ModelIncident it;
  it.id = static_cast<std::int64_t>(incidents.size()) + 1;
  it.severity = act.severity;
  it.active = now;
  start(it, now);
  let_time_act(it, now);
  touched.insert(it.id);
  incidents.push_back(std::move(it));
  return "incident.opened";
}

std::string Model::take_it(ModelIncident& it, Act const& act, Time now) {
  if (it.over()) return "refused.already_over";
  if (it.response.met) {
    if (act.by == it.assignee || act.by == it.taken_by) return "incident.already_yours";
    return "incident.joined";
  }
  remember(it, act, now, true);
  take(it, act.by, now);
  it.assignee = act.by;
  stand_down(it, act.by, now);
  return "incident.taken";
}

std::string Model::change_severity(ModelIncident& it, Act const& act, Time now) {
  if (it.over()) return "refused.already_over";
  if (act.severity == it.severity) return "refused.same_severity";
  remember(it, act, now, false);
  it.severity = act.severity;
  auto const& promise = house().promises[static_cast<std::size_t>(it.severity)];
  if (!it.response.met) it.response.target = promise.response;
  if (!it.recovery.met) it.recovery.target = promise.recovery;
  arm(it, now);
  for (std::size_t clock = 0; clock < 2; ++clock) {
    auto const past = verdict(clock == 0 ? it.response : it.recovery, it.pauses, now) == Verdict::lapsed;
    auto* marks_of = &it.marks[clock * 3];
    marks_of[0] = marks_of[1] = past;
    marks_of[2] = past && marks_of[2];
  }
  return "incident.severity";
}

std::string Model::end(ModelIncident& it, Act const& act, Time now) {
  using What = Act::What;
  if (act.what == What::close) {
    if (it.stage == Stage::closed) return "refused.already_over";
    if (it.stage != Stage::resolved) return "refused.not_resolved";
    it.stage = Stage::closed;
    undos.erase(it.id);
    return "incident.closed";
  }
  if (it.over()) return "refused.already_over";
  if (act.what == What::mitigate && it.recovery.met) return "refused.already_mitigated";
  bool const stands_down = act.what != What::mitigate || !it.response.met;
  remember(it, act, now, stands_down);
  take(it, act.by, now);
  serve_again(it, now);
  it.stage = act.what == What::mitigate ? Stage::mitigated : Stage::resolved;
  if (act.what != What::mitigate) it.update_due.reset();
  if (stands_down) stand_down(it, act.by, now);
  return act.what == What::mitigate  ? "incident.mitigated"
         : act.what == What::resolve ? "incident.resolved"
                                     : "incident.false_alarm";
}

std::string Model::reopen(ModelIncident& it, Act const&, Time now) {
  if (it.merged) return "refused.merged_away";
  if (!it.recovery.met) return "refused.still_open";
  undos.erase(it.id);
  Time const stopped = *it.recovery.met;
  it.idle_paged = now;
  if (now - stopped <= kRegressionWithin) {
    it.recovery.met.reset();
    stand_still(it, stopped, now);
    it.stage = Stage::acknowledged;
    return "incident.regressed";
  }
  it.stage = Stage::open;
  it.taken_by.clear();
  it.assignee.clear();
  ++it.calls;
  start(it, now);
  return "incident.reopened";
}

std::string Model::merge(ModelIncident& it, Act const& act, Time now) {
  auto const* main = find(act.number);
  if (main == nullptr) return "refused.no_such_incident";
  if (main == &it) return "refused.merge_self";
  if (it.over()) return "refused.already_over";
  if (main->over() || main->merged) return "refused.merge_into_over";
  remember(it, act, now, true);
  take(it, act.by, now);
  serve_again(it, now);
  it.stage = Stage::closed;
  it.merged = true;
  it.update_due.reset();
  stand_down(it, act.by, now);
  return "incident.merged";
}

std::string Model::undo(ModelIncident& it, Act const& act, Time now) {
  auto const found = undos.find(it.id);
  if (found == undos.end()) return "refused.nothing_to_undo";
  auto const last = found->second;
  if (now - last.at > kUndoWithin) return "refused.undo_late";
  if (last.by != act.by) return "refused.undo_not_yours";
  undos.erase(found);
  auto const present = it;
  it = last.before;
  it.calls = present.calls;
  // A decision that ended the incident took the promised update with it; any other leaves it to whoever promises.
  if (!present.over()) it.update_due = present.update_due;
  bool const same_chain = present.calls == last.before.calls;
  if (same_chain) {
    for (std::size_t i = 0; i < 6; ++i) it.marks[i] = it.marks[i] || present.marks[i];
  } else {
    ++it.calls;
  }
  for (std::size_t i = 0; i < it.heard.size(); ++i) {
    auto const& step = it.chain.steps[i];
    auto const& clock = step.on_recovery ? it.recovery : it.response;
    auto const at = instant_of(clock, it.pauses, clock.target * step.percent / 100);
    for (std::size_t j = 0; j < present.heard.size(); ++j) {
      if (!present.heard[j].once || !present.chain.steps[j].same_as(step)) continue;
      if (!same_chain && (!at || *at > now)) continue;  // still to come
      it.heard[i] = {true, std::max(it.heard[i].upto, present.heard[j].upto)};
    }
  }
  if (last.stood_down) want_again(it, last.at, now);
  return "incident.undone";
}

std::string Model::pause(ModelIncident& it, Act const&, Time now) {
  if (it.over() || it.recovery.met) return "refused.nothing_to_pause";
  if (it.standing()) return "refused.already_paused";
  undos.erase(it.id);
  stand_still(it, now, std::nullopt);
  return "incident.paused";
}

/// Pausing a P0 takes a second person: whoever can is paged and asked.
std::string Model::ask_for_pause(ModelIncident& it, Act const& act, Time now) {
  if (it.over() || it.recovery.met) return "refused.nothing_to_pause";
  if (it.standing()) return "refused.already_paused";
  Names asked;
  auto const ask = [&](std::string const& person) {
    if (has(house().may_approve, person) && person != act.by && !has(asked, person) && asked.size() < kMostApprovers)
      asked.push_back(person);
  };
  ask(on_duty(now));
  for (auto const& person : house().may_approve) ask(person);
  approvals.push_back({it.id, act.by, now + kApprovalLife, ModelApproval::State::waiting});
  for (auto const& person : asked) page(it, kApproval, person, now, now);
  return "approval.request";
}

std::string Model::approve(Act const& act, Time now) {
  if (!has(house().may_approve, act.by)) return "refused.role";
  auto& approval = approvals.at(static_cast<std::size_t>(act.number) - 1);
  if (now >= approval.expires) return "refused.approval_expired";
  if (approval.state == ModelApproval::State::used) return "refused.approval_used";
  if (approval.state != ModelApproval::State::waiting) return "refused.approval_decided";
  if (approval.by == act.by) return "refused.approval_own";
  approval.state = ModelApproval::State::approved;
  return "approval.approved";
}

std::string Model::run(Act const& act, Time now) {
  auto& approval = approvals.at(static_cast<std::size_t>(act.number) - 1);
  if (now >= approval.expires) return "refused.approval_expired";
  if (approval.state == ModelApproval::State::used) return "refused.approval_used";
  if (approval.state == ModelApproval::State::waiting) return "refused.approval_missing";
  if (approval.by != act.by) return "refused.not_your_code";
  approval.state = ModelApproval::State::used;
  return decide(*find(approval.incident), act, now);
}

std::string Model::resume(ModelIncident& it, Act const&, Time now) {
  if (!it.standing()) return "refused.not_paused";
  undos.erase(it.id);
  it.pauses.back().to = std::max(now, it.pauses.back().from);
  return "incident.resumed";
}

std::string Model::escalate(ModelIncident& it, Act const& act, Time now) {
  if (it.over()) return "refused.already_over";
  std::size_t chosen = 0;
  if (act.severity > 0) {
    chosen = static_cast<std::size_t>(act.severity) - 1;
    if (chosen >= it.chain.steps.size()) return "refused.no_such_level";
  } else {
    auto const steps = steps_to_come(it, now);
    if (steps.empty()) return "refused.nobody_above";
    chosen = steps.front();
  }
  auto& heard = it.heard[chosen];
  for (auto const& person : people_of(it.chain.steps[chosen].roles, now))
    page(it, heard.once ? kManual : static_cast<int>(chosen) + 1, person, now, now);
  heard.once = true;
  return "incident.called";
}

std::string Model::stand_in(Act const& act, Time now) {
  constexpr Time kZone = 8 * kHour;  // Shanghai, all year
  Time const midnight = (now + kZone) / kDay * kDay - kZone;
  Time const from = midnight + act.length / 24 * kHour;
  Time to = midnight + act.length % 24 * kHour;
  if (to <= from) to += kDay;
  Time const later = to <= now ? kDay : 0;
  substitutes_.push_back({act.who, std::max(from + later, now), to + later});
  return "oncall.overridden";
}

}  // namespace tocsin::simulation
