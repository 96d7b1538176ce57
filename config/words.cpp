#include "config/words.hpp"

#include <algorithm>
#include <stdexcept>

namespace tocsin {
namespace {

std::string_view take(std::string_view& packed) {
  auto const end = packed.find('\0');
  if (end == std::string_view::npos) throw std::logic_error("packed words have no end");
  auto const taken = packed.substr(0, end);
  packed.remove_prefix(end + 1);
  return taken;
}

}  // namespace

std::string pack(TextsByKey const& texts) {
  std::string packed;
  auto const put = [&packed](std::string const& text) {
    if (text.find('\0') != std::string::npos) throw std::logic_error("a zero byte in a text");
    packed += text;
    packed += '\0';
  };
  for (auto const& [key, text] : texts) {
    put(key);
    put(text);
  }
  return packed;
}

Words::Words(std::string_view packed) {
  texts_.reserve(static_cast<std::size_t>(std::count(packed.begin(), packed.end(), '\0')) / 2);
  while (!packed.empty()) {
    auto const key = take(packed);
    if (!texts_.empty() && key <= texts_.back().first) throw std::logic_error("packed words are not in order");
    texts_.emplace_back(key, take(packed));
  }
}

std::optional<std::string_view> Words::find(std::string_view key) const noexcept {
  auto const found = std::lower_bound(texts_.begin(), texts_.end(), key,
                                      [](auto const& each, std::string_view wanted) { return each.first < wanted; });
  if (found == texts_.end() || found->first != key) return std::nullopt;
  return found->second;
}

std::vector<std::string> Words::keys() const {
  std::vector<std::string> keys;
  for (auto const& [key, text] : texts_) keys.emplace_back(key);
  return keys;
}

}  // namespace tocsin
