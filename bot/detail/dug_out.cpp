#include "bot/detail/dug_out.hpp"

#include <cstddef>

#include "bot/detail/levels.hpp"

namespace tocsin::detail {
namespace {

/// What stands behind a name that ends at `at`, in its quotes.
std::string_view text_behind(std::string_view text, std::size_t at) {
  constexpr std::string_view kBlanks = " \t\r\n";
  at = text.find_first_not_of(kBlanks, at);
  if (at == std::string_view::npos || text[at] != ':') return {};
  at = text.find_first_not_of(kBlanks, at + 1);
  if (at == std::string_view::npos || text[at] != '"') return {};
  auto const end = text.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view() : text.substr(at + 1, end - at - 1);
}

}  // namespace

std::string dug_out(std::string_view text, std::string_view name, int level,
                    std::function<bool(std::string_view)> const& is_id) {
  Levels levels;
  for (std::size_t at = 0; at < text.size(); levels.pass(text, at)) {
    if (levels.quoted || static_cast<int>(levels.depth) != level || !text.substr(at).starts_with(name)) continue;
    if (auto const id = text_behind(text, at + name.size()); is_id(id)) return std::string(id);
  }
  auto const at = text.find(name);
  auto const id = at == std::string_view::npos ? std::string_view() : text_behind(text, at + name.size());
  return is_id(id) ? std::string(id) : std::string();
}

}  // namespace tocsin::detail
