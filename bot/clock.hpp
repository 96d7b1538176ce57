// The real clock, the clock of tests, and chance: the one home of each.
#pragma once

#include <memory>
#include <string_view>

#include "incidents/base/ports.hpp"
#include "incidents/base/result.hpp"

namespace tocsin {

/// What the bot runs on: wall-clock time and how long to really wait for it.
class BotClock : public Clock {
 public:
  /// How much real time goes by until `at`, never negative. After a jump of the clock the answer is another one, so a
  /// waiter asks again from time to time.
  [[nodiscard]] virtual Millis real_time_until(Instant at) const = 0;
  /// Milliseconds of this clock in one real millisecond; 1 but for tests.
  [[nodiscard]] virtual double rate() const = 0;
  /// Real time since the machine started, but while it slept: goes evenly, whatever becomes of the wall clock.
  [[nodiscard]] virtual Millis awake() const;
  /// How long of that the machine has slept (was suspended), in real time.
  [[nodiscard]] virtual Millis asleep() const;
};

[[nodiscard]] std::unique_ptr<BotClock> make_system_clock();

/// A wait so long that tests make it short: it is one of that clock, which may be a fast one.
[[nodiscard]] Millis by_clock(Millis wait, BotClock const& clock);

/// `origin=2026-11-23T03:10:00Z,epoch=1763867400000,rate=60`: at the real instant `epoch` (milliseconds UTC) it is
/// `origin`, and it runs `rate` times as fast (0 < rate <= 10000). A restart with the same words goes on with the same
/// time. Errors: invalid with what was expected.
[[nodiscard]] Result<std::unique_ptr<BotClock>> make_test_clock(std::string_view words);

/// From the system's generator.
[[nodiscard]] std::unique_ptr<Chance> make_system_chance();
/// In [0, 1).
[[nodiscard]] double share_of(Chance& chance);

}  // namespace tocsin
