// How well the kernel believes this machine's clock to agree with the world's.
#pragma once

#include <chrono>

#include "incidents/base/result.hpp"

namespace tocsin::host {

struct ClockSync {
  bool synchronised = false;  ///< by NTP, PTP or the like; a virtual machine may be right without it
  std::chrono::microseconds estimated_error{};
  std::chrono::microseconds maximum_error{};
};

/// Asks the kernel (adjtimex), changes nothing. Any thread. Errors: Errc::unsupported, where a sandbox forbids it.
[[nodiscard]] Result<ClockSync> clock_sync();

}  // namespace tocsin::host
