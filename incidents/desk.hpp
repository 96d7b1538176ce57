// The use cases: load, let time act, decide, store everything in one unit of work. Only this and `due` join decisions
// and store; nothing here waits, sends or words anything.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "incidents/duty.hpp"
#include "incidents/incident.hpp"
#include "incidents/lifecycle.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

/// What configuration says about people and promises. Immutable; a reload makes a new one.
struct Directory {
  Promises promises;
  DutySchedule duty;
  std::map<std::string, std::vector<PersonId>> roles;  ///< but "duty", which the schedule answers
  /// Channels and contacts of a person for a severity, in order of preference.
  std::function<std::vector<std::pair<std::string, std::string>>(PersonId const&, Severity, Instant at)> channels;
};

/// The circumstances of one unit of work. Lives as long as the unit.
struct Desk {
  Database& database;
  Directory const& directory;
  Instant now{};
};

/// Roles and duty, overrides included, at the instants of one unit of work.
class DeskRoster final : public Roster {
 public:
  explicit DeskRoster(Desk const& desk) : desk_(desk) {}
  [[nodiscard]] std::vector<PersonId> holders(Recipient const& recipient, Instant at) const override;
  [[nodiscard]] std::vector<PersonId> backups() const override { return desk_.directory.duty.backups; }
  /// Who is on at `at`, overrides counted in.
  [[nodiscard]] std::optional<Shift> on_duty_at(Instant at) const;

 private:
  Desk const& desk_;
};

struct Done {
  Incident incident;
  Notice answer;
  bool announced = false;  ///< the same words go to the incident's room
};

/// Opens an incident and fires what is due at its opening: the first page is in the same transaction.
[[nodiscard]] Decided<Done> open_at(Desk const& desk, OpenRequest const& request, PersonId const& by);

/// What to decide, given the incident as time has left it.
using Decide = std::function<Decided<Decision>(Incident const&, Circumstances const&, Roster const&)>;

/// Loads, advances, decides, stores, advances again. A refusal stores what time did and nothing else.
/// A private incident that `by` may not see is answered like one that doesn't exist.
[[nodiscard]] Decided<Done> decide_at(Desk const& desk, IncidentId id, PersonId const& by, Decide const& decide);

/// Takes the last decision back, if that is still allowed.
[[nodiscard]] Decided<Done> undo_at(Desk const& desk, IncidentId id, PersonId const& by);

/// Merges `id` into `main`: both timelines say so.
[[nodiscard]] Decided<Done> merge_at(Desk const& desk, IncidentId id, IncidentId main, PersonId const& by);

/// Stores a decision about a stored incident: next state, timeline, pages, notices.
void store_decision(Desk const& desk, Decision const& decision);

/// Asks for the incident's card to be shown anew in `room`, its own; asking twice before it is shown is asking once.
void request_card(Desk const& desk, IncidentId incident, Room const& room);
inline constexpr char const* kCardKey = "card";

/// Asks, at `due`, for whoever was asked for the approval `code` to be told that they need not answer any more.
/// `incident` 0: it is about none.
void settle_request(Desk const& desk, IncidentId incident, std::string const& code, Instant due);

/// Makes the page of a person and plans its deliveries. For a request that belongs to no incident hand in an Incident
/// with no number and the severity whose channels are to be used.
void order_page(Desk const& desk, Incident const& incident, PageOrder const& order);

/// Lets time act on one incident now. True if something fired.
bool advance_at(Desk const& desk, IncidentId id);

}  // namespace tocsin
