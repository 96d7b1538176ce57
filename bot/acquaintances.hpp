// What a chat platform found out about people whom the configuration does not name there. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace tocsin {

/// Somebody whom the configuration does not name; a department may give them a role.
struct Guest {
  std::string name;
  std::vector<std::string> departments;
  friend bool operator==(Guest const&, Guest const&) = default;
};

/// The account that a telephone leads to. With another telephone it is worth nothing.
struct Found {
  std::string account;
  std::string phone;
  friend bool operator==(Found const&, Found const&) = default;
};

/// Who is who in DingTalk.
struct Acquaintances {
  std::map<PersonId, Found> staff;      ///< of people of the configuration who have no staff id there
  std::map<std::string, Guest> guests;  ///< by staff id
  friend bool operator==(Acquaintances const&, Acquaintances const&) = default;
};

/// The person that a guest is by the role of a department; nothing: none of theirs has one. Of several the role that
/// may most, but never one that approves: who that is must be written.
[[nodiscard]] std::optional<Person> person_of(std::string const& staff, Guest const& guest,
                                              std::vector<Department> const& departments);

/// The configuration as if it had been written with them. What it says itself stands; a staff id that somebody has is
/// not given to another.
[[nodiscard]] Config introduced(Config config, Acquaintances const& known);

/// One of them as it is kept: a name of a fact, and its value.
using Fact = std::pair<std::string, std::string>;
inline constexpr std::string_view kStaffFact = "dingtalk-staff:";
inline constexpr std::string_view kGuestFact = "dingtalk-guest:";
[[nodiscard]] Fact fact_of(PersonId const& person, Found const& found);
[[nodiscard]] Fact fact_of(std::string const& staff, Guest const& guest);
/// What was kept; facts of others are passed over.
[[nodiscard]] Acquaintances acquaintances_in(std::vector<Fact> const& facts);

}  // namespace tocsin
