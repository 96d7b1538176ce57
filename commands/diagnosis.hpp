// Built-in diagnosis: every check side by side, one verdict a line, worst first; what could not be checked is a line of
// its own. It looks only.
#pragma once

#include <cstdint>
#include <optional>

#include "commands/call.hpp"

namespace tocsin {

struct DiagnosisScope {
  bool system = false;
  bool network = false;
  bool health = false;
};

/// As slow as its slowest check, at most kDiagnosisDeadline.
[[nodiscard]] Message diagnose(Call& call, DiagnosisScope scope);
inline constexpr Millis kDiagnosisDeadline{10'000};

/// The last lines of a configured log.
[[nodiscard]] Message show_log(Call& call, LogFile const& log, std::int64_t lines, bool errors_only,
                               std::optional<Millis> since);

}  // namespace tocsin
