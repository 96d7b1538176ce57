// The log of the process: plain and coloured on a terminal, else (systemd, a pipe, a file) one JSON object on a line.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "incidents/base/redactor.hpp"

namespace tocsin {

enum class LogLevel : std::uint8_t { info, warn, error };

/// One line, redacted. Any thread.
void log_line(LogLevel level, std::string_view text);

// spdlog's own would compile the whole of fmt into every file that logs.
template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::error, fmt::format(text, std::forward<Args>(args)...));
}

/// Makes spdlog's default logger ours; it writes to standard error. Once, before any thread logs.
void start_log();

/// Whatever is logged from now on goes through the redactor of the moment.
void redact_log(std::shared_ptr<CurrentRedactor const> redactor);

/// While the returned handle lives, lines of the log go here instead, from any thread: a prompt must not be written
/// over. Each ends with a line break. Ignored where the log is JSON: then standard error is not the prompt's terminal.
[[nodiscard]] std::shared_ptr<void> divert_log(std::function<void(std::string)> print);

/// Colours: a terminal that can, and nobody who asked for none (https://no-color.org).
[[nodiscard]] bool may_colour(int descriptor);

/// For tests: one line of the JSON form.
[[nodiscard]] std::string json_log_line(std::int64_t unix_ms, std::string_view level, std::string_view message);

}  // namespace tocsin
