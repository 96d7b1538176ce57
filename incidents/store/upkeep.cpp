#include "incidents/store/upkeep.hpp"

namespace tocsin::store {
namespace {

constexpr std::string_view kRunById =
    "SELECT id, incident, action, target, parameters, effect, person, started_at, ended_at, state, exit_code, output, "
    "digest FROM runs WHERE incident = ?1 ORDER BY id";
constexpr std::string_view kRunning =
    "SELECT id, incident, action, target, parameters, effect, person, started_at, ended_at, state, exit_code, output, "
    "digest FROM runs WHERE ended_at IS NULL ORDER BY id";
constexpr std::string_view kRunningOn =
    "SELECT id, incident, action, target, parameters, effect, person, started_at, ended_at, state, exit_code, output, "
    "digest FROM runs WHERE ended_at IS NULL AND target = ?1";

/// What is missing, as the bits of approvals.needs_second.
constexpr std::int64_t kNeedsSecond = 1;
constexpr std::int64_t kUnsaved = 2;

Approval read_approval(Row const& row) {
  Approval approval;
  approval.code = row.string(0);
  approval.command = row.string(1);
  approval.digest = row.string(2);
  auto what = decode_notice(row.text(3));
  approval.what = what ? std::move(*what) : Notice("approval.damaged");
  approval.incident = {row.integer(4)};
  approval.asked_by = {row.string(5)};
  approval.asked_at = row.instant(6);
  approval.expires_at = row.instant(7);
  approval.needs_second = (row.integer(8) & kNeedsSecond) != 0;
  approval.unsaved = (row.integer(8) & kUnsaved) != 0;
  approval.state = approval_state_of(row.text(9)).value_or(ApprovalState::expired);
  approval.decided_by = {row.string(10)};
  approval.decided_at = row.maybe_instant(11);
  approval.reason = row.string(12);
  approval.place = row.string(13);
  return approval;
}

std::vector<Run> load_runs(Database& database, std::string_view sql, std::initializer_list<Value> parameters) {
  std::vector<Run> runs;
  database.each(sql, parameters, [&runs](Row const& row) {
    Run run;
    run.id = {row.integer(0)};
    run.incident = {row.integer(1)};
    run.action = row.string(2);
    run.target = row.string(3);
    run.parameters = row.string(4);
    run.effect = row.string(5);
    run.person = {row.string(6)};
    run.started_at = row.instant(7);
    run.ended_at = row.maybe_instant(8);
    run.state = row.string(9);
    if (!row.null(10)) run.exit_code = row.integer(10);
    run.output = row.string(11);
    run.digest = row.string(12);
    runs.push_back(std::move(run));
  });
  return runs;
}

Value maybe_number(std::optional<std::int64_t> number) {
  if (!number) return nullptr;
  return *number;
}

Todo read_todo(Row const& row) {
  return {{row.integer(0)}, {row.integer(1)}, row.string(2),   {row.string(3)},     row.maybe_instant(4),
          {row.string(5)},  row.instant(6),   {row.string(7)}, row.maybe_instant(8)};
}

}  // namespace

std::string insert_approval(Database& database, Approval approval) {
  auto const next =
      database.number("SELECT coalesce(max(CAST(substr(code, 2) AS INTEGER)), 0) + 1 FROM approvals").value_or(1);
  approval.code = "K" + std::to_string(next);
  database.run(
      "INSERT INTO approvals (code, command, digest, what, incident, asked_by, asked_at, expires_at, needs_second, "
      "state, "
      "decided_by, decided_at, reason, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      {approval.code, approval.command, approval.digest, encode(approval.what), approval.incident.value,
       approval.asked_by.value, value_of(approval.asked_at), value_of(approval.expires_at),
       (approval.needs_second ? kNeedsSecond : 0) | (approval.unsaved ? kUnsaved : 0), name_of(approval.state),
       approval.decided_by.value, value_of(approval.decided_at), approval.reason, approval.place});
  return approval.code;
}

void update_approval(Database& database, Approval const& approval) {
  database.run("UPDATE approvals SET state = ?2, decided_by = ?3, decided_at = ?4, reason = ?5 WHERE code = ?1",
               {approval.code, name_of(approval.state), approval.decided_by.value, value_of(approval.decided_at),
                approval.reason});
}

std::optional<Approval> load_approval(Database& database, std::string_view code) {
  std::optional<Approval> found;
  database.each(
      "SELECT code, command, digest, what, incident, asked_by, asked_at, expires_at, needs_second, state, decided_by, "
      "decided_at, reason, place FROM approvals WHERE code = ?1",
      {code}, [&found](Row const& row) { found = read_approval(row); });
  return found;
}

std::vector<Approval> open_approvals(Database& database, Instant now) {
  std::vector<Approval> open;
  database.each(
      "SELECT code, command, digest, what, incident, asked_by, asked_at, expires_at, needs_second, state, decided_by, "
      "decided_at, reason, place FROM approvals WHERE state IN ('waiting', 'confirmed', 'approved', 'broken') AND "
      "expires_at > ?1 ORDER BY asked_at DESC",
      {value_of(now)}, [&open](Row const& row) { open.push_back(read_approval(row)); });
  return open;
}

void insert_review(Database& database, Review const& review) {
  database.run(
      "INSERT INTO reviews (incident, code, broken_by, broken_at, reason, reviewed_by, reviewed_at, verdict) "
      "VALUES (?1, ?2, ?3, ?4, ?5, '', NULL, '')",
      {review.incident.value, review.code, review.broken_by.value, value_of(review.broken_at), review.reason});
}

std::vector<Review> reviews_of(Database& database, IncidentId incident) {
  std::vector<Review> reviews;
  database.each(
      "SELECT id, incident, code, broken_by, broken_at, reason, reviewed_by, reviewed_at, verdict FROM reviews "
      "WHERE incident = ?1 ORDER BY id",
      {incident.value}, [&reviews](Row const& row) {
        reviews.push_back({row.integer(0),
                           {row.integer(1)},
                           row.string(2),
                           {row.string(3)},
                           row.instant(4),
                           row.string(5),
                           {row.string(6)},
                           row.maybe_instant(7),
                           row.string(8)});
      });
  return reviews;
}

bool finish_review(Database& database, std::string_view code, PersonId const& by, std::string_view verdict,
                   Instant now) {
  return database.run(
             "UPDATE reviews SET reviewed_by = ?2, reviewed_at = ?3, verdict = ?4 WHERE code = ?1 AND reviewed_at IS "
             "NULL",
             {code, by.value, value_of(now), verdict}) == 1;
}

TodoId insert_todo(Database& database, Todo const& todo) {
  TodoId id;
  database.each(
      "INSERT INTO todos (incident, text, owner, due, made_by, made_at, done_by, done_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', NULL) RETURNING id",
      {todo.incident.value, todo.text, todo.owner.value, value_of(todo.due), todo.made_by.value,
       value_of(todo.made_at)},
      [&id](Row const& row) { id = {row.integer(0)}; });
  return id;
}

bool finish_todo(Database& database, TodoId id, PersonId const& by, Instant now) {
  return database.run("UPDATE todos SET done_by = ?2, done_at = ?3 WHERE id = ?1 AND done_at IS NULL",
                      {id.value, by.value, value_of(now)}) == 1;
}

std::optional<Todo> load_todo(Database& database, TodoId id) {
  std::optional<Todo> found;
  database.each("SELECT id, incident, text, owner, due, made_by, made_at, done_by, done_at FROM todos WHERE id = ?1",
                {id.value}, [&found](Row const& row) { found = read_todo(row); });
  return found;
}

std::vector<Todo> todos_of(Database& database, IncidentId incident) {
  std::vector<Todo> todos;
  database.each(
      "SELECT id, incident, text, owner, due, made_by, made_at, done_by, done_at FROM todos "
      "WHERE incident = ?1 OR (?1 = 0 AND done_at IS NULL) ORDER BY id",
      {incident.value}, [&todos](Row const& row) { todos.push_back(read_todo(row)); });
  return todos;
}

RunId insert_run(Database& database, Run const& run) {
  RunId id;
  database.each(
      "INSERT INTO runs (incident, action, target, parameters, effect, person, started_at, ended_at, state, exit_code, "
      "output, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, 'running', NULL, '', '') RETURNING id",
      {run.incident.value, run.action, run.target, run.parameters, run.effect, run.person.value,
       value_of(run.started_at)},
      [&id](Row const& row) { id = {row.integer(0)}; });
  return id;
}

void finish_run(Database& database, Run const& run) {
  database.run("UPDATE runs SET ended_at = ?2, state = ?3, exit_code = ?4, output = ?5, digest = ?6 WHERE id = ?1",
               {run.id.value, value_of(run.ended_at), run.state, maybe_number(run.exit_code), run.output, run.digest});
}

std::optional<Run> running_on(Database& database, std::string_view target) {
  auto runs = load_runs(database, kRunningOn, {target});
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

std::vector<Run> running(Database& database) { return load_runs(database, kRunning, {}); }

std::vector<Run> runs_of(Database& database, IncidentId incident) {
  return load_runs(database, kRunById, {incident.value});
}

std::vector<Run> interrupt_runs(Database& database, Instant now) {
  auto runs = load_runs(database, kRunning, {});
  for (auto& run : runs) {
    run.state = "interrupted";
    run.ended_at = now;
    finish_run(database, run);
  }
  return runs;
}

std::int64_t forget_outputs(Database& database, Instant before, std::size_t limit) {
  return database.run(
      "UPDATE runs SET output = '' WHERE id IN (SELECT id FROM runs WHERE ended_at < ?1 AND output <> '' LIMIT ?2)",
      {value_of(before), static_cast<std::int64_t>(limit)});
}

}  // namespace tocsin::store
