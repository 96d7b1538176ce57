// The rest of a line, after the command's word, put into the row's parameters. Used by the parser only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "commands/parser.hpp"
#include "commands/text.hpp"

namespace tocsin {

struct BindRequest {
  Command const& command;
  CommandTable const& table;
  ParseContext const& context;
  Normalised const& line;
  std::size_t word_at = 0;  ///< where the command's word begins
  std::size_t from = 0;     ///< where it ends
  std::size_t to = 0;       ///< where the line ends
  bool glued = false;       ///< Han follows the word without a space: 解决方案 may be a word of its own
  std::optional<IncidentId> incident{};  ///< named before the word: INC-42 认领
  std::vector<PersonId> people{};        ///< mentioned before the word, or beside the text
};

using BindOutcome = std::variant<Arguments, Refused, Ambiguous>;

[[nodiscard]] BindOutcome bind(BindRequest const& request);

}  // namespace tocsin
