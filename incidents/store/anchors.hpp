// Heads of the audit that were sent away, signed, so that a chain that was cut off or made anew is found out. A copy of
// each stands in a file beside the database; the ones in the channel and in mailboxes are out of the machine's reach.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/store/audit.hpp"

namespace tocsin::store {

/// The file of the anchors of a database.
[[nodiscard]] std::filesystem::path anchors_file(std::filesystem::path const& storage);

struct Anchors {
  std::vector<AuditHead> heads;      ///< the oldest first
  std::vector<std::size_t> foreign;  ///< numbers (from 1) of lines that this bot did not sign, or that were changed
};
/// No file: no anchors. A last line without its line break was being written when the machine stopped: left out.
[[nodiscard]] Anchors read_anchors(std::filesystem::path const& file, Secret const& key);
/// Durably, readable by the owner alone; what is the last line already is not written again. Blocks.
/// Errors: unavailable.
[[nodiscard]] Result<void> append_anchor(std::filesystem::path const& file, std::string_view line);

/// The whole chain against what was sent away.
struct Examination {
  std::optional<AuditFinding> finding;  ///< nothing: whole
  AuditHead head;
};
/// Rows in the database and sealed, against `anchors`, as of one instant, on a connection that only reads, beside a bot
/// that goes on writing. Blocks for microseconds a row. Errors: as open_sqlite.
[[nodiscard]] Result<Examination> examine_audit(std::filesystem::path const& storage,
                                                std::vector<AuditHead> const& anchors);

/// The anchor of the head, if that is further than the last one; it is remembered as the last one. In a unit of work.
[[nodiscard]] std::optional<std::string> make_anchor(Database& database, Secret const& key, Instant now);
/// The last one that `make_anchor` made, unless it was mailed.
[[nodiscard]] std::optional<std::string> anchor_to_mail(Database& database);
void anchor_mailed(Database& database, std::string_view line, Instant now);

}  // namespace tocsin::store
