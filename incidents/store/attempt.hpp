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

/// Runs `work(0)` to `work(count - 1)`; what one of them throws undoes that one and comes to `failed`, in words. A
/// savepoint for each costs as much as the work, so they share one, and only when it fails each gets its own: then
/// `again` is called, and all of them run a second time.
void attempt_each(Database& database, std::size_t count, std::function<void(std::size_t)> const& work,
                  std::function<void()> const& again,
                  std::function<void(std::size_t, std::string const&)> const& failed);

}  // namespace tocsin::store
