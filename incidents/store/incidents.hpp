// The rows of incidents and of their timelines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

/// The number that a new incident gets: known inside its unit of work before it is stored.
[[nodiscard]] IncidentId next_incident(Database& database);
/// Under its own number, or the next one when it has none. Returns it.
IncidentId insert_incident(Database& database, Incident const& incident);
void update_incident(Database& database, Incident const& incident);
/// Writes only what time alone changes: how far clocks and steps have fired, and the instants that follow from it. For
/// an incident of which everything else is stored already.
void update_fired(Database& database, Incident const& incident);
/// The one of the thread `room` stands in: one that is open, else the newest. Nothing outside of threads.
[[nodiscard]] std::optional<Incident> incident_of_thread(Database& database, Room const& room);
/// Where an incident lives, without reading the rest of it.
[[nodiscard]] std::optional<Room> room_of(Database& database, IncidentId id);
[[nodiscard]] std::optional<Incident> load_incident(Database& database, IncidentId id);
/// As `is_urgent` of the incident, without reading the rest of it; false: there is none.
[[nodiscard]] bool is_urgent(Database& database, IncidentId id);
/// False: there is none.
[[nodiscard]] bool is_drill(Database& database, IncidentId id);

/// Those not yet resolved, the most severe first, then the oldest, drills behind everything; at most `limit`.
[[nodiscard]] std::vector<Incident> live_incidents(Database& database, std::size_t limit = 200);
/// The newest first, whatever their state; `before` = 0 from the top.
[[nodiscard]] std::vector<Incident> recent_incidents(Database& database, std::int64_t before, std::size_t limit);
/// The numbers of those due at `now`, earliest first.
[[nodiscard]] std::vector<IncidentId> due_incidents(Database& database, Instant now, std::size_t limit);
/// The earliest instant at which some incident has something due.
[[nodiscard]] std::optional<Instant> earliest_incident_due(Database& database);

/// Not due before `until`, whatever its row says; for a row that can't be read.
void put_off_incident(Database& database, IncidentId id, Instant until);

/// Gives each entry its sequence number.
/// Of an incident that has none yet: its first entries.
void begin_timeline(Database& database, IncidentId incident, std::vector<TimelineEntry> const& entries);
void append_timeline(Database& database, IncidentId incident, std::vector<TimelineEntry> const& entries);
/// In the order of the sequence numbers; at most `limit`, from `after` on.
[[nodiscard]] std::vector<TimelineEntry> timeline_of(Database& database, IncidentId incident, std::int64_t after = 0,
                                                     std::size_t limit = 100'000);

struct UndoPoint {
  Incident state;
  PersonId made_by;
  Instant made_at{};
};
/// Remembers `before`, the state that an undo would go back to; replaces the one before that.
void keep_undo(Database& database, Incident const& before, PersonId const& made_by, Instant made_at);
void drop_undo(Database& database, IncidentId incident);
[[nodiscard]] std::optional<UndoPoint> undo_of(Database& database, IncidentId incident);

}  // namespace tocsin::store
