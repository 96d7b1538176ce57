// What time does: counted time, deadlines, verdicts, and what fires at an instant.
#include <algorithm>

#include "tests/simulation/model.hpp"

namespace tocsin::simulation {
namespace {

constexpr std::array<int, 3> kPercents{50, 80, 100};
constexpr Time kNag = 15 * kMinute;

ModelClock const& clock_of(ModelIncident const& it, PlainStep const& step) {
  return step.on_recovery ? it.recovery : it.response;
}

bool may_fire(ModelIncident const& it, PlainStep const& step) {
  return !it.over() && (step.until_mitigated ? !it.recovery.met : !it.response.met);
}

Time base_of(ModelIncident const& it, PlainStep const& step) { return clock_of(it, step).target * step.percent / 100; }

}  // namespace

Time counted(ModelClock const& clock, std::vector<ModelPause> const& pauses, Time at) {
  Time const end = clock.met ? std::min(*clock.met, at) : at;
  if (end <= clock.start) return 0;
  Time total = end - clock.start;
  for (auto const& pause : pauses) {
    Time const from = std::max(pause.from, clock.start);
    Time const to = std::min(pause.to.value_or(end), end);
    if (to > from) total -= to - from;
  }
  return total;
}

std::optional<Time> instant_of(ModelClock const& clock, std::vector<ModelPause> const& pauses, Time amount) {
  Time left = amount;
  Time at = clock.start;
  for (auto const& pause : pauses) {
    Time const from = std::max(pause.from, clock.start);
    if (pause.to && *pause.to <= at) continue;
    if (at + left <= from) break;
    if (!pause.to) return std::nullopt;
    left -= from - at;
    at = *pause.to;
  }
  return at + left;
}

Verdict verdict(ModelClock const& clock, std::vector<ModelPause> const& pauses, Time now) {
  if (counted(clock, pauses, now) >= clock.target) return Verdict::lapsed;
  if (clock.met && *clock.met <= now) return Verdict::met;
  for (auto const& pause : pauses) {
    if (pause.from <= now && (!pause.to || now < *pause.to)) return Verdict::paused;
  }
  return Verdict::running;
}

std::string Model::on_duty(Time at) const {
  for (auto each = substitutes_.rbegin(); each != substitutes_.rend(); ++each) {
    if (each->from <= at && at < each->to) return each->person;
  }
  auto const& turns = house().turns;
  auto const turn = (at - house().first_turn) / kDay;
  return turns[static_cast<std::size_t>(turn) % turns.size()];
}

Names Model::people_of(Names const& roles, Time at) const {
  Names people;
  for (auto const& role : roles) {
    for (auto const& person : role == "duty" ? Names{on_duty(at)} : house().roles.at(role)) {
      if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
    }
  }
  return people;
}

Names Model::in_charge(ModelIncident const& it, Time now) const {
  if (!it.assignee.empty()) return {it.assignee};
  return people_of(it.chain.steps.front().roles, now);
}

/// The instant at which the step fires next; of repeats that were missed, the first.
std::optional<Time> Model::coming(ModelIncident const& it, std::size_t index) const {
  auto const& step = it.chain.steps[index];
  if (!may_fire(it, step)) return std::nullopt;
  Time const base = base_of(it, step);
  auto const& heard = it.heard[index];
  if (!heard.once) return instant_of(clock_of(it, step), it.pauses, base);
  if (step.repeat == 0) return std::nullopt;
  Time amount = base + step.repeat;
  while (amount <= heard.upto) amount += step.repeat;
  return instant_of(clock_of(it, step), it.pauses, amount);
}

std::vector<std::size_t> Model::steps_to_come(ModelIncident const& it, Time now) const {
  std::vector<std::pair<Time, std::size_t>> found;
  for (std::size_t i = 0; i < it.chain.steps.size(); ++i) {
    auto const at = coming(it, i);
    if (!it.heard[i].once && at && *at >= now) found.emplace_back(*at, i);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> steps;
  for (auto const& each : found) steps.push_back(each.second);
  return steps;
}

std::vector<Model::Due> Model::due_at(ModelIncident const& it, Time now) const {
  std::vector<Due> due;
  if (it.over()) return due;
  for (std::size_t mark = 0; mark < 6; ++mark) {
    auto const& clock = mark < 3 ? it.response : it.recovery;
    if (it.marks[mark] || clock.met || !instant_of(clock, it.pauses, clock.target)) continue;
    auto const at = instant_of(clock, it.pauses, clock.target * kPercents[mark % 3] / 100);
    if (at && *at <= now) due.push_back({Due::What::mark, *at, mark});
  }
  for (std::size_t i = 0; i < it.chain.steps.size(); ++i) {
    auto at = coming(it, i);
    if (!at || *at > now) continue;
    // Of the repeats that were missed, the last one is made up for.
    auto const& step = it.chain.steps[i];
    for (Time amount = base_of(it, step); it.heard[i].once; amount += step.repeat) {
      auto const repeat = instant_of(clock_of(it, step), it.pauses, amount);
      if (!repeat || *repeat > now) break;
      at = std::max(*at, *repeat);
    }
    due.push_back({Due::What::step, *at, i});
  }
  if (it.stage == Stage::acknowledged && it.chain.idle > 0 && !it.standing()) {
    Time const at = std::max(it.active, it.idle_paged) + it.chain.idle;
    if (at <= now) due.push_back({Due::What::idle, at, 0});
  }
  if (it.update_due && *it.update_due <= now) due.push_back({Due::What::update, *it.update_due, 0});
  std::stable_sort(due.begin(), due.end(), [](Due const& a, Due const& b) { return a.at < b.at; });
  return due;
}

void Model::let_time_act(ModelIncident& it, Time now) {
  auto const first = pages.size();
  for (auto const& due : due_at(it, now)) {
    touched.insert(it.id);
    switch (due.what) {
      case Due::What::mark:
        it.marks[due.index] = true;
        marks.push_back({it.id, due.index % 3 == 2, due.at});
        break;
      case Due::What::step: {
        auto const& step = it.chain.steps[due.index];
        it.heard[due.index] = {true, std::max(it.heard[due.index].upto, counted(clock_of(it, step), it.pauses, now))};
        for (auto const& person : people_of(step.roles, now))
          page(it, static_cast<int>(due.index) + 1, person, due.at, now);
        break;
      }
      case Due::What::idle:
        it.idle_paged = due.at + (now - due.at) / it.chain.idle * it.chain.idle;
        for (auto const& person : in_charge(it, now)) page(it, kIdle, person, due.at, now);
        break;
      case Due::What::update:
        it.update_due = std::max(due.at, now) + kNag;
        marks.push_back({it.id, false, due.at});
        break;
    }
  }
  // One page speaks for all that a person gets in one moment: the last.
  for (auto i = first; i < pages.size(); ++i) {
    for (auto later = i + 1; later < pages.size(); ++later) {
      if (pages[later].person == pages[i].person) pages[i].folded = true;
    }
    if (!pages[i].folded) continue;
    pages[i].fate = PageFate::superseded;
    pages[i].ended = now;
    pages[i].deliveries.clear();
  }
}

/// The chain of the present severity replaces the one before: what says the same and is past has been heard, and its
/// repeats go on from now.
void Model::arm(ModelIncident& it, Time now) {
  auto const old_steps = it.chain.steps;
  auto const old_heard = it.heard;
  it.chain = house().promises[static_cast<std::size_t>(it.severity)].chain;
  it.heard.assign(it.chain.steps.size(), {});
  for (std::size_t i = 0; i < it.chain.steps.size(); ++i) {
    auto const& step = it.chain.steps[i];
    auto const& clock = clock_of(it, step);
    auto const at = instant_of(clock, it.pauses, base_of(it, step));
    for (std::size_t j = 0; j < old_steps.size(); ++j) {
      if (!old_steps[j].same_as(step) || !old_heard[j].once || !at || *at > now) continue;
      it.heard[i] = {true, counted(clock, it.pauses, now)};
    }
  }
  ++it.calls;
}

std::vector<Time> Model::interesting(ModelIncident const& it) const {
  std::vector<Time> found;
  for (auto const* clock : {&it.response, &it.recovery}) {
    for (int const percent : kPercents) {
      if (auto const at = instant_of(*clock, it.pauses, clock->target * percent / 100)) found.push_back(*at);
    }
  }
  for (std::size_t i = 0; i < it.chain.steps.size(); ++i) {
    if (auto const at = coming(it, i)) found.push_back(*at);
  }
  if (it.chain.idle > 0) found.push_back(std::max(it.active, it.idle_paged) + it.chain.idle);
  auto const undo = undos.find(it.id);
  if (undo != undos.end()) found.push_back(undo->second.at + kMinute);
  if (it.recovery.met) found.push_back(*it.recovery.met + 30 * kMinute);
  return found;
}

}  // namespace tocsin::simulation
