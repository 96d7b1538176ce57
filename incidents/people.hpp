// Who works on an incident and what they write down: assignment, roles, notes, links, updates, privacy, calls for help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "incidents/incident.hpp"

namespace tocsin {

enum class IncidentRole : std::uint8_t { commander, scribe, communications };

[[nodiscard]] std::string_view name_of(IncidentRole role) noexcept;
[[nodiscard]] std::optional<IncidentRole> incident_role_of(std::string_view name) noexcept;

/// Hands the incident to `to` and pages nobody: the caller decides whether they must be told by page.
[[nodiscard]] Decided<Decision> assign(Incident const& incident, PersonId const& to, Circumstances const& now);
[[nodiscard]] Decided<Decision> add_responder(Incident const& incident, PersonId const& who, Circumstances const& now);
[[nodiscard]] Decided<Decision> give_role(Incident const& incident, IncidentRole role, PersonId const& to,
                                          Circumstances const& now);

/// Of a note's text.
inline constexpr std::size_t kMaxNoteBytes = 4000;

/// `happened` may lie in the past, not in the future and not a week before the opening.
[[nodiscard]] Decided<Decision> note(Incident const& incident, std::string const& text, Circumstances const& now,
                                     std::optional<Instant> happened = std::nullopt);
/// An entry of the timeline is never changed: this adds one that points at it.
[[nodiscard]] Decided<Decision> correct(Incident const& incident, std::int64_t sequence, std::string const& text,
                                        Circumstances const& now);
[[nodiscard]] Decided<Decision> link(Incident const& incident, std::string const& url, std::string const& title,
                                     Circumstances const& now);
/// A word to stakeholders; `next_in` promises the next one.
[[nodiscard]] Decided<Decision> update(Incident const& incident, std::string const& text, std::optional<Millis> next_in,
                                       Circumstances const& now);
/// From now on only its members see it: whoever asks, the assignee, the responders and the roles.
[[nodiscard]] Decided<Decision> make_private(Incident const& incident, Circumstances const& now);

/// Pages one person at once, beside the policy. `count` = how many manual pages there were before (their occurrence).
[[nodiscard]] Decided<Decision> page_person(Incident const& incident, PersonId const& who, std::string const& reason,
                                            std::int32_t count, Circumstances const& now);
/// Calls the people of the next step now (or those of `level`, 1 = first step); that step does not fire again.
[[nodiscard]] Decided<Decision> escalate(Incident const& incident, std::optional<std::int32_t> level, Arg const& reason,
                                         std::int32_t count, Roster const& roster, Circumstances const& now);

}  // namespace tocsin
