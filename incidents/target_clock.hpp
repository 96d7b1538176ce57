// One target running for one incident. A deadline is absolute: start + target + pauses. Nothing here remembers "now".
#pragma once

#include <optional>
#include <span>

#include "incidents/base/time.hpp"
#include "incidents/escalation.hpp"

namespace tocsin {

/// The clocks of an incident stand still in [from, to); an open pause has no end yet.
struct Pause {
  Instant from{};
  std::optional<Instant> to;
  friend bool operator==(Pause const&, Pause const&) = default;
};

/// In order of `from`, not overlapping; only the last may be open.
using Pauses = std::span<Pause const>;

enum class ClockState : std::uint8_t { running, paused, met, lapsed };

[[nodiscard]] constexpr std::string_view name_of(ClockState state) noexcept {
  switch (state) {
    case ClockState::running:
      return "running";
    case ClockState::paused:
      return "paused";
    case ClockState::met:
      return "met";
    case ClockState::lapsed:
      return "lapsed";
  }
  return "lapsed";
}

struct TargetClock {
  Instant started_at{};
  Millis target{};
  std::optional<Instant> met_at;  ///< first answer wins
  friend bool operator==(TargetClock const&, TargetClock const&) = default;
};

/// Time that counts: from the start to `at` (or to the answer, if that came before), pauses left out. Never negative.
[[nodiscard]] Millis elapsed(TargetClock const& clock, Pauses pauses, Instant at);

/// The instant at which `amount` of counted time has gone by; nothing when an open pause keeps it from coming.
[[nodiscard]] std::optional<Instant> instant_after(TargetClock const& clock, Pauses pauses, Millis amount);

/// The instant of `percent` of the target.
[[nodiscard]] std::optional<Instant> instant_at(TargetClock const& clock, Pauses pauses, int percent);

[[nodiscard]] inline std::optional<Instant> deadline(TargetClock const& clock, Pauses pauses) {
  return instant_at(clock, pauses, 100);
}

/// The verdict. An answer on the deadline itself is too late: the lapse is due at that instant and has fired.
/// A lapse stays a lapse, whenever the answer came.
[[nodiscard]] ClockState state_at(TargetClock const& clock, Pauses pauses, Instant now);

[[nodiscard]] bool paused_at(Pauses pauses, Instant now);

}  // namespace tocsin
