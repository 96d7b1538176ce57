// Carrying out a resolved action: steps, verification, undo; one remedy per target; everything on record.
#pragma once

#include "commands/action.hpp"

namespace tocsin {

/// On the worker's thread. `title` names the act and its object.
[[nodiscard]] Message carry_out(Call& call, ResolvedAction const& action, IncidentId incident, Notice const& title);

}  // namespace tocsin
