#include "bot/doctor/side_by_side.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tocsin::doctor {
namespace {

using Steady = std::chrono::steady_clock;

/// Shared by the threads of one examination; where one hangs, the last one to leave takes it away.
struct Ward {
  explicit Ward(std::vector<Check> all) : checks(std::move(all)), begun(checks.size()), found(checks.size()) {}

  std::vector<Check> const checks;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::thread> threads;
  std::size_t next = 0;
  std::vector<std::optional<Steady::time_point>> begun;
  std::vector<std::optional<Finding>> found;
};

Millis since(Steady::time_point begun) { return std::chrono::duration_cast<Millis>(Steady::now() - begun); }

void serve(std::shared_ptr<Ward> const& ward) {
  std::unique_lock lock(ward->mutex);
  while (ward->next < ward->checks.size()) {
    auto const index = ward->next++;
    auto const& check = ward->checks[index];
    auto const begun = Steady::now();
    ward->begun[index] = begun;
    lock.unlock();
    Finding finding;
    try {
      finding = check.look();
    } catch (std::exception const& error) {
      finding = {Verdict::bad, told(error.what()), {}};
    }
    if (finding.value.find("took") == nullptr) finding.value.with("took", since(begun));
    if (finding.value.find("limit") == nullptr) finding.value.with("limit", check.deadline);
    lock.lock();
    // Overdue: its line is written, and a fresh thread serves instead of this one.
    if (ward->found[index]) return;
    ward->found[index] = std::move(finding);
    ward->changed.notify_all();
  }
}

void add_thread(std::shared_ptr<Ward> const& ward) {
  ward->threads.emplace_back([ward] { serve(ward); });
}

/// All have answered: they are on their way out, and what libraries clean up there must be over before the process
/// ends. While one hangs nobody waits, for it may never come.
void see_off(Ward& ward, bool left_behind) {
  for (auto& thread : std::exchange(ward.threads, {})) left_behind ? thread.detach() : thread.join();
}

/// Gives up on what is overdue. The instant to look again; nothing: all have answered.
std::optional<Steady::time_point> give_up_overdue(std::shared_ptr<Ward> const& ward, bool& left_behind) {
  std::optional<Steady::time_point> wake;
  auto const now = Steady::now();
  bool all = true;
  for (std::size_t i = 0; i < ward->checks.size(); ++i) {
    if (ward->found[i]) continue;
    if (!ward->begun[i]) {
      all = false;
      continue;
    }
    auto const end = *ward->begun[i] + ward->checks[i].deadline;
    if (end <= now) {
      ward->found[i] = {Verdict::unknown, Notice("doctor.overdue").with("limit", ward->checks[i].deadline), {}};
      left_behind = true;
      if (ward->next < ward->checks.size()) add_thread(ward);
    } else {
      all = false;
      wake = wake ? std::min(*wake, end) : end;
    }
  }
  if (all) return std::nullopt;
  constexpr std::chrono::milliseconds kUntilBegun{100};  // a thread that has not taken its check up yet
  return wake.value_or(now + kUntilBegun);
}

int rank(Verdict verdict) {
  switch (verdict) {
    case Verdict::bad:
      return 0;
    case Verdict::unknown:
      return 1;
    case Verdict::warning:
      return 2;
    case Verdict::good:
    case Verdict::none:
      return 3;
  }
  return 3;
}

}  // namespace

Notice told(std::string detail) { return Notice("doctor.failed").with("detail", std::move(detail)); }

Examination side_by_side(std::vector<Check> checks) {
  auto const begun = Steady::now();
  auto const ward = std::make_shared<Ward>(std::move(checks));
  Examination result;
  for (std::size_t i = 0; i < std::min(ward->checks.size(), kMostAtOnce); ++i) add_thread(ward);
  {
    std::unique_lock lock(ward->mutex);
    while (auto const wake = give_up_overdue(ward, result.left_behind)) ward->changed.wait_until(lock, *wake);
    for (std::size_t i = 0; i < ward->checks.size(); ++i)
      result.lines.push_back({ward->checks[i].what, *ward->found[i]});
  }
  see_off(*ward, result.left_behind);
  std::stable_sort(result.lines.begin(), result.lines.end(),
                   [](Line const& a, Line const& b) { return rank(a.finding.verdict) < rank(b.finding.verdict); });
  result.took = since(begun);
  return result;
}

}  // namespace tocsin::doctor
