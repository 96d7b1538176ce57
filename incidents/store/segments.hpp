// Sealed segments: the oldest rows of the audit, in files beside the database that are never changed again, as stored
// notices, each after its length. Their hashes bind them to the chain; `tocsin audit export` prints them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/store/audit.hpp"

namespace tocsin::store {

/// Why the last system call about `file` failed, from errno.
[[nodiscard]] Error trouble_with(std::filesystem::path const& file);

/// Rows of one segment: a file of a few megabytes.
inline constexpr std::size_t kSegmentRows = 10'000;

struct Segment {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string hash;  ///< of the last row
  std::string file;  ///< its name in the folder
  Instant sealed_at{};
};

/// The folder of the segments of a database.
[[nodiscard]] std::filesystem::path segments_folder(std::filesystem::path const& storage);

[[nodiscard]] std::vector<Segment> segments_of(Database& database);
/// The next `rows` rows if all of them are older than `before`; fewer are not worth a file. Nothing in the copy in
/// memory that stands in for a database that can't be written.
[[nodiscard]] std::vector<AuditRow> next_to_seal(Database& database, Instant before, std::size_t rows = kSegmentRows);
/// Writes the rows durably, read-only, and reads them back. Blocks; not inside a unit of work. After a crash the same
/// file is written again. Errors: unavailable (the disk), invalid (what came back is not the same).
[[nodiscard]] Result<Segment> write_segment(std::filesystem::path const& folder, std::vector<AuditRow> const& rows,
                                            Instant now);
/// From now on the rows are in the file only. Inside a unit of work. Does nothing in the copy in memory.
void seal(Database& database, Segment const& segment);

/// The rows of a segment's file. Errors: not_found; invalid: not such a file.
[[nodiscard]] Result<std::vector<AuditRow>> read_segment(std::filesystem::path const& folder, Segment const& segment);

}  // namespace tocsin::store
