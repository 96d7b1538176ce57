#include "incidents/store/posted.hpp"

namespace tocsin::store {
namespace {

Home read_home(Row const& row) {
  return {row.string(0), {row.integer(1)}, row.string(2), row.string(3), row.string(4), row.string(5)};
}

}  // namespace

void put_posted(Database& database, Posted const& posted, Instant now) {
  database.run(
      "INSERT INTO posted (platform, conversation, key, message, thread, digest, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
      "?7) ON CONFLICT (platform, conversation, key) DO UPDATE SET message = excluded.message, "
      "thread = excluded.thread, digest = excluded.digest, at = excluded.at",
      {posted.platform, posted.conversation, posted.key, posted.message, posted.thread, posted.digest, value_of(now)});
}

void drop_posted(Database& database, std::string_view platform, std::string_view conversation, std::string_view key) {
  database.run("DELETE FROM posted WHERE platform = ?1 AND conversation = ?2 AND key = ?3",
               {platform, conversation, key});
}

std::optional<Posted> posted(Database& database, std::string_view platform, std::string_view conversation,
                             std::string_view key) {
  std::optional<Posted> found;
  database.each("SELECT message, thread, digest FROM posted WHERE platform = ?1 AND conversation = ?2 AND key = ?3",
                {platform, conversation, key}, [&](Row const& row) {
                  found = Posted{std::string(platform), std::string(conversation),
                                 std::string(key),      row.string(0),
                                 row.string(1),         row.string(2)};
                });
  return found;
}

std::int64_t forget_posted(Database& database, Instant before, std::size_t limit) {
  return database.run(
      "DELETE FROM posted WHERE (platform, conversation, key) IN (SELECT platform, conversation, key FROM posted "
      "WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM incidents WHERE closed_at IS NULL AND posted.key = "
      "'card:INC-' || incidents.id) LIMIT ?2)",
      {value_of(before), static_cast<std::int64_t>(limit)});
}

void put_home(Database& database, Home const& home) {
  database.run(
      "INSERT INTO homes (platform, incident, origin, conversation, thread, done) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
      "ON CONFLICT (platform, incident) DO UPDATE SET origin = excluded.origin, conversation = excluded.conversation, "
      "thread = excluded.thread, done = excluded.done",
      {home.platform, home.incident.value, home.origin, home.conversation, home.thread, home.done});
}

std::optional<Home> home_of(Database& database, std::string_view platform, IncidentId incident) {
  std::optional<Home> found;
  database.each(
      "SELECT platform, incident, origin, conversation, thread, done FROM homes WHERE platform = ?1 AND incident = ?2",
      {platform, incident.value}, [&found](Row const& row) { found = read_home(row); });
  return found;
}

std::vector<Home> homes_of_open(Database& database, std::string_view platform, std::size_t limit) {
  std::vector<Home> homes;
  database.each(
      "SELECT homes.platform, incident, origin, homes.conversation, homes.thread, done FROM homes JOIN incidents ON "
      "incidents.id = incident WHERE homes.platform = ?1 AND closed_at IS NULL ORDER BY incident LIMIT ?2",
      {platform, static_cast<std::int64_t>(limit)}, [&homes](Row const& row) { homes.push_back(read_home(row)); });
  return homes;
}

std::int64_t happened_since(Database& database, std::string_view platform, Instant since) {
  return database
      .number(
          "SELECT count(*) FROM timeline WHERE recorded >= ?2 AND incident IN (SELECT incident FROM homes JOIN "
          "incidents "
          "ON incidents.id = incident WHERE homes.platform = ?1 AND (closed_at IS NULL OR closed_at >= ?2))",
          {platform, value_of(since)})
      .value_or(0);
}

std::optional<IncidentId> incident_living_in(Database& database, Room const& room) {
  std::optional<IncidentId> found;
  database.each(
      "SELECT incident FROM homes WHERE platform = ?1 AND conversation = ?2 AND (thread = '' OR thread = ?3) "
      "ORDER BY incident",
      {room.platform, room.conversation, room.thread}, [&found](Row const& row) { found = {row.integer(0)}; });
  return found;
}

}  // namespace tocsin::store
