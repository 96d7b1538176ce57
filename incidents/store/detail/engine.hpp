// The engine behind the port, for those files of the store that need more of SQLite than SQL: copies, hooks,
// changesets.
#pragma once

#include <memory>
#include <string>

#include "incidents/store/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tocsin::store {

/// How long whoever is not the bot waits for its transactions.
inline constexpr int kBusyTimeoutMillis = 5000;

/// The connection behind the port. Owned by `database`; a logic_error if another engine stands there.
[[nodiscard]] sqlite3* handle_of(Database& database);

/// Throws what the port throws for this result code: StoreUnavailable, or a logic_error for a mistake of ours.
[[noreturn]] void raise(sqlite3* handle, int code);

/// Prepared statements of the engine itself, freed with their owner.
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
[[nodiscard]] Statement prepare(sqlite3* handle, std::string const& sql);

/// "name" with its quotes doubled: the one way in which a table's name gets into a text of SQL.
[[nodiscard]] std::string identifier(std::string_view name);

}  // namespace tocsin::store
