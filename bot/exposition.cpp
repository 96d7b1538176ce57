#include "bot/exposition.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace tocsin {
namespace {

/// Whole numbers up to here are exact in a double.
constexpr double kExact = 9'007'199'254'740'992.0;

enum class Quotes : std::uint8_t { kept, escaped };

std::string escaped(std::string_view text, Quotes quotes) {
  std::string out;
  for (char const c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes == Quotes::escaped) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == std::trunc(value) && std::abs(value) <= kExact) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

char const* type_of(Family::Kind kind) {
  switch (kind) {
    case Family::Kind::counter:
      return "counter";
    case Family::Kind::histogram:
      return "histogram";
    case Family::Kind::gauge:
      break;
  }
  return "gauge";
}

std::string labels(Sample const& sample) {
  if (sample.labels.empty()) return {};
  std::string out;
  for (auto const& [name, value] : sample.labels)
    out += (out.empty() ? "{" : ",") + name + "=\"" + escaped(value, Quotes::escaped) + "\"";
  return out + "}";
}

}  // namespace

std::string exposition_of(std::vector<Family> const& families) {
  std::string out;
  for (auto const& family : families) {
    if (family.samples.empty()) continue;
    out += "# HELP " + family.name + " " + escaped(family.help, Quotes::kept) + "\n";
    out += "# TYPE " + family.name + " " + type_of(family.kind) + "\n";
    for (auto const& sample : family.samples)
      out += family.name + sample.suffix + labels(sample) + " " + number(sample.value) + "\n";
  }
  return out;
}

}  // namespace tocsin
