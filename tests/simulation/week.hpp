// One seed: seven simulated days, event after event, each compared with the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tocsin::simulation {

struct Tally {
  std::int64_t weeks = 0;  ///< that went as they must
  std::int64_t acts = 0;
  std::int64_t looks = 0;
  std::int64_t pages = 0;
  std::int64_t attempts = 0;
  std::int64_t deaths = 0;
  std::int64_t jumps = 0;

  Tally& operator+=(Tally const& other) {
    weeks += other.weeks;
    acts += other.acts;
    looks += other.looks;
    pages += other.pages;
    attempts += other.attempts;
    deaths += other.deaths;
    jumps += other.jumps;
    return *this;
  }
};

/// Where bot and model differed.
struct Finding {
  std::string what;   ///< "page row: …", "deadline: …"
  std::string trace;  ///< the seed and the last steps before it, a line each
};

/// Nothing: bot and model were of one mind for the whole week. Adds to `tally`.
[[nodiscard]] std::optional<Finding> run_week(std::uint64_t seed, Tally& tally);

}  // namespace tocsin::simulation
