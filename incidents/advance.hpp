// What time does to an incident: warnings, lapses, steps of the escalation, their repeats, going quiet.
#pragma once

#include <optional>

#include "incidents/incident.hpp"

namespace tocsin {

/// The instant at which `advance` has something to do next; nothing when only people can move the incident.
/// This is what the scheduler's row holds.
[[nodiscard]] std::optional<Instant> next_due(Incident const& incident);

/// Everything that is due at `now`, in the order of its instants, however late it is. Each warning, lapse and step
/// fires once; of the repeats that were missed only the last is made up for. Several pages for one person at one
/// moment are all recorded, and the latest step speaks for them. Nothing when nothing is due.
[[nodiscard]] std::optional<Decision> advance(Incident const& incident, Roster const& roster, Instant now);

/// Who is told about the clocks quietly: whoever has the incident, else whom its first step pages.
[[nodiscard]] std::vector<PersonId> in_charge(Incident const& incident, Roster const& roster, Instant now);

/// The steps that are still to come if nobody does anything, earliest first: who would be paged, when.
struct ComingStep {
  Instant at{};
  std::int32_t step = 0;
  std::vector<PersonId> people;
};
[[nodiscard]] std::vector<ComingStep> coming_steps(Incident const& incident, Roster const& roster, Instant now);

}  // namespace tocsin
