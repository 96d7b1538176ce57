// Paging outlives the disk: what is committed while the database can't be written is in it afterwards.
#include <fstream>
#include <thread>

#include "incidents/store/aside.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/pages.hpp"
#include "tests/incidents/voyage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

bool well(StoreHealth const& health) { return !health.afloat && health.until != Instant{}; }
bool afloat(StoreHealth const& health) { return health.afloat; }

std::vector<std::string> timeline_keys(Database& database, IncidentId id) {
  std::vector<std::string> keys;
  for (auto const& entry : store::timeline_of(database, id)) keys.push_back(entry.what.key);
  return keys;
}

std::int64_t count(Database& database, std::string const& table, std::string const& where = "1 = 1") {
  return database.number("SELECT count(*) FROM " + table + " WHERE " + where).value_or(-1);
}

}  // namespace

TEST_CASE("whatever happens to the disk in the middle of a P0, it is paged, taken, and in the database afterwards") {
  struct Ill {
    std::string name;
    void (FaultyDisk::*befall)();
    StoreUnavailable::Why why;
  };
  for (Ill const& ill : {Ill{"full", &FaultyDisk::fill, StoreUnavailable::Why::full},
                         Ill{"read-only", &FaultyDisk::forbid_writing, StoreUnavailable::Why::read_only},
                         Ill{"broken", &FaultyDisk::break_down, StoreUnavailable::Why::io}}) {
    CAPTURE(ill.name);
    Voyage voyage;
    REQUIRE(voyage.board() == "well");
    auto const before = voyage.open(Severity::p0);
    CHECK(voyage.look() == std::vector<std::string>{"alice"});
    voyage.settle();
    (voyage.disk.*ill.befall)();

    voyage.clock.move(5min);
    auto paged = voyage.look();
    std::sort(paged.begin(), paged.end());
    CHECK(paged == std::vector<std::string>{"alice", "li.lei"});
    auto const health = voyage.await(afloat);
    CHECK(health.why == ill.why);
    CHECK(health.journal_trouble.empty());
    CHECK(health.since == voyage.clock.now());
    auto const second = voyage.open(Severity::p1, "磁盘满");
    CHECK(second.id.value == before.id.value + 1);
    voyage.acknowledge(before.id, kBob);
    voyage.clock.move(1h);
    voyage.note(before.id, "afloat");

    voyage.disk.mend();
    auto const after = voyage.await(well);
    CHECK(after.commits >= 4);
    CHECK(after.misfits == 0);
    CHECK(after.until - after.since == 1h);
    voyage.note(before.id, "ashore");
    voyage.end();

    auto const database = check_whole(voyage.file);
    auto const incident = store::load_incident(*database, before.id);
    REQUIRE(incident);
    CHECK(incident->acknowledged_by == kBob);
    CHECK(store::load_incident(*database, second.id)->title == "磁盘满");
    auto const keys = timeline_keys(*database, before.id);
    CHECK(std::count(keys.begin(), keys.end(), "timeline.note") == 2);
    // Each person and step once, as everywhere.
    CHECK(count(*database, "pages", "incident = 1 AND step = 2 AND person = 'li.lei'") == 1);
    CHECK(count(*database, "audit", "what = 'back-fill'") == 1);
    CHECK(count(*database, "facts", "name = 'afloat'") == 0);
  }
}

TEST_CASE("somebody else's transaction does not hold up a page") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  auto other = open_store(voyage.file);
  other->script("BEGIN IMMEDIATE");
  voyage.acknowledge(incident.id, kBob);
  CHECK(voyage.await(afloat).why == StoreUnavailable::Why::busy);
  other->script("ROLLBACK");
  voyage.await(well);
  voyage.end();
  other.reset();
  CHECK(store::load_incident(*check_whole(voyage.file), incident.id)->acknowledged_by == kBob);
}

TEST_CASE("a unit is run again from its beginning, and what failed by itself still harms no neighbour") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  voyage.disk.fill();
  int runs = 0;
  voyage.unit([&](Desk const& desk) {
    ++runs;
    store::put_fact(desk.database, "whole", std::to_string(runs), desk.now);
  });
  CHECK(runs == 2);
  CHECK(voyage.told().back().afloat);
  CHECK_THROWS_WITH(voyage.unit([](Desk const& desk) {
    store::put_fact(desk.database, "half", "done", desk.now);
    throw std::runtime_error("again");
  }),
                    "again");
  voyage.disk.mend();
  voyage.end();
  auto const database = check_whole(voyage.file);
  CHECK(store::fact(*database, "whole") == "2");
  CHECK_FALSE(store::fact(*database, "half"));
  CHECK(store::load_incident(*database, incident.id));
}

TEST_CASE("a message that came before comes again afloat, and one that came afloat comes again ashore: nothing runs") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const arrive = [&](std::string const& id) {
    return voyage.in_unit([&](Desk const& desk) {
      store::Envelope envelope{"slack", id, kBob, desk.now, "ack", "", store::EnvelopeState::kept, {}};
      bool const fresh = store::keep_envelope(desk.database, envelope);
      if (fresh) store::finish_envelope(desk.database, "slack", id, store::EnvelopeState::done, "answer of " + id);
      return fresh ? std::string("ran") : envelope.answer;
    });
  };
  CHECK(arrive("a") == "ran");
  voyage.disk.fill();
  CHECK(arrive("b") == "ran");
  CHECK(arrive("a") == "answer of a");
  voyage.disk.mend();
  voyage.await(well);
  CHECK(arrive("a") == "answer of a");
  CHECK(arrive("b") == "answer of b");
}

TEST_CASE("killed afloat: the next start goes on where the journal ends, whether the disk is still full or not") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  voyage.disk.fill();
  // Where the journal of each commit ends, by the notes that are in it.
  std::vector<std::string> states;
  auto const journal = voyage.file.string() + ".journal";
  auto const read = [&] {
    std::ostringstream text;
    text << std::ifstream(journal, std::ios::binary).rdbuf();
    return text.str();
  };
  for (int i = 1; i <= 5; ++i) {
    voyage.note(incident.id, std::to_string(i));
    states.push_back(read());
  }
  // The files as they are now: the bot that wrote them lives, and goes ashore when the disk is mended for the next one.
  Voyage still;
  voyage.copy_files_to(still);
  for (std::size_t survived = 0; survived <= states.size(); ++survived) {
    for (bool const mended : {true, false}) {
      CAPTURE(survived);
      CAPTURE(mended);
      Voyage next;
      still.copy_files_to(next);
      // Torn in the middle of the write that came after.
      auto bytes = survived < states.size() ? states[survived] : states.back();
      if (survived < states.size()) {
        auto const& before = survived == 0 ? std::string(bytes.size(), '\0') : states[survived - 1];
        auto last = bytes.size();
        while (last > 0 && bytes[last - 1] == before[last - 1]) --last;
        bytes[last - 1] = static_cast<char>(bytes[last - 1] ^ 1);
      }
      std::ofstream(next.file.string() + ".journal", std::ios::binary | std::ios::trunc) << bytes;
      mended ? next.disk.mend() : next.disk.fill();
      // The frames of the first commit's episode are there from the launch on.
      CHECK(next.board() == (mended ? "well" : "afloat"));
      CHECK(next.told().back().commits == static_cast<std::int64_t>(survived));
      CHECK(next.told().back().since == kStart);
      next.clock.move(5min);
      auto paged = next.look();
      CHECK(std::count(paged.begin(), paged.end(), "li.lei") == 1);
      next.note(incident.id, "after");
      next.disk.mend();
      next.end();
      auto const database = check_whole(next.file);
      auto const keys = timeline_keys(*database, incident.id);
      CHECK(std::count(keys.begin(), keys.end(), "timeline.note") == static_cast<std::int64_t>(survived) + 1);
      CHECK(count(*database, "audit", "what = 'back-fill'") == 1);
    }
  }
  voyage.disk.mend();
}

TEST_CASE("killed between the back-fill and the emptying of the journal: nothing is back-filled twice") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  voyage.disk.fill();
  voyage.note(incident.id, "once");
  Voyage next;
  voyage.copy_files_to(next);
  auto const journal = next.file.string() + ".journal";
  std::filesystem::copy_file(journal, journal + ".kept");
  voyage.disk.mend();
  REQUIRE(next.board() == "well");
  next.end();
  std::filesystem::rename(journal + ".kept", journal);
  REQUIRE(next.board() == "well");
  next.note(incident.id, "twice");
  next.end();
  auto const database = check_whole(next.file);
  CHECK(count(*database, "timeline", "kind = 'note'") == 2);
  CHECK(count(*database, "audit", "what = 'back-fill'") == 1);
}

TEST_CASE("changed by somebody else meanwhile: the newer change stands, nothing is lost, and it is said") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  auto other = open_store(voyage.file);
  other->script("BEGIN IMMEDIATE");
  voyage.acknowledge(incident.id, kBob);
  voyage.note(incident.id, "afloat");
  auto const next = voyage.told().back();
  REQUIRE(next.afloat);
  // What nobody should do, and somebody will: by hand, in the file.
  other->run("UPDATE incidents SET acknowledged_by = 'mallory' WHERE id = ?1", {incident.id.value});
  store::append_timeline(
      *other, incident.id,
      {{EntryKind::note, kCarol, kStart, kStart, Notice("timeline.note").with("text", std::string("by hand")), 0, 0}});
  store::append_audit(*other, {0, kStart, kCarol, "shell", "by hand", "done", "", Millis{0}, {}});
  other->script("COMMIT");
  other.reset();
  auto const after = voyage.await(well);
  CHECK(after.misfits >= 2);
  CHECK(std::filesystem::file_size(after.kept) > 0);
  voyage.end();
  auto const database = check_whole(voyage.file);
  CHECK(store::load_incident(*database, incident.id)->acknowledged_by == kBob);
  CHECK(count(*database, "timeline", "kind = 'note'") == 2);
  CHECK(count(*database, "audit", "what = 'by hand'") == 1);
  CHECK(count(*database, "audit", "what = 'note'") == 1);
}

TEST_CASE("another database is put in its place: it takes what was taken along, and its audit says so") {
  for (bool const backup : {false, true}) {
    CAPTURE(backup);
    Voyage voyage;
    REQUIRE(voyage.board() == "well");
    voyage.open(Severity::p1, "before the backup");
    auto const copy = voyage.dir.file("backup.db");
    REQUIRE(back_up(voyage.file, copy).has_value());
    auto const incident = voyage.open(Severity::p0, "after the backup");
    voyage.settle();
    voyage.disk.break_down();
    voyage.acknowledge(incident.id, kBob);
    REQUIRE(voyage.told().back().afloat);
    for (auto const* end : {"", "-wal", "-shm"})
      std::filesystem::rename(voyage.file.string() + end, voyage.dir.file("aside").string() + end);
    if (backup) std::filesystem::rename(copy, voyage.file);
    voyage.disk.mend();
    voyage.await(well);
    voyage.end();
    auto const database = check_whole(voyage.file);
    CHECK(count(*database, "incidents") == 2);
    CHECK(store::load_incident(*database, incident.id)->acknowledged_by == kBob);
    CHECK(count(*database, "audit", "detail LIKE '%not the database%'") == 1);
    CHECK(count(*database, "audit", "what = 'ack'") == 1);
  }
}

TEST_CASE("a full disk without a database, and a file that is none: the bot starts") {
  {
    Voyage voyage;
    voyage.disk.fill();
    REQUIRE(voyage.board() == "afloat");
    auto const incident = voyage.open(Severity::p0);
    CHECK(voyage.look() == std::vector<std::string>{"alice"});
    voyage.disk.mend();
    voyage.end();
    CHECK(store::load_incident(*check_whole(voyage.file), incident.id));
  }
  Voyage voyage;
  std::ofstream(voyage.file) << std::string(100'000, 'x');
  REQUIRE(voyage.board() == "afloat");
  CHECK(voyage.told().back().why == StoreUnavailable::Why::corrupt);
  CHECK_FALSE(voyage.told().back().whole);
  auto const incident = voyage.open(Severity::p0);
  voyage.end();
  // Left as it was, until a human moves it.
  CHECK(std::filesystem::file_size(voyage.file) == 100'000);
  REQUIRE(voyage.board() == "afloat");
  CHECK(voyage.told().back().commits > 0);
  auto const aside = store::set_aside(voyage.file, kStart);
  REQUIRE(aside.has_value());
  CHECK(std::filesystem::file_size(*aside) == 100'000);
  voyage.await(well);
  voyage.end();
  CHECK(store::load_incident(*check_whole(voyage.file), incident.id));
  // A sound one stays where it is.
  CHECK(store::set_aside(voyage.file, kStart).error().code == Errc::refused);
  CHECK(store::set_aside(voyage.dir.file("nothing"), kStart).error().code == Errc::not_found);
}

TEST_CASE("a database of another program, or a newer one, is refused and not sailed around") {
  Voyage voyage;
  {
    auto other = open_store(voyage.file);
    other->run("INSERT INTO migrations (version, name, length, applied_at) VALUES (999, 'later', 1, 0)", {});
  }
  CHECK(voyage.board() == "refused");
}

TEST_CASE("overwritten in the middle: what can still be read is taken along") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  for (int i = 0; i < 100; ++i) voyage.open(Severity::p3, "old " + std::string(200, 'x'));
  auto const incident = voyage.open(Severity::p0, "live");
  voyage.end();
  {
    // A checkpointed file; the last third is overwritten.
    auto const size = std::filesystem::file_size(voyage.file);
    std::fstream file(voyage.file, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 3));
    file << std::string(size / 3, '\x7f');
  }
  auto const state = voyage.board();
  // Damage that lies off the way to the start is met later: at the first commit or look that touches it.
  CHECK((state == "well" || state == "afloat"));
  voyage.open(Severity::p0, "new");
  for (int i = 0; i < 3; ++i) {
    voyage.unit([&](Desk const& desk) {
      for (auto const& each : store::recent_incidents(desk.database, 0, 1'000))
        static_cast<void>(store::pages_of(desk.database, each.id));
    });
  }
  CHECK(voyage.told().back().afloat);
  CHECK(voyage.told().back().why == StoreUnavailable::Why::corrupt);
  CHECK_FALSE(voyage.look().empty());
  voyage.end();
}

TEST_CASE("a journal that is too small is said, and what is in memory is back-filled all the same") {
  Voyage voyage(16 * 1024);
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  voyage.disk.fill();
  for (int i = 0; i < 40; ++i) voyage.note(incident.id, std::string(1'000, 'n'));
  auto const health = voyage.told().back();
  CHECK(health.afloat);
  CHECK(health.journal_trouble.find("16 KiB") != std::string::npos);
  voyage.disk.mend();
  voyage.end();
  CHECK(count(*check_whole(voyage.file), "timeline", "kind = 'note'") == 40);
}

TEST_CASE("many threads, a disk that comes and goes: every commit that was reported is there, once") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  auto const incident = voyage.open(Severity::p0);
  constexpr int kThreads = 4;
  constexpr int kNotes = 60;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kNotes; ++i) {
        if (thread == 0 && i % 20 == 10) voyage.disk.fill();
        voyage.note(incident.id, std::to_string(thread) + "/" + std::to_string(i));
        if (thread == 0 && i % 20 == 19) {
          voyage.disk.mend();
          voyage.await(well);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  voyage.end();
  auto const database = check_whole(voyage.file);
  CHECK(count(*database, "timeline", "kind = 'note'") == kThreads * kNotes);
  CHECK(database->number("SELECT count(DISTINCT what) FROM timeline WHERE kind = 'note'") == kThreads * kNotes);
  CHECK(count(*database, "audit", "what = 'back-fill'") == 3);
}
