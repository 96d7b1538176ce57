// One row that can't be read must not stop the others.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "incidents/store/database.hpp"

namespace tocsin::store {

/// Runs `work` in a savepoint of its own, inside a unit of work. What it throws undoes it and is returned in words;
/// StoreUnavailable is about more than one row and passes through.
[[nodiscard]] std::optional<std::string> attempt(Database& database, std::function<void()> const& work);

}  // namespace tocsin::store
