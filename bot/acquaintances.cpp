#include "bot/acquaintances.hpp"

#include <algorithm>

#include "bot/chat/words.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kName = 40;  // characters

std::vector<std::string> parts_of(std::string_view text, char between) {
  std::vector<std::string> parts;
  for (auto end = text.find(between); end != std::string_view::npos; end = text.find(between)) {
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.emplace_back(text);
  return parts;
}

}  // namespace

std::optional<Person> person_of(std::string const& staff, Guest const& guest,
                                std::vector<Department> const& departments) {
  std::optional<Role> role;
  for (auto const& department : departments) {
    auto const& theirs = guest.departments;
    if (std::find(theirs.begin(), theirs.end(), department.id) == theirs.end()) continue;
    role = role ? std::max(*role, department.role) : department.role;
  }
  if (!role) return std::nullopt;
  Person person;
  person.id = PersonId{"dingtalk-" + staff};
  person.name = Localized(guest.name.empty() ? staff : guest.name);
  person.role = std::min(*role, Role::responder);
  person.identities.dingtalk = staff;
  person.guest = true;
  return person;
}

Config introduced(Config config, Acquaintances const& known) {
  if (!config.chat.dingtalk) return config;
  auto const taken = [&](std::string const& staff) {
    return std::any_of(config.people.begin(), config.people.end(),
                       [&](Person const& each) { return each.identities.dingtalk == staff; });
  };
  for (auto& person : config.people) {
    auto const found = known.staff.find(person.id);
    if (found == known.staff.end() || !person.identities.dingtalk.empty()) continue;
    if (found->second.phone != person.identities.phone || taken(found->second.account)) continue;
    person.identities.dingtalk = found->second.account;
  }
  for (auto const& [staff, guest] : known.guests) {
    auto person = person_of(staff, guest, config.chat.dingtalk->departments);
    if (person && !taken(staff) && config.person(person->id) == nullptr) config.people.push_back(std::move(*person));
  }
  return config;
}

Fact fact_of(PersonId const& person, Found const& found) {
  return {std::string(kStaffFact) + person.value, found.account + ' ' + found.phone};
}

Fact fact_of(std::string const& staff, Guest const& guest) {
  std::string value;
  for (auto const& each : guest.departments) value += each + ' ';
  return {std::string(kGuestFact) + staff, value + '\n' + guest.name};
}

Acquaintances acquaintances_in(std::vector<Fact> const& facts) {
  Acquaintances known;
  for (auto const& [name, value] : facts) {
    if (value.empty()) continue;  // no longer
    if (name.starts_with(kStaffFact)) {
      auto const parts = parts_of(value, ' ');
      if (parts.size() == 2) known.staff[PersonId{name.substr(kStaffFact.size())}] = {parts[0], parts[1]};
    } else if (name.starts_with(kGuestFact)) {
      auto const lines = parts_of(value, '\n');
      if (lines.size() != 2) continue;
      Guest guest{std::string(chat::first_characters(lines[1], kName)), parts_of(lines[0], ' ')};
      std::erase(guest.departments, "");
      known.guests[name.substr(kGuestFact.size())] = std::move(guest);
    }
  }
  return known;
}

}  // namespace tocsin
