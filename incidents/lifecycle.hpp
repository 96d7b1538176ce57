// What people decide about an incident's course. Each function is a rule: it takes the state and the circumstances and
// returns the next state, or a refusal that says why and what to type instead; a refusal changes nothing.
// The caller has already let time act (`advance`), so that an answer can't overtake a lapse that was due before it.
#pragma once

#include <optional>
#include <string>

#include "incidents/incident.hpp"

namespace tocsin {

struct OpenRequest {
  Severity severity = Severity::p3;
  std::string title;
  Room room;
  bool hidden = false;
  bool drill = false;
  std::int32_t drill_speed = 1;  ///< clocks of a drill run so many times faster, 1..600
  bool drill_everyone = false;   ///< pages the real chain; else `drill_pages`, else whoever begins it
  std::vector<PersonId> drill_pages;
};

/// The incident has no number yet; the caller gives it one and then lets `advance` fire the step at instant 0.
[[nodiscard]] Decided<Decision> open_incident(OpenRequest const& request, Promises const& promises,
                                              Circumstances const& now);

/// The first acknowledgement stops the response clock and the paging, and makes the person the assignee. A second one
/// by somebody else adds a responder. `claimed` is an earlier instant the person names: kept, marked, never a verdict.
[[nodiscard]] Decided<Decision> acknowledge(Incident const& incident, Circumstances const& now,
                                            std::optional<Instant> claimed = std::nullopt);

/// Users are served again: the recovery clock stops. Implies the acknowledgement.
[[nodiscard]] Decided<Decision> mitigate(Incident const& incident, Circumstances const& now, std::string const& how);

/// Over, cause known or not: implies mitigated.
[[nodiscard]] Decided<Decision> resolve(Incident const& incident, Circumstances const& now, std::string const& how);

/// Nothing more to do but the postmortem; refused while a review of broken glass is open.
[[nodiscard]] Decided<Decision> close_incident(Incident const& incident, Circumstances const& now);

/// It came back. Within kRegressionWindow of the mitigation the recovery clock goes on where it stood; later it is a
/// new round with new clocks, and the old verdicts stay on the timeline.
[[nodiscard]] Decided<Decision> reopen(Incident const& incident, Promises const& promises, Circumstances const& now,
                                       std::string const& why);

/// There was nothing. Clocks stop; the incident is resolved and counts for no statistics of targets.
[[nodiscard]] Decided<Decision> call_false_alarm(Incident const& incident, Circumstances const& now,
                                                 std::string const& why);

/// `incident` is the same trouble as `main`: it ends, its clocks stop, and what was promised goes on there.
[[nodiscard]] Decided<Decision> merge_into(Incident const& incident, Incident const& main, Circumstances const& now);

/// Takes back the last undoable decision, made at `made_at` by `made_by`, whose state before was `previous`.
/// Clocks go on as if nothing had happened in between.
[[nodiscard]] Decided<Decision> undo(Incident const& incident, Incident const& previous, PersonId const& made_by,
                                     Instant made_at, Circumstances const& now);

/// New targets and a new policy from now on; both deadlines are counted again from the same start, and the arithmetic
/// is shown. Steps that are already past fire at the next `advance`, as one page; those that fired do not fire again.
[[nodiscard]] Decided<Decision> change_severity(Incident const& incident, Severity severity, Promises const& promises,
                                                Circumstances const& now);

/// The clocks stand still. Pausing a P0 takes a second person: the guard asks for it before this is called.
[[nodiscard]] Decided<Decision> pause(Incident const& incident, Circumstances const& now, std::string const& why);
[[nodiscard]] Decided<Decision> resume(Incident const& incident, Circumstances const& now);

}  // namespace tocsin
