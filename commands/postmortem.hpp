// The postmortem: what happened, in Markdown, in one reader's language. Facts come from the store; what only people can
// say is left as a place to fill in.
#pragma once

#include <string>

#include "config/catalogue.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

/// `names` and zone of `reader` are used throughout. The same data give the same text.
[[nodiscard]] std::string postmortem_markdown(Database& database, Incident const& incident, Catalogue const& words,
                                              Reader const& reader);

}  // namespace tocsin
