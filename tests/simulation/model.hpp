// The reference: what must be true of every incident, clock and page, by the rules of the domain. Naive on purpose:
// plain values, plain arithmetic, everything looked at again each time; nothing of incidents/ is used.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/house.hpp"

namespace tocsin::simulation {

enum class Stage : std::uint8_t { open, acknowledged, mitigated, resolved, closed };
enum class Verdict : std::uint8_t { running, paused, met, lapsed };

struct ModelPause {
  Time from = 0;
  std::optional<Time> to;
};

struct ModelClock {
  Time start = 0;
  Time target = 0;
  std::optional<Time> met;
};

/// What people have heard of one step.
struct Heard {
  bool once = false;
  Time upto = -1;  ///< counted time up to which its repeats are used up
};

struct ModelIncident {
  std::int64_t id = 0;
  int severity = 3;
  Stage stage = Stage::open;
  bool merged = false;
  ModelClock response;
  ModelClock recovery;
  std::vector<ModelPause> pauses;
  PlainChain chain;  ///< frozen
  std::vector<Heard> heard;
  std::array<bool, 6> marks{};  ///< 50 %, 80 %, lapse of response; the same of recovery
  std::string taken_by;
  std::string assignee;
  Time active = 0;
  Time idle_paged = 0;
  std::optional<Time> update_due;
  int calls = 1;  ///< grows when the chain is armed anew: then nobody counts as called

  [[nodiscard]] bool over() const { return stage >= Stage::resolved; }
  [[nodiscard]] bool standing() const { return !pauses.empty() && !pauses.back().to; }
};

/// A clock's counted time at `at`: pauses left out; stops at the answer.
[[nodiscard]] Time counted(ModelClock const& clock, std::vector<ModelPause> const& pauses, Time at);
/// The instant at which so much has been counted; nothing when an open pause keeps it from coming.
[[nodiscard]] std::optional<Time> instant_of(ModelClock const& clock, std::vector<ModelPause> const& pauses,
                                             Time amount);
[[nodiscard]] Verdict verdict(ModelClock const& clock, std::vector<ModelPause> const& pauses, Time now);

/// The last decision that can be taken back.
struct ModelUndo {
  ModelIncident before;
  std::string by;
  Time at = 0;
  bool stood_down = false;
};

struct ModelDelivery {
  enum class State : std::uint8_t { waiting, sending, accepted, failed, skipped } state = State::waiting;
  std::string channel;
  int tries = 0;
  std::optional<Time> next;
  bool may_repeat = false;
};

/// By the numbers of the pages table's `state`.
enum class PageFate : std::uint8_t { queued, sending, accepted, delivered, seen, acknowledged, failed, superseded };

inline constexpr int kManual = 0;
inline constexpr int kIdle = 100;
inline constexpr int kApproval = 101;

struct ModelPage {
  std::int64_t id = 0;  ///< given by the database, known once the row was found
  std::int64_t incident = 0;
  int calls = 1;
  int step = 0;
  std::string person;
  Time due = 0;
  Time created = 0;
  bool folded = false;
  PageFate fate = PageFate::queued;
  std::optional<Time> ended;
  std::optional<Time> first_tried;
  std::optional<Time> give_up;  ///< failed while it was not wanted
  bool handed_over = false;
  std::vector<ModelDelivery> deliveries;
};

/// A page handed to a carrier.
struct ModelJob {
  std::size_t page = 0;  ///< index in Model::pages
  std::size_t position = 0;
  int tries = 0;
  bool may_repeat = false;
};

/// A warning or a lapse on the timeline.
struct ModelMark {
  std::int64_t incident = 0;
  bool lapse = false;
  Time happened = 0;
  friend auto operator<=>(ModelMark const&, ModelMark const&) = default;
};

enum class Result : std::uint8_t { accepted, retry_later, rejected, misconfigured, unknown };

struct ModelApproval {
  std::int64_t incident = 0;
  std::string by;
  Time expires = 0;
  enum class State : std::uint8_t { waiting, approved, used } state = State::waiting;
};

/// What somebody types.
struct Act {
  enum class What : std::uint8_t {
    open,
    acknowledge,
    severity,
    mitigate,
    resolve,
    false_alarm,
    close,
    reopen,
    merge,
    undo,
    pause,
    resume,
    assign,
    note,
    update,
    escalate,
    call,
    approve,
    run,
    stand_in,
  } what = What::note;
  std::string by;
  std::int64_t incident = 0;
  int severity = 0;         ///< of open and severity; of escalate the level, 0 = the next
  std::int64_t number = 0;  ///< of merge: into which; of approve and run: which request
  std::string who;          ///< of assign, call, stand_in
  Time length = 0;  ///< of update: when the next is promised, 0 = not; of stand_in: hours of the day as from*24+to
};

class Model {
 public:
  /// The key of the answer that must come.
  std::string act(Act const& act, Time now);

  /// One look of the bot: time acts on every incident, then what is due goes out.
  std::vector<ModelJob> look(Time now);
  /// What came of an attempt. `jitter` spreads the retries.
  void report(std::size_t page, std::size_t position, Result result, Time retry_after, double jitter, Time now);
  /// The bot died and is there again.
  void recover(Time now);

  [[nodiscard]] ModelIncident* find(std::int64_t incident);
  [[nodiscard]] std::string on_duty(Time at) const;
  /// Instants that matter soon, for people who act on the very millisecond.
  [[nodiscard]] std::vector<Time> interesting(ModelIncident const& incident) const;

  std::vector<ModelIncident> incidents;
  std::map<std::int64_t, ModelUndo> undos;
  std::vector<ModelPage> pages;
  std::vector<ModelMark> marks;
  std::vector<ModelApproval> approvals;  ///< K1 first
  std::set<std::int64_t> touched;        ///< incidents that time or people moved; emptied by whoever compares them

 private:
  struct Substitute {
    std::string person;
    Time from = 0;
    Time to = 0;
  };
  struct Due {
    enum class What : std::uint8_t { mark, step, idle, update } what = What::mark;
    Time at = 0;
    std::size_t index = 0;
  };

  // model_people.cpp
  std::string decide(ModelIncident& it, Act const& act, Time now);
  std::string open(Act const& act, Time now);
  std::string take_it(ModelIncident& it, Act const& act, Time now);
  std::string change_severity(ModelIncident& it, Act const& act, Time now);
  std::string end(ModelIncident& it, Act const& act, Time now);
  std::string reopen(ModelIncident& it, Act const& act, Time now);
  std::string merge(ModelIncident& it, Act const& act, Time now);
  std::string undo(ModelIncident& it, Act const& act, Time now);
  std::string pause(ModelIncident& it, Act const& act, Time now);
  std::string ask_for_pause(ModelIncident& it, Act const& act, Time now);
  std::string resume(ModelIncident& it, Act const& act, Time now);
  std::string escalate(ModelIncident& it, Act const& act, Time now);
  std::string approve(Act const& act, Time now);
  std::string run(Act const& act, Time now);
  std::string stand_in(Act const& act, Time now);
  void remember(ModelIncident const& it, Act const& act, Time now, bool stood_down);

  // model_time.cpp
  void let_time_act(ModelIncident& it, Time now);
  std::vector<Due> due_at(ModelIncident const& it, Time now) const;
  [[nodiscard]] std::optional<Time> coming(ModelIncident const& it, std::size_t step) const;
  [[nodiscard]] std::vector<std::size_t> steps_to_come(ModelIncident const& it, Time now) const;
  [[nodiscard]] Names people_of(Names const& roles, Time at) const;
  [[nodiscard]] Names in_charge(ModelIncident const& it, Time now) const;
  void arm(ModelIncident& it, Time now);

  // model_pages.cpp
  void page(ModelIncident const& it, int step, std::string const& person, Time due, Time now);
  void stand_down(ModelIncident const& it, std::string const& by, Time now);
  void want_again(ModelIncident const& it, Time stopped, Time now);
  void hand_over(std::size_t page, Time now);
  void settle(ModelPage& page, Time now);

  std::vector<Substitute> substitutes_;
};

}  // namespace tocsin::simulation
