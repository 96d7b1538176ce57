#include "bot/chat/words.hpp"

#include <algorithm>

#include "config/text.hpp"

namespace tocsin::chat {
namespace {

constexpr std::size_t kBar = 10;

}  // namespace

std::size_t characters(std::string_view utf8) noexcept {
  std::size_t count = 0;
  for (; !utf8.empty(); ++count) static_cast<void>(take_character(utf8));
  return count;
}

std::string_view first_characters(std::string_view utf8, std::size_t most) noexcept {
  auto rest = utf8;
  for (std::size_t i = 0; i < most && !rest.empty(); ++i) static_cast<void>(take_character(rest));
  return utf8.substr(0, utf8.size() - rest.size());
}

std::string_view last_characters(std::string_view utf8, std::size_t most) noexcept {
  for (auto all = characters(utf8); all > most; --all) static_cast<void>(take_character(utf8));
  return utf8;
}

std::string_view first_lines(std::string_view text, std::size_t lines) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < lines; ++i) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return text;
    ++at;
  }
  return text.substr(0, at == 0 ? 0 : at - 1);
}

std::string_view last_lines(std::string_view text, std::size_t lines) noexcept {
  if (lines == 0) return {};
  auto at = text.size();
  for (std::size_t i = 0; i < lines && at != std::string_view::npos && at > 0; ++i) at = text.rfind('\n', at - 1);
  return at == std::string_view::npos || (at == 0 && !text.starts_with('\n')) ? text : text.substr(at + 1);
}

std::string plain_output(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto const line = text.substr(0, end);
    // ESC [ … letter, ECMA-48 section 5.4.
    std::string clean;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '\033' || i + 1 == line.size() || line[i + 1] != '[') {
        clean += line[i];
        continue;
      }
      i += 2;
      while (i < line.size() && (line[i] < '@' || line[i] > '~')) ++i;
    }
    out += harmless_output(clean) + '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::string progress_bar(std::int64_t done, std::int64_t total) {
  if (total <= 0) return {};
  // Of a total that is near the largest number nothing may overflow.
  auto const share = static_cast<double>(std::clamp<std::int64_t>(done, 0, total)) / static_cast<double>(total);
  auto const full = static_cast<std::size_t>(share * kBar);
  std::string bar;
  for (std::size_t i = 0; i < kBar; ++i) bar += i < full ? "▓" : "░";
  return bar + ' ' + std::to_string(done) + '/' + std::to_string(total);
}

}  // namespace tocsin::chat
