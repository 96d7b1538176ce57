// All commands: the rows of every family, and those that the configuration declares.
#pragma once

#include <vector>

#include "commands/command.hpp"
#include "config/config.hpp"

namespace tocsin::verbs {

[[nodiscard]] std::vector<Command> all_commands(Config const& config);

}  // namespace tocsin::verbs
