#include "tests/bench/bare.hpp"

#include <sqlite3.h>

#include <chrono>
#include <stdexcept>

#include "bot/clock.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin::bench {
namespace {

void check(int code, sqlite3* database) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
    throw std::runtime_error(sqlite3_errmsg(database));
}

void run(sqlite3_stmt* statement) {
  while (sqlite3_step(statement) == SQLITE_ROW) {
  }
  check(sqlite3_reset(statement), sqlite3_db_handle(statement));
}

void bind(sqlite3_stmt* statement, int index, std::string const& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

void CloseStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void make_store(std::filesystem::path const& file) {
  auto database = open_sqlite(file, OpenMode::read_write);
  if (database.has_error()) throw std::runtime_error(database.error().detail);
  if (auto migrated = migrate(**database, file, make_system_clock()->now()); migrated.has_error())
    throw std::runtime_error(migrated.error().detail);
}

Bare::Bare(std::filesystem::path const& file) {
  check(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr), database_);
  script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
  keep_ = prepare(
      "INSERT INTO inbox (platform, id, person, at, state, text, room, answer) "
      "VALUES ('web', ?1, 'alice', 1795403400000, 2, '/ping', ?2, ?3)");
}

Bare::~Bare() {
  begin_.reset();
  commit_.reset();
  keep_.reset();
  sqlite3_close(database_);
}

Statement Bare::prepare(std::string const& sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), database_);
  return Statement(statement);
}

void Bare::script(std::string const& sql) {
  check(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), database_);
}

std::vector<std::string> Bare::column_names(std::string const& table) {
  std::vector<std::string> names;
  auto const none = prepare("SELECT * FROM " + table + " WHERE 0");
  for (int i = 0; i < sqlite3_column_count(none.get()); ++i) names.emplace_back(sqlite3_column_name(none.get(), i));
  return names;
}

void Bare::begin() { run(begin_.get()); }
void Bare::commit() { run(commit_.get()); }

void Bare::keep(std::string const& id) {
  // As long as what the bot stores for `/ping`.
  static std::string const room(90, 'r');
  static std::string const answer(130, 'a');
  bind(keep_.get(), 1, id);
  bind(keep_.get(), 2, room);
  bind(keep_.get(), 3, answer);
  run(keep_.get());
}

Copy::Copy(std::filesystem::path const& from) {
  Bare source(from);
  auto const names = source.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'facts', 'web_tokens') AND "
      "name NOT LIKE 'sqlite%' ORDER BY rowid");
  while (sqlite3_step(names.get()) == SQLITE_ROW) {
    Table table;
    table.name = reinterpret_cast<char const*>(sqlite3_column_text(names.get(), 0));
    auto const rows = source.prepare("SELECT * FROM " + table.name);
    table.columns = sqlite3_column_count(rows.get());
    while (sqlite3_step(rows.get()) == SQLITE_ROW) {
      auto& row = table.rows.emplace_back();
      for (int i = 0; i < table.columns; ++i) {
        Cell cell{sqlite3_column_type(rows.get(), i), sqlite3_column_int64(rows.get(), i), {}};
        if (cell.type == SQLITE_TEXT)
          cell.text.assign(reinterpret_cast<char const*>(sqlite3_column_text(rows.get(), i)),
                           static_cast<std::size_t>(sqlite3_column_bytes(rows.get(), i)));
        row.push_back(std::move(cell));
      }
    }
    if (!table.rows.empty()) tables_.push_back(std::move(table));
  }
}

std::size_t Copy::rows() const {
  std::size_t count = 0;
  for (auto const& table : tables_) count += table.rows.size();
  return count;
}

double Copy::write(std::filesystem::path const& to, std::size_t commands, std::size_t batch) const {
  make_store(to);
  Bare target(to);
  std::vector<Statement> inserts;
  for (auto const& table : tables_) {
    std::string sql = "INSERT INTO " + table.name + " VALUES (";
    for (int i = 1; i <= table.columns; ++i) sql += (i == 1 ? "?" : ", ?") + std::to_string(i);
    inserts.push_back(target.prepare(sql + ")"));
  }
  auto const begun = std::chrono::steady_clock::now();
  for (std::size_t command = 0; command < commands; ++command) {
    if (command % batch == 0) target.begin();
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      auto const& rows = tables_[t].rows;
      auto* insert = inserts[t].get();
      for (auto r = rows.size() * command / commands; r < rows.size() * (command + 1) / commands; ++r) {
        int index = 0;
        for (auto const& cell : rows[r]) {
          ++index;
          if (cell.type == SQLITE_TEXT) {
            bind(insert, index, cell.text);
          } else if (cell.type == SQLITE_NULL) {
            sqlite3_bind_null(insert, index);
          } else {
            sqlite3_bind_int64(insert, index, cell.number);
          }
        }
        run(insert);
      }
    }
    if ((command + 1) % batch == 0 || command + 1 == commands) target.commit();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace tocsin::bench
