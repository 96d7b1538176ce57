#include "integrations/host/processes.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "integrations/host/files.hpp"
#include "integrations/host/text.hpp"

namespace tocsin::host {
namespace {

constexpr std::size_t kMaxProcessStatBytes = 4 * 1024;

template <class Amount>
std::vector<ProcessUse> top(std::vector<ProcessUse> uses, std::size_t count, Amount amount) {
  std::erase_if(uses, [&](ProcessUse const& use) { return !(amount(use) > 0); });
  auto const kept = std::min(count, uses.size());
  std::partial_sort(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(kept), uses.end(),
                    [&](ProcessUse const& a, ProcessUse const& b) {
                      return amount(a) != amount(b) ? amount(a) > amount(b) : a.pid < b.pid;
                    });
  uses.resize(kept);
  return uses;
}

}  // namespace

Result<ProcessSample> sample_processes(std::filesystem::path const& proc,
                                       std::chrono::steady_clock::time_point deadline, std::stop_token stop) {
  std::error_code failed;
  std::filesystem::directory_iterator entry(proc, failed);
  if (failed) return Error{Errc::unavailable, proc.native() + ": " + failed.message()};
  ProcessSample sample;
  for (; entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (!number<std::int64_t>(entry->path().filename().native())) continue;
    if (sample.processes.size() == kMaxProcesses || stop.stop_requested() ||
        std::chrono::steady_clock::now() >= deadline) {
      sample.complete = false;
      break;
    }
    auto const text = read_whole(entry->path() / "stat", kMaxProcessStatBytes);
    if (!text) continue;
    if (auto process = parse_process_stat(*text)) sample.processes.push_back(std::move(*process));
  }
  if (failed) sample.complete = false;
  if (sample.processes.empty() && sample.complete) return Error{Errc::not_found, proc.native() + ": no processes"};
  return sample;
}

std::vector<ProcessUse> process_uses(ProcessSample const& before, ProcessSample const& after, double cpu_ticks,
                                     std::uint64_t page_bytes) {
  // The start is a part of the key: a number may have gone to another process meanwhile.
  std::map<std::pair<std::int64_t, std::uint64_t>, std::uint64_t> ticks_before;
  for (auto const& process : before.processes) ticks_before[{process.pid, process.started_at}] = process.ticks;
  std::vector<ProcessUse> uses;
  uses.reserve(after.processes.size());
  for (auto const& process : after.processes) {
    ProcessUse use{process.pid, process.name, 0, process.resident_pages * page_bytes};
    auto const earlier = ticks_before.find({process.pid, process.started_at});
    if (earlier != ticks_before.end() && process.ticks > earlier->second && cpu_ticks > 0) {
      use.cpu_percent = 100.0 * static_cast<double>(process.ticks - earlier->second) / cpu_ticks;
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

std::vector<ProcessUse> top_by_cpu(std::vector<ProcessUse> uses, std::size_t count) {
  return top(std::move(uses), count, [](ProcessUse const& use) { return use.cpu_percent; });
}

std::vector<ProcessUse> top_by_memory(std::vector<ProcessUse> uses, std::size_t count) {
  return top(std::move(uses), count, [](ProcessUse const& use) { return use.resident_bytes; });
}

}  // namespace tocsin::host
