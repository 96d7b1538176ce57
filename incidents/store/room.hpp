// What was said in the built-in room: its newest messages outlive a restart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

/// One message in its newest version.
struct RoomRow {
  std::int64_t id = 0;     ///< grows with every version of any message
  std::int64_t first = 0;  ///< the id of its first version
  std::string key;         ///< the same for all versions
  Instant at{};            ///< of the first version
  std::optional<Instant> edited_at;
  PersonId author;
  std::string reply_to;
  std::optional<std::vector<PersonId>> audience;  ///< absent: everybody
  std::string message;                            ///< encoded; opaque here
  std::string typed;
};

/// Takes the place of the version before. Forgets messages whose newest version has an id of at most `forget`.
void put_room_row(Database& database, RoomRow const& row, std::int64_t forget);
/// The newest `limit`, by rising id.
[[nodiscard]] std::vector<RoomRow> newest_room_rows(Database& database, std::size_t limit);

}  // namespace tocsin::store
