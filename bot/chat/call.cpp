#include "bot/chat/call.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>

#include "bot/detail/json.hpp"

namespace tocsin::chat {

void throw_exception_from_error(ApiFailure const& failure, boost::source_location const&) {
  throw std::logic_error("answer of a failed call: " + failure.error);
}

ApiFailure failure_of(net::FetchFailure const& failed) {
  return {failed.sent ? Trouble::unknown : Trouble::passing, failed.detail};
}

std::optional<Millis> retry_after(net::ClientAnswer const& answer) {
  constexpr std::int64_t kLongest = 3'600;
  auto const text = net::field(answer.headers, "retry-after");
  std::int64_t seconds = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds{std::min(seconds, kLongest)};
}

std::string text_in(std::string_view json, char const* path) {
  auto const body = detail::parsed(json);
  detail::Json::json_pointer const pointer(path);
  if (body.is_discarded() || !body.contains(pointer)) return {};
  auto const& value = body.at(pointer);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace tocsin::chat
