// The one door through which time and chance enter. Real ones are made in `bot/`; tests hand in their own.
#pragma once

#include <cstdint>

#include "incidents/base/time.hpp"

namespace tocsin {

/// Wall-clock time. Called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

/// Unpredictable numbers: tokens, jitter. Called from any thread.
class Chance {
 public:
  virtual ~Chance() = default;
  /// 64 uniform bits, fit for tokens.
  [[nodiscard]] virtual std::uint64_t bits() = 0;
};

}  // namespace tocsin
