// The end of a log file: the last lines, or the last ones that matter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "integrations/logs/entries.hpp"
#include "integrations/logs/stamp.hpp"

namespace tocsin::logs {

inline constexpr std::size_t kMaxLines = 5'000;
inline constexpr std::size_t kMaxTextBytes = 1024 * 1024;
/// So much of a log is read at most, from its end, the rotated file included.
inline constexpr std::size_t kMaxScanBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMaxNeedleBytes = 256;

struct TailRequest {
  std::filesystem::path file;  ///< absolute; from the configuration, never from chat
  Wanted wanted;               ///< lines <= kMaxLines, bytes <= kMaxTextBytes, text sought 1..kMaxNeedleBytes
  StampRules stamps;           ///< `year` and `latest`, where not given, are taken from the file's last change
  enum class Links : std::uint8_t { refuse, follow } links = Links::refuse;  ///< if `file` itself is a symbolic link
  bool rotated = true;  ///< go on in `file`.1 where the live file is too short
};

struct Tail {
  std::vector<LogLine> lines;      ///< oldest first
  std::size_t left_out = 0;        ///< older lines that match too; at least so many, exactly if `unread_bytes` is 0
  std::uint64_t unread_bytes = 0;  ///< of the file and its rotated one, older than what was looked at
  Instant written_at{};            ///< when the live file was last written
  bool cut = false;      ///< a limit or the deadline ended the search: older lines that were asked for may be missing
  bool dated = false;    ///< times were recognised; if not, `since` was not applied
  bool rotated = false;  ///< some of it stands in the rotated file
};

/// Reads backwards from the end, never the whole file, and never waits: only a regular file is opened. Blocking, for a
/// worker thread; between blocks it looks at `deadline` and `stop`.
/// Errors: Errc::invalid (the request), not_found, refused (rights, a symbolic link, not a regular file), unavailable
/// (reading fails, stopped), timed_out (nothing was read in time).
[[nodiscard]] Result<Tail> tail(TailRequest const& request, std::stop_token stop,
                                std::chrono::steady_clock::time_point deadline);

}  // namespace tocsin::logs
