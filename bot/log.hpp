// The log of the process: plain and coloured on a terminal, else (systemd, a pipe, a file) one JSON object on a line.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "incidents/base/redactor.hpp"

namespace tocsin {

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
