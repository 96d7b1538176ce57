// The simulated house, said twice: as the configuration that the bot reads, and as plain values for the model.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tocsin::simulation {

/// Milliseconds since 1970, UTC; also lengths.
using Time = std::int64_t;
using Names = std::vector<std::string>;

inline constexpr Time kSecond = 1'000;
inline constexpr Time kMinute = 60 * kSecond;
inline constexpr Time kHour = 60 * kMinute;
inline constexpr Time kDay = 24 * kHour;

/// 2026-11-23T00:00:00Z, a Monday.
inline constexpr Time kMonday = 1'795'392'000'000;

/// The configuration, for the bot.
extern char const* const kHouseYaml;

/// One step of a chain as the configuration promises it.
struct PlainStep {
  bool on_recovery = false;
  int percent = 0;
  Names roles;
  Time repeat = 0;  ///< 0: never
  bool until_mitigated = false;

  /// Two steps that say the same: who has heard one has heard the other.
  [[nodiscard]] bool same_as(PlainStep const& other) const {
    return on_recovery == other.on_recovery && percent == other.percent && roles == other.roles;
  }
};

struct PlainChain {
  std::vector<PlainStep> steps;
  Time idle = 0;  ///< 0: never
};

struct PlainPromise {
  Time response = 0;
  Time recovery = 0;
  PlainChain chain;
};

/// The same facts for the model.
struct House {
  std::array<PlainPromise, 4> promises;  ///< P0 to P3
  std::map<std::string, Names> roles;
  Names backups;
  Names turns;          ///< one day each
  Time first_turn = 0;  ///< when the first of them began
  Names people;         ///< everybody who types
  Names may_approve;    ///< in the order of the configuration
  std::map<std::string, Names> channels;
};

[[nodiscard]] House const& house();

}  // namespace tocsin::simulation
