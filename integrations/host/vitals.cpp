#include "integrations/host/vitals.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "integrations/host/files.hpp"

namespace tocsin::host {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMaxSmallFileBytes = 64 * 1024;
/// /proc/stat has a word for each interrupt, thousands on a big machine.
constexpr std::size_t kMaxStatBytes = 2 * 1024 * 1024;
constexpr std::size_t kMaxMountinfoBytes = 4 * 1024 * 1024;

/// Fills a Vitals piece by piece; what fails becomes a line of `missing`. Owned by read_vitals.
class Reading {
 public:
  Reading(VitalsOptions const& options, std::stop_token stop, Steady::time_point deadline)
      : options_(options), stop_(std::move(stop)), deadline_(deadline), proc_(options.root / "proc") {}

  Vitals take() {
    auto const counters = read_counters();
    auto const processes = sample_processes(proc_, deadline_, stop_);
    read_files();
    auto const mounts = read_mounts();
    std::vector<Disk> disks;
    // The file systems are asked while the counters run.
    auto const begun = Steady::now();
    if (mounts) {
      disks = measure(*mounts, options_.root, std::min(deadline_, begun + options_.disk_limit), stop_, options_.probe);
    }
    wait_until(std::min(begun + options_.sampling, deadline_ - kTimeToFinish));
    judge_cpu(counters, read_counters(), processes);
    keep(std::move(disks));
    return std::move(vitals_);
  }

 private:
  /// Kept back from the sampling for the second look.
  static constexpr Millis kTimeToFinish{50};

  template <class T>
  void keep(std::string_view what, std::optional<T>& place, Result<T> result) {
    if (result) {
      place = std::move(*result);
    } else {
      lack(what, result.error());
    }
  }

  void lack(std::string_view what, Error why) { vitals_.missing.push_back({std::string(what), std::move(why)}); }

  template <class T>
  Result<T> read(std::string_view file, Result<T> (*parse)(std::string_view),
                 std::size_t limit = kMaxSmallFileBytes) const {
    auto const text = read_whole(proc_ / file, limit);
    if (!text) return text.error();
    return parse(*text);
  }

  Result<CpuTimes> read_counters() const { return read("stat", parse_stat, kMaxStatBytes); }

  void read_files() {
    keep("load", vitals_.load, read("loadavg", parse_loadavg));
    if (auto const text = read_whole(proc_ / "meminfo", kMaxSmallFileBytes)) {
      auto parsed = parse_meminfo(*text);
      keep("memory", vitals_.memory, std::move(parsed.memory));
      keep("swap", vitals_.swap, std::move(parsed.swap));
    } else {
      lack("memory", text.error());
      lack("swap", text.error());
    }
    keep("cpu pressure", vitals_.cpu_pressure, read("pressure/cpu", parse_pressure));
    keep("memory pressure", vitals_.memory_pressure, read("pressure/memory", parse_pressure));
    keep("io pressure", vitals_.io_pressure, read("pressure/io", parse_pressure));
    keep("uptime", vitals_.uptime, read("uptime", parse_uptime));
    keep("open files", vitals_.open_files, read("sys/fs/file-nr", parse_file_nr));
  }

  std::optional<std::vector<Mount>> read_mounts() {
    // On another root, `self` would be ourselves, with the mounts of our own container: ask the host's first process.
    auto const* const file = options_.root == "/" ? "self/mountinfo" : "1/mountinfo";
    auto mounts = read(file, parse_mountinfo, kMaxMountinfoBytes);
    if (mounts) return real_file_systems(*mounts);
    lack("disks", mounts.error());
    return std::nullopt;
  }

  void wait_until(Steady::time_point then) const {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait_until(lock, stop_, then, [] { return false; });
  }

  void judge_cpu(Result<CpuTimes> const& before, Result<CpuTimes> const& after,
                 Result<ProcessSample> const& processes) {
    double ticks_of_one_cpu = 0;
    if (before && after) {
      vitals_.cpu = cpu_use(*before, *after);
      if (!vitals_.cpu) lack("cpu", {Errc::unavailable, "the counters of the CPU did not move"});
      auto const passed = after->total > before->total ? after->total - before->total : 0;
      ticks_of_one_cpu = static_cast<double>(passed) / after->cpus;
    } else {
      lack("cpu", before ? after.error() : before.error());
    }
    auto const later = sample_processes(proc_, deadline_, stop_);
    if (!processes || !later) return lack("processes", processes ? later.error() : processes.error());
    if (!processes->complete || !later->complete) {
      lack("processes", {Errc::timed_out, "not all processes were looked at"});
    }
    auto const uses =
        process_uses(*processes, *later, ticks_of_one_cpu, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    vitals_.top_by_cpu = top_by_cpu(uses, options_.top);
    vitals_.top_by_memory = top_by_memory(uses, options_.top);
  }

  void keep(std::vector<Disk> disks) {
    for (auto const& disk : disks) {
      if (disk.why_not) lack("disk " + disk.mount.mount_point, *disk.why_not);
    }
    vitals_.disks = std::move(disks);
  }

  VitalsOptions const& options_;
  std::stop_token stop_;
  Steady::time_point deadline_;
  std::filesystem::path proc_;
  Vitals vitals_;
};

}  // namespace

Result<Vitals> read_vitals(VitalsOptions const& options, std::stop_token stop,
                           std::chrono::steady_clock::time_point deadline) {
  if (options.sampling <= Millis::zero() || options.sampling > kMaxSampling) {
    return Error{Errc::invalid, "the sampling interval is not within 0 and 60 s"};
  }
  if (options.disk_limit <= Millis::zero() || options.disk_limit > kMaxDiskLimit) {
    return Error{Errc::invalid, "the time for the disks is not within 0 and 60 s"};
  }
  std::error_code failed;
  if (!std::filesystem::is_directory(options.root / "proc", failed)) {
    return Error{Errc::not_found, "no proc below " + options.root.native()};
  }
  auto vitals = Reading(options, stop, deadline).take();
  if (stop.stop_requested()) return Error{Errc::unavailable, "stopped"};
  return vitals;
}

}  // namespace tocsin::host
