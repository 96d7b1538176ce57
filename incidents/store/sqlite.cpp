#include "incidents/store/sqlite.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <unordered_map>
#include <vector>

#include "incidents/base/embedded.hpp"
#include "incidents/store/inspection.hpp"

namespace tocsin {
namespace {

constexpr int kBusyTimeoutMillis = 5000;
/// Marks the file as ours (PRAGMA application_id): "TOCS".
constexpr std::int64_t kApplicationId = 0x544F4353;

/// Turns SQLite's result codes into the two kinds of failure: the world (StoreUnavailable) and our own mistakes.
[[noreturn]] void raise(SQLite::Exception const& error) {
  using Why = StoreUnavailable::Why;
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      throw StoreUnavailable(Why::full, error.what());
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw StoreUnavailable(Why::read_only, error.what());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreUnavailable(Why::corrupt, error.what());
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreUnavailable(Why::busy, error.what());
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      throw StoreUnavailable(Why::io, error.what());
    default:
      throw std::logic_error(std::string("SQL: ") + error.what());
  }
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(SQLite::Statement& statement) : statement_(statement) {}
  bool null(int column) const override { return statement_.isColumnNull(column); }
  std::int64_t integer(int column) const override { return statement_.getColumn(column).getInt64(); }
  std::string_view text(int column) const override {
    auto const cell = statement_.getColumn(column);
    auto const* bytes = cell.getText("");
    return {bytes, static_cast<std::size_t>(cell.getBytes())};
  }

 private:
  SQLite::Statement& statement_;
};

class Sqlite final : public Database {
 public:
  Sqlite(std::filesystem::path const& file, int flags, TextFilter filter)
      : database_(file.string(), flags, kBusyTimeoutMillis), filter_(std::move(filter)) {}

  SQLite::Database& raw() { return database_; }

  std::int64_t run(std::string_view sql, std::initializer_list<Value> parameters) override {
    return guarded([&] {
      auto& statement = bound(sql, parameters);
      while (statement.executeStep()) {
      }
      auto const changes = static_cast<std::int64_t>(statement.getChanges());
      statement.tryReset();
      return changes;
    });
  }

  void each(std::string_view sql, std::initializer_list<Value> parameters, OnRow const& on_row) override {
    guarded([&] {
      auto& statement = bound(sql, parameters);
      SqliteRow const row(statement);
      while (statement.executeStep()) on_row(row);
      statement.tryReset();
      return 0;
    });
  }

  void script(std::string_view sql) override {
    guarded([&] {
      database_.exec(std::string(sql));
      return 0;
    });
  }

  std::string kept(std::string_view text) const override { return filter_ ? filter_(text) : std::string(text); }

  bool in_transaction() const override { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

 private:
  template <class Work>
  auto guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (SQLite::Exception const& error) {
      raise(error);
    }
  }

  SQLite::Statement& bound(std::string_view sql, std::initializer_list<Value> parameters) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      auto text = std::make_unique<std::string>(sql);
      auto statement = std::make_unique<SQLite::Statement>(database_, *text);
      std::string_view const key = *text;
      found = statements_.emplace(key, Prepared{std::move(text), std::move(statement)}).first;
    }
    auto& statement = *found->second.statement;
    statement.tryReset();
    int index = 0;
    for (auto const& value : parameters) {
      ++index;
      if (auto const* number = std::get_if<std::int64_t>(&value)) {
        statement.bind(index, static_cast<int64_t>(*number));
      } else if (auto const* string = std::get_if<std::string_view>(&value)) {
        statement.bind(index, kept(*string));
      } else {
        statement.bind(index);
      }
    }
    return statement;
  }

  struct Prepared {
    std::unique_ptr<std::string> text;  // what the key views
    std::unique_ptr<SQLite::Statement> statement;
  };
  SQLite::Database database_;
  TextFilter filter_;
  std::unordered_map<std::string_view, Prepared> statements_;
};

struct Migration {
  std::int64_t version = 0;
  std::string_view name;
  std::string_view sql;
};

/// The embedded files `NNN_name.sql`, which must be numbered without gaps.
std::vector<Migration> const& all_migrations() {
  static std::vector<Migration> const migrations = [] {
    std::vector<Migration> list;
    for (auto const& file : embedded::migrations()) {
      Migration each{0, file.name, file.text};
      std::from_chars(file.name.data(), file.name.data() + file.name.size(), each.version);
      if (each.version != static_cast<std::int64_t>(list.size()) + 1)
        throw std::logic_error("migrations are not numbered without gaps: " + std::string(file.name));
      list.push_back(each);
    }
    return list;
  }();
  return migrations;
}

/// The first shipped migration whose recorded text differs from ours, if any.
std::optional<std::int64_t> foreign_migration(Database& database) {
  std::optional<std::int64_t> foreign;
  database.each("SELECT version, name, length FROM migrations ORDER BY version", {}, [&](Row const& row) {
    auto const index = static_cast<std::size_t>(row.integer(0)) - 1;
    if (index >= all_migrations().size()) return;
    auto const& ours = all_migrations()[index];
    bool const same = row.text(1) == ours.name && row.integer(2) == static_cast<std::int64_t>(ours.sql.size());
    if (!same && !foreign) foreign = row.integer(0);
  });
  return foreign;
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(std::filesystem::path const& file, OpenMode mode, TextFilter filter) {
  bool const writing = mode == OpenMode::read_write;
  if (!writing && !std::filesystem::exists(file)) return Error{Errc::not_found, "no database at " + file.string()};
  try {
    auto const flags = writing ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY;
    auto sqlite = std::make_unique<Sqlite>(file, flags, std::move(filter));
    if (writing) {
      // FULL: a commit that was reported must survive a power cut, not only a crash.
      sqlite->script(
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-2000;");
    }
    auto const id = sqlite->number("PRAGMA application_id").value_or(0);
    bool const empty = sqlite->number("SELECT count(*) FROM sqlite_master").value_or(0) == 0;
    if (id != kApplicationId && !empty)
      return Error{Errc::refused, file.string() + " is a database of another program"};
    if (writing && empty) sqlite->script("PRAGMA application_id=" + std::to_string(kApplicationId));
    return std::unique_ptr<Database>(std::move(sqlite));
  } catch (SQLite::Exception const& error) {
    return Error{Errc::unavailable, file.string() + ": " + error.what()};
  } catch (StoreUnavailable const& error) {
    return Error{error.why == StoreUnavailable::Why::corrupt ? Errc::refused : Errc::unavailable,
                 file.string() + ": " + error.what()};
  }
}

std::int64_t newest_schema() { return static_cast<std::int64_t>(all_migrations().size()); }

Result<void> migrate(Database& database, std::filesystem::path const& file, Instant now) {
  auto const have = store::schema_version(database);
  if (have > newest_schema()) {
    return Error{Errc::refused, file.string() + " has schema " + std::to_string(have) + ", this program knows up to " +
                                    std::to_string(newest_schema()) + ": start the newer program"};
  }
  if (have > 0) {
    if (auto const foreign = foreign_migration(database))
      return Error{Errc::refused,
                   file.string() + ": migration " + std::to_string(*foreign) + " is not the one shipped"};
  }
  if (have == newest_schema()) return {};
  if (have > 0) {
    auto copy = back_up(file, file.string() + ".before-" + std::to_string(newest_schema()));
    if (copy.has_error()) return copy.error();
  }
  for (auto version = have + 1; version <= newest_schema(); ++version) {
    auto const& migration = all_migrations()[static_cast<std::size_t>(version) - 1];
    database.script("BEGIN IMMEDIATE");
    try {
      database.script(migration.sql);
      database.run("INSERT INTO migrations (version, name, length, applied_at) VALUES (?1, ?2, ?3, ?4)",
                   {version, migration.name, static_cast<std::int64_t>(migration.sql.size()), value_of(now)});
      database.script("COMMIT");
    } catch (...) {
      if (database.in_transaction()) database.script("ROLLBACK");
      throw;
    }
  }
  return {};
}

Result<void> back_up(std::filesystem::path const& from, std::filesystem::path const& to) {
  if (std::filesystem::exists(to)) return Error{Errc::refused, to.string() + " exists already"};
  auto const unfinished = std::filesystem::path(to.string() + ".part");
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  try {
    {
      SQLite::Database source(from.string(), SQLite::OPEN_READONLY, kBusyTimeoutMillis);
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

Result<StoreLock> StoreLock::take(std::filesystem::path const& file) {
  auto const name = file.string() + ".lock";
  int const descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return Error{Errc::unavailable, "can't create " + name};
  StoreLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    char holder[24] = {};
    auto const length = ::read(descriptor, holder, sizeof holder - 1);
    return Error{Errc::refused, "another bot (process " +
                                    std::string(holder, length > 0 ? static_cast<std::size_t>(length) : 0) + ") uses " +
                                    file.string() + "; one database has one bot"};
  }
  auto const own = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, own.data(), own.size(), 0) < 0) {
    // Only the message of a second start needs the number; the lock itself holds.
  }
  return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tocsin
