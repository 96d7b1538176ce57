#include <stdexcept>

#include "incidents/store/incidents.hpp"

// The state before a decision, kept whole as one record: what it holds is only ever read back as a whole, within a
// minute, by the same program or the next one.
namespace tocsin::store {
namespace {

std::vector<Notice> people_list(std::vector<PersonId> const& people) {
  std::vector<Notice> list;
  for (auto const& person : people) list.push_back(Notice("p").with("id", person));
  return list;
}

Notice to_record(Incident const& incident) {
  Notice record("incident");
  auto const maybe = [&record](std::string name, std::optional<Instant> at) {
    if (at) record.with(std::move(name), *at);
  };
  record.with("severity", incident.severity)
      .with("status", static_cast<std::int64_t>(incident.status))
      .with("title", incident.title)
      .with("platform", incident.room.platform)
      .with("conversation", incident.room.conversation)
      .with("thread", incident.room.thread)
      .with("opened_by", incident.opened_by)
      .with("opened_at", incident.opened_at)
      .with("round", std::int64_t{incident.round})
      .with("arming", std::int64_t{incident.arming})
      .with("started_at", incident.response.started_at)
      .with("response_target", incident.response.target)
      .with("recovery_target", incident.recovery.target)
      .with("policy", encode(incident.policy))
      .with("marks", static_cast<std::int64_t>(incident.fired.marks))
      .with("acknowledged_by", incident.acknowledged_by)
      .with("active_at", incident.active_at)
      .with("idle_paged_at", incident.idle_paged_at)
      .with("assignee", incident.assignee)
      .with("commander", incident.commander)
      .with("scribe", incident.scribe)
      .with("communications", incident.communications)
      .with("responders", people_list(incident.responders))
      .with("members", people_list(incident.members))
      .with("drill_pages", people_list(incident.drill_pages))
      .with("hidden", static_cast<std::int64_t>(incident.hidden))
      .with("drill", static_cast<std::int64_t>(incident.drill ? incident.drill_speed : 0))
      .with("drill_everyone", static_cast<std::int64_t>(incident.drill_everyone))
      .with("false_alarm", static_cast<std::int64_t>(incident.false_alarm))
      .with("merged_into", incident.merged_into)
      .with("open_reviews", std::int64_t{incident.open_reviews});
  maybe("response_met_at", incident.response.met_at);
  maybe("recovery_met_at", incident.recovery.met_at);
  maybe("claimed_at", incident.claimed_at);
  maybe("resolved_at", incident.resolved_at);
  maybe("closed_at", incident.closed_at);
  maybe("update_due", incident.update_due);
  std::vector<Notice> pauses;
  for (auto const& pause : incident.pauses) {
    Notice item("pause");
    item.with("from", pause.from);
    if (pause.to) item.with("to", *pause.to);
    pauses.push_back(std::move(item));
  }
  record.with("pauses", std::move(pauses));
  std::vector<Notice> steps;
  for (auto const fired : incident.fired.steps) steps.push_back(Notice("s").with("n", std::int64_t{fired}));
  record.with("steps", std::move(steps));
  return record;
}

template <class T>
T const& field(Notice const& record, std::string_view name) {
  auto const* arg = record.find(name);
  auto const* value = arg == nullptr ? nullptr : std::get_if<T>(arg);
  if (value == nullptr) throw std::runtime_error("damaged undo record in the database");
  return *value;
}

std::optional<Instant> maybe_field(Notice const& record, std::string_view name) {
  if (record.find(name) == nullptr) return std::nullopt;
  return field<Instant>(record, name);
}

std::int32_t small(Notice const& record, std::string_view name) {
  return static_cast<std::int32_t>(field<std::int64_t>(record, name));
}

std::vector<PersonId> people_field(Notice const& record, std::string_view name) {
  std::vector<PersonId> people;
  for (auto const& item : field<std::vector<Notice>>(record, name)) people.push_back(field<PersonId>(item, "id"));
  return people;
}

Incident from_record(Notice const& record, IncidentId id) {
  Incident incident;
  incident.id = id;
  incident.severity = field<Severity>(record, "severity");
  incident.status = static_cast<Status>(field<std::int64_t>(record, "status"));
  incident.title = field<std::string>(record, "title");
  incident.room = {field<std::string>(record, "platform"), field<std::string>(record, "conversation"),
                   field<std::string>(record, "thread")};
  incident.opened_by = field<PersonId>(record, "opened_by");
  incident.opened_at = field<Instant>(record, "opened_at");
  incident.round = small(record, "round");
  incident.arming = small(record, "arming");
  auto const started = field<Instant>(record, "started_at");
  incident.response = {started, field<Millis>(record, "response_target"), maybe_field(record, "response_met_at")};
  incident.recovery = {started, field<Millis>(record, "recovery_target"), maybe_field(record, "recovery_met_at")};
  auto policy = decode_policy(field<std::string>(record, "policy"));
  if (policy.has_error()) throw std::runtime_error(policy.error().detail);
  incident.policy = std::move(*policy);
  incident.fired.marks = static_cast<std::uint32_t>(field<std::int64_t>(record, "marks"));
  incident.acknowledged_by = field<PersonId>(record, "acknowledged_by");
  incident.active_at = field<Instant>(record, "active_at");
  incident.idle_paged_at = field<Instant>(record, "idle_paged_at");
  incident.assignee = field<PersonId>(record, "assignee");
  incident.commander = field<PersonId>(record, "commander");
  incident.scribe = field<PersonId>(record, "scribe");
  incident.communications = field<PersonId>(record, "communications");
  incident.responders = people_field(record, "responders");
  incident.members = people_field(record, "members");
  incident.drill_pages = people_field(record, "drill_pages");
  incident.hidden = field<std::int64_t>(record, "hidden") != 0;
  incident.drill = field<std::int64_t>(record, "drill") != 0;
  if (incident.drill) incident.drill_speed = small(record, "drill");
  if (record.find("drill_everyone") != nullptr)  // the program before this one did not write it
    incident.drill_everyone = field<std::int64_t>(record, "drill_everyone") != 0;
  incident.false_alarm = field<std::int64_t>(record, "false_alarm") != 0;
  incident.merged_into = field<IncidentId>(record, "merged_into");
  incident.open_reviews = small(record, "open_reviews");
  incident.claimed_at = maybe_field(record, "claimed_at");
  incident.resolved_at = maybe_field(record, "resolved_at");
  incident.closed_at = maybe_field(record, "closed_at");
  incident.update_due = maybe_field(record, "update_due");
  for (auto const& item : field<std::vector<Notice>>(record, "pauses"))
    incident.pauses.push_back({field<Instant>(item, "from"), maybe_field(item, "to")});
  for (auto const& item : field<std::vector<Notice>>(record, "steps")) incident.fired.steps.push_back(small(item, "n"));
  return incident;
}

}  // namespace

void keep_undo(Database& database, Incident const& before, PersonId const& made_by, Instant made_at) {
  database.run(
      "INSERT INTO undo (incident, made_by, made_at, state) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (incident) DO UPDATE "
      "SET made_by = excluded.made_by, made_at = excluded.made_at, state = excluded.state",
      {before.id.value, made_by.value, value_of(made_at), encode(to_record(before))});
}

void drop_undo(Database& database, IncidentId incident) {
  database.run("DELETE FROM undo WHERE incident = ?1", {incident.value});
}

std::optional<UndoPoint> undo_of(Database& database, IncidentId incident) {
  std::optional<UndoPoint> point;
  database.each("SELECT made_by, made_at, state FROM undo WHERE incident = ?1", {incident.value}, [&](Row const& row) {
    auto record = decode_notice(row.text(2));
    if (record.has_error()) throw std::runtime_error(record.error().detail);
    point = UndoPoint{from_record(*record, incident), {row.string(0)}, row.instant(1)};
  });
  return point;
}

}  // namespace tocsin::store
