// Answers that are said later, whatever happens until then.
#pragma once

#include "commands/message.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

/// In the same unit of work as what it answers. `alone`: for this person only; empty: for everybody in the room. Files
/// and pictures lose their content on the way.
void put_late_answer(Database& database, Instant now, Room room, PersonId alone, Message const& answer);

/// So late a change is not run but asked for again: whoever sent it may have thought better of it.
inline constexpr Millis kStaleChange = std::chrono::seconds{60};
[[nodiscard]] Message too_late(std::string const& line, Instant sent, Instant now);

}  // namespace tocsin
