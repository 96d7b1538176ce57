#include "tests/incidents/voyage.hpp"

namespace tocsin::test {

FaultyDisk& the_disk() {
  static FaultyDisk disk;
  return disk;
}

Voyage::Voyage(std::size_t journal_bytes)
    : file(dir.file("tocsin.db")), disk(the_disk()), directory(plain_directory()), journal_bytes_(journal_bytes) {}

Voyage::~Voyage() {
  disk.mend();
  writer.reset();
}

std::string Voyage::board() {
  auto boat = std::make_unique<Lifeboat>(Lifeboat::Parts{file, clock, {}, journal_bytes_});
  auto real = boat->board();
  if (real.has_error()) return std::string(name_of(real.error().code));
  {
    std::lock_guard const lock(mutex_);
    told_.push_back(boat->health());
  }
  boat->on_change([this](StoreHealth const& health) {
    std::lock_guard const lock(mutex_);
    told_.push_back(health);
    changed_.notify_all();
  });
  boat_ = boat.get();
  writer = std::make_unique<Writer>(std::move(*real), clock, std::move(boat));
  return told_.back().afloat ? "afloat" : "well";
}

void Voyage::unit(std::function<void(Desk const&)> const& work) {
  run_and_wait(*writer, [&](Database& database, Instant now) { work(Desk{database, directory, now}); });
}

Incident Voyage::open(Severity severity, std::string title) {
  OpenRequest request;
  request.severity = severity;
  request.title = std::move(title);
  request.room = {"slack", "C042", "1700000000.0001"};
  return in_unit([&](Desk const& desk) {
    auto done = open_at(desk, request, kAlice);
    if (done.has_error()) throw std::logic_error("refused: " + done.error().key);
    store::append_audit(desk.database, {0, desk.now, kAlice, "test", "open", "done", "", Millis{0}, {}});
    return done->incident;
  });
}

void Voyage::acknowledge(IncidentId id, PersonId const& by) {
  unit([&](Desk const& desk) {
    auto const done = decide_at(desk, id, by, [](Incident const& incident, Circumstances const& now, Roster const&) {
      return tocsin::acknowledge(incident, now);
    });
    if (done.has_error()) throw std::logic_error("refused: " + done.error().key);
    store::append_audit(desk.database, {0, desk.now, by, "test", "ack", "done", "", Millis{0}, {}});
  });
}

void Voyage::note(IncidentId id, std::string text) {
  unit([&](Desk const& desk) {
    store::append_timeline(
        desk.database, id,
        {{EntryKind::note, kBob, desk.now, desk.now, Notice("timeline.note").with("text", text), 0, 0}});
    store::append_audit(desk.database, {0, desk.now, kBob, "test", "note", "done", text, Millis{0}, {}});
  });
}

std::vector<std::string> Voyage::look() {
  return in_unit([](Desk const& desk) {
    advance_due(desk, 100);
    std::vector<std::string> people;
    for (auto const& job : take_pages(desk, 100)) {
      if (job.channel == "email") people.push_back(job.person.value);
    }
    return people;
  });
}

void Voyage::settle() {
  for (bool fresh = false; !fresh;) unit([&](Desk const&) { fresh = boat_->fresh(); });
}

StoreHealth Voyage::await(std::function<bool(StoreHealth const&)> const& wanted) {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 30s, [&] { return wanted(told_.back()); }));
  return told_.back();
}

std::vector<StoreHealth> Voyage::told() {
  std::lock_guard const lock(mutex_);
  return told_;
}

void Voyage::copy_files_to(Voyage& other) const {
  for (auto const* end : {"", "-wal", "-shm", ".journal"}) {
    std::error_code error;
    std::filesystem::copy_file(file.string() + end, other.file.string() + end,
                               std::filesystem::copy_options::overwrite_existing, error);
  }
  other.clock.set(clock.now());
}

std::unique_ptr<Database> check_whole(std::filesystem::path const& file) {
  auto database = open_store(file);
  check_sound(*database);
  auto const finding = store::verify_audit(*database, {});
  CHECK_MESSAGE(!finding, "audit: row " << (finding ? finding->sequence : 0));
  database->each("SELECT incident, count(*), max(sequence) FROM timeline GROUP BY incident", {}, [](Row const& row) {
    CHECK_MESSAGE(row.integer(1) == row.integer(2), "the timeline of " << row.integer(0) << " has gaps");
  });
  return database;
}

}  // namespace tocsin::test
