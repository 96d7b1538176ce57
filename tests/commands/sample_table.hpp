// A table of commands as the bot has them, and the names of a small deployment, for the tests of the language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/parser.hpp"
#include "tests/commands/cases.hpp"

namespace tocsin::sample {

[[nodiscard]] std::vector<Command> rows();
[[nodiscard]] CommandTable const& table();
[[nodiscard]] Vocabulary const& vocabulary();

/// "dm", "group" (nothing said to the bot), "addressed" (the platform took the mention away), "speech" (by voice,
/// direct), each with "-en" behind it for an English reader.
[[nodiscard]] ParseContext context(std::string_view where);

/// What became of a line: `incident ack incident=INC-42`, `key 4`, `question parse.ambiguous`, `parse.unknown`,
/// `nothing`.
[[nodiscard]] std::string outcome_of(ParseOutcome const& outcome);

}  // namespace tocsin::sample
