// Declared actions at work: what exactly would run, the guard before it, the steps, the check that must turn green, the
// way back when it does not.
#pragma once

#include <string>
#include <vector>

#include "commands/call.hpp"
#include "config/config.hpp"

namespace tocsin {

/// An action with its parameters filled in: every program and argument as it will be handed over.
struct ResolvedStep {
  std::vector<std::string> argv;  ///< of a program; empty for the others
  std::string health;             ///< name of a health check
  std::optional<HostProbe> host;
};

struct ResolvedAction {
  ActionSpec const* spec = nullptr;  ///< lives as long as the configuration
  std::string target;                ///< one remedy at a time per target
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<ResolvedStep> steps;
  std::vector<ResolvedStep> verify;
  std::vector<ResolvedStep> undo;
};

/// Nothing when the command is not a declared action. A value that the parameter does not accept is refused.
[[nodiscard]] Decided<std::optional<ResolvedAction>> resolved(Call const& call);

/// What would run, in one text, for people. Empty for commands that are no actions.
[[nodiscard]] std::string plan_of(Call const& call);

/// Everything that decides what a run would do: part of the digest that an approval binds. Empty likewise.
[[nodiscard]] std::string bound_by_approval(Call const& call);

/// The handler of every declared action.
[[nodiscard]] Message run_action(Call& call);

/// The incident a command belongs to, if the conversation has exactly one; an action needs none. What changes something
/// does so for real and is no part of a drill; looking is, while nothing real is open.
[[nodiscard]] IncidentId incident_of(Desk const& desk, Call const& call);

}  // namespace tocsin
