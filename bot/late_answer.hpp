// Answers that are said later, whatever happens until then.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "commands/message.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

/// For whom a late answer is.
struct Asker {
  PersonId person;
  bool alone = false;  ///< else for everybody in the room, and for them where the room can't be told
  /// Of work that a crash cut off: the thread in which everybody saw how far it was; empty: in the room.
  std::optional<std::string> progress_thread{};
};

/// In the same unit of work as what it answers. Files and pictures lose their content on the way.
/// `to`: the inbound message that it answers; what was said of it before, such as how far the work is, is replaced.
void put_late_answer(Database& database, Instant now, Room room, Asker asker, Message const& answer,
                     std::string const& to);
/// The name under which answers to an inbound message are said.
[[nodiscard]] std::string answer_key(std::string const& to);
/// That of a stored one; empty if it has none.
[[nodiscard]] std::string answer_key(Notice const& stored);
/// Who asked for a stored one; empty: not known.
[[nodiscard]] PersonId asker_of(Notice const& stored);

/// As it was said of the asker of a stored one.
[[nodiscard]] std::optional<std::string> progress_thread_of(Notice const& stored);

/// The incidents that it names.
[[nodiscard]] std::set<IncidentId> incidents_in(Message const& answer);

/// Does it name a private incident anywhere? Then a room must not read it, though whoever asked may.
[[nodiscard]] bool is_confidential(Database& database, Message const& answer);

/// So late a change is not run but asked for again: whoever sent it may have thought better of it.
inline constexpr Millis kStaleChange = std::chrono::seconds{60};
/// So late nothing is run: whoever looks has looked elsewhere meanwhile.
inline constexpr Millis kStale = std::chrono::minutes{10};
[[nodiscard]] Message too_late(std::string const& line, Instant sent, Instant now);
[[nodiscard]] bool is_too_late(Message const& answer);

}  // namespace tocsin
