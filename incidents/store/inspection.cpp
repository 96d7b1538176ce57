#include "incidents/store/inspection.hpp"

namespace tocsin::store {

std::optional<std::string> first_damage(Database& database) {
  std::optional<std::string> damage;
  try {
    database.each("PRAGMA quick_check(1)", {}, [&damage](Row const& row) {
      if (row.text(0) != "ok" && !damage) damage = row.string(0);
    });
  } catch (StoreUnavailable const& error) {
    if (error.why != StoreUnavailable::Why::corrupt) throw;
    damage = error.what();
  }
  return damage;
}

std::int64_t schema_version(Database& database) {
  auto const exists =
      database.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").value_or(0);
  return exists == 0 ? 0 : database.number("SELECT max(version) FROM migrations").value_or(0);
}

Size size_of(Database& database) {
  auto const page = database.number("PRAGMA page_size").value_or(0);
  return {page * database.number("PRAGMA page_count").value_or(0),
          page * database.number("PRAGMA freelist_count").value_or(0)};
}

}  // namespace tocsin::store
