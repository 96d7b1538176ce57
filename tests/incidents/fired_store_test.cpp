#include "incidents/store/pages.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// Lets time act at each instant that is due, `times` times; what is stored must be what was decided.
void check_each_firing(Store& store, IncidentId id, int times) {
  for (int i = 0; i < times; ++i) {
    auto const due = next_due(store.load(id));
    if (!due) return;
    store.clock.set(*due);
    store.unit([&](Desk const& desk) {
      auto const before = store::load_incident(desk.database, id);
      REQUIRE(before.has_value());
      auto const fired = advance(*before, DeskRoster(desk), desk.now);
      REQUIRE(fired.has_value());
      CHECK(advance_at(desk, id));
      CHECK(store::load_incident(desk.database, id) == fired->next);
    });
  }
}

}  // namespace

TEST_CASE("what fires by itself is stored as a whole") {
  Store store;
  auto const left_alone = store.open(Severity::p0);
  check_each_firing(store, left_alone.id, 30);
  CHECK(store.count("timeline", "kind = 'lapse'") == 2);

  auto const taken = store.open(Severity::p0, "taken, then idle");
  REQUIRE(store.acknowledge(taken.id, kAlice).has_value());
  check_each_firing(store, taken.id, 12);
  CHECK(store.load(taken.id).idle_paged_at > taken.opened_at);
}

TEST_CASE("what fires at an opening is stored with it") {
  Store store;
  auto const opened = store.open(Severity::p0);
  CHECK(store.load(opened.id) == opened);
  CHECK(opened.fired.steps.front() == 1);
  CHECK(store.count("pages", "step = 1 AND person = 'alice'") == 1);
  CHECK(store.count("timeline", "sequence = 1 AND kind = 'opened'") == 1);
  CHECK(store.count("timeline", "sequence = 2 AND kind = 'page'") == 1);
}

TEST_CASE("a page writes only those of its deliveries that changed") {
  Store store;
  auto const incident = store.open(Severity::p0);
  store.unit([&](Desk const& desk) {
    auto page = store::pages_of(desk.database, incident.id).front();
    REQUIRE(page.deliveries.size() == 2);
    // Somebody else's change to the second must survive: this page does not touch it.
    desk.database.run("UPDATE deliveries SET tries = 7 WHERE page = ?1 AND position = 1", {page.id.value});
    page.deliveries[0].tries = 3;
    store::update_page(desk.database, page, std::nullopt);
    auto const stored = store::pages_of(desk.database, incident.id).front();
    CHECK(stored.deliveries[0].tries == 3);
    CHECK(stored.deliveries[1].tries == 7);
  });
}

TEST_CASE("a late call for quiet and the next one within the same second are two pages") {
  Store store;
  auto const incident = store.open(Severity::p0);
  store.clock.move(500ms);
  REQUIRE(store.acknowledge(incident.id, kBob).has_value());
  auto const fired_at = [&](Instant at) {
    store.clock.set(at);
    store.unit([](Desk const& desk) { advance_due(desk, 10); });
    return store.count("pages", "step = " + std::to_string(kStepIdle));
  };
  // Nobody looked for half an hour; the third call is due 400 ms later.
  CHECK(fired_at(kStart + 30min + 100ms) == 1);
  CHECK(fired_at(kStart + 30min + 500ms) == 2);
}
