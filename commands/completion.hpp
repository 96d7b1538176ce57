// What a half-typed line can become: commands and then their arguments, in both languages, from the table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"
#include "commands/vocabulary.hpp"

namespace tocsin {

struct Completing {
  CommandTable const& table;
  Vocabulary const& vocabulary;
  Role role = Role::viewer;           ///< what this person may not run is not offered
  std::string_view locale{};          ///< whose words are offered for an empty line, and first
  std::string_view typed{};           ///< the line up to the cursor
  std::vector<IncidentId> incidents;  ///< the open ones
  std::size_t limit = 0;              ///< of the answer
};

struct Completion {
  std::string text;         ///< the whole line up to the cursor
  std::string summary_key;  ///< of the command
};

/// Lines that begin like the typed one, whatever the case; never the typed one itself.
[[nodiscard]] std::vector<Completion> complete(Completing const& request);

/// What all of them begin with, cut on a character; empty when there are none.
[[nodiscard]] std::string common_beginning(std::vector<Completion> const& found);

}  // namespace tocsin
