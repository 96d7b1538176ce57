#include "incidents/target_clock.hpp"

#include <algorithm>

namespace tocsin {

Millis elapsed(TargetClock const& clock, Pauses pauses, Instant at) {
  Instant const end = clock.met_at ? std::min(at, *clock.met_at) : at;
  if (end <= clock.started_at) return Millis{0};
  Millis counted = end - clock.started_at;
  for (auto const& pause : pauses) {
    Instant const from = std::max(pause.from, clock.started_at);
    Instant const to = std::min(pause.to.value_or(end), end);
    if (to > from) counted -= to - from;
  }
  return counted;
}

std::optional<Instant> instant_after(TargetClock const& clock, Pauses pauses, Millis amount) {
  Instant at = clock.started_at + amount;
  for (auto const& pause : pauses) {
    if (pause.to && *pause.to <= clock.started_at) continue;
    Instant const from = std::max(pause.from, clock.started_at);
    if (from >= at) break;  // a pause that begins on the instant itself comes too late to move it
    if (!pause.to) return std::nullopt;
    at += *pause.to - from;
  }
  return at;
}

std::optional<Instant> instant_at(TargetClock const& clock, Pauses pauses, int percent) {
  return instant_after(clock, pauses, clock.target * percent / 100);
}

ClockState state_at(TargetClock const& clock, Pauses pauses, Instant now) {
  bool const in_time = elapsed(clock, pauses, now) < clock.target;
  if (!in_time) return ClockState::lapsed;
  if (clock.met_at && *clock.met_at <= now) return ClockState::met;
  return paused_at(pauses, now) ? ClockState::paused : ClockState::running;
}

bool paused_at(Pauses pauses, Instant now) {
  return std::any_of(pauses.begin(), pauses.end(),
                     [now](Pause const& pause) { return pause.from <= now && (!pause.to || now < *pause.to); });
}

}  // namespace tocsin
