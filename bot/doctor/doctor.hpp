// `tocsin doctor`: every configured system, one line each.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "bot/doctor/side_by_side.hpp"
#include "config/catalogue.hpp"

namespace tocsin::doctor {

struct Options {
  std::optional<std::filesystem::path> config;  ///< absent: the demo
  std::optional<Locale> locale;                 ///< absent: that of the configuration
};

/// Prints as it ends. The exit code: 0 when nothing is red and all could be checked, else 1. `left_behind` as in
/// Examination.
struct Outcome {
  int code = 0;
  bool left_behind = false;
};
[[nodiscard]] Outcome examine(Options const& options, std::function<void(std::string const&)> const& print);

/// `❌ Mail smtp.example.org:587: no connection → what to do`. Pure.
[[nodiscard]] std::string worded(Line const& line, Catalogue const& catalogue, Reader const& reader);

}  // namespace tocsin::doctor
