// What was said on a chat platform and can be edited there; where an incident lives on it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

/// One message in its newest version.
struct Posted {
  std::string platform;
  std::string conversation;
  std::string key;      ///< the same for all versions
  std::string message;  ///< the platform's own name for it
  std::string thread;   ///< in which it stands; empty: none
  std::string digest;   ///< of what it looks like
  friend bool operator==(Posted const&, Posted const&) = default;
};

/// Takes the place of the version before.
void put_posted(Database& database, Posted const& posted, Instant now);
void drop_posted(Database& database, std::string_view platform, std::string_view conversation, std::string_view key);
[[nodiscard]] std::optional<Posted> posted(Database& database, std::string_view platform, std::string_view conversation,
                                           std::string_view key);
/// Removes what was last touched before `before`, but cards of incidents that are still open; at most `limit` rows.
std::int64_t forget_posted(Database& database, Instant before, std::size_t limit);

/// Where an incident lives on one platform.
struct Home {
  std::string platform;
  IncidentId incident;
  std::string origin;
  std::string conversation;
  std::string thread;
  std::string done;  ///< what was seen to there; opaque here
  friend bool operator==(Home const&, Home const&) = default;
};

void put_home(Database& database, Home const& home);
[[nodiscard]] std::optional<Home> home_of(Database& database, std::string_view platform, IncidentId incident);
/// Of the incidents that are open, the oldest first; at most `limit`.
[[nodiscard]] std::vector<Home> homes_of_open(Database& database, std::string_view platform, std::size_t limit);
/// How much was written down since `since` about incidents that live there.
[[nodiscard]] std::int64_t happened_since(Database& database, std::string_view platform, Instant since);
/// The one that lives where `room` is: in a channel of its own, whatever the thread, or in this very thread.
[[nodiscard]] std::optional<IncidentId> incident_living_in(Database& database, Room const& room);

}  // namespace tocsin::store
