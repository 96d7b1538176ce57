#include "incidents/duty.hpp"

#include <date/tz.h>

#include <algorithm>

namespace tocsin {
namespace {

/// The instant of a local time of day. A time that a spring gap skips is the instant the gap ends; of a time that
/// autumn brings twice it is the first.
Instant at_local(date::time_zone const& zone, date::local_days day, std::chrono::minutes time) {
  auto const local = day + time;
  auto const info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return date::floor<Millis>(info.first.end);
  return date::floor<Millis>(zone.to_sys(local, date::choose::earliest));
}

date::local_days local_day_of(std::chrono::year_month_day day) {
  return date::local_days{std::chrono::sys_days{day}.time_since_epoch()};
}

std::chrono::days length_of(Rotation const& rotation) {
  return rotation.every == Rotation::Every::day ? std::chrono::days{1} : std::chrono::days{7};
}

/// The turn that covers `at`, without overrides.
std::optional<Shift> turn_at(Rotation const& rotation, Instant at) {
  if (rotation.people.empty()) return std::nullopt;
  auto const* zone = date::locate_zone(rotation.zone);
  auto const first = local_day_of(rotation.start);
  auto const length = length_of(rotation);
  auto const today = date::floor<std::chrono::days>(zone->to_local(at));
  auto turn = (today - first) / length;
  // The local date of `at` may be that of the hand-over with the hour still to come, so look at the turn before too.
  for (auto candidate = turn; candidate >= 0 && candidate >= turn - 1; --candidate) {
    auto const day = first + candidate * length;
    Instant const from = at_local(*zone, day, rotation.hand_over);
    Instant const to = at_local(*zone, day + length, rotation.hand_over);
    if (from <= at && at < to) {
      auto const index = static_cast<std::size_t>(candidate) % rotation.people.size();
      return Shift{rotation.people[index], from, to, false};
    }
  }
  return std::nullopt;
}

/// When whoever is on at `at` may change at the latest: the next edge of an override.
Instant next_edge(std::vector<Override> const& overrides, Instant at, Instant limit) {
  for (auto const& each : overrides) {
    if (each.from > at) limit = std::min(limit, each.from);
    if (each.to > at) limit = std::min(limit, each.to);
  }
  return limit;
}

Instant last_edge(std::vector<Override> const& overrides, Instant at, Instant limit) {
  for (auto const& each : overrides) {
    if (each.from <= at) limit = std::max(limit, each.from);
    if (each.to <= at) limit = std::max(limit, each.to);
  }
  return limit;
}

}  // namespace

std::optional<Shift> on_duty(DutySchedule const& schedule, std::vector<Override> const& overrides, Instant at) {
  for (auto each = overrides.rbegin(); each != overrides.rend(); ++each) {
    if (each->from <= at && at < each->to) {
      return Shift{each->person, std::max(each->from, last_edge(overrides, at, each->from)),
                   next_edge(overrides, at, each->to), true};
    }
  }
  if (!schedule.rotation) return std::nullopt;
  auto turn = turn_at(*schedule.rotation, at);
  if (!turn) return std::nullopt;
  turn->from = last_edge(overrides, at, turn->from);
  turn->to = next_edge(overrides, at, turn->to);
  return turn;
}

std::vector<Shift> shifts(DutySchedule const& schedule, std::vector<Override> const& overrides, Instant from,
                          Instant to) {
  constexpr std::size_t kMaxShifts = 400;
  // Nobody is on only before the first turn, or where there are no turns: what ends a gap is known.
  std::optional<Instant> first_turn;
  if (schedule.rotation && !schedule.rotation->people.empty()) {
    auto const& rotation = *schedule.rotation;
    first_turn = at_local(*date::locate_zone(rotation.zone), local_day_of(rotation.start), rotation.hand_over);
  }
  std::vector<Shift> result;
  for (Instant at = from; at < to && result.size() < kMaxShifts;) {
    auto const shift = on_duty(schedule, overrides, at);
    if (!shift) {
      at = next_edge(overrides, at, first_turn && *first_turn > at ? std::min(*first_turn, to) : to);
      continue;
    }
    if (!result.empty() && result.back().to == shift->from && result.back().person == shift->person &&
        result.back().overridden == shift->overridden) {
      result.back().to = shift->to;
    } else {
      result.push_back(*shift);
    }
    at = shift->to;
  }
  return result;
}

bool known_zone(std::string const& zone) {
  try {
    return date::locate_zone(zone) != nullptr;
  } catch (std::runtime_error const&) {
    return false;
  }
}

}  // namespace tocsin
