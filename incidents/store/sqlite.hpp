// SQLite behind the database port, its file, its lock and its migrations.
#pragma once

#include <filesystem>
#include <memory>

#include "incidents/base/result.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

enum class OpenMode : std::uint8_t {
  read_write,  ///< created when missing; WAL, synchronous=FULL, foreign keys
  read_only,   ///< for the command line, beside a running bot
};

/// Errors as values: not_found (read-only and missing), refused (not a database of ours, or newer than this program),
/// unavailable (can't be opened or written).
/// `filter` is what every text parameter goes through, on the thread that uses the database.
[[nodiscard]] Result<std::unique_ptr<Database>> open_sqlite(std::filesystem::path const& file, OpenMode mode,
                                                            TextFilter filter = {});

/// Opened for writing and migrated, for the bot itself. Errors: refused (another program's database, a newer one, a
/// foreign migration): nothing that a retry or a lifeboat could help. What the world does wrong is thrown as
/// StoreUnavailable.
[[nodiscard]] Result<std::unique_ptr<Database>> open_for_bot(std::filesystem::path const& file, Instant now,
                                                             TextFilter filter = {});

/// An empty database in memory with this program's schema; foreign keys are off.
[[nodiscard]] std::unique_ptr<Database> open_in_memory(TextFilter filter = {});

/// For reading only, where nothing may be writable or even whole: without shared memory, without a write-ahead log.
/// Null when nothing of it can be read.
[[nodiscard]] std::unique_ptr<Database> open_what_is_left(std::filesystem::path const& file);

/// Brings the schema up to this program's. An older one is copied first to `<file>.before-<version>`.
/// Errors: refused for a newer database, or one whose recorded migrations are not ours; nothing is changed then.
[[nodiscard]] Result<void> migrate(Database& database, std::filesystem::path const& file, Instant now);

/// The version `migrate` leads to.
[[nodiscard]] std::int64_t newest_schema();

/// A consistent copy made while the bot goes on writing (SQLite's online backup). Refuses to overwrite.
[[nodiscard]] Result<void> back_up(std::filesystem::path const& from, std::filesystem::path const& to);

/// Held by the one bot of a database for as long as it lives (flock on `<file>.lock`).
class StoreLock {
 public:
  /// Errors: refused when another process holds it; the detail names its process number.
  [[nodiscard]] static Result<StoreLock> take(std::filesystem::path const& file);
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tocsin
