// The time stamps that Slack names its messages by.
#pragma once

#include <string>
#include <string_view>

#include "incidents/base/time.hpp"

namespace tocsin::slack {

/// "1700000000.000100" to the millisecond; the epoch for what is none.
[[nodiscard]] Instant instant_of(std::string_view stamp) noexcept;
[[nodiscard]] std::string stamp_of(Instant at);

}  // namespace tocsin::slack
