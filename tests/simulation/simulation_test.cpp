#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/simulation/week.hpp"

using namespace tocsin::simulation;

namespace {

std::int64_t number_from(char const* name, std::int64_t otherwise) {
  auto const* text = ::getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

}  // namespace

TEST_CASE("weeks of incidents with people who forget, crashes and clock jumps go as the rules say") {
  auto const only = number_from("TOCSIN_SIM_SEED", 0);
  auto const last = only != 0 ? only : number_from("TOCSIN_SIM_SEEDS", TOCSIN_SIM_SEEDS);
  std::atomic<std::int64_t> next = only != 0 ? only : 1;
  std::mutex mutex;
  Tally tally;
  std::vector<Finding> findings;
  constexpr std::size_t kEnough = 3;
  // Each week is a world of its own; a thread lives through one after the other.
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::clamp(std::thread::hardware_concurrency(), 1U, 8U); ++i) {
    threads.emplace_back([&] {
      for (auto seed = next++; seed <= last; seed = next++) {
        Tally of_week;
        auto finding = run_week(static_cast<std::uint64_t>(seed), of_week);
        std::lock_guard const lock(mutex);
        tally += of_week;
        if (finding) findings.push_back(std::move(*finding));
        if (findings.size() >= kEnough) next = last + 1;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto const& finding : findings) FAIL_CHECK(finding.trace << finding.what);
  CHECK(tally.weeks == (only != 0 ? 1 : last));
  MESSAGE(tally.weeks << " weeks: " << tally.acts << " lines typed, " << tally.pages << " pages, " << tally.attempts
                      << " attempts, " << tally.deaths << " deaths, " << tally.jumps << " jumps, " << tally.looks
                      << " looks");
}
