// Everything attempted: append-only rows, each carrying the hash of the one before, so that a change, a removal, a
// reordering or a cut can be found and named.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/base/time.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

struct AuditRow {
  std::int64_t sequence = 0;  ///< from 1, without gaps
  Instant at{};
  PersonId person;      ///< empty: the bot itself
  std::string place;    ///< "terminal", "slack:C042", …
  std::string what;     ///< the canonical command, or what the bot did
  std::string outcome;  ///< "allowed", "refused", "done", "failed", …
  std::string detail;   ///< why
  Millis length{};
  std::string hash;  ///< hex SHA-256 over the row before's hash and this row
  friend bool operator==(AuditRow const&, AuditRow const&) = default;
};

/// Appends; sequence and hash of `row` are made here. Returns the new head.
AuditRow append_audit(Database& database, AuditRow row);

/// The last row's number and hash: what an anchor holds.
struct AuditHead {
  std::int64_t sequence = 0;
  std::string hash;
  friend bool operator==(AuditHead const&, AuditHead const&) = default;
};
[[nodiscard]] AuditHead audit_head(Database& database);

struct AuditFinding {
  enum class Kind : std::uint8_t { changed, missing, cut_off, anchor_differs } kind{};
  std::int64_t sequence = 0;  ///< the first bad row
};

/// Walks the whole chain. `anchors` are heads that were sent away earlier; the chain must still hold each of them.
/// `segments` is the folder of the sealed rows; without it the chain is taken to begin where they end.
/// Nothing: the chain is whole. A reordering shows as `changed` at the first row that moved.
[[nodiscard]] std::optional<AuditFinding> verify_audit(Database& database, std::vector<AuditHead> const& anchors,
                                                       std::filesystem::path const& segments = {});
/// Is this the copy in memory that stands in for a database that can't be written? It holds the chain's end only.
[[nodiscard]] bool stands_in(Database& database);

/// The anchor as a line for channel, e-mail and the anchor file: "SEQUENCE HASH SIGNATURE", signed with HMAC-SHA-256.
[[nodiscard]] std::string sign_anchor(AuditHead const& head, Secret const& key);
/// Nothing when the line isn't ours or was changed.
[[nodiscard]] std::optional<AuditHead> read_anchor(std::string_view line, Secret const& key);

/// In order, from `after` on.
[[nodiscard]] std::vector<AuditRow> audit_rows(Database& database, std::int64_t after, std::size_t limit);
/// The newest first.
[[nodiscard]] std::vector<AuditRow> newest_audit(Database& database, std::size_t limit);

}  // namespace tocsin::store
