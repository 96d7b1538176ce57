// Checks that run next to each other, each with its own deadline: all together are as slow as the slowest.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "commands/message.hpp"
#include "incidents/base/time.hpp"
#include "incidents/notice.hpp"

namespace tocsin::doctor {

/// Something else's words for why it failed.
[[nodiscard]] Notice told(std::string detail);

/// What a check found. `value` knows `took` and `limit` (the time it took and may take) besides its own arguments.
struct Finding {
  Verdict verdict = Verdict::good;
  Notice value;
  Notice cure;  ///< what to do; an empty key: nothing to do
};

struct Check {
  Notice what;
  Millis deadline{5'000};
  /// On a thread of its own. Owns all it needs: when it hangs it outlives whoever asked. May throw.
  std::function<Finding()> look;
};

struct Line {
  Notice what;
  Finding finding;
};

struct Examination {
  std::vector<Line> lines;  ///< worst first, else in the order of the checks
  Millis took{};
  bool left_behind = false;  ///< a check still hangs on its thread: the process must not end by way of destructors
};

inline constexpr std::size_t kMostAtOnce = 64;

/// Blocks until each check has answered or is overdue. An overdue one is `unknown`.
[[nodiscard]] Examination side_by_side(std::vector<Check> checks);

}  // namespace tocsin::doctor
