// The environment of this process: the one place that asks for it.
#pragma once

#include <optional>
#include <string>

namespace tocsin {

/// Nothing when the variable is not set.
[[nodiscard]] std::optional<std::string> environment_variable(std::string const& name);

}  // namespace tocsin
