// A declaration in one text: two that differ anywhere differ here.
#pragma once

#include <string>

#include "config/actions.hpp"

namespace tocsin {

/// Every setting of the action, as a file would hold it.
[[nodiscard]] std::string fingerprint(ActionSpec const& action);

}  // namespace tocsin
