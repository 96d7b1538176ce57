// The rows around an incident: approvals, reviews of broken glass, to-dos, runs of actions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/approval.hpp"
#include "incidents/base/ids.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

/// Gives it the next code: "K1", "K2", … A code is never given twice.
std::string insert_approval(Database& database, Approval approval);
void update_approval(Database& database, Approval const& approval);
[[nodiscard]] std::optional<Approval> load_approval(Database& database, std::string_view code);
/// Those not yet used, denied or expired at `now`, the newest first.
[[nodiscard]] std::vector<Approval> open_approvals(Database& database, Instant now);

struct Review {
  std::int64_t id = 0;
  IncidentId incident;
  std::string code;
  PersonId broken_by;
  Instant broken_at{};
  std::string reason;
  PersonId reviewed_by;
  std::optional<Instant> reviewed_at;
  std::string verdict;
};
void insert_review(Database& database, Review const& review);
[[nodiscard]] std::vector<Review> reviews_of(Database& database, IncidentId incident);
/// False: there is no open review of that code.
bool finish_review(Database& database, std::string_view code, PersonId const& by, std::string_view verdict,
                   Instant now);

struct Todo {
  TodoId id;
  IncidentId incident;
  std::string text;
  PersonId owner;
  std::optional<Instant> due;
  PersonId made_by;
  Instant made_at{};
  PersonId done_by;
  std::optional<Instant> done_at;
};
TodoId insert_todo(Database& database, Todo const& todo);
/// False: no such to-do, or done already.
bool finish_todo(Database& database, TodoId id, PersonId const& by, Instant now);
[[nodiscard]] std::optional<Todo> load_todo(Database& database, TodoId id);
/// Of one incident, or (id 0) every open one.
[[nodiscard]] std::vector<Todo> todos_of(Database& database, IncidentId incident);

/// One run of an action.
struct Run {
  RunId id;
  IncidentId incident;
  std::string action;
  std::string target;
  std::string parameters;  ///< as shown
  std::string effect;
  PersonId person;
  Instant started_at{};
  std::optional<Instant> ended_at;
  std::string state = "running";  ///< running, verified, ran, failed, stopped, undone, interrupted
  std::optional<std::int64_t> exit_code;
  std::string output;
  std::string digest;  ///< SHA-256 of the whole output, kept when the output itself is forgotten
};
RunId insert_run(Database& database, Run const& run);
void finish_run(Database& database, Run const& run);
[[nodiscard]] std::optional<Run> running_on(Database& database, std::string_view target);
[[nodiscard]] std::vector<Run> running(Database& database);
[[nodiscard]] std::vector<Run> runs_of(Database& database, IncidentId incident);
/// After a restart: what was running is interrupted; its effect is unknown. Returns those runs.
[[nodiscard]] std::vector<Run> interrupt_runs(Database& database, Instant now);
/// Outputs of runs that ended before `before` are dropped; their digests stay.
std::int64_t forget_outputs(Database& database, Instant before, std::size_t limit);

}  // namespace tocsin::store
