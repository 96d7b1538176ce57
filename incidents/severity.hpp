// How bad it is, and what was promised for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "incidents/base/time.hpp"

namespace tocsin {

/// P0: the system can't be used. P1: a core function is broken. P2: some function is broken. P3: it is slow.
enum class Severity : std::uint8_t { p0, p1, p2, p3 };

inline constexpr std::array kSeverities{Severity::p0, Severity::p1, Severity::p2, Severity::p3};

[[nodiscard]] constexpr std::string_view name_of(Severity severity) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"P0", "P1", "P2", "P3"};
  return kNames[static_cast<std::size_t>(severity)];
}

/// The two promises of one severity, each counted from the opening of the incident.
struct Targets {
  Millis response{};  ///< until somebody acknowledges; > 0
  Millis recovery{};  ///< until users are served again; >= response
  friend bool operator==(Targets const&, Targets const&) = default;
};

/// Indexed by Severity.
using TargetTable = std::array<Targets, 4>;

[[nodiscard]] constexpr Targets const& targets_of(TargetTable const& table, Severity severity) noexcept {
  return table[static_cast<std::size_t>(severity)];
}

}  // namespace tocsin
