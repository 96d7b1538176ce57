// The schema's steps, embedded, and copies of the file they work on.
#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <charconv>
#include <vector>

#include "incidents/base/embedded.hpp"
#include "incidents/store/detail/engine.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/inspection.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin {
namespace {

struct Migration {
  std::int64_t version = 0;
  std::string_view name;
  std::string_view sql;
  std::string digest;  ///< of `sql`
};

/// From this schema on the digests are kept.
constexpr std::int64_t kDigests = 7;

/// The embedded files `NNN_name.sql`, which must be numbered without gaps.
std::vector<Migration> const& all_migrations() {
  static std::vector<Migration> const migrations = [] {
    std::vector<Migration> list;
    for (auto const& file : embedded::migrations()) {
      Migration each{0, file.name, file.text, sha256_hex(file.text)};
      std::from_chars(file.name.data(), file.name.data() + file.name.size(), each.version);
      if (each.version != static_cast<std::int64_t>(list.size()) + 1)
        throw std::logic_error("migrations are not numbered without gaps: " + std::string(file.name));
      list.push_back(each);
    }
    return list;
  }();
  return migrations;
}

/// The first shipped migration whose recorded text differs from ours, if any. `have`: the schema of the database.
std::optional<std::int64_t> foreign_migration(Database& database, std::int64_t have) {
  std::optional<std::int64_t> foreign;
  std::string const digest = have >= kDigests ? "digest" : "''";
  database.each(
      "SELECT version, name, length, " + digest + " FROM migrations ORDER BY version", {}, [&](Row const& row) {
        auto const index = static_cast<std::size_t>(row.integer(0)) - 1;
        if (index >= all_migrations().size()) return;
        auto const& ours = all_migrations()[index];
        bool const same = row.text(1) == ours.name && row.integer(2) == static_cast<std::int64_t>(ours.sql.size()) &&
                          (have < kDigests || row.text(3) == ours.digest);
        if (!same && !foreign) foreign = row.integer(0);
      });
  return foreign;
}

void apply(Database& database, Migration const& migration, Instant now) {
  database.script(migration.sql);
  database.run("INSERT INTO migrations (version, name, length, applied_at) VALUES (?1, ?2, ?3, ?4)",
               {migration.version, migration.name, static_cast<std::int64_t>(migration.sql.size()), value_of(now)});
  if (migration.version < kDigests) return;
  for (auto const& each : all_migrations()) {
    database.run("UPDATE migrations SET digest = ?2 WHERE version = ?1 AND digest IS NULL",
                 {each.version, each.digest});
  }
}

/// `path`, or the first of path-2, path-3, … that is not there: the copy of an upgrade that was interrupted, or taken
/// back, is no reason to refuse the next one.
std::filesystem::path free_name(std::string const& path) {
  std::filesystem::path free(path);
  for (int n = 2; std::filesystem::exists(free); ++n) free = path + "-" + std::to_string(n);
  return free;
}

}  // namespace

std::int64_t newest_schema() { return static_cast<std::int64_t>(all_migrations().size()); }

Result<void> migrate(Database& database, std::filesystem::path const& file, Instant now) {
  auto const have = store::schema_version(database);
  if (have > newest_schema()) {
    return Error{Errc::refused, file.string() + " has schema " + std::to_string(have) + ", this program knows up to " +
                                    std::to_string(newest_schema()) + ": start the newer program"};
  }
  if (have > 0) {
    if (auto const foreign = foreign_migration(database, have))
      return Error{Errc::refused,
                   file.string() + ": migration " + std::to_string(*foreign) + " is not the one shipped"};
  }
  if (have == newest_schema()) return {};
  if (have > 0) {
    auto copy = back_up(file, free_name(file.string() + ".before-" + std::to_string(newest_schema())));
    if (copy.has_error()) return copy.error();
  }
  for (auto version = have + 1; version <= newest_schema(); ++version) {
    auto const& migration = all_migrations()[static_cast<std::size_t>(version) - 1];
    database.script("BEGIN IMMEDIATE");
    try {
      apply(database, migration, now);
      database.script("COMMIT");
    } catch (...) {
      if (database.in_transaction()) database.script("ROLLBACK");
      throw;
    }
  }
  return {};
}

Result<void> back_up(std::filesystem::path const& from, std::filesystem::path const& to) {
  if (!std::filesystem::exists(from)) return Error{Errc::not_found, "no database at " + from.string()};
  if (std::filesystem::exists(to)) return Error{Errc::refused, to.string() + " exists already"};
  auto const unfinished = std::filesystem::path(to.string() + ".part");
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  try {
    {
      SQLite::Database source(from.string(), SQLite::OPEN_READONLY, store::kBusyTimeoutMillis);
      SQLite::Database target(unfinished.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      SQLite::Backup backup(target, source);
      constexpr int kPagesPerStep = 256;
      while (backup.executeStep(kPagesPerStep) != SQLITE_DONE) {
      }
      target.exec("PRAGMA journal_mode=DELETE");
    }
    std::filesystem::permissions(unfinished, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(unfinished, to);
    return {};
  } catch (std::exception const& error) {
    std::filesystem::remove(unfinished, ignored);
    return Error{Errc::unavailable, "backup to " + to.string() + ": " + error.what()};
  }
}

}  // namespace tocsin
