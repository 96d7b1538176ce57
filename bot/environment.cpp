#include "bot/environment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace tocsin {

std::optional<std::string> environment_variable(std::string const& name) {
  auto const* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    std::string_view const entry(*each);
    names.emplace_back(entry.substr(0, entry.find('=')));
  }
  return names;
}

}  // namespace tocsin
