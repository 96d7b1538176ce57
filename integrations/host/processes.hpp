// Which processes use the CPU and the memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "incidents/base/result.hpp"
#include "integrations/host/parse.hpp"

namespace tocsin::host {

inline constexpr std::size_t kMaxProcesses = 50'000;

struct ProcessUse {
  std::int64_t pid = 0;
  std::string name;  ///< the kernel's name of it (at most 15 bytes, or 63 for kernel threads); never its arguments
  double cpu_percent = 0;  ///< of one CPU, since the earlier sample: 200 is two CPUs; 0 for one born since
  std::uint64_t resident_bytes = 0;
};

struct ProcessSample {
  std::vector<ProcessStat> processes;
  bool complete = true;  ///< false: kMaxProcesses, the deadline or a stop came first
};

/// One look at all processes of `proc`. Those that end meanwhile are left out. Errors: `proc` can't be read.
[[nodiscard]] Result<ProcessSample> sample_processes(std::filesystem::path const& proc,
                                                     std::chrono::steady_clock::time_point deadline,
                                                     std::stop_token stop);

/// Joins two samples: all processes of the later one. `cpu_ticks` are the ticks of one CPU that passed between them;
/// 0 leaves all shares 0.
[[nodiscard]] std::vector<ProcessUse> process_uses(ProcessSample const& before, ProcessSample const& after,
                                                   double cpu_ticks, std::uint64_t page_bytes);

/// The greediest first, at most `count`; those that use nothing are left out.
[[nodiscard]] std::vector<ProcessUse> top_by_cpu(std::vector<ProcessUse> uses, std::size_t count);
[[nodiscard]] std::vector<ProcessUse> top_by_memory(std::vector<ProcessUse> uses, std::size_t count);

}  // namespace tocsin::host
