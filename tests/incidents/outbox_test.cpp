// What waits to be said: once for each wish, and again when it was asked for while it was being said.
#include <algorithm>

#include "incidents/store/inbox.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::vector<store::OutboxRow> due(Store& store) {
  auto const now = store.clock.now();
  return store::due_outbox(*store.database, now, 100);
}

store::OutboxRow row_of(Store& store, std::int64_t incident, Room room = {"local", "room", ""}) {
  return {{}, store.clock.now(), {incident}, std::move(room), {}, Notice("card"), store.clock.now(), 0};
}

void ask(Store& store, std::int64_t incident = 1) {
  store.unit([&](Desk const& desk) { store::put_outbox_once(desk.database, row_of(store, incident)); });
}

/// As who says it: takes it for half a minute. Which lending it is.
std::int32_t lend(Store& store, OutboxId id) {
  auto lending = 0;
  store.unit([&](Desk const& desk) { lending = store::lend_outbox(desk.database, id, desk.now + 30s); });
  return lending;
}

void said(Store& store, OutboxId id, std::int32_t lending) {
  store.unit([&](Desk const& desk) { store::settle_outbox(desk.database, id, lending); });
}

}  // namespace

TEST_CASE("what is asked for twice before it is said is said once") {
  Store store;
  ask(store);
  ask(store);
  ask(store, 2);
  auto const rows = due(store);
  REQUIRE(rows.size() == 2);
  said(store, rows[0].id, lend(store, rows[0].id));
  CHECK(due(store).size() == 1);
}

TEST_CASE("what is asked for while it is being said is said again, as the same row, and may be a repeat") {
  Store store;
  ask(store);
  auto const id = due(store).at(0).id;
  auto const first = lend(store, id);
  CHECK(due(store).empty());
  for (int times = 0; times < 100; ++times) ask(store);
  REQUIRE(due(store).size() == 1);
  CHECK(due(store)[0].id == id);
  CHECK(due(store)[0].tries > 0);
  SUBCASE("it was said before the second is taken") {
    said(store, id, first);
    REQUIRE(due(store).size() == 1);
    said(store, id, lend(store, id));
  }
  SUBCASE("and after") {
    auto const second = lend(store, id);
    said(store, id, first);
    store.clock.move(31s);
    REQUIRE(due(store).size() == 1);
    said(store, id, second);
  }
  store.clock.move(1h);
  CHECK(due(store).empty());
}

TEST_CASE("what was said after its lease had ended and it was lent anew is over when the last has said so") {
  Store store;
  ask(store);
  auto const id = due(store).at(0).id;
  auto const first = lend(store, id);
  store.clock.move(31s);
  auto const second = lend(store, id);
  said(store, id, first);
  store.clock.move(31s);
  CHECK(due(store).size() == 1);
  said(store, id, second);
  CHECK(due(store).empty());
}

TEST_CASE("what a process that is gone was saying is due at the next start, and may be a repeat") {
  Store store;
  ask(store);
  ask(store, 2);
  auto const first = due(store).at(0).id;
  auto const lending = lend(store, first);
  // What is for later stays for later.
  auto later = row_of(store, 3);
  later.due = store.clock.now() + 1h;
  store.unit([&](Desk const& desk) { store::put_outbox(desk.database, later); });
  CHECK(due(store).size() == 1);
  store.unit([&](Desk const& desk) { store::return_outbox(desk.database, desk.now); });
  auto const rows = due(store);
  REQUIRE(rows.size() == 2);
  auto const returned = std::find_if(rows.begin(), rows.end(), [&](auto const& row) { return row.id == first; });
  REQUIRE(returned != rows.end());
  CHECK(returned->tries == 1);
  // Who had it is gone, but may have said it after all.
  said(store, first, lending);
  CHECK(due(store).size() == 1);
}
