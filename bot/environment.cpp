#include "bot/environment.hpp"

#include <cstdlib>

namespace tocsin {

std::optional<std::string> environment_variable(std::string const& name) {
  auto const* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace tocsin
