// A drill: an incident that is practice. Every length of its promise is divided by one factor, it pages only those who
// take part, it ends by itself, and what is said of it carries the mark. Pure, like every other decision.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "incidents/incident.hpp"

namespace tocsin {

inline constexpr std::int32_t kMaxDrillSpeed = 600;
/// After the last step of a drill has fired, so long remains to react to it; not sped up, people aren't either.
inline constexpr Millis kDrillTail = std::chrono::seconds{30};
/// A notice of this key is replaced by the report, made from the stored state when it is said.
inline constexpr char const* kDrillReportKey = "drill.report";

/// What was promised for a severity, as this incident counts it: for a drill every length divided by its speed (a
/// repeat or an idle time is never below a second).
struct Promise {
  Targets targets{};
  EscalationPolicy policy;
};
[[nodiscard]] Promise promised(Promises const& promises, Severity severity, Incident const& incident);

/// Whom a drill may page: those named when it began, else whoever began it. Not asked for when it pages everyone.
[[nodiscard]] std::vector<PersonId> drill_people(Incident const& incident);

/// When a drill is over whatever happens: kDrillTail after its last step and its recovery target. Nothing while paused.
[[nodiscard]] std::optional<Instant> drill_ends_at(Incident const& incident);

/// Ends it: the clocks keep their verdicts, pages on their way stop, the report is asked for. `at` is when it ended:
/// now, or the instant at which its time was up. Refused for an incident that is no drill, or over.
[[nodiscard]] Decided<Decision> end_drill(Incident const& incident, Circumstances const& now, Instant at);

/// The report goes to the room, and to whoever began it as well when nobody reacted. Nothing for a real incident.
void ask_for_report(Decision& decision);

}  // namespace tocsin
