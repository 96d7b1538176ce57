#include "bot/acquaintances.hpp"

#include <algorithm>

namespace tocsin {

Config introduced(Config config, Acquaintances const& known) {
  auto const taken = [&](std::string const& staff) {
    return std::any_of(config.people.begin(), config.people.end(),
                       [&](Person const& each) { return each.identities.dingtalk == staff; });
  };
  for (auto& person : config.people) {
    auto const found = known.staff.find(person.id);
    if (found == known.staff.end() || !person.identities.dingtalk.empty() || taken(found->second)) continue;
    person.identities.dingtalk = found->second;
  }
  for (auto const& [staff, guest] : known.guests) {
    if (taken(staff) || config.person(guest.id) != nullptr) continue;
    config.people.push_back(guest);
  }
  return config;
}

}  // namespace tocsin
