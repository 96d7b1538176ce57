#include "incidents/store/sqlite.hpp"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <unordered_map>
#include <vector>

#include "incidents/store/detail/engine.hpp"
#include "incidents/store/inspection.hpp"

namespace tocsin {
namespace {

/// Of the connection that writes: a page must not wait longer than a second for somebody else's transaction.
constexpr int kWriterBusyTimeoutMillis = 400;
/// Marks the file as ours (PRAGMA application_id): "TOCS".
constexpr std::int64_t kApplicationId = 0x544F4353;

/// Turns SQLite's result codes into the two kinds of failure: the world (StoreUnavailable) and our own mistakes.
[[noreturn]] void raise_code(int code, char const* what) {
  using Reason = StoreUnavailable::Why;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      throw StoreUnavailable(Reason::full, what);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw StoreUnavailable(Reason::read_only, what);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreUnavailable(Reason::corrupt, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreUnavailable(Reason::busy, what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      throw StoreUnavailable(Reason::io, what);
    default:
      throw std::logic_error(std::string("SQL: ") + what);
  }
}

[[noreturn]] void raise(SQLite::Exception const& error) { raise_code(error.getErrorCode(), error.what()); }

/// Before the first connection of the process; later calls change nothing.
std::string const& set_up_for(std::string const& file) {
  // Counting takes a lock of the whole process at each allocation.
  static bool const done = [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    // What a savepoint needs to take back its unit: at SQLite's own limit of 64 KiB half of all writing went there.
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    return true;
  }();
  static_cast<void>(done);
  return file;
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const override {
    auto const* bytes = reinterpret_cast<char const*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return "";
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

/// Opening and backups go through SQLiteCpp. Statements go to SQLite itself: this is the innermost loop of the bot, and
/// a copy of each text, an exception-safe handle for each column and a hash of each statement cost more than the rows.
class Sqlite final : public Database {
 public:
  Sqlite(std::string const& file, int flags, TextFilter filter = {}, int busy_millis = store::kBusyTimeoutMillis)
      : database_(set_up_for(file), flags | SQLite::OPEN_NOMUTEX, busy_millis), filter_(std::move(filter)) {}

  sqlite3* handle() { return database_.getHandle(); }

  std::int64_t run(std::string_view sql, std::initializer_list<Value> parameters) override {
    return guarded([&] {
      Running const statement(*this, prepared(sql), parameters);
      while (statement.step()) {
      }
      return static_cast<std::int64_t>(sqlite3_changes(database_.getHandle()));
    });
  }

  void each(std::string_view sql, std::initializer_list<Value> parameters, OnRow const& on_row) override {
    guarded([&] {
      Running const statement(*this, prepared(sql), parameters);
      SqliteRow const row(statement.get());
      while (statement.step()) on_row(row);
      return 0;
    });
  }

  void script(std::string_view sql) override {
    guarded([&] {
      database_.exec(std::string(sql));
      return 0;
    });
  }

  std::string kept(std::string_view text) const override {
    auto changed = filter_ ? filter_(text) : std::nullopt;
    return changed ? std::move(*changed) : std::string(text);
  }

  bool in_transaction() const override { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

 private:
  /// A bound statement; whatever happens it is reset before its parameters may go.
  class Running {
   public:
    Running(Sqlite& owner, sqlite3_stmt* statement, std::initializer_list<Value> parameters)
        : owner_(owner), statement_(statement) {
      int index = 0;
      for (auto const& value : parameters) {
        ++index;
        int code = SQLITE_OK;
        if (auto const* number = std::get_if<std::int64_t>(&value)) {
          code = sqlite3_bind_int64(statement, index, *number);
        } else if (auto const* text = std::get_if<std::string_view>(&value)) {
          auto const changed = owner.filter_ ? owner.filter_(*text) : std::nullopt;
          code = changed ? bind(statement, index, *changed, SQLITE_TRANSIENT)
                         : bind(statement, index, *text, SQLITE_STATIC);
        } else {
          code = sqlite3_bind_null(statement, index);
        }
        if (code != SQLITE_OK) {
          sqlite3_reset(statement);
          owner.fail(code);
        }
      }
    }
    Running(Running const&) = delete;
    Running& operator=(Running const&) = delete;
    ~Running() { sqlite3_reset(statement_); }

    [[nodiscard]] sqlite3_stmt* get() const { return statement_; }
    /// True: there is a row.
    [[nodiscard]] bool step() const {
      int const code = sqlite3_step(statement_);
      if (code == SQLITE_ROW) return true;
      if (code != SQLITE_DONE) owner_.fail(code);
      return false;
    }

   private:
    /// SQLITE_STATIC: not copied, the caller keeps it alive during the call.
    static int bind(sqlite3_stmt* statement, int index, std::string_view text, sqlite3_destructor_type life) {
      auto const* bytes = text.data() == nullptr ? "" : text.data();
      return sqlite3_bind_text64(statement, index, bytes, text.size(), life, SQLITE_UTF8);
    }

    Sqlite& owner_;
    sqlite3_stmt* statement_;
  };

  [[noreturn]] void fail(int code) { throw SQLite::Exception(database_.getHandle(), code); }

  template <class Work>
  auto guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (SQLite::Exception const& error) {
      raise(error);
    }
  }

  sqlite3_stmt* prepared(std::string_view sql) {
    // Nearly every text is a literal, so its address finds it; the comparison makes sure that it is still the same.
    auto& known = by_address_[sql.data()];
    if (known != nullptr && known->text == sql) return known->statement.get();
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      sqlite3_stmt* statement = nullptr;
      int const code = sqlite3_prepare_v3(database_.getHandle(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
      if (code != SQLITE_OK) fail(code);
      auto made = std::make_unique<Prepared>();
      made->text = sql;
      made->statement.reset(statement);
      std::string_view const key = made->text;
      found = statements_.emplace(key, std::move(made)).first;
    }
    known = found->second.get();
    return known->statement.get();
  }

  struct Prepared {
    std::string text;
    store::Statement statement;
  };
  SQLite::Database database_;  // first: it goes last
  TextFilter filter_;
  std::unordered_map<std::string_view, std::unique_ptr<Prepared>> statements_;
  std::unordered_map<char const*, Prepared*> by_address_;
};

/// Errors: refused for a database that isn't ours. Throws what the world does.
Result<std::unique_ptr<Database>> open_writing(std::filesystem::path const& file, TextFilter filter) {
  try {
    auto sqlite = std::make_unique<Sqlite>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                           std::move(filter), kWriterBusyTimeoutMillis);
    // FULL: a commit that was reported must survive a power cut, not only a crash.
    sqlite->script(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-1000;");
    bool const empty = sqlite->number("SELECT count(*) FROM sqlite_master").value_or(0) == 0;
    if (!empty && sqlite->number("PRAGMA application_id") != kApplicationId)
      return Error{Errc::refused, file.string() + " is a database of another program"};
    if (empty) sqlite->script("PRAGMA application_id=" + std::to_string(kApplicationId));
    return std::unique_ptr<Database>(std::move(sqlite));
  } catch (SQLite::Exception const& error) {
    raise(error);
  }
}

Result<std::unique_ptr<Database>> open_reading(std::filesystem::path const& file) {
  if (!std::filesystem::exists(file)) return Error{Errc::not_found, "no database at " + file.string()};
  try {
    auto sqlite = std::make_unique<Sqlite>(file.string(), SQLite::OPEN_READONLY);
    bool const empty = sqlite->number("SELECT count(*) FROM sqlite_master").value_or(0) == 0;
    if (!empty && sqlite->number("PRAGMA application_id") != kApplicationId)
      return Error{Errc::refused, file.string() + " is a database of another program"};
    return std::unique_ptr<Database>(std::move(sqlite));
  } catch (SQLite::Exception const& error) {
    raise(error);
  }
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(std::filesystem::path const& file, OpenMode mode, TextFilter filter) {
  try {
    return mode == OpenMode::read_write ? open_writing(file, std::move(filter)) : open_reading(file);
  } catch (StoreUnavailable const& error) {
    return Error{error.why == StoreUnavailable::Why::corrupt ? Errc::refused : Errc::unavailable,
                 file.string() + ": " + error.what()};
  }
}

Result<std::unique_ptr<Database>> open_for_bot(std::filesystem::path const& file, Instant now, TextFilter filter) {
  auto opened = open_writing(file, std::move(filter));
  if (opened.has_error()) return opened;
  if (sqlite3_db_readonly(store::handle_of(**opened), "main") == 1)
    throw StoreUnavailable(StoreUnavailable::Why::read_only, "the file can't be opened for writing");
  auto migrated = migrate(**opened, file, now);
  if (migrated.has_value()) return opened;
  if (migrated.error().code != Errc::unavailable) return migrated.error();
  throw StoreUnavailable(StoreUnavailable::Why::io, migrated.error().detail);
}

std::unique_ptr<Database> open_in_memory(TextFilter filter) {
  auto sqlite = std::make_unique<Sqlite>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, std::move(filter));
  // Small pages: the image of a database that holds little stays small.
  sqlite->script("PRAGMA page_size=1024");
  if (auto made = migrate(*sqlite, {}, Instant{}); made.has_error()) throw std::logic_error(made.error().detail);
  return sqlite;
}

std::unique_ptr<Database> open_what_is_left(std::filesystem::path const& file) {
  struct Way {
    std::string name;
    int flags;
    char const* first;
  };
  Way const ways[] = {
      // Alone with the file SQLite keeps the index of the write-ahead log in memory: a full disk has no room for it.
      {file.string(), SQLite::OPEN_READWRITE, "PRAGMA locking_mode=EXCLUSIVE"},
      {file.string(), SQLite::OPEN_READONLY, "PRAGMA query_only=ON"},
      // Nothing beside the file can be made or read: what was checkpointed is all there is.
      {"file:" + file.string() + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI, "PRAGMA query_only=ON"}};
  for (auto const& way : ways) {
    try {
      auto sqlite = std::make_unique<Sqlite>(way.name, way.flags, TextFilter{}, kWriterBusyTimeoutMillis);
      // What can't be written can't be tidied up either.
      sqlite3_db_config(sqlite->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      sqlite->script(way.first);
      if (sqlite->number("PRAGMA application_id") == kApplicationId && store::schema_version(*sqlite) > 0)
        return sqlite;
    } catch (std::exception const&) {
      continue;  // the next way asks less of the disk
    }
  }
  return nullptr;
}

namespace store {

sqlite3* handle_of(Database& database) {
  auto* const sqlite = dynamic_cast<Sqlite*>(&database);
  if (sqlite == nullptr) throw std::logic_error("not a database of SQLite");
  return sqlite->handle();
}

void raise(sqlite3* handle, int code) { raise_code(code, sqlite3_errmsg(handle)); }

void Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

Statement prepare(sqlite3* handle, std::string const& sql) {
  sqlite3_stmt* statement = nullptr;
  auto const code = sqlite3_prepare_v3(handle, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) raise(handle, code);
  return Statement(statement);
}

std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (char const each : name) text.append(each == '"' ? 2 : 1, each);
  return text + '"';
}

}  // namespace store

}  // namespace tocsin
