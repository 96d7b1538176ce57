#include "tests/incidents/support.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace tocsin::test {

std::string stamp(Instant at) {
  auto const after = (at - kStart).count();
  auto const size = after < 0 ? -after : after;
  auto const two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  auto text = (after < 0 ? "-" : "") + std::to_string(size / 60'000) + ':' + two(size / 1000 % 60);
  if (auto const rest = size % 1000; rest != 0) text += '.' + (rest < 100 ? '0' + two(rest) : std::to_string(rest));
  return text;
}

std::string stamp(std::optional<Instant> at) { return at ? stamp(*at) : "never"; }

Promises manual_promises() {
  Promises promises;
  promises.targets = {{{5min, 30min}, {15min, 2h}, {30min, 4h}, {1h, 24h}}};
  for (std::size_t i = 0; i < 4; ++i) {
    auto& policy = promises.policies[i];
    policy.steps = {
        {Target::response, 0, {role("duty")}, i < 2 ? std::optional<Millis>{5min} : std::nullopt, Until::acknowledged},
        {Target::response, 100, {role("tech-lead")}, std::nullopt, Until::acknowledged},
        {Target::response, 200, {role("cto")}, std::nullopt, Until::acknowledged},
        {Target::recovery, 80, {role("tech-lead")}, std::nullopt, Until::mitigated},
        {Target::recovery, 100, {role("tech-lead"), role("cto")}, std::nullopt, Until::mitigated},
    };
    if (i == 0) policy.idle_page = 10min;
  }
  return promises;
}

Incident opened(Severity severity, Promises const& promises) {
  OpenRequest request;
  request.severity = severity;
  request.title = "网站无法访问";
  request.room = {"slack", "C042", ""};
  auto incident = made(open_incident(request, promises, {kAlice, kStart})).next;
  incident.id = {42};
  return incident;
}

Incident advanced(Incident const& incident, Instant now, Roster const& roster) {
  auto fired = advance(incident, roster, now);
  return fired ? std::move(fired->next) : incident;
}

Decision made(Decided<Decision> decided) {
  if (decided.has_error()) throw std::logic_error("refused: " + decided.error().key);
  return std::move(*decided);
}

std::vector<std::string> pages_in(Decision const& decision) {
  std::vector<std::string> lines;
  for (auto const& page : all_of<PageOrder>(decision)) {
    lines.push_back(stamp(page.due) + " step " + std::to_string(page.step) + '#' + std::to_string(page.occurrence) +
                    ' ' + page.person.value + (page.folded ? " (folded)" : ""));
  }
  return lines;
}

std::vector<std::string> entries_in(Decision const& decision) {
  std::vector<std::string> lines;
  for (auto const& entry : decision.timeline) lines.push_back(stamp(entry.happened) + ' ' + entry.what.key);
  return lines;
}

std::string only_entry(Decision const& decision) {
  return decision.timeline.size() == 1 ? decision.timeline.front().what.key
                                       : std::to_string(decision.timeline.size()) + " entries";
}

Run run_until(Incident incident, Instant until, Roster const& roster) {
  Run run{std::move(incident), {}, {}, {}};
  for (auto due = next_due(run.incident); due && *due <= until; due = next_due(run.incident)) {
    auto fired = advance(run.incident, roster, *due);
    if (!fired) throw std::logic_error("due at " + stamp(*due) + ", but nothing fired");
    for (auto& line : pages_in(*fired)) run.pages.push_back(std::move(line));
    for (auto& line : entries_in(*fired)) run.entries.push_back(std::move(line));
    for (auto const& whisper : all_of<Whisper>(*fired))
      run.whispers.push_back(stamp(*due) + ' ' + whisper.text.key + ' ' + whisper.person.value);
    run.incident = std::move(fired->next);
    if (run.entries.size() > 100'000) throw std::logic_error("time does not come to an end");
  }
  return run;
}

TempDir::TempDir() {
  auto pattern = (std::filesystem::temp_directory_path() / "tocsin-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void check_sound(Database& database) {
  std::string integrity;
  database.each("PRAGMA integrity_check", {}, [&](Row const& row) { integrity += row.string(0); });
  CHECK(integrity == "ok");
  std::int64_t orphans = 0;
  database.each("PRAGMA foreign_key_check", {}, [&](Row const&) { ++orphans; });
  CHECK(orphans == 0);
  CHECK_FALSE(database.in_transaction());
}

std::unique_ptr<Database> open_store(std::filesystem::path const& file) {
  auto database = open_sqlite(file, OpenMode::read_write);
  if (database.has_error()) throw std::runtime_error(database.error().detail);
  auto const ready = migrate(**database, file, kStart);
  if (ready.has_error()) throw std::runtime_error(ready.error().detail);
  return std::move(*database);
}

Directory plain_directory() {
  Directory directory;
  directory.promises = manual_promises();
  directory.duty.rotation =
      Rotation{Rotation::Every::week, {kAlice}, std::chrono::year{2026} / 1 / 5, 9h, "Asia/Shanghai"};
  directory.duty.backups = {kSpare};
  directory.roles = {{"tech-lead", {kLead}}, {"cto", {kCto}}};
  directory.channels = [](PersonId const& person, Severity, Instant) {
    return std::vector<std::pair<std::string, std::string>>{{"email", person.value + "@example.org"},
                                                            {"inbox", person.value}};
  };
  return directory;
}

Store::Store() : file(dir.file("tocsin.db")), directory(plain_directory()), database(open_store(file)) {}

Store::~Store() {
  if (std::uncaught_exceptions() == 0) check_sound(*database);
}

void Store::unit(std::function<void(Desk const&)> const& work) {
  InlineLane lane(*database, clock);
  run_and_wait(lane, [&](Database& inside, Instant now) { work(Desk{inside, directory, now}); });
}

Incident Store::open(Severity severity, std::string title) {
  OpenRequest request;
  request.severity = severity;
  request.title = std::move(title);
  request.room = {"slack", "C042", "1700000000.0001"};
  auto done = in_unit([&](Desk const& desk) { return open_at(desk, request, kAlice); });
  if (done.has_error()) throw std::logic_error("refused: " + done.error().key);
  return std::move(done->incident);
}

Decided<Done> Store::decide(IncidentId id, PersonId const& by, Decide const& decide) {
  return in_unit([&](Desk const& desk) { return decide_at(desk, id, by, decide); });
}

Decided<Done> Store::acknowledge(IncidentId id, PersonId const& by) {
  return decide(id, by, [](Incident const& incident, Circumstances const& now, Roster const&) {
    return tocsin::acknowledge(incident, now);
  });
}

Decided<Done> Store::undo(IncidentId id, PersonId const& by) {
  return in_unit([&](Desk const& desk) { return undo_at(desk, id, by); });
}

Incident Store::load(IncidentId id) {
  auto incident = store::load_incident(*database, id);
  if (!incident) throw std::logic_error("no such incident");
  return std::move(*incident);
}

std::int64_t Store::count(std::string const& table, std::string const& where) {
  return database->number("SELECT count(*) FROM " + table + " WHERE " + where).value_or(-1);
}

}  // namespace tocsin::test
