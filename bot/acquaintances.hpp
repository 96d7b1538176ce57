// What a chat platform found out about people whom the configuration does not name there. Pure.
#pragma once

#include <map>
#include <string>

#include "config/config.hpp"

namespace tocsin {

/// Who is who in DingTalk.
struct Acquaintances {
  std::map<PersonId, std::string> staff;  ///< of people of the configuration who have no staff id there
  std::map<std::string, Person> guests;   ///< by staff id: of nobody there, but a department gives them a role
  friend bool operator==(Acquaintances const&, Acquaintances const&) = default;
};

/// The configuration as if it had been written with them. What it says itself stands; a staff id that somebody has is
/// not given to another.
[[nodiscard]] Config introduced(Config config, Acquaintances const& known);

}  // namespace tocsin
