// Who is told when: the steps of an escalation. A policy is copied into an incident when it opens and never changes
// there; who holds a role is asked only when a step fires.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

/// The clock that a step counts on.
enum class Target : std::uint8_t { response, recovery };

[[nodiscard]] constexpr std::string_view name_of(Target target) noexcept {
  return target == Target::response ? "response" : "recovery";
}

/// What ends a step's right to fire.
enum class Until : std::uint8_t { acknowledged, mitigated };

/// Whom a step pages: a role of the configuration ("duty", "tech-lead", "cto"), or a person.
struct Recipient {
  enum class Kind : std::uint8_t { role, person } kind = Kind::role;
  std::string name;
  friend bool operator==(Recipient const&, Recipient const&) = default;
};

/// One step. It fires at `percent` of the target of its clock, pauses counted out.
struct EscalationStep {
  Target of = Target::response;
  int percent = 0;  ///< of the target; 0 = at the opening, 100 = the lapse, at most 1000
  std::vector<Recipient> page;
  std::optional<Millis> repeat_every;  ///< from the step's own instant, on a fixed grid, until `until`; >= 1 min
  Until until = Until::acknowledged;
  friend bool operator==(EscalationStep const&, EscalationStep const&) = default;
};

/// The steps of one severity, in no particular order: each has its own instant.
struct EscalationPolicy {
  std::vector<EscalationStep> steps;  ///< at most 50
  std::optional<Millis> idle_page;    ///< an acknowledged incident with no activity for so long pages again
  friend bool operator==(EscalationPolicy const&, EscalationPolicy const&) = default;
};

/// Indexed by Severity.
using PolicyTable = std::array<EscalationPolicy, 4>;

inline constexpr std::size_t kMaxSteps = 50;
inline constexpr int kMaxStepPercent = 1000;

/// The frozen form, one line, e.g. `response 0% role:duty every 300000 until acknowledged; …; idle 600000`.
[[nodiscard]] std::string encode(EscalationPolicy const& policy);
/// Errors: Errc::invalid with what was expected.
[[nodiscard]] Result<EscalationPolicy> decode_policy(std::string_view text);

}  // namespace tocsin
