#include "bot/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <vector>

namespace tocsin {
namespace {

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

void redact_log(std::shared_ptr<CurrentRedactor const> redactor) {
  auto& sinks = spdlog::default_logger()->sinks();
  auto behind = sinks;
  sinks = {std::make_shared<RedactingSink>(std::move(behind), std::move(redactor))};
}

}  // namespace tocsin
