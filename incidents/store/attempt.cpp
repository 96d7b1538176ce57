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

void attempt_each(Database& database, std::size_t count, std::function<void(std::size_t)> const& work,
                  std::function<void()> const& again,
                  std::function<void(std::size_t, std::string const&)> const& failed) {
  auto const all = [&] {
    for (std::size_t i = 0; i < count; ++i) work(i);
  };
  if (!attempt(database, all)) return;
  again();
  for (std::size_t i = 0; i < count; ++i) {
    if (auto const why = attempt(database, [&] { work(i); })) failed(i, *why);
  }
}

}  // namespace tocsin::store
