// The text that Prometheus reads, format 0.0.4. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tocsin {

struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  std::string suffix = {};  ///< of the family's name: "_bucket", "_sum" and "_count" of a histogram
};

/// One metric with all its series. Names follow Prometheus: base units (seconds, bytes), `_total` for counters only.
struct Family {
  enum class Kind : std::uint8_t { gauge, counter, histogram } kind = Kind::gauge;
  std::string name;
  std::string help;
  std::vector<Sample> samples;  ///< none: the family is left out, as what is unknown must be
};

[[nodiscard]] std::string exposition_of(std::vector<Family> const& families);

}  // namespace tocsin
