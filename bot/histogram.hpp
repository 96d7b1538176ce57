// How often something took how long.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tocsin {

/// Seconds, around what chats wait for: three of them.
class Histogram {
 public:
  static constexpr std::array<double, 9> kBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

  void add(double seconds) {
    auto const bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
    sum_ += seconds;
  }

  /// Up to kBounds[bound], that included; from kBounds.size() on: all.
  [[nodiscard]] std::int64_t up_to(std::size_t bound) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i <= bound && i < counts_.size(); ++i) sum += counts_[i];
    return sum;
  }
  [[nodiscard]] double sum() const noexcept { return sum_; }

 private:
  std::array<std::int64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
};

}  // namespace tocsin
