// What a transaction changed, as bytes that can be applied to another database: SQLite's changesets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/store/audit.hpp"
#include "incidents/store/database.hpp"

struct sqlite3_session;

namespace tocsin::store {

/// Listens to one connection from its making to its end, which must come before the connection's.
class Recorder {
 public:
  explicit Recorder(Database& database);
  Recorder(Recorder const&) = delete;
  Recorder& operator=(Recorder const&) = delete;
  ~Recorder();
  /// The difference made so far, net: what was rolled back or changed back is not in it. Empty: nothing changed.
  [[nodiscard]] std::string changes() const;

 private:
  sqlite3_session* session_ = nullptr;
};

/// What did not fit, because the other database was changed by somebody else meanwhile.
struct Misfits {
  std::int64_t count = 0;
  std::vector<std::string> lines;  ///< "table: what", the first few
};

/// Applies a changeset inside the open transaction. Rows of the audit are appended anew, in order: the chain holds
/// whatever stands before them, and in the usual case, the same rows before, they come out the same to the bit.
/// A row that differs from what the changes started from takes the change; a new row whose place is taken keeps out,
/// but entries of a timeline, which go behind the others. Both are reported. Throws StoreUnavailable.
[[nodiscard]] Misfits apply_changes(Database& database, std::string_view changes);

/// The rows that a changeset adds to the audit, by number.
[[nodiscard]] std::vector<AuditRow> audit_in(std::string_view changes);

}  // namespace tocsin::store
