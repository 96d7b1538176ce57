// The state of a Linux host, read from its /proc: no program is started.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "integrations/host/disks.hpp"
#include "integrations/host/parse.hpp"
#include "integrations/host/processes.hpp"

namespace tocsin::host {

struct VitalsOptions {
  /// Where the host's root directory is seen: "/", or where a container has it mounted. Below it `proc` must be the
  /// host's /proc (a bind mount of / with its submounts brings it along).
  std::filesystem::path root = "/";
  Millis sampling{500};      ///< between the two looks at the counters; 0 < sampling <= kMaxSampling
  std::size_t top = 5;       ///< how many processes by CPU, and by memory
  Millis disk_limit{1'000};  ///< how long the file systems may take, all together; 0 < disk_limit <= kMaxDiskLimit
  SpaceProbe probe = ask_file_system;
};

inline constexpr Millis kMaxSampling{60'000};
inline constexpr Millis kMaxDiskLimit{60'000};

/// What could not be read. `what` is one of kPieces, or "disk <mount point>".
struct Missing {
  std::string what;
  Error why;
};

/// Unknown is never 0: what is not here is in `missing`.
struct Vitals {
  std::optional<CpuUse> cpu;
  std::optional<Load> load;  ///< to be judged against `cpu->cpus`
  std::optional<Memory> memory;
  std::optional<Swap> swap;
  std::optional<Pressure> cpu_pressure;
  std::optional<Pressure> memory_pressure;
  std::optional<Pressure> io_pressure;
  std::vector<Disk> disks;  ///< by mount point
  std::vector<ProcessUse> top_by_cpu;
  std::vector<ProcessUse> top_by_memory;
  std::optional<Millis> uptime;
  std::optional<OpenFiles> open_files;
  std::vector<Missing> missing;
};

inline constexpr std::array<std::string_view, 11> kPieces{
    "cpu",         "load",  "memory",    "swap",   "cpu pressure", "memory pressure",
    "io pressure", "disks", "processes", "uptime", "open files"};

/// Reads everything that can be read. Blocking, for a worker thread: takes `sampling`, and at most until `deadline`
/// (a moment more for a single file of /proc); a shorter deadline shortens the sampling. Errors: only when there is
/// nothing to tell: Errc::invalid options, not_found (no /proc below the root), unavailable (stopped).
[[nodiscard]] Result<Vitals> read_vitals(VitalsOptions const& options, std::stop_token stop,
                                         std::chrono::steady_clock::time_point deadline);

}  // namespace tocsin::host
