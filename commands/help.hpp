// Help and completion, made from the command table: what this person may run, in their language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/call.hpp"

namespace tocsin {

/// Everything this person may run, or the usage and examples of what `about` names.
[[nodiscard]] Message help_for(Call const& call, std::string const& about);

/// Lines that begin like `typed` and that this person may run, at most `limit`: the command's words, then its examples.
struct Completion {
  std::string text;
  std::string summary_key;
};
[[nodiscard]] std::vector<Completion> complete(CommandTable const& table, Role role, std::string_view typed,
                                               std::size_t limit);

}  // namespace tocsin
