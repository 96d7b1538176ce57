// Small words shared by the decisions; not for use outside `incidents/`.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "incidents/incident.hpp"

namespace tocsin::deciding {

/// A decision that starts from `incident` as it is, with a sign of work by whoever decides.
[[nodiscard]] inline Decision begin(Incident const& incident, Circumstances const& now) {
  Decision decision;
  decision.next = incident;
  if (!now.by.empty()) decision.next.active_at = now.now;
  return decision;
}

inline void record(Decision& decision, EntryKind kind, Circumstances const& now, Notice what,
                   std::optional<Instant> happened = std::nullopt) {
  decision.timeline.push_back({kind, now.by, happened.value_or(now.now), now.now, std::move(what), 0, 0});
}

/// Severity, number and title go first in everything that is said about an incident.
[[nodiscard]] inline Notice about(std::string key, Incident const& incident) {
  Notice notice(std::move(key));
  notice.with("severity", incident.severity).with("incident", incident.id).with("title", incident.title);
  if (incident.drill) notice.with("drill", std::int64_t{1});
  return notice;
}

[[nodiscard]] inline Notice refusal(std::string key, Incident const& incident) {
  auto notice = Notice("refused." + std::move(key)).with("incident", incident.id);
  if (incident.drill) notice.with("drill", std::int64_t{1});
  return notice;
}

inline void add_unique(std::vector<PersonId>& people, PersonId const& person) {
  for (auto const& each : people) {
    if (each == person) return;
  }
  people.push_back(person);
}

/// Whoever has heard one of them has heard the other.
[[nodiscard]] inline bool same_step(EscalationStep const& a, EscalationStep const& b) {
  return a.of == b.of && a.percent == b.percent && a.page == b.page;
}

/// How often the steps of `next` count as fired when it takes over from `before`: a step that says the same and whose
/// instant is past has been heard; one whose new instant is still to come is armed again.
[[nodiscard]] inline std::vector<std::int32_t> carried_over(Incident const& before, Incident const& next, Instant now) {
  std::vector<std::int32_t> carried(next.policy.steps.size(), 0);
  for (std::size_t i = 0; i < next.policy.steps.size(); ++i) {
    auto const& step = next.policy.steps[i];
    auto const& clock = step.of == Target::response ? next.response : next.recovery;
    auto const at = instant_at(clock, pauses_of(next), step.percent);
    if (!at || *at > now) continue;
    for (std::size_t j = 0; j < before.policy.steps.size() && j < before.fired.steps.size(); ++j) {
      if (same_step(before.policy.steps[j], step)) carried[i] = std::min(before.fired.steps[j], 1);
    }
  }
  return carried;
}

}  // namespace tocsin::deciding
