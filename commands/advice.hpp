// What to answer when no command begins a line: which ones are near. Used by the parser only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/parser.hpp"

namespace tocsin {

struct AdviceRequest {
  std::string_view typed;  ///< the line without address, normalised
  CommandTable const& table;
  ParseContext const& context;
  /// The command that a line would run, or null: what is suggested must work.
  std::function<Command const*(std::string const&)> runs;
};

/// `parse.unknown_near`, `parse.incomplete` (a group such as `incident` without its verb), or `parse.unknown`.
[[nodiscard]] Refused unknown_command(AdviceRequest const& request);

/// When what follows `matched` was meant to belong to a longer command (`diag dbb`): the suggestion, or, where
/// `matched` takes nothing, the list of what can follow. Else nothing.
[[nodiscard]] std::optional<Refused> longer_command(AdviceRequest const& request, std::string_view matched,
                                                    Command const& command);

/// Leaves only the lines that run something, and nothing of danger.
void keep_usable(std::vector<std::string>& lines, AdviceRequest const& request);

}  // namespace tocsin
