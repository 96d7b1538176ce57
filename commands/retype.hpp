// A command as it would be typed again: for the keys 1-3, for buttons, and for what an approval will run.
#pragma once

#include <optional>
#include <string>

#include "commands/arguments.hpp"
#include "commands/command.hpp"

namespace tocsin {

/// `/incident sev INC-42 P1`: parses to the same command with the same arguments; `incident` fills that parameter when
/// it was not given. Free text comes last, as typed.
[[nodiscard]] std::string retype(Command const& command, Arguments const& args,
                                 std::optional<IncidentId> incident = std::nullopt);

}  // namespace tocsin
