#include "integrations/host/parse.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "integrations/host/text.hpp"
#include "integrations/process/output.hpp"

namespace tocsin::host {
namespace {

constexpr std::uint64_t kKiB = 1024;
/// Above any machine; keeps sums of a few such numbers within 64 bits.
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint64_t>::max() / 64;

std::optional<std::uint64_t> count(std::string_view word) {
  auto const value = number<std::uint64_t>(word);
  return value && *value <= kMaxCount ? value : std::nullopt;
}

Error invalid(std::string detail) { return {Errc::invalid, std::move(detail)}; }

std::uint64_t growth(std::uint64_t before, std::uint64_t after) { return after > before ? after - before : 0; }

/// Undoes \040 and its like; anything else after a backslash stays as it is.
std::string without_octal_escapes(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const code = text[i] == '\\' && text.size() - i >= 4 ? number<unsigned>(text.substr(i + 1, 3), 8)
                                                              : std::optional<unsigned>();
    if (code && *code <= 0xFF) {
      result += static_cast<char>(*code);
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    auto const end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == wanted) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

/// `36 35 98:0 /root /mount rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
std::optional<Mount> parse_mount(std::string_view line) {
  (void)next_word(line);  // the mount's number and its parent's
  (void)next_word(line);
  Mount mount;
  mount.device = next_word(line);
  mount.root = without_octal_escapes(next_word(line));
  mount.mount_point = without_octal_escapes(next_word(line));
  auto const options = next_word(line);
  auto word = next_word(line);
  while (!word.empty() && word != "-") word = next_word(line);  // optional fields, any number of them
  mount.type = next_word(line);
  mount.source = without_octal_escapes(next_word(line));
  mount.read_only = has_option(options, "ro") || has_option(next_word(line), "ro");
  bool const sane = mount.device.find(':') != std::string::npos && !mount.type.empty() &&
                    mount.mount_point.starts_with('/') && mount.mount_point.find('\0') == std::string::npos;
  return sane ? std::optional(std::move(mount)) : std::nullopt;
}

Result<Memory> memory_of(std::optional<std::uint64_t> total, std::optional<std::uint64_t> available) {
  if (!total || !available) return invalid("meminfo holds no MemTotal and MemAvailable");
  if (*total == 0 || *available > *total) return invalid("meminfo contradicts itself");
  return Memory{*total, *available};
}

Result<Swap> swap_of(std::optional<std::uint64_t> total, std::optional<std::uint64_t> free) {
  if (!total || !free) return invalid("meminfo holds no swap");
  if (*free > *total) return invalid("meminfo contradicts itself");
  return Swap{*total, *free};
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, after the first word.
std::optional<Stall> parse_stall(std::string_view fields) {
  auto const value = [&](std::string_view name) {
    auto word = next_word(fields);
    bool const named = word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=';
    return named ? word.substr(name.size() + 1) : std::string_view();
  };
  auto const avg10 = decimal(value("avg10"));
  auto const avg60 = decimal(value("avg60"));
  auto const avg300 = decimal(value("avg300"));
  auto const total = number<std::int64_t>(value("total"));
  if (!avg10 || !avg60 || !avg300 || !total || *total < 0) return std::nullopt;
  return Stall{*avg10, *avg60, *avg300, std::chrono::microseconds(*total)};
}

}  // namespace

Result<CpuTimes> parse_stat(std::string_view text) {
  auto line = next_line(text);
  if (next_word(line) != "cpu") return invalid("stat does not begin with cpu");
  // user nice system idle iowait irq softirq steal; kernels before 2.6.11 have fewer
  std::array<std::uint64_t, 8> ticks{};
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    auto const word = next_word(line);
    if (word.empty() && i >= 4) break;
    auto const value = count(word);
    if (!value) return invalid("stat: not a count of ticks");
    ticks[i] = *value;
  }
  CpuTimes times;
  for (auto const part : ticks) times.total += part;
  times.idle = ticks[3];
  times.waiting = ticks[4];
  times.stolen = ticks[7];
  while (text.starts_with("cpu")) {
    (void)next_line(text);
    ++times.cpus;
  }
  if (times.cpus == 0) return invalid("stat names no single CPU");
  return times;
}

std::optional<CpuUse> cpu_use(CpuTimes const& before, CpuTimes const& after) {
  auto const total = growth(before.total, after.total);
  if (total == 0) return std::nullopt;
  auto const percent = [total](std::uint64_t part) {
    return 100.0 * static_cast<double>(std::min(part, total)) / static_cast<double>(total);
  };
  auto const waiting = growth(before.waiting, after.waiting);
  auto const idle = std::min(total, growth(before.idle, after.idle) + waiting);
  return CpuUse{percent(total - idle), percent(waiting), percent(growth(before.stolen, after.stolen)), after.cpus};
}

Result<Load> parse_loadavg(std::string_view text) {
  auto line = next_line(text);
  auto const one = decimal(next_word(line));
  auto const five = decimal(next_word(line));
  auto const fifteen = decimal(next_word(line));
  if (!one || !five || !fifteen) return invalid("loadavg holds no three loads");
  return Load{*one, *five, *fifteen};
}

double Memory::used_percent() const noexcept {
  return 100.0 * static_cast<double>(total_bytes - available_bytes) / static_cast<double>(total_bytes);
}

MemoryFile parse_meminfo(std::string_view text) {
  std::optional<std::uint64_t> total;
  std::optional<std::uint64_t> available;
  std::optional<std::uint64_t> swap_total;
  std::optional<std::uint64_t> swap_free;
  std::array const wanted{std::pair("MemTotal:", &total), std::pair("MemAvailable:", &available),
                          std::pair("SwapTotal:", &swap_total), std::pair("SwapFree:", &swap_free)};
  while (!text.empty()) {
    auto line = next_line(text);
    auto const name = next_word(line);
    for (auto const& [key, value] : wanted) {
      if (name != key) continue;
      auto const kib = count(next_word(line));
      if (kib && *kib <= kMaxCount / kKiB && next_word(line) == "kB") *value = *kib * kKiB;
    }
  }
  return {memory_of(total, available), swap_of(swap_total, swap_free)};
}

Result<Pressure> parse_pressure(std::string_view text) {
  std::optional<Stall> some;
  std::optional<Stall> full;
  while (!text.empty()) {
    auto line = next_line(text);
    auto const name = next_word(line);
    if (name == "some") some = parse_stall(line);
    if (name == "full") full = parse_stall(line);
  }
  if (!some) return invalid("no pressure line");
  return Pressure{*some, full};
}

Result<std::vector<Mount>> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    if (lines == kMaxMounts) return Error{Errc::too_large, "more than 10000 mounts"};
    if (auto mount = parse_mount(next_line(text))) mounts.push_back(std::move(*mount));
  }
  if (mounts.empty()) return invalid("mountinfo names no mount");
  return mounts;
}

Result<ProcessStat> parse_process_stat(std::string_view text) {
  // The name may hold anything, spaces, parentheses and line ends too: it ends at the last parenthesis.
  auto const open = text.find('(');
  auto const close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return invalid("stat of a process without a name");
  }
  auto before = text.substr(0, open);
  auto const pid = number<std::int64_t>(next_word(before));
  ProcessStat result;
  result.name = process::cleaned(text.substr(open + 1, close - open - 1));
  std::replace_if(
      result.name.begin(), result.name.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');

  auto after = text.substr(close + 1);
  auto rest = next_line(after);
  auto const state = next_word(rest);
  // Fields 4 to 24 of man 5 proc, of which 14, 15, 22 and 24 are wanted.
  constexpr std::size_t kFirst = 4;
  constexpr std::size_t kUser = 14;
  constexpr std::size_t kSystem = 15;
  constexpr std::size_t kStart = 22;
  constexpr std::size_t kResident = 24;
  std::array<std::string_view, kResident + 1> fields{};
  for (auto i = kFirst; i <= kResident; ++i) fields[i] = next_word(rest);
  auto const user = count(fields[kUser]);
  auto const system = count(fields[kSystem]);
  auto const start = count(fields[kStart]);
  auto const resident = count(fields[kResident]);
  if (!pid || *pid <= 0 || state.size() != 1 || !user || !system || !start || !resident) {
    return invalid("not the stat of a process");
  }
  result.pid = *pid;
  result.state = state.front();
  result.ticks = *user + *system;
  result.started_at = *start;
  result.resident_pages = *resident;
  return result;
}

Result<Millis> parse_uptime(std::string_view text) {
  auto line = next_line(text);
  auto const seconds = decimal(next_word(line));
  if (!seconds || *seconds > 1e12) return invalid("uptime holds no seconds");
  return std::chrono::duration_cast<Millis>(std::chrono::duration<double>(*seconds));
}

Result<OpenFiles> parse_file_nr(std::string_view text) {
  auto line = next_line(text);
  auto const open = count(next_word(line));
  (void)next_word(line);  // allocated and unused: always 0 since 2.6
  auto const limit = number<std::uint64_t>(next_word(line));
  if (!open || !limit || *limit == 0) return invalid("file-nr holds no two counts");
  return OpenFiles{*open, *limit};
}

}  // namespace tocsin::host
