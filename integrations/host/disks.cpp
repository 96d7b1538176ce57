#include "integrations/host/disks.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "integrations/host/shared_calls.hpp"

namespace tocsin::host {
namespace {

/// What holds no data of its own. Everything else counts as a disk, so that a new file system is not overlooked.
constexpr std::array<std::string_view, 36> kNoDisks{
    "autofs",   "binfmt_misc", "bpf",         "cgroup",         "cgroup2", "configfs",  "debugfs", "devpts",
    "devtmpfs", "devfs",       "efivarfs",    "erofs",          "fusectl", "hugetlbfs", "iso9660", "mqueue",
    "nfsd",     "none",        "nsfs",        "overlay",        "aufs",    "proc",      "pstore",  "ramfs",
    "rootfs",   "rpc_pipefs",  "securityfs",  "selinuxfs",      "smackfs", "squashfs",  "sysfs",   "tmpfs",
    "tracefs",  "fuse.lxcfs",  "fuse.portal", "fuse.gvfsd-fuse"};

bool holds_data(Mount const& mount) {
  if (std::find(kNoDisks.begin(), kNoDisks.end(), mount.type) == kNoDisks.end()) return true;
  bool const layers = mount.type == "overlay" || mount.type == "aufs";
  return layers && mount.mount_point == "/";
}

/// Which of two mounts of one file system shows it best: the one that shows all of it, nearest the root.
bool better(Mount const& a, Mount const& b) {
  auto const rank = [](Mount const& mount) { return std::tuple(mount.root != "/", mount.mount_point.size()); };
  return rank(a) < rank(b);
}

/// part / whole, rounded up.
int percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  // Through long double: 100 * part may not fit, and its 64 bits of mantissa keep every quotient here exact enough.
  auto const share = 100.0L * static_cast<long double>(part) / static_cast<long double>(whole);
  auto const down = static_cast<int>(std::min(share, 100.0L));
  return std::min(100, share > static_cast<long double>(down) ? down + 1 : down);
}

std::uint64_t bytes_of(std::uint64_t blocks, std::uint64_t block_bytes) {
  std::uint64_t bytes = 0;
  return __builtin_mul_overflow(blocks, block_bytes, &bytes) ? UINT64_MAX : bytes;
}

SharedCalls<Result<FileSystemCounts>>& calls() {
  static SharedCalls<Result<FileSystemCounts>> under_way;
  return under_way;
}

}  // namespace

Result<FileSystemCounts> ask_file_system(std::string const& path) {
  struct statvfs info {};
  while (::statvfs(path.c_str(), &info) != 0) {
    if (errno == EINTR) continue;
    auto const code = errno == EACCES ? Errc::refused : errno == ENOENT ? Errc::not_found : Errc::unavailable;
    return Error{code, path + ": " + std::generic_category().message(errno)};
  }
  return FileSystemCounts{info.f_frsize != 0 ? info.f_frsize : info.f_bsize,
                          info.f_blocks,
                          info.f_bfree,
                          info.f_bavail,
                          info.f_files,
                          info.f_favail};
}

DiskSpace space_of(FileSystemCounts const& counts) {
  auto const used = counts.blocks - std::min(counts.blocks, counts.free);
  auto const available = std::min(counts.available, counts.blocks);
  return {bytes_of(counts.blocks, counts.block_bytes), bytes_of(used, counts.block_bytes),
          bytes_of(available, counts.block_bytes), percent(used, used + available)};
}

std::optional<Inodes> inodes_of(FileSystemCounts const& counts) {
  if (counts.files == 0) return std::nullopt;
  auto const used = counts.files - std::min(counts.files, counts.files_free);
  return Inodes{counts.files, used, percent(used, counts.files)};
}

std::vector<Mount> real_file_systems(std::vector<Mount> const& mounts) {
  std::map<std::string_view, Mount const*> visible;  // a later mount hides an earlier one on the same point
  for (auto const& mount : mounts) visible[mount.mount_point] = &mount;
  std::map<std::string_view, Mount const*> best;
  for (auto const& [point, mount] : visible) {
    if (!holds_data(*mount)) continue;
    auto const [entry, fresh] = best.emplace(mount->device, mount);
    if (!fresh && better(*mount, *entry->second)) entry->second = mount;
  }
  std::vector<Mount> result;
  for (auto const& [device, mount] : best) result.push_back(*mount);
  std::sort(result.begin(), result.end(), [](Mount const& a, Mount const& b) { return a.mount_point < b.mount_point; });
  return result;
}

std::vector<Disk> measure(std::vector<Mount> mounts, std::filesystem::path const& root,
                          std::chrono::steady_clock::time_point deadline, std::stop_token stop,
                          SpaceProbe const& probe) {
  std::vector<std::shared_ptr<SharedCalls<Result<FileSystemCounts>>::Call>> asked;
  for (std::size_t i = 0; i < std::min(mounts.size(), kMaxDisks); ++i) {
    auto path = (root / std::filesystem::path(mounts[i].mount_point).relative_path()).native();
    auto key = path;
    asked.push_back(calls().begin(key, [probe, path = std::move(path)] { return probe(path); }));
  }
  std::vector<Disk> disks;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    Disk disk{std::move(mounts[i]), std::nullopt, std::nullopt, std::nullopt};
    if (i >= asked.size()) {
      disk.why_not = Error{Errc::too_large, "more than 48 file systems"};
    } else if (!asked[i]) {
      disk.why_not = Error{Errc::unavailable, "too many file systems hang already"};
    } else if (auto const counts = asked[i]->wait(deadline, stop); !counts) {
      disk.why_not = Error{Errc::timed_out, "the file system does not answer"};
    } else if (!*counts) {
      disk.why_not = counts->error();
    } else if ((*counts)->blocks == 0) {
      continue;  // a kernel file system of a type not known here; df leaves it out too
    } else {
      disk.space = space_of(**counts);
      disk.inodes = inodes_of(**counts);
    }
    disks.push_back(std::move(disk));
  }
  return disks;
}

}  // namespace tocsin::host
