#include "incidents/store/duty.hpp"

namespace tocsin::store {

void add_override(Database& database, Override const& entry, Instant now) {
  database.run(
      "INSERT INTO duty_overrides (person, from_at, to_at, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5)",
      {entry.person.value, value_of(entry.from), value_of(entry.to), entry.recorded_by.value, value_of(now)});
}

std::vector<Override> overrides_between(Database& database, Instant from, Instant to) {
  std::vector<Override> overrides;
  database.each(
      "SELECT person, from_at, to_at, recorded_by FROM duty_overrides WHERE from_at < ?2 AND to_at > ?1 ORDER BY id",
      {value_of(from), value_of(to)}, [&overrides](Row const& row) {
        overrides.push_back({{row.string(0)}, row.instant(1), row.instant(2), {row.string(3)}});
      });
  return overrides;
}

}  // namespace tocsin::store
