#include "incidents/store/detail/rows.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace tocsin::store {
namespace {

std::vector<std::string> columns_of(Database& database, std::string const& table) {
  std::vector<std::string> columns;
  database.each("SELECT name FROM pragma_table_info(?1) ORDER BY cid", {table},
                [&columns](Row const& row) { columns.push_back(row.string(0)); });
  return columns;
}

}  // namespace

std::vector<std::string> tables_of(Database& database) {
  std::vector<std::string> tables;
  database.each("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid", {},
                [&tables](Row const& row) { tables.push_back(row.string(0)); });
  return tables;
}

std::vector<std::string> key_of(Database& database, std::string const& table) {
  std::vector<std::string> key;
  database.each("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", {table},
                [&key](Row const& row) { key.push_back(row.string(0)); });
  return key;
}

RowCopier::Pair& RowCopier::prepared(std::string_view table, std::string_view condition) {
  std::pair<std::string, std::string> key{table, condition};
  auto const found = prepared_.find(key);
  if (found != prepared_.end()) return found->second;
  auto const theirs = columns_of(from_, key.first);
  Pair pair;
  std::string names;
  std::string places;
  for (auto const& column : columns_of(to_, key.first)) {
    if (std::find(theirs.begin(), theirs.end(), column) == theirs.end()) continue;
    ++pair.columns;
    names += (names.empty() ? "" : ", ") + identifier(column);
    places += (places.empty() ? "?" : ", ?") + std::to_string(pair.columns);
  }
  auto const name = identifier(table);
  pair.read = prepare(handle_of(from_), "SELECT " + names + " FROM " + name + " " + key.second);
  pair.write = prepare(handle_of(to_), "INSERT OR REPLACE INTO " + name + " (" + names + ") VALUES (" + places + ")");
  return prepared_.emplace(std::move(key), std::move(pair)).first->second;
}

std::int64_t RowCopier::copy(std::string_view table, std::string_view condition, std::int64_t parameter) {
  auto& pair = prepared(table, condition);
  auto* const read = pair.read.get();
  auto* const write = pair.write.get();
  if (sqlite3_bind_parameter_count(read) > 0) sqlite3_bind_int64(read, 1, parameter);
  std::int64_t rows = 0;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(read)) == SQLITE_ROW) {
    for (int column = 0; column < pair.columns; ++column)
      sqlite3_bind_value(write, column + 1, sqlite3_column_value(read, column));
    auto const written = sqlite3_step(write);
    sqlite3_reset(write);
    if (written == SQLITE_CONSTRAINT) continue;
    if (written != SQLITE_DONE) {
      sqlite3_reset(read);
      raise(handle_of(to_), written);
    }
    ++rows;
  }
  // The message belongs to the step, so it is read before the reset.
  if (code != SQLITE_DONE) {
    try {
      raise(handle_of(from_), code);
    } catch (...) {
      sqlite3_reset(read);
      throw;
    }
  }
  sqlite3_reset(read);
  return rows;
}

}  // namespace tocsin::store
