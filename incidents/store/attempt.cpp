#include "incidents/store/attempt.hpp"

#include <exception>

namespace tocsin::store {

std::optional<std::string> attempt(Database& database, std::function<void()> const& work) {
  database.run("SAVEPOINT attempt", {});
  std::optional<std::string> failure;
  try {
    work();
  } catch (StoreUnavailable const&) {
    throw;
  } catch (std::exception const& error) {
    failure = error.what();
  }
  if (failure) database.run("ROLLBACK TO attempt", {});
  database.run("RELEASE attempt", {});
  return failure;
}

}  // namespace tocsin::store
