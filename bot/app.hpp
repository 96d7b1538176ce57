// The composition root: makes every part from one configuration, joins them, runs them, and takes them down in order.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bot/clock.hpp"
#include "incidents/base/result.hpp"

namespace tocsin {

inline constexpr char const* kVersion = "0.1.0";

struct RunOptions {
  std::optional<std::filesystem::path> config;  ///< absent: the demo
  std::string test_clock;                       ///< only in test mode
  bool test_mode = false;
  std::optional<bool> terminal;  ///< absent: if standard input is a terminal
};

/// Runs the bot until SIGTERM, SIGINT or the end of the terminal's input. The exit code.
[[nodiscard]] int run_bot(RunOptions const& options);

}  // namespace tocsin
