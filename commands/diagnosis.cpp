#include "commands/diagnosis.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <map>
#include <sstream>

#include "commands/tools.hpp"
#include "incidents/store/incidents.hpp"
#include "integrations/host/sockets.hpp"
#include "integrations/host/vitals.hpp"
#include "integrations/logs/tail.hpp"

namespace tocsin {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

/// One verdict; the notice says value and limit.
struct Finding {
  Verdict verdict = Verdict::good;
  Notice text;
};
using Findings = std::vector<Finding>;

constexpr std::size_t kTopProcesses = 3;
/// Of the line that names the ports: all of them, one without its owner, an owner, "only this machine".
constexpr std::size_t kPortsColumns = 46;
constexpr std::size_t kPortColumns = 8;
constexpr std::size_t kOwnerColumns = 16;
constexpr std::size_t kInsideColumns = 20;

std::string percent_text(double value) {
  std::ostringstream out;
  out.precision(value < 10 ? 1 : 0);
  out << std::fixed << value << " %";
  return out.str();
}

Verdict against(double value, Percent limit) {
  constexpr double kNear = 0.9;
  if (value >= limit.value()) return Verdict::bad;
  return value >= limit.value() * kNear ? Verdict::warning : Verdict::good;
}

Finding compared(std::string key, double value, Percent limit) {
  return {against(value, limit),
          Notice(std::move(key)).with("value", percent_text(value)).with("limit", percent_text(limit.value()))};
}

Finding not_checked(std::string what, std::string detail) {
  return {Verdict::unknown, Notice("diag.not_checked").with("what", std::move(what)).with("detail", std::move(detail))};
}

Notice process_list(std::string key, std::vector<host::ProcessUse> const& uses, bool by_memory) {
  std::vector<Notice> items;
  for (auto const& use : uses) {
    auto item = Notice("diag.process").with("name", use.name);
    if (by_memory) {
      item.with("bytes", static_cast<std::int64_t>(use.resident_bytes));
    } else {
      item.with("value", percent_text(use.cpu_percent));
    }
    items.push_back(std::move(item));
  }
  return Notice(std::move(key)).with("items", std::move(items));
}

void add_disks(Findings& findings, std::vector<host::Disk> const& disks, Limits const& limits) {
  for (auto const& disk : disks) {
    auto const& path = disk.mount.mount_point;
    if (disk.why_not) findings.push_back(not_checked("disk " + path, disk.why_not->detail));
    if (disk.space) {
      auto finding = compared("diag.disk", disk.space->used_percent, limits.disk);
      finding.text.with("path", path).with("free", static_cast<std::int64_t>(disk.space->available_bytes));
      if (disk.inodes) finding.text.with("inodes", percent_text(disk.inodes->used_percent));
      findings.push_back(std::move(finding));
    }
    if (disk.inodes && against(disk.inodes->used_percent, limits.disk) != Verdict::good) {
      auto finding = compared("diag.inodes", disk.inodes->used_percent, limits.disk);
      finding.text.with("path", path);
      findings.push_back(std::move(finding));
    }
    if (disk.mount.read_only) findings.push_back({Verdict::bad, Notice("diag.read_only").with("path", path)});
  }
}

/// One line while nobody waits for anything, else one for whatever is waited for.
void add_pressure(Findings& findings, host::Vitals const& vitals, Percent limit) {
  auto quiet = Notice("diag.pressure").with("limit", percent_text(limit.value()));
  bool any = false;
  bool calm = true;
  auto const look = [&](char const* name, std::string key, std::optional<host::Pressure> const& stall) {
    if (!stall) return;
    any = true;
    auto const value = stall->some.avg60;
    quiet.with(name, percent_text(value));
    if (against(value, limit) == Verdict::good) return;
    calm = false;
    findings.push_back(compared(std::move(key), value, limit));
  };
  look("cpu", "diag.pressure_cpu", vitals.cpu_pressure);
  look("memory", "diag.pressure_memory", vitals.memory_pressure);
  look("io", "diag.pressure_io", vitals.io_pressure);
  if (any && calm) findings.push_back({Verdict::good, std::move(quiet)});
}

Findings check_system(Call const& call, Deadline deadline) {
  Findings findings;
  auto const& limits = call.config.limits;
  auto options = call.tools->host;
  options.top = kTopProcesses;
  auto const vitals = host::read_vitals(options, call.work->stopping(), deadline);
  if (vitals.has_error()) return {not_checked("system", vitals.error().detail)};
  if (vitals->cpu) {
    auto finding = compared("diag.cpu", vitals->cpu->busy, limits.cpu);
    finding.text.with("cpus", std::int64_t{vitals->cpu->cpus});
    if (vitals->load) {
      std::ostringstream load;
      load.precision(2);
      load << std::fixed << vitals->load->one;
      finding.text.with("load", load.str());
    }
    findings.push_back(std::move(finding));
  }
  if (vitals->memory) {
    auto finding = compared("diag.memory", vitals->memory->used_percent(), limits.memory);
    finding.text.with("free", static_cast<std::int64_t>(vitals->memory->available_bytes));
    findings.push_back(std::move(finding));
  }
  if (vitals->swap && vitals->swap->total_bytes > 0) {
    auto const& swap = *vitals->swap;
    auto const used =
        100.0 * static_cast<double>(swap.total_bytes - swap.free_bytes) / static_cast<double>(swap.total_bytes);
    findings.push_back(compared("diag.swap", used, limits.memory));
  }
  add_pressure(findings, *vitals, limits.pressure);
  add_disks(findings, vitals->disks, limits);
  if (!vitals->top_by_cpu.empty())
    findings.push_back({Verdict::none, process_list("diag.top_cpu", vitals->top_by_cpu, false)});
  if (!vitals->top_by_memory.empty())
    findings.push_back({Verdict::none, process_list("diag.top_memory", vitals->top_by_memory, true)});
  for (auto const& missing : vitals->missing) {
    // Kernels without pressure stall information are common; that it is off is no finding of tonight.
    if (missing.what.ends_with("pressure") && missing.why.code != Errc::timed_out) continue;
    findings.push_back(not_checked(missing.what, missing.why.detail));
  }
  return findings;
}

Findings check_listening(Call const& call, Deadline deadline) {
  auto const listeners = host::listening(call.tools->host.root, call.work->stopping(), deadline);
  if (listeners.has_error()) return {not_checked("ports", listeners.error().detail)};
  struct Port {
    std::string owner;
    bool inside = true;  ///< what only this machine reaches is no way in
  };
  std::map<std::uint16_t, Port> ports;
  for (auto const& each : listeners->sockets) {
    if (each.protocol != host::Protocol::tcp) continue;
    auto& port = ports[each.port];
    port.inside = port.inside && (each.address.starts_with("127.") || each.address == "::1");
    if (port.owner.empty() && each.owner) port.owner = *each.owner;
  }
  std::vector<Notice> items;
  std::size_t used = 0;
  for (bool const inside : {false, true}) {
    for (auto const& [number, port] : ports) {
      if (port.inside != inside) continue;
      used += kPortColumns + std::min(port.owner.size(), kOwnerColumns) + (inside ? kInsideColumns : 0);
      if (used > kPortsColumns && !items.empty()) break;
      auto item = Notice(inside ? "diag.port_inside" : "diag.port").with("port", std::int64_t{number});
      if (!port.owner.empty()) item.with("owner", port.owner);
      items.push_back(std::move(item));
    }
  }
  auto told = Notice("diag.listening").with("count", static_cast<std::int64_t>(ports.size()));
  if (items.size() < ports.size()) told.with("more", static_cast<std::int64_t>(ports.size() - items.size()));
  return {{Verdict::good, told.with("items", std::move(items))}};
}

Findings check_host(Call const& call, NetworkHost const& target, Deadline deadline) {
  auto const left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
  auto const outcome = host::connect_latency(target.address.host, target.address.port, left, call.work->stopping());
  auto const& title = target.title.in(call.caller.locale);
  auto const name = title.empty() ? target.name : title;
  if (outcome.reach != host::Reach::connected)
    return {
        {Verdict::bad, Notice("diag.unreachable")
                           .with("host", name)
                           .with("result", std::vector{Notice("reach." + std::string(host::name_of(outcome.reach)))})
                           .with("detail", outcome.detail)}};
  auto const took = std::chrono::ceil<Millis>(outcome.connect_time);
  auto const limit = target.latency.value_or(call.config.limits.latency);
  return {{took > limit ? Verdict::warning : Verdict::good,
           Notice("diag.latency").with("host", name).with("value", took).with("limit", limit)}};
}

/// What a probe found, in the reader's words.
Notice health_words(web::Finding const& finding) {
  static constexpr std::array<std::string_view, 12> kWords{
      "ok",      "slow",      "wrong_status", "redirect",    "marker_missing", "certificate",
      "refused", "timed_out", "unresolved",   "unreachable", "closed",         "invalid"};
  Notice words("health_is." + std::string(kWords[static_cast<std::size_t>(finding.what)]));
  words.with("http", std::int64_t{finding.status}).with("length", std::chrono::duration_cast<Millis>(finding.latency));
  if (!finding.detail.empty()) words.with("detail", finding.detail);
  return words;
}

Findings check_health(Call const& call, HealthCheck const& check) {
  auto const finding = call.tools->probe(check);
  auto const& title = check.title.in(call.caller.locale);
  auto const verdict = finding.what == web::Finding::What::ok     ? Verdict::good
                       : finding.what == web::Finding::What::slow ? Verdict::warning
                                                                  : Verdict::bad;
  return {{verdict, Notice("diag.health")
                        .with("name", title.empty() ? check.name : title)
                        .with("result", std::vector{health_words(finding)})}};
}

int rank(Verdict verdict) {
  switch (verdict) {
    case Verdict::bad:
      return 0;
    case Verdict::warning:
      return 1;
    case Verdict::unknown:
      return 2;
    case Verdict::good:
      return 3;
    case Verdict::none:
      return 4;
  }
  return 4;
}

Message worded(Findings findings, Millis took, bool complete) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](auto const& a, auto const& b) { return rank(a.verdict) < rank(b.verdict); });
  auto const count = [&](Verdict verdict) {
    return std::count_if(findings.begin(), findings.end(),
                         [verdict](auto const& each) { return each.verdict == verdict; });
  };
  auto const checks = static_cast<std::int64_t>(findings.size()) - count(Verdict::none);
  Message message(Notice(complete ? "diag.head" : "diag.so_far")
                      .with("checks", checks)
                      .with("bad", static_cast<std::int64_t>(count(Verdict::bad)))
                      .with("warning", static_cast<std::int64_t>(count(Verdict::warning)))
                      .with("unknown", static_cast<std::int64_t>(count(Verdict::unknown)))
                      .with("good", static_cast<std::int64_t>(count(Verdict::good)))
                      .with("length", took));
  Table table;
  for (auto& finding : findings) table.rows.push_back({{std::vector{std::move(finding.text)}}, finding.verdict});
  message.blocks.emplace_back(std::move(table));
  return message;
}

}  // namespace

Message diagnose(Call& call, DiagnosisScope scope) {
  auto const begun = std::chrono::steady_clock::now();
  auto const deadline = begun + kDiagnosisDeadline;
  // A thread for each check: a diagnosis is as slow as its slowest check, and each check ends by itself at the
  // deadline.
  std::vector<std::future<Findings>> checks;
  auto const start = [&checks](auto check) { checks.push_back(std::async(std::launch::async, std::move(check))); };
  if (scope.system) start([&] { return check_system(call, deadline); });
  if (scope.network) {
    start([&] { return check_listening(call, deadline); });
    for (auto const& target : call.config.network) start([&] { return check_host(call, target, deadline); });
  }
  if (scope.health) {
    for (auto const& check : call.config.health) start([&] { return check_health(call, check); });
  }
  Findings findings;
  for (auto& check : checks) {
    auto found = check.get();
    findings.insert(findings.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  auto const took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
  return worded(std::move(findings), took, true);
}

Message show_log(Call& call, LogFile const& log, std::int64_t lines, bool errors_only, std::optional<Millis> since) {
  constexpr Millis kLogDeadline{3'000};
  constexpr std::size_t kLogBytes = 64 * 1024;
  logs::TailRequest request;
  request.file = call.tools->workdir / log.path;
  request.wanted.lines = static_cast<std::size_t>(lines);
  request.wanted.bytes = kLogBytes;
  request.wanted.redact = [&call](std::string_view line) { return call.redactor.redact(line); };
  if (errors_only) request.wanted.filter = logs::ErrorsOnly{};
  if (since) request.wanted.since = call.now - *since;
  auto const zone = call.config.time_zone;
  request.stamps.offset = [zone](std::chrono::local_seconds at) {
    auto const info = date::locate_zone(zone)->get_info(date::local_seconds{at.time_since_epoch()});
    return info.first.offset;
  };
  auto const& title = log.title.in(call.caller.locale);
  auto const name = title.empty() ? log.name : title;
  auto const tail = logs::tail(request, call.work->stopping(), std::chrono::steady_clock::now() + kLogDeadline);
  if (tail.has_error()) return Message(Notice("logs.failed").with("name", name).with("detail", tail.error().detail));
  if (tail->lines.empty()) return Message(Notice("logs.empty").with("name", name).with("at", tail->written_at));
  std::string text;
  for (auto const& line : tail->lines) text += line.text + "\n";
  auto head = Notice("logs.head")
                  .with("name", name)
                  .with("lines", static_cast<std::int64_t>(tail->lines.size()))
                  .with("at", tail->written_at);
  if (tail->left_out > 0) head.with("skipped", static_cast<std::int64_t>(tail->left_out));
  if (since && !tail->dated) head.with("undated", std::int64_t{1});
  Message message(std::move(head));
  message.blocks.emplace_back(Code{call.redactor.redact_excerpt(text), "", log.name + ".txt"});
  return message;
}

}  // namespace tocsin
