// The environment of this process: the one place that asks for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// Nothing when the variable is not set.
[[nodiscard]] std::optional<std::string> environment_variable(std::string const& name);

/// The names of all that are set.
[[nodiscard]] std::vector<std::string> environment_names();

}  // namespace tocsin
