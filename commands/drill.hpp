// The report of a drill: who was paged, when, by which channel, what came of it, how long it took against the targets,
// and what was missed. Made from the stored state each time it is shown.
#pragma once

#include <string>
#include <vector>

#include "commands/message.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {

/// `pages` of this drill, in the order of their numbers. Also while it runs: then it says how far it is.
[[nodiscard]] Message drill_report(Incident const& drill, std::vector<store::Page> const& pages, Instant now);

/// "drill:INC-42": what a platform knows the report by.
[[nodiscard]] std::string drill_report_key(IncidentId id);

}  // namespace tocsin
