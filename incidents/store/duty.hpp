// The rows of duty overrides.
#pragma once

#include <vector>

#include "incidents/duty.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

void add_override(Database& database, Override const& entry, Instant now);
/// Those that touch [from, to), in the order they were recorded.
[[nodiscard]] std::vector<Override> overrides_between(Database& database, Instant from, Instant to);

}  // namespace tocsin::store
