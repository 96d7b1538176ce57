// Chance from a seed: the same seed is the same week, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "incidents/base/ports.hpp"

namespace tocsin::simulation {

class Dice final : public Chance {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL) {}

  /// SplitMix64: the standard's distributions differ between libraries, this does not.
  std::uint64_t bits() override {
    state_ += 0x9E3779B97F4A7C15ULL;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
  }

  /// 0 .. count - 1.
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(count));
  }
  /// Both ends included.
  std::int64_t between(std::int64_t from, std::int64_t to) { return from + below(to - from + 1); }
  bool percent(int chance) { return below(100) < chance; }
  /// [0, 1)
  double fraction() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  template <class T>
  T const& one_of(std::vector<T> const& list) {
    return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(list.size())))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace tocsin::simulation
