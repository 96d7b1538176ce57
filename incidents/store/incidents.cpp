#include "incidents/store/incidents.hpp"

#include <charconv>
#include <stdexcept>

#include "incidents/advance.hpp"

namespace tocsin::store {
namespace {

std::string join(std::vector<std::int32_t> const& numbers) {
  std::string out;
  for (auto const number : numbers) {
    if (!out.empty()) out += ',';
    out += std::to_string(number);
  }
  return out;
}

std::vector<std::int32_t> numbers_in(std::string_view text) {
  std::vector<std::int32_t> numbers;
  while (!text.empty()) {
    std::int32_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) throw std::runtime_error("damaged list of steps in the database");
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty()) text.remove_prefix(1);
  }
  return numbers;
}

/// The people of an incident in one field: "assignee=alice\nresponders=bob,carol". Ids hold neither separator: the
/// configuration admits only letters, digits, '-', '_' and '.'.
std::string people_field(Incident const& incident) {
  std::string out;
  auto const one = [&out](std::string_view name, PersonId const& person) {
    if (!person.empty()) out.append(name).append("=").append(person.value).append("\n");
  };
  auto const many = [&out](std::string_view name, std::vector<PersonId> const& people) {
    if (people.empty()) return;
    out.append(name).append("=");
    for (std::size_t i = 0; i < people.size(); ++i) out.append(i == 0 ? "" : ",").append(people[i].value);
    out += '\n';
  };
  one("assignee", incident.assignee);
  one("commander", incident.commander);
  one("scribe", incident.scribe);
  one("communications", incident.communications);
  many("responders", incident.responders);
  many("members", incident.members);
  if (incident.drill_everyone) out += "drill=*\n";
  if (!incident.drill_everyone) many("drill", incident.drill_pages);
  return out;
}

std::vector<PersonId> split_people(std::string_view text) {
  std::vector<PersonId> people;
  while (!text.empty()) {
    auto const end = text.find(',');
    people.push_back({std::string(text.substr(0, end))});
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return people;
}

void read_people(Incident& incident, std::string_view text) {
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto const line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    auto const equals = line.find('=');
    if (equals == std::string_view::npos) throw std::runtime_error("damaged list of people in the database");
    auto const name = line.substr(0, equals);
    auto people = split_people(line.substr(equals + 1));
    if (people.empty()) continue;
    if (name == "assignee") incident.assignee = people.front();
    if (name == "commander") incident.commander = people.front();
    if (name == "scribe") incident.scribe = people.front();
    if (name == "communications") incident.communications = people.front();
    if (name == "responders")
      incident.responders = std::move(people);
    else if (name == "members")
      incident.members = std::move(people);
    else if (name == "drill" && people.front().value == "*")
      incident.drill_everyone = true;
    else if (name == "drill")
      incident.drill_pages = std::move(people);
  }
}

/// 0: real; else a drill and its speed.
std::int64_t drill_column(Incident const& incident) { return incident.drill ? incident.drill_speed : 0; }

constexpr std::string_view kColumns =
    "id, severity, status, title, platform, conversation, thread, opened_by, opened_at, round, arming, started_at, "
    "response_target, response_met_at, recovery_target, recovery_met_at, policy, marks, steps, acknowledged_by, "
    "claimed_at, resolved_at, closed_at, active_at, idle_paged_at, people, hidden, drill, false_alarm, merged_into, "
    "update_due, open_reviews, pauses";

/// Reads kColumns; returns how many pauses are still to be read.
std::int64_t read_incident(Row const& row, Incident& incident) {
  incident.id = {row.integer(0)};
  incident.severity = static_cast<Severity>(row.integer(1));
  incident.status = static_cast<Status>(row.integer(2));
  incident.title = row.string(3);
  incident.room = {row.string(4), row.string(5), row.string(6)};
  incident.opened_by = {row.string(7)};
  incident.opened_at = row.instant(8);
  incident.round = static_cast<std::int32_t>(row.integer(9));
  incident.arming = static_cast<std::int32_t>(row.integer(10));
  incident.response = {row.instant(11), Millis{row.integer(12)}, row.maybe_instant(13)};
  incident.recovery = {row.instant(11), Millis{row.integer(14)}, row.maybe_instant(15)};
  auto policy = decode_policy(row.text(16));
  if (policy.has_error()) throw std::runtime_error(policy.error().detail);
  incident.policy = std::move(*policy);
  incident.fired.marks = static_cast<std::uint32_t>(row.integer(17));
  incident.fired.steps = numbers_in(row.text(18));
  incident.acknowledged_by = {row.string(19)};
  incident.claimed_at = row.maybe_instant(20);
  incident.resolved_at = row.maybe_instant(21);
  incident.closed_at = row.maybe_instant(22);
  incident.active_at = row.instant(23);
  incident.idle_paged_at = row.instant(24);
  read_people(incident, row.text(25));
  incident.hidden = row.integer(26) != 0;
  incident.drill = row.integer(27) != 0;
  if (incident.drill) incident.drill_speed = static_cast<std::int32_t>(row.integer(27));
  incident.false_alarm = row.integer(28) != 0;
  incident.merged_into = {row.integer(29)};
  incident.update_due = row.maybe_instant(30);
  incident.open_reviews = static_cast<std::int32_t>(row.integer(31));
  return row.integer(32);
}

void read_pauses(Database& database, Incident& incident) {
  database.each("SELECT from_at, to_at FROM pauses WHERE incident = ?1 AND round = ?2 ORDER BY position",
                {incident.id.value, std::int64_t{incident.round}}, [&incident](Row const& row) {
                  incident.pauses.push_back({row.instant(0), row.maybe_instant(1)});
                });
}

/// Pauses are only ever appended, ended or (by an undo) taken off the end.
void write_pauses(Database& database, Incident const& incident) {
  std::int64_t const round = incident.round;
  database.run("DELETE FROM pauses WHERE incident = ?1 AND round = ?2 AND position >= ?3",
               {incident.id.value, round, static_cast<std::int64_t>(incident.pauses.size())});
  std::int64_t position = 0;
  for (auto const& pause : incident.pauses) {
    database.run(
        "INSERT INTO pauses (incident, round, position, from_at, to_at, person) VALUES (?1, ?2, ?3, ?4, ?5, '') "
        "ON CONFLICT (incident, round, position) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at",
        {incident.id.value, round, position++, value_of(pause.from), value_of(pause.to)});
  }
}

void put_timeline(Database& database, IncidentId incident, std::vector<TimelineEntry> const& entries,
                  std::int64_t last) {
  for (auto const& entry : entries) {
    database.run(
        "INSERT INTO timeline (incident, sequence, kind, author, happened, recorded, corrects, what) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        {incident.value, ++last, name_of(entry.kind), entry.author.value, value_of(entry.happened),
         value_of(entry.recorded), entry.corrects, encode(entry.what)});
  }
}

std::vector<Incident> load_all(Database& database, std::string_view sql, std::initializer_list<Value> parameters) {
  std::vector<Incident> incidents;
  std::vector<bool> paused;
  database.each(sql, parameters, [&](Row const& row) {
    incidents.emplace_back();
    paused.push_back(read_incident(row, incidents.back()) > 0);
  });
  for (std::size_t i = 0; i < incidents.size(); ++i) {
    if (paused[i]) read_pauses(database, incidents[i]);
  }
  return incidents;
}

std::string const& select_where(std::string_view name, std::string_view condition) {
  // One text per name, made once: the statement cache goes by the text.
  static thread_local std::vector<std::pair<std::string, std::string>> texts;
  for (auto const& [known, text] : texts) {
    if (known == name) return text;
  }
  texts.emplace_back(name, "SELECT " + std::string(kColumns) + " FROM incidents " + std::string(condition));
  return texts.back().second;
}

}  // namespace

IncidentId next_incident(Database& database) {
  return {database.number("SELECT max(id) FROM incidents").value_or(0) + 1};
}

IncidentId insert_incident(Database& database, Incident const& incident) {
  auto const policy = encode(incident.policy);
  auto const steps = join(incident.fired.steps);
  auto const people = people_field(incident);
  if (!incident.pauses.empty()) throw std::logic_error("a new incident has no pauses");
  auto const id = incident.id ? incident.id : next_incident(database);
  database.run(
      "INSERT INTO incidents (severity, status, title, platform, conversation, thread, opened_by, opened_at, round, "
      "arming, started_at, response_target, response_met_at, recovery_target, recovery_met_at, policy, marks, steps, "
      "acknowledged_by, claimed_at, resolved_at, closed_at, active_at, idle_paged_at, people, hidden, drill, "
      "false_alarm, merged_into, update_due, open_reviews, pauses, next_due, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
      "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, "
      "?30, ?31, 0, ?32, ?33)",
      {static_cast<std::int64_t>(incident.severity),
       static_cast<std::int64_t>(incident.status),
       incident.title,
       incident.room.platform,
       incident.room.conversation,
       incident.room.thread,
       incident.opened_by.value,
       value_of(incident.opened_at),
       std::int64_t{incident.round},
       std::int64_t{incident.arming},
       value_of(incident.response.started_at),
       incident.response.target.count(),
       value_of(incident.response.met_at),
       incident.recovery.target.count(),
       value_of(incident.recovery.met_at),
       policy,
       static_cast<std::int64_t>(incident.fired.marks),
       steps,
       incident.acknowledged_by.value,
       value_of(incident.claimed_at),
       value_of(incident.resolved_at),
       value_of(incident.closed_at),
       value_of(incident.active_at),
       value_of(incident.idle_paged_at),
       people,
       static_cast<std::int64_t>(incident.hidden),
       drill_column(incident),
       static_cast<std::int64_t>(incident.false_alarm),
       incident.merged_into.value,
       value_of(incident.update_due),
       std::int64_t{incident.open_reviews},
       value_of(next_due(incident)),
       id.value});
  return id;
}

void update_fired(Database& database, Incident const& incident) {
  auto const steps = join(incident.fired.steps);
  database.run(
      "UPDATE incidents SET marks = ?2, steps = ?3, idle_paged_at = ?4, update_due = ?5, next_due = ?6 WHERE id = ?1",
      {incident.id.value, static_cast<std::int64_t>(incident.fired.marks), steps, value_of(incident.idle_paged_at),
       value_of(incident.update_due), value_of(next_due(incident))});
}

void update_incident(Database& database, Incident const& incident) {
  auto const policy = encode(incident.policy);
  auto const steps = join(incident.fired.steps);
  auto const people = people_field(incident);
  database.run(
      "UPDATE incidents SET severity = ?2, status = ?3, title = ?4, platform = ?5, conversation = ?6, thread = ?7, "
      "round = ?8, arming = ?9, started_at = ?10, response_target = ?11, response_met_at = ?12, recovery_target = ?13, "
      "recovery_met_at = ?14, policy = ?15, marks = ?16, steps = ?17, acknowledged_by = ?18, claimed_at = ?19, "
      "resolved_at = ?20, closed_at = ?21, active_at = ?22, idle_paged_at = ?23, people = ?24, hidden = ?25, "
      "drill = ?26, false_alarm = ?27, merged_into = ?28, update_due = ?29, open_reviews = ?30, next_due = ?31, "
      "pauses = ?32 WHERE id = ?1",
      {incident.id.value,
       static_cast<std::int64_t>(incident.severity),
       static_cast<std::int64_t>(incident.status),
       incident.title,
       incident.room.platform,
       incident.room.conversation,
       incident.room.thread,
       std::int64_t{incident.round},
       std::int64_t{incident.arming},
       value_of(incident.response.started_at),
       incident.response.target.count(),
       value_of(incident.response.met_at),
       incident.recovery.target.count(),
       value_of(incident.recovery.met_at),
       policy,
       static_cast<std::int64_t>(incident.fired.marks),
       steps,
       incident.acknowledged_by.value,
       value_of(incident.claimed_at),
       value_of(incident.resolved_at),
       value_of(incident.closed_at),
       value_of(incident.active_at),
       value_of(incident.idle_paged_at),
       people,
       static_cast<std::int64_t>(incident.hidden),
       drill_column(incident),
       static_cast<std::int64_t>(incident.false_alarm),
       incident.merged_into.value,
       value_of(incident.update_due),
       std::int64_t{incident.open_reviews},
       value_of(next_due(incident)),
       static_cast<std::int64_t>(incident.pauses.size())});
  write_pauses(database, incident);
}

std::optional<Incident> load_incident(Database& database, IncidentId id) {
  auto found = load_all(database, select_where("one", "WHERE id = ?1"), {id.value});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

bool is_urgent(Database& database, IncidentId id) {
  auto const urgent = database.number("SELECT severity <= ?2 AND drill = 0 FROM incidents WHERE id = ?1",
                                      {id.value, static_cast<std::int64_t>(Severity::p1)});
  return urgent.value_or(0) != 0;
}

bool is_drill(Database& database, IncidentId id) {
  return database.number("SELECT drill FROM incidents WHERE id = ?1", {id.value}).value_or(0) != 0;
}

std::optional<Room> room_of(Database& database, IncidentId id) {
  std::optional<Room> room;
  database.each("SELECT platform, conversation, thread FROM incidents WHERE id = ?1", {id.value},
                [&room](Row const& row) {
                  room = Room{row.string(0), row.string(1), row.string(2)};
                });
  return room;
}

std::optional<Incident> incident_of_thread(Database& database, Room const& room) {
  auto found = load_all(database,
                        select_where("thread",
                                     "WHERE platform = ?1 AND conversation = ?2 AND thread = ?3 AND thread <> '' "
                                     "ORDER BY status < 3 DESC, id DESC LIMIT 1"),
                        {room.platform, room.conversation, room.thread});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<Incident> live_incidents(Database& database, std::size_t limit) {
  return load_all(database, select_where("live", "WHERE status < 3 ORDER BY drill > 0, severity, id LIMIT ?1"),
                  {static_cast<std::int64_t>(limit)});
}

std::vector<Incident> recent_incidents(Database& database, std::int64_t before, std::size_t limit) {
  return load_all(database, select_where("recent", "WHERE id < ?1 OR ?1 = 0 ORDER BY id DESC LIMIT ?2"),
                  {before, static_cast<std::int64_t>(limit)});
}

std::vector<IncidentId> due_incidents(Database& database, Instant now, std::size_t limit) {
  std::vector<IncidentId> due;
  database.each("SELECT id FROM incidents WHERE next_due <= ?1 ORDER BY next_due LIMIT ?2",
                {value_of(now), static_cast<std::int64_t>(limit)},
                [&due](Row const& row) { due.push_back({row.integer(0)}); });
  return due;
}

std::optional<Instant> earliest_incident_due(Database& database) {
  auto const at = database.number("SELECT min(next_due) FROM incidents WHERE next_due IS NOT NULL");
  if (!at) return std::nullopt;
  return from_millis(*at);
}

void put_off_incident(Database& database, IncidentId id, Instant until) {
  database.run("UPDATE incidents SET next_due = ?2 WHERE id = ?1", {id.value, value_of(until)});
}

void append_timeline(Database& database, IncidentId incident, std::vector<TimelineEntry> const& entries) {
  if (entries.empty()) return;
  auto const last =
      database.number("SELECT max(sequence) FROM timeline WHERE incident = ?1", {incident.value}).value_or(0);
  put_timeline(database, incident, entries, last);
}

void begin_timeline(Database& database, IncidentId incident, std::vector<TimelineEntry> const& entries) {
  put_timeline(database, incident, entries, 0);
}

std::vector<TimelineEntry> timeline_of(Database& database, IncidentId incident, std::int64_t after, std::size_t limit) {
  std::vector<TimelineEntry> entries;
  database.each(
      "SELECT kind, author, happened, recorded, corrects, what, sequence FROM timeline "
      "WHERE incident = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
      {incident.value, after, static_cast<std::int64_t>(limit)}, [&entries](Row const& row) {
        TimelineEntry entry;
        entry.kind = entry_kind_of(row.text(0)).value_or(EntryKind::note);
        entry.author = {row.string(1)};
        entry.happened = row.instant(2);
        entry.recorded = row.instant(3);
        entry.corrects = row.integer(4);
        auto what = decode_notice(row.text(5));
        entry.what = what ? std::move(*what) : Notice("timeline.damaged");
        entry.sequence = row.integer(6);
        entries.push_back(std::move(entry));
      });
  return entries;
}

}  // namespace tocsin::store
