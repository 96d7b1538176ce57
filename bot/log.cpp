#include "bot/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "bot/environment.hpp"

namespace tocsin {
namespace {

constexpr std::int64_t kMillisPerSecond = 1'000;

std::string_view colour_of(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "\033[31m";
  if (level == spdlog::level::warn) return "\033[33m";
  return "\033[2m";
}

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(bool json, bool colour) : json_(json), colour_(colour) {}

  void divert(std::function<void(std::string)> print) {
    std::lock_guard const lock(mutex_);
    print_ = std::move(print);
  }
  [[nodiscard]] bool json() const noexcept { return json_; }

 private:
  void sink_it_(spdlog::details::log_msg const& message) override {
    auto const line = json_ ? as_json(message) : plain(message);
    if (print_ && !json_) return print_(line);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
  }
  void flush_() override { std::fflush(stderr); }

  static std::string as_json(spdlog::details::log_msg const& message) {
    auto const since = std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch());
    auto const level = spdlog::level::to_string_view(message.level);
    return json_log_line(since.count(), {level.data(), level.size()}, {message.payload.data(), message.payload.size()});
  }

  std::string plain(spdlog::details::log_msg const& message) const {
    auto const seconds = std::chrono::system_clock::to_time_t(message.time);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char stamp[sizeof "HH:MM:SS"];
    std::strftime(stamp, sizeof stamp, "%H:%M:%S", &parts);
    std::string line = stamp;
    auto const level = spdlog::level::to_string_view(message.level);
    // What is as it should be needs no word for it.
    if (message.level >= spdlog::level::warn) line.append(" ").append(level.data(), level.size());
    line.append(" ").append(message.payload.data(), message.payload.size());
    if (!colour_) return line + "\n";
    return std::string(colour_of(message.level)) + line + "\033[0m\n";
  }

  bool json_;
  bool colour_;
  std::function<void(std::string)> print_;
};

std::shared_ptr<Sink>& the_sink() {
  static std::shared_ptr<Sink> sink;
  return sink;
}

/// Stands before the sinks that were there.
class RedactingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  RedactingSink(std::vector<spdlog::sink_ptr> behind, std::shared_ptr<CurrentRedactor const> redactor)
      : behind_(std::move(behind)), redactor_(std::move(redactor)) {}

 private:
  void sink_it_(spdlog::details::log_msg const& message) override {
    auto const text = redactor_->get()->redact({message.payload.data(), message.payload.size()});
    auto clean = message;
    clean.payload = text;
    for (auto const& each : behind_) {
      if (each->should_log(clean.level)) each->log(clean);
    }
  }
  void flush_() override {
    for (auto const& each : behind_) each->flush();
  }

  std::vector<spdlog::sink_ptr> behind_;
  std::shared_ptr<CurrentRedactor const> redactor_;
};

}  // namespace

void log_line(LogLevel level, std::string_view text) {
  switch (level) {
    case LogLevel::info:
      return spdlog::info(text);
    case LogLevel::warn:
      return spdlog::warn(text);
    case LogLevel::error:
      return spdlog::error(text);
  }
}

void start_log() {
  the_sink() = std::make_shared<Sink>(::isatty(STDERR_FILENO) == 0, may_colour(STDERR_FILENO));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("tocsin", the_sink()));
}

std::shared_ptr<void> divert_log(std::function<void(std::string)> print) {
  auto const sink = the_sink();
  if (!sink) return {};
  sink->divert(std::move(print));
  return {nullptr, [sink](void*) { sink->divert({}); }};
}

bool may_colour(int descriptor) {
  return ::isatty(descriptor) != 0 && environment_variable("TERM").value_or("dumb") != "dumb" &&
         environment_variable("NO_COLOR").value_or("").empty();
}

std::string json_log_line(std::int64_t unix_ms, std::string_view level, std::string_view message) {
  auto const seconds = static_cast<std::time_t>(unix_ms / kMillisPerSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char stamp[sizeof "YYYY-MM-DDTHH:MM:SS"];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
  nlohmann::ordered_json const line{
      {"time", fmt::format("{}.{:03}Z", stamp, unix_ms % kMillisPerSecond)}, {"level", level}, {"message", message}};
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void redact_log(std::shared_ptr<CurrentRedactor const> redactor) {
  auto& sinks = spdlog::default_logger()->sinks();
  auto behind = sinks;
  sinks = {std::make_shared<RedactingSink>(std::move(behind), std::move(redactor))};
}

}  // namespace tocsin
