// What an incident is: its state, and the shape of a decision about it. The decisions stand in lifecycle, people,
// severity_change (what people do) and advance (what time does); each returns the next state, the timeline and what
// must be said, and touches nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/time.hpp"
#include "incidents/escalation.hpp"
#include "incidents/notice.hpp"
#include "incidents/severity.hpp"
#include "incidents/target_clock.hpp"
#include "incidents/timeline.hpp"

namespace tocsin {

/// In this order; an incident only goes back by regression, reopening or undo.
enum class Status : std::uint8_t { open, acknowledged, mitigated, resolved, closed };

[[nodiscard]] std::string_view name_of(Status status) noexcept;
[[nodiscard]] std::optional<Status> status_of(std::string_view name) noexcept;

/// Where on which platform something is said. Opaque here: only the platform understands its own words.
struct Room {
  std::string platform;      ///< "terminal", "web", "slack", "dingtalk"; empty: nowhere
  std::string conversation;  ///< channel, group or person
  std::string thread;        ///< may be empty
  friend bool operator==(Room const&, Room const&) = default;
};

/// How far the clocks and the steps of the present round have fired. A thing that fired never fires again.
struct Fired {
  /// Bit n: warning 50 %, 80 %, lapse of the response clock (0-2), the same of the recovery clock (3-5).
  std::uint32_t marks = 0;
  /// For each step of the policy: 0 = not yet, n = fired n times (the first and its repeats, skipped ones counted).
  std::vector<std::int32_t> steps;
  friend bool operator==(Fired const&, Fired const&) = default;
};

struct Incident {
  IncidentId id;
  Severity severity = Severity::p3;
  Status status = Status::open;
  std::string title;
  Room room;
  PersonId opened_by;  ///< empty: the bot (an alert, a schedule)
  Instant opened_at{};

  std::int32_t round = 1;   ///< 2 and up after a reopening: new clocks, the old verdicts kept
  std::int32_t arming = 1;  ///< counts how often the steps were armed anew; part of a page's identity
  TargetClock response;
  TargetClock recovery;
  std::vector<Pause> pauses;  ///< of this round
  EscalationPolicy policy;    ///< frozen
  Fired fired;

  PersonId acknowledged_by;
  std::optional<Instant> claimed_at;  ///< what a back-dated acknowledgement said; marked, never a verdict
  std::optional<Instant> resolved_at;
  std::optional<Instant> closed_at;
  Instant active_at{};      ///< last sign of work by a person
  Instant idle_paged_at{};  ///< last page for having gone quiet; epoch: none

  PersonId assignee;
  PersonId commander;
  PersonId scribe;
  PersonId communications;
  std::vector<PersonId> responders;

  bool hidden = false;            ///< private: its members only
  std::vector<PersonId> members;  ///< of a private incident
  bool drill = false;
  std::int32_t drill_speed = 1;       ///< its clocks run so many times faster, 1..600
  bool drill_everyone = false;        ///< it pages the real chain
  std::vector<PersonId> drill_pages;  ///< else it pages these and nobody else; empty: whoever opened it
  bool false_alarm = false;
  IncidentId merged_into;
  std::optional<Instant> update_due;  ///< the next update promised to stakeholders
  std::int32_t open_reviews = 0;      ///< broken glass not yet reviewed: the incident can't be closed

  friend bool operator==(Incident const&, Incident const&) = default;
};

/// Of what there is to say and to do about it, it goes before that of others: a P0 or P1, and no drill.
[[nodiscard]] inline bool is_urgent(Incident const& incident) {
  return incident.severity <= Severity::p1 && !incident.drill;
}

/// A page for one person by one step. At most one exists for (incident, arming, step, occurrence, person).
struct PageOrder {
  std::int32_t step = 0;        ///< 1.. = step of the policy; the others are named below
  std::int32_t occurrence = 0;  ///< 0 = first, then the repeats on their grid
  PersonId person;
  Notice text;          ///< first line: what to do, by when
  Instant due{};        ///< when it should have gone out
  bool folded = false;  ///< recorded, but another page of the same moment speaks for it
  friend bool operator==(PageOrder const&, PageOrder const&) = default;
};

inline constexpr std::int32_t kStepManual = 0;      ///< `/page`, `/escalate`: occurrence counts them
inline constexpr std::int32_t kStepIdle = 100;      ///< acknowledged and gone quiet
inline constexpr std::int32_t kStepApproval = 101;  ///< somebody must approve
inline constexpr std::int32_t kStepReview = 102;    ///< glass was broken
inline constexpr std::int32_t kStepRemedy = 103;    ///< a remedy failed; occurrence is the number of its run
inline constexpr std::int32_t kStepStore = 104;     ///< the bot itself is hurt, or well again; of no incident

inline constexpr std::int32_t kStepPlatform = 105;  ///< a chat platform is lost, or back; of no incident

/// Something for the incident's room.
struct Announcement {
  Notice text;
  friend bool operator==(Announcement const&, Announcement const&) = default;
};

/// Something for one person, told quietly: a warning, "stay in bed".
struct Whisper {
  PersonId person;
  Notice text;
  friend bool operator==(Whisper const&, Whisper const&) = default;
};

/// Pages that are still on their way stop; `text` goes quietly to those already paged, but `except`.
struct StandDown {
  PersonId except;
  Notice text;
  friend bool operator==(StandDown const&, StandDown const&) = default;
};

using Outgoing = std::variant<PageOrder, Announcement, Whisper, StandDown>;

struct Decision {
  Incident next;
  std::vector<TimelineEntry> timeline;
  std::vector<Outgoing> outgoing;
  Notice answer;          ///< to whoever asked; empty key: nothing to say
  bool undoable = false;  ///< may be taken back within kUndoWindow
};

inline constexpr Millis kUndoWindow = std::chrono::seconds{60};
inline constexpr Millis kRegressionWindow = std::chrono::minutes{30};
inline constexpr std::size_t kMaxTitleBytes = 300;

/// Who stands behind a role at an instant; from configuration and duty. A role that nobody holds is empty.
class Roster {
 public:
  virtual ~Roster() = default;
  [[nodiscard]] virtual std::vector<PersonId> holders(Recipient const& recipient, Instant at) const = 0;
  /// Who is paged when a step finds nobody: the backups of the duty, in order.
  [[nodiscard]] virtual std::vector<PersonId> backups() const = 0;
};

/// What was promised, by configuration, at the moment of a decision.
struct Promises {
  TargetTable targets;
  PolicyTable policies;
};

/// What every decision is told about its circumstances.
struct Circumstances {
  PersonId by;  ///< empty: the bot
  Instant now{};
};

[[nodiscard]] bool is_live(Incident const& incident) noexcept;  ///< not resolved, not closed
[[nodiscard]] Pauses pauses_of(Incident const& incident) noexcept;
[[nodiscard]] bool may_see(Incident const& incident, PersonId const& person) noexcept;

}  // namespace tocsin
