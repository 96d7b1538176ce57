// How full the file systems are, as `df` counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "integrations/host/parse.hpp"

namespace tocsin::host {

/// What statvfs says, in its words.
struct FileSystemCounts {
  std::uint64_t block_bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free = 0;
  std::uint64_t available = 0;  ///< free, less what is kept for root
  std::uint64_t files = 0;      ///< 0: the file system has no fixed number of inodes
  std::uint64_t files_free = 0;
};

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t available_bytes = 0;  ///< to programs without root's rights
  int used_percent = 0;               ///< used / (used + available), rounded up; 0..100
};

struct Inodes {
  std::uint64_t total = 0;
  std::uint64_t used = 0;
  int used_percent = 0;  ///< rounded up; 0..100
};

/// One file system, under the mount point that shows it best.
struct Disk {
  Mount mount;
  std::optional<DiskSpace> space;  ///< nothing: not checked, see `why_not`
  std::optional<Inodes> inodes;    ///< nothing also where the file system does not count them
  std::optional<Error> why_not;
};

/// Asks one mount point, an absolute path; blocks as long as the file system pleases. Any thread.
using SpaceProbe = std::function<Result<FileSystemCounts>(std::string const& path)>;
/// statvfs(3).
[[nodiscard]] Result<FileSystemCounts> ask_file_system(std::string const& path);

[[nodiscard]] DiskSpace space_of(FileSystemCounts const& counts);
[[nodiscard]] std::optional<Inodes> inodes_of(FileSystemCounts const& counts);

/// Of all mounts those that hold data on a disk or a network disk, each file system once: no kernel file systems, no
/// memory disks, no images that are full by nature (squashfs, iso9660), no automounter (asking it would mount), no
/// container layers (they lie on a disk that is listed) unless one is our own root.
[[nodiscard]] std::vector<Mount> real_file_systems(std::vector<Mount> const& mounts);

inline constexpr std::size_t kMaxDisks = 48;

/// Asks all file systems side by side, each on a thread of its own, and waits until `deadline` at the longest. One
/// that has not answered by then is "not checked"; it is never asked a second time while it hangs.
/// `root` stands before each mount point.
[[nodiscard]] std::vector<Disk> measure(std::vector<Mount> mounts, std::filesystem::path const& root,
                                        std::chrono::steady_clock::time_point deadline, std::stop_token stop,
                                        SpaceProbe const& probe = ask_file_system);

}  // namespace tocsin::host
