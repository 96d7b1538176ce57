// The copy in memory says the same as the database about everything that must go on without it.
#include "incidents/store/detail/mirror.hpp"

#include <map>
#include <random>

#include "incidents/store/audit.hpp"
#include "incidents/store/duty.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"
#include "incidents/store/visitors.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// All columns of each row as one text.
std::vector<std::string> rows(Database& database, std::string const& table, std::string const& condition = "") {
  std::string columns;
  database.each("SELECT name FROM pragma_table_info(?1)", {table}, [&](Row const& row) {
    columns += (columns.empty() ? "" : " || '|' || ") + std::string("quote(") + row.string(0) + ")";
  });
  std::vector<std::string> found;
  database.each("SELECT " + columns + " FROM " + table + " " + condition + " ORDER BY 1", {},
                [&](Row const& row) { found.push_back(row.string(0)); });
  return found;
}

constexpr char const* kOpenAndSevere = "(SELECT id FROM incidents WHERE status < 3 AND severity < 2)";

void compare(Database& source, Database& copy) {
  std::string const of = std::string(" IN ") + kOpenAndSevere;
  std::map<std::string, std::string> const conditions{
      {"incidents", "WHERE id" + of},
      {"pauses", "WHERE incident" + of},
      {"undo", "WHERE incident" + of},
      {"pages", "WHERE incident" + of},
      {"deliveries", "WHERE page IN (SELECT id FROM pages WHERE incident" + of + ")"},
      {"timeline",
       "WHERE incident" + of +
           " AND sequence = (SELECT max(sequence) FROM timeline AS t WHERE t.incident = timeline.incident)"},
      {"todos", "WHERE incident" + of},
      {"duty_overrides", ""},
      {"facts", ""},
      {"web_tokens", ""},
      {"audit", "WHERE sequence = (SELECT max(sequence) FROM audit)"},
      {"approvals", "WHERE state = 'waiting'"},
      {"runs", "WHERE ended_at IS NULL"},
  };
  for (auto const& [table, condition] : conditions) {
    CAPTURE(table);
    CHECK(rows(copy, table, condition) == rows(source, table, condition));
  }
  for (std::string const table : {"incidents", "pages", "todos", "reviews", "runs"}) {
    CAPTURE(table);
    CHECK(copy.number("SELECT max(id) FROM " + table) == source.number("SELECT max(id) FROM " + table));
  }
}

}  // namespace

TEST_CASE("after any commits and a refresh the copy equals the database in what must go on; 20 seeds") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 chance(seed);
    Store store;
    auto copy = open_in_memory();
    store::Mirror mirror(*store.database, *copy);
    std::int64_t opened = 0;
    std::vector<PageJob> carried;
    auto const some = [&] { return IncidentId{std::uniform_int_distribution<std::int64_t>(1, opened)(chance)}; };
    auto const step = [&](unsigned what) {
      auto const act = [&](auto decision) {
        static_cast<void>(
            store.decide(some(), kBob, [&](Incident const& incident, Circumstances const& now, Roster const&) {
              return decision(incident, now);
            }));
      };
      if (opened == 0 || what == 0) {
        store.open(static_cast<Severity>(chance() % 4));
        ++opened;
      }
      if (what == 1) act([](auto const& i, auto const& c) { return acknowledge(i, c); });
      if (what == 2) act([](auto const& i, auto const& c) { return resolve(i, c, ""); });
      if (what == 3) static_cast<void>(store.undo(some(), kBob));
      if (what == 4)
        act([&](auto const& i, auto const& c) {
          return change_severity(i, static_cast<Severity>(chance() % 4), manual_promises(), c);
        });
      if (what == 5) {
        store.clock.move(Millis{chance() % 600'000});
        carried = store.in_unit([](Desk const& desk) {
          advance_due(desk, 100);
          return take_pages(desk, 100);
        });
      }
      store.unit([&](Desk const& desk) {
        auto& database = desk.database;
        if (what == 6 && !carried.empty()) {
          report_page(desk, carried.back().page, carried.back().position, {Outcome::Kind::accepted, {}, "250"}, 0.5);
          carried.pop_back();
        }
        if (what == 7) store::add_override(database, {kBob, desk.now, desk.now + 1h, kBob}, desk.now);
        if (what == 8) store::put_fact(database, "fact" + std::to_string(chance() % 5), "x", desk.now);
        if (what == 9) store::keep_link(database, std::to_string(chance()), kBob, desk.now);
        if (what == 10) store::insert_todo(database, {{}, some(), "t", kBob, {}, kBob, desk.now, {}, {}});
        if (what == 11) {
          Approval approval;
          approval.asked_at = desk.now;
          approval.expires_at = desk.now + 10min;
          store::insert_approval(database, approval);
        }
        if (what == 12) {
          store::Run run;
          run.started_at = desk.now;
          run.id = store::insert_run(database, run);
          run.ended_at = desk.now;
          if (chance() % 2 == 0) store::finish_run(database, run);
        }
        store::append_audit(database, {0, desk.now, kBob, "test", "step", "done", "", Millis{0}, {}});
      });
      // A unit that fails leaves nothing behind in either.
      if (what == 13) {
        CHECK_THROWS(store.unit([&](Desk const& desk) {
          store::put_fact(desk.database, "never", "x", desk.now);
          throw std::runtime_error("failed");
        }));
      }
    };
    for (int i = 0; i < 150; ++i) {
      step(static_cast<unsigned>(chance() % 14));
      if (chance() % 8 != 0) continue;
      while (!mirror.refresh()) {
      }
      compare(*store.database, *copy);
    }
  }
}

TEST_CASE("at most a thousand incidents are kept, a slice at a time, and none that is over") {
  Store store;
  auto copy = open_in_memory();
  store::Mirror mirror(*store.database, *copy);
  constexpr std::int64_t kMore = 30;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(store::kMirroredIncidents) + kMore; ++i)
    store.open(Severity::p1);
  int slices = 1;
  while (!mirror.refresh()) ++slices;
  CHECK(slices == static_cast<int>(store::kMirroredIncidents / store::kRefreshSlice));
  auto const kept = [&] { return copy->number("SELECT count(*) FROM incidents WHERE status < 3"); };
  // And the last one of all, for its number.
  CHECK(kept() == static_cast<std::int64_t>(store::kMirroredIncidents) + 1);
  for (std::int64_t id = 1; id <= static_cast<std::int64_t>(store::kMirroredIncidents); ++id) {
    CHECK(store
              .decide({id}, kBob,
                      [](Incident const& incident, Circumstances const& now, Roster const&) {
                        return resolve(incident, now, "");
                      })
              .has_value());
  }
  while (!mirror.refresh()) {
  }
  CHECK(kept() == 1);
  CHECK(copy->number("SELECT count(*) FROM pages") == 1);
}
