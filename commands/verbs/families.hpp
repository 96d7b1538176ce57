// The rows of each family of commands. `table.cpp` is the only file that puts them together.
#pragma once

#include <vector>

#include "commands/command.hpp"
#include "config/config.hpp"

namespace tocsin::verbs {

[[nodiscard]] std::vector<Command> lifecycle_commands();
[[nodiscard]] std::vector<Command> people_commands();
[[nodiscard]] std::vector<Command> record_commands();
[[nodiscard]] std::vector<Command> lookup_commands();
[[nodiscard]] std::vector<Command> duty_commands();
[[nodiscard]] std::vector<Command> consent_commands();
/// Practice: begin, stop, report.
[[nodiscard]] std::vector<Command> drill_commands();
/// About the bot itself: ping, help, reload, stop, run.
[[nodiscard]] std::vector<Command> bot_commands();
/// Diagnosis that is built in: the host, the network, logs, health checks.
[[nodiscard]] std::vector<Command> diagnosis_commands(Config const& config);
/// One row for each action of the configuration.
[[nodiscard]] std::vector<Command> action_commands(Config const& config);

}  // namespace tocsin::verbs
