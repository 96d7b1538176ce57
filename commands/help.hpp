// Help, made from the command table: what this person may run, in their language.
#pragma once

#include <string>

#include "commands/call.hpp"

namespace tocsin {

/// Everything this person may run, or the usage and examples of what `about` names.
[[nodiscard]] Message help_for(Call const& call, std::string const& about);

}  // namespace tocsin
