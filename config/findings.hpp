// What a configuration may say and what is dangerous all the same: people whom nothing wakes, hours that nobody covers,
// a bot that may die unseen. `tocsin check` and `/oncall` print them.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// The stretch from `now` in which gaps of the rota are looked for.
inline constexpr auto kGapHorizon = std::chrono::days{28};

/// Worst first; empty: nothing is wrong. `overrides` are those that touch the stretch. Pure.
[[nodiscard]] std::vector<Notice> findings(Config const& config, std::vector<Override> const& overrides, Instant now);

}  // namespace tocsin
