// Copies rows from one connection to another, table by table: what a lifeboat takes along.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/store/database.hpp"
#include "incidents/store/detail/engine.hpp"

namespace tocsin::store {

/// The tables of a database, in the order of their making: what others refer to comes first.
[[nodiscard]] std::vector<std::string> tables_of(Database& database);
/// The columns of the primary key, in order.
[[nodiscard]] std::vector<std::string> key_of(Database& database, std::string const& table);

/// Owns prepared statements on both connections: it must end before either of them.
class RowCopier {
 public:
  RowCopier(Database& from, Database& to) : from_(from), to_(to) {}

  /// Copies the rows of `table` for which `condition` ("WHERE …", "ORDER BY … LIMIT …") holds, `?1` in it being
  /// `parameter`; a row with the same key is replaced. Columns that only one side has, and rows that break a rule of
  /// the other side, are left out. Returns how many. Throws what the port throws, for either side; rows copied before
  /// stay.
  std::int64_t copy(std::string_view table, std::string_view condition, std::int64_t parameter = 0);

 private:
  struct Pair {
    Statement read;
    Statement write;
    int columns = 0;
  };
  Pair& prepared(std::string_view table, std::string_view condition);

  Database& from_;
  Database& to_;
  std::map<std::pair<std::string, std::string>, Pair, std::less<>> prepared_;
};

}  // namespace tocsin::store
