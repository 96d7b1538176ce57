#include "commands/run_board.hpp"

namespace tocsin {

void RunBoard::put(RunId run, StepNumber step) {
  std::lock_guard const lock(mutex_);
  steps_[run.value] = step;
}

void RunBoard::remove(RunId run) {
  std::lock_guard const lock(mutex_);
  steps_.erase(run.value);
}

std::optional<StepNumber> RunBoard::find(RunId run) const {
  std::lock_guard const lock(mutex_);
  auto const found = steps_.find(run.value);
  return found == steps_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tocsin
