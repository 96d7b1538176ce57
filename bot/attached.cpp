#include "bot/attached.hpp"

#include <algorithm>
#include <cctype>

namespace tocsin {

std::optional<std::string> note_of(std::string_view text, std::string const& attached) {
  if (text.starts_with('/') || text.starts_with("／")) return std::nullopt;
  auto const end = std::min(text.find(' '), text.size());
  auto word = std::string(text.substr(0, end));
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  bool const named = word.starts_with("INC-") && word.size() > 4 &&
                     std::all_of(word.begin() + 4, word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (named) text.remove_prefix(std::min(end + 1, text.size()));
  return "/note " + (named ? word + " " : std::string()) + "-- " + std::string(text) + (text.empty() ? "" : " ") +
         attached;
}

}  // namespace tocsin
