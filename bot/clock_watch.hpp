// Notices that the wall clock was set, or that the machine slept, and says so: in the built-in room, in the audit, in
// the log. What became due meanwhile is not its affair: deadlines are instants, so the scheduler finds it at once.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "bot/clock.hpp"
#include "incidents/notice.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin {

/// All that a clock says, at one moment.
struct ClockReading {
  Instant wall{};
  Millis awake{};
  Millis asleep{};
};
[[nodiscard]] ClockReading read_clock(BotClock const& clock);

/// Less than this, in real time between two readings, is drift.
inline constexpr Millis kClockJump{2'000};

struct ClockChange {
  Instant from{};   ///< what the wall clock said last, before
  Instant to{};     ///< and now
  Millis jumped{};  ///< by the bot's clock, back is negative; 0: it was not set
  Millis slept{};   ///< by the bot's clock; 0: the machine did not sleep
};
/// Pure. `rate`: see BotClock.
[[nodiscard]] ClockChange change_between(ClockReading const& before, ClockReading const& after, double rate);

/// Belongs to the thread of the io_context.
class ClockWatch {
 public:
  struct Parts {
    Lane& lane;
    BotClock const& clock;
    std::function<void()> committed;
  };
  explicit ClockWatch(Parts parts) : parts_(std::move(parts)), last_(read_clock(parts_.clock)) {}

  /// Compares with the last look. To be called about once a second, and before what is due is looked for: what is
  /// overdue then became so meanwhile.
  void look();

 private:
  /// What is said of one kind of change: at once, but a clock that flaps has its last word once a minute.
  struct Voice {
    std::optional<Millis> spoke;              ///< when, in real time
    Instant due{};                            ///< the earliest that the clock showed since
    std::optional<Notice> kept;               ///< the last one, not yet said
    std::shared_ptr<std::atomic<bool>> told;  ///< it was said after all: something was overdue
    std::int64_t count = 0;                   ///< how many were kept since
  };
  void changed(Voice& voice, Notice notice, Millis by, char const* what, Instant due, Millis now);
  void last_word(Voice& voice, Millis now);

  Parts parts_;
  ClockReading last_;
  Voice jumps_;
  Voice sleeps_;
};

}  // namespace tocsin
