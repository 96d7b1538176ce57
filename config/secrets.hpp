// What a configuration knows that nobody may read.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin {

/// Every credential, and every setting that may hold a token (and the part of an address that is it).
[[nodiscard]] std::vector<Secret> secrets_of(Config const& config);

}  // namespace tocsin
