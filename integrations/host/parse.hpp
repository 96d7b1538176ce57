// What the files of /proc say, as pure functions on their text. Whatever the text is, the answer is a value or an
// Error with Errc::invalid; nothing is guessed. Formats: man 5 proc, Documentation/accounting/psi.rst of the kernel.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::host {

/// The first line of /proc/stat: ticks since boot, all CPUs together. Guest time is within user time already.
struct CpuTimes {
  std::uint64_t total = 0;
  std::uint64_t idle = 0;
  std::uint64_t waiting = 0;  ///< idle with a disk request open
  std::uint64_t stolen = 0;   ///< taken by the hypervisor
  int cpus = 0;               ///< online ones, >= 1
};
[[nodiscard]] Result<CpuTimes> parse_stat(std::string_view text);

/// Shares of the time between two samples, in percent of all CPUs together, 0..100.
struct CpuUse {
  double busy = 0;  ///< neither idle nor waiting for a disk
  double waiting = 0;
  double stolen = 0;
  int cpus = 0;
};
/// Nothing when no time passed between them. Counters that ran backwards (they do, when a CPU goes off line) count as
/// unchanged.
[[nodiscard]] std::optional<CpuUse> cpu_use(CpuTimes const& before, CpuTimes const& after);

struct Load {
  double one = 0;  ///< runnable and uninterruptible tasks, mean over about a minute
  double five = 0;
  double fifteen = 0;
};
[[nodiscard]] Result<Load> parse_loadavg(std::string_view text);

struct Memory {
  std::uint64_t total_bytes = 0;      ///< > 0
  std::uint64_t available_bytes = 0;  ///< what programs can still get without swapping (MemAvailable); <= total
  [[nodiscard]] double used_percent() const noexcept;
};
struct Swap {
  std::uint64_t total_bytes = 0;  ///< 0: there is none
  std::uint64_t free_bytes = 0;   ///< <= total
};
struct MemoryFile {
  Result<Memory> memory;
  Result<Swap> swap;
};
/// Each half by itself: kernels before 3.14 and some sandboxes have no MemAvailable.
[[nodiscard]] MemoryFile parse_meminfo(std::string_view text);

/// Shares of time, in percent, in which tasks waited for the resource.
struct Stall {
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
  std::chrono::microseconds total{};
};
struct Pressure {
  Stall some;                 ///< at least one task waited
  std::optional<Stall> full;  ///< all of them did; older kernels have none for the CPU
};
[[nodiscard]] Result<Pressure> parse_pressure(std::string_view text);

/// A line of mountinfo.
struct Mount {
  std::string device;       ///< "major:minor": the same for all mounts of one file system
  std::string root;         ///< which directory of the file system is mounted; "/" is all of it
  std::string mount_point;  ///< octal escapes undone
  std::string type;
  std::string source;
  bool read_only = false;  ///< by this mount, or the file system itself (as after an error)
};
/// In the order of the file; malformed lines are left out. Errors: more than kMaxMounts lines, or not one good one.
[[nodiscard]] Result<std::vector<Mount>> parse_mountinfo(std::string_view text);
inline constexpr std::size_t kMaxMounts = 10'000;

/// /proc/<pid>/stat. `name` is the kernel's name of the task (comm), made printable: never its command line.
struct ProcessStat {
  std::int64_t pid = 0;
  std::string name;
  char state = '?';
  std::uint64_t ticks = 0;       ///< of CPU time used, user and system
  std::uint64_t started_at = 0;  ///< in ticks after boot: with `pid` it names one process for ever
  std::uint64_t resident_pages = 0;
};
[[nodiscard]] Result<ProcessStat> parse_process_stat(std::string_view text);

[[nodiscard]] Result<Millis> parse_uptime(std::string_view text);

struct OpenFiles {
  std::uint64_t open = 0;
  std::uint64_t limit = 0;
};
/// /proc/sys/fs/file-nr.
[[nodiscard]] Result<OpenFiles> parse_file_nr(std::string_view text);

}  // namespace tocsin::host
