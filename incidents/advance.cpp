#include "incidents/advance.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "incidents/drill.hpp"

namespace tocsin {
namespace {

constexpr std::array kMarkPercents{50, 80, 100};
constexpr auto kUpdateNag = std::chrono::minutes{15};

struct Due {
  enum class What : std::uint8_t { mark, step, idle, update, drill_end } what = What::mark;
  Instant at{};
  std::size_t index = 0;  // of the mark (0-5) or of the step
  std::int32_t occurrence = 0;
};

TargetClock const& clock_of(Incident const& incident, Target target) {
  return target == Target::response ? incident.response : incident.recovery;
}

bool may_fire(Incident const& incident, Until until) {
  return until == Until::acknowledged ? !incident.response.met_at : !incident.recovery.met_at;
}

/// The nth firing of a step. The grid of the repeats stands on counted time too: a paused incident pages nobody.
std::optional<Instant> firing_at(Incident const& incident, EscalationStep const& step, std::int32_t occurrence) {
  auto const& clock = clock_of(incident, step.of);
  auto const base = clock.target * step.percent / 100;
  if (occurrence == 0) return instant_after(clock, pauses_of(incident), base);
  if (!step.repeat_every) return std::nullopt;
  return instant_after(clock, pauses_of(incident), base + *step.repeat_every * occurrence);
}

std::int32_t fired_times(Incident const& incident, std::size_t step) {
  return step < incident.fired.steps.size() ? incident.fired.steps[step] : 0;
}

/// Repeats that were missed are not made up for, but for the last one: the firing of the step that is owed at `now`.
Due last_missed(Incident const& incident, Due due, Instant now) {
  auto const& step = incident.policy.steps[due.index];
  for (;;) {
    auto const next = firing_at(incident, step, due.occurrence + 1);
    if (!next || *next > now) return due;
    due.at = *next;
    ++due.occurrence;
  }
}

template <class Visit>
void each_due(Incident const& incident, Visit visit) {
  if (!is_live(incident)) return;
  for (std::size_t mark = 0; mark < 6; ++mark) {
    auto const target = mark < 3 ? Target::response : Target::recovery;
    auto const& clock = clock_of(incident, target);
    if ((incident.fired.marks >> mark & 1U) != 0 || clock.met_at) continue;
    // A clock that stands still before its deadline warns of nothing: what a new severity has put before the pause
    // waits for the resumption, when there is an instant to warn of.
    if (!deadline(clock, pauses_of(incident))) continue;
    auto const at = instant_at(clock, pauses_of(incident), kMarkPercents[mark % 3]);
    if (at) visit(Due{Due::What::mark, *at, mark, 0});
  }
  for (std::size_t i = 0; i < incident.policy.steps.size(); ++i) {
    auto const& step = incident.policy.steps[i];
    if (!may_fire(incident, step.until)) continue;
    auto const occurrence = fired_times(incident, i);
    if (auto const at = firing_at(incident, step, occurrence)) visit(Due{Due::What::step, *at, i, occurrence});
  }
  bool const paused = !incident.pauses.empty() && !incident.pauses.back().to;
  if (incident.status == Status::acknowledged && incident.policy.idle_page && !paused) {
    auto const quiet_since = std::max(incident.active_at, incident.idle_paged_at);
    visit(Due{Due::What::idle, quiet_since + *incident.policy.idle_page, 0, 0});
  }
  if (incident.update_due) visit(Due{Due::What::update, *incident.update_due, 0, 0});
  if (auto const end = drill_ends_at(incident)) visit(Due{Due::What::drill_end, *end, 0, 0});
}

/// The people a step means now; a drill reaches only those who agreed to be reached.
std::vector<PersonId> people_of(Incident const& incident, std::vector<Recipient> const& recipients,
                                Roster const& roster, Instant now) {
  if (incident.drill && !incident.drill_everyone) return drill_people(incident);
  std::vector<PersonId> people;
  auto const add = [&people](PersonId const& person) {
    if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
  };
  for (auto const& recipient : recipients) {
    for (auto const& person : roster.holders(recipient, now)) add(person);
  }
  if (people.empty()) {
    for (auto const& person : roster.backups()) add(person);
  }
  return people;
}

/// Collects the decision while the due things fire one after the other.
class Advancing {
 public:
  Advancing(Incident const& incident, Roster const& roster, Instant now) : roster_(roster), now_(now) {
    decision_.next = incident;
    decision_.next.fired.steps.resize(incident.policy.steps.size(), 0);
  }

  void fire(Due const& due) {
    switch (due.what) {
      case Due::What::mark:
        return fire_mark(due);
      case Due::What::step:
        return fire_step(due);
      case Due::What::idle:
        return fire_idle(due);
      case Due::What::update:
        return fire_update(due);
      case Due::What::drill_end:
        return fire_drill_end(due);
    }
  }

  Decision finish() && {
    fold_pages();
    return std::move(decision_);
  }

 private:
  Incident& incident() { return decision_.next; }

  void record(EntryKind kind, Instant happened, Notice what) {
    decision_.timeline.push_back({kind, PersonId{}, happened, now_, std::move(what), 0, 0});
  }

  Notice about(std::string key) {
    Notice notice(std::move(key));
    notice.with("severity", incident().severity).with("incident", incident().id).with("title", incident().title);
    if (incident().drill) notice.with("drill", std::int64_t{1});
    return notice;
  }

  void fire_mark(Due const& due) {
    incident().fired.marks |= 1U << due.index;
    auto const target = due.index < 3 ? Target::response : Target::recovery;
    std::string const clock(name_of(target));
    auto const limit = deadline(clock_of(incident(), target), pauses_of(incident()));
    if (due.index % 3 == 2) return fire_lapse(due, target);
    auto const percent = std::int64_t{kMarkPercents[due.index % 3]};
    record(EntryKind::warning, due.at,
           Notice("timeline." + clock + "_warning").with("percent", percent).with("by", *limit));
    // When the lapse itself is already here it says all that the warning would have said.
    if (*limit <= now_) return;
    for (auto const& person : in_charge(incident(), roster_, now_)) {
      decision_.outgoing.emplace_back(
          Whisper{person, about("warning." + clock).with("percent", percent).with("by", *limit)});
    }
  }

  void fire_lapse(Due const& due, Target target) {
    std::string const clock(name_of(target));
    record(EntryKind::lapse, due.at, Notice("timeline." + clock + "_lapsed").with("by", due.at));
    auto notice = about("lapse." + clock).with("by", due.at);
    if (auto const recovery = deadline(incident().recovery, pauses_of(incident()));
        target == Target::response && recovery)
      notice.with("recover_by", *recovery);
    std::vector<PersonId> next;
    for (auto const& step : incident().policy.steps) {
      if (step.of == target && step.percent == 100) next = people_of(incident(), step.page, roster_, now_);
    }
    notice.with("next", names_of(next));
    if (!incident().assignee.empty()) notice.with("assignee", incident().assignee);
    decision_.outgoing.emplace_back(Announcement{std::move(notice)});
  }

  void fire_step(Due const& due) {
    auto const& step = incident().policy.steps[due.index];
    // Late by more than a repeat, the first firing is still the first, and the repeats before now are used up.
    auto const last = last_missed(incident(), due, now_).occurrence;
    incident().fired.steps[due.index] = last + 1;
    auto const people = people_of(incident(), step.page, roster_, now_);
    auto const number = static_cast<std::int32_t>(due.index) + 1;
    if (people.empty()) {
      record(EntryKind::page, due.at, Notice("timeline.nobody_to_page").with("step", std::int64_t{number}));
      decision_.outgoing.emplace_back(Announcement{about("page.nobody").with("step", std::int64_t{number})});
      return;
    }
    record(EntryKind::page, due.at,
           Notice(due.occurrence == 0 ? "timeline.paged" : "timeline.paged_again")
               .with("step", std::int64_t{number})
               .with("people", names_of(people)));
    for (auto const& person : people) {
      decision_.outgoing.emplace_back(
          PageOrder{number, due.occurrence, person, page_text(step, person), due.at, false});
    }
  }

  Notice page_text(EscalationStep const& step, PersonId const& person) {
    bool const first = step.of == Target::response && step.percent < 100;
    std::string key = first ? "page.first" : "page.next";
    if (step.of == Target::recovery) key = step.percent < 100 ? "page.recovery_near" : "page.recovery_lapsed";
    auto text = about(std::move(key)).with("who", person);
    if (auto const by = deadline(clock_of(incident(), step.of), pauses_of(incident()))) text.with("by", *by);
    if (auto const by = deadline(incident().recovery, pauses_of(incident()))) text.with("recover_by", *by);
    if (!incident().assignee.empty()) text.with("assignee", incident().assignee);
    return text;
  }

  void fire_idle(Due const& due) {
    auto const every = *incident().policy.idle_page;
    incident().idle_paged_at = due.at + (now_ - due.at) / every * every;  // on a grid: no drift, no backlog
    auto const people = in_charge(incident(), roster_, now_);
    record(EntryKind::page, due.at, Notice("timeline.paged_idle").with("people", names_of(people)));
    // The occurrence must be new each time. Points of the grid are `every` apart; two instants of firing are not: what
    // was missed is called for late, and the next one may be due within the same second.
    auto const occurrence =
        static_cast<std::int32_t>((incident().idle_paged_at - incident().opened_at) / std::chrono::seconds{1});
    for (auto const& person : people) {
      auto text = about("page.idle").with("who", person).with("since", incident().active_at);
      if (auto const by = deadline(incident().recovery, pauses_of(incident()))) text.with("by", *by);
      decision_.outgoing.emplace_back(PageOrder{kStepIdle, occurrence, person, std::move(text), due.at, false});
    }
  }

  void fire_update(Due const& due) {
    auto const since = due.at;
    incident().update_due = std::max(due.at, now_) + kUpdateNag;
    record(EntryKind::warning, due.at, Notice("timeline.update_overdue"));
    auto people = incident().communications.empty() ? in_charge(incident(), roster_, now_)
                                                    : std::vector{incident().communications};
    for (auto const& person : people) {
      decision_.outgoing.emplace_back(Whisper{person, about("warning.update_due").with("since", since)});
    }
  }

  void fire_drill_end(Due const& due) {
    auto ended = end_drill(incident(), {PersonId{}, now_}, due.at);
    if (ended.has_error()) return;
    decision_.next = std::move(ended->next);
    std::move(ended->timeline.begin(), ended->timeline.end(), std::back_inserter(decision_.timeline));
    std::move(ended->outgoing.begin(), ended->outgoing.end(), std::back_inserter(decision_.outgoing));
  }

  void fold_pages() {
    auto& all = decision_.outgoing;
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto* page = std::get_if<PageOrder>(&all[i]);
      if (page == nullptr) continue;
      page->folded =
          std::any_of(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end(), [page](auto const& later) {
            auto const* other = std::get_if<PageOrder>(&later);
            return other != nullptr && other->person == page->person;
          });
    }
  }

  Roster const& roster_;
  Instant now_;
  Decision decision_;
};

}  // namespace

std::optional<Instant> next_due(Incident const& incident) {
  std::optional<Instant> next;
  each_due(incident, [&next](Due const& due) { next = earlier(next, due.at); });
  return next;
}

std::optional<Decision> advance(Incident const& incident, Roster const& roster, Instant now) {
  std::vector<Due> due;
  each_due(incident, [&](Due const& each) {
    if (each.at > now) return;
    due.push_back(each.what == Due::What::step && each.occurrence > 0 ? last_missed(incident, each, now) : each);
  });
  if (due.empty()) return std::nullopt;
  std::stable_sort(due.begin(), due.end(), [](Due const& a, Due const& b) { return a.at < b.at; });
  Advancing advancing(incident, roster, now);
  for (auto const& each : due) advancing.fire(each);
  return std::move(advancing).finish();
}

std::vector<PersonId> in_charge(Incident const& incident, Roster const& roster, Instant now) {
  // Given to somebody who doesn't take part, practice still calls nobody else.
  bool const takes_part = !incident.drill || incident.drill_everyone || incident.assignee == incident.acknowledged_by;
  if (!incident.assignee.empty() && takes_part) return {incident.assignee};
  EscalationStep const* first = nullptr;
  for (auto const& step : incident.policy.steps) {
    if (step.of == Target::response && (first == nullptr || step.percent < first->percent)) first = &step;
  }
  return people_of(incident, first == nullptr ? std::vector<Recipient>{} : first->page, roster, now);
}

std::vector<ComingStep> coming_steps(Incident const& incident, Roster const& roster, Instant now) {
  std::vector<ComingStep> coming;
  each_due(incident, [&](Due const& due) {
    if (due.what != Due::What::step || due.at < now || due.occurrence != 0) return;
    auto const& step = incident.policy.steps[due.index];
    coming.push_back(
        {due.at, static_cast<std::int32_t>(due.index) + 1, people_of(incident, step.page, roster, due.at)});
  });
  std::stable_sort(coming.begin(), coming.end(), [](auto const& a, auto const& b) { return a.at < b.at; });
  return coming;
}

}  // namespace tocsin
