#include "bot/slack/stamp.hpp"

#include <charconv>

namespace tocsin::slack {

Instant instant_of(std::string_view stamp) noexcept {
  constexpr std::int64_t kLatest = 100'000'000'000;
  std::int64_t seconds = 0;
  auto const point = stamp.find('.');
  auto const whole = stamp.substr(0, point);
  auto const [end, failed] = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  if (failed != std::errc{} || end != whole.data() + whole.size() || seconds < 0 || seconds > kLatest) return {};
  std::int64_t millis = 0;
  if (point != std::string_view::npos) {
    auto const rest = stamp.substr(point + 1, 3);
    auto const [last, bad] = std::from_chars(rest.data(), rest.data() + rest.size(), millis);
    if (bad != std::errc{} || last != rest.data() + rest.size() || rest.size() != 3 || millis < 0) millis = 0;
  }
  return from_millis(seconds * 1000 + millis);
}

std::string stamp_of(Instant at) {
  auto const millis = to_millis(at);
  return std::to_string(millis / 1000) + "." + std::to_string(1000 + millis % 1000).substr(1) + "000";
}

}  // namespace tocsin::slack
