// How far each running action is, for whoever comes second to its target.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "incidents/base/ids.hpp"

namespace tocsin {

/// Step `n` of `of`.
struct StepNumber {
  std::int64_t n = 0;
  std::int64_t of = 0;
};

/// In memory only: after a restart nothing runs. Any thread.
class RunBoard {
 public:
  void put(RunId run, StepNumber step);
  void remove(RunId run);
  [[nodiscard]] std::optional<StepNumber> find(RunId run) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, StepNumber> steps_;
};

}  // namespace tocsin
