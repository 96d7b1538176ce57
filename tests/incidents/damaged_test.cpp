// One row that can't be read holds up nobody else.
#include <algorithm>
#include <stdexcept>

#include "incidents/store/attempt.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("an incident whose row is damaged is put off and reported, the others are paged on time") {
  Store store;
  auto const bad = store.open(Severity::p0, "bad");
  auto const good = store.open(Severity::p0, "good");
  store.unit([&](Desk const& desk) {
    static_cast<void>(take_pages(desk, 10));
    desk.database.run("UPDATE incidents SET policy = 'garbage' WHERE id = ?1", {bad.id.value});
  });
  store.clock.move(5min);
  Damaged damaged;
  auto const jobs = store.in_unit([&](Desk const& desk) {
    CHECK(advance_due(desk, 10, &damaged) == 2);
    return take_pages(desk, 10, &damaged);
  });
  // Its page, which nobody took, can't be handed to the next person either.
  REQUIRE(damaged.size() == 2);
  CHECK(damaged.front().first == "INC-" + std::to_string(bad.id.value));
  CHECK(damaged.back().first == "page 1");
  CHECK_FALSE(damaged.front().second.empty());
  std::vector<std::string> paged;
  for (auto const& job : jobs) {
    CHECK(job.incident == good.id);
    if (job.channel == "email") paged.push_back(job.person.value);
  }
  std::sort(paged.begin(), paged.end());
  CHECK(paged == std::vector<std::string>{"alice", "li.lei"});
  // Asked again at once, it is not due; later it is tried again.
  CHECK(store.in_unit([](Desk const& desk) { return advance_due(desk, 10); }) == 0);
  CHECK(store.count("incidents", "id = 1 AND next_due = " + std::to_string(to_millis(store.clock.now() + kPutOff))) ==
        1);
}

TEST_CASE("what a failed attempt wrote is undone, and the rest of its unit stands") {
  Store store;
  store.unit([](Desk const& desk) {
    store::put_fact(desk.database, "before", "x", desk.now);
    CHECK(store::attempt(desk.database, [&] {
            store::put_fact(desk.database, "within", "x", desk.now);
            throw std::runtime_error("no");
          }) == "no");
    CHECK_THROWS_AS(static_cast<void>(store::attempt(
                        desk.database, [] { throw StoreUnavailable(StoreUnavailable::Why::full, "disk"); })),
                    StoreUnavailable);
  });
  CHECK(store.count("facts", "name = 'before'") == 1);
  CHECK(store.count("facts", "name = 'within'") == 0);
}

TEST_CASE("of many that share a savepoint one may fail: it alone is undone, the others are done once") {
  Store store;
  store.unit([](Desk const& desk) {
    int restarts = 0;
    std::vector<std::string> failed;
    store::attempt_each(
        desk.database, 4,
        [&](std::size_t i) {
          store::put_fact(desk.database, "fact " + std::to_string(i), std::string(i, 'x'), desk.now);
          if (i == 2) throw std::runtime_error("no");
        },
        [&] { ++restarts; },
        [&](std::size_t i, std::string const& why) { failed.push_back(std::to_string(i) + ": " + why); });
    CHECK(restarts == 1);
    CHECK(failed == std::vector<std::string>{"2: no"});
    CHECK_THROWS_AS(
        store::attempt_each(
            desk.database, 1, [](std::size_t) { throw StoreUnavailable(StoreUnavailable::Why::full, "disk"); }, [] {},
            [](std::size_t, std::string const&) {}),
        StoreUnavailable);
  });
  CHECK(store.count("facts", "name LIKE 'fact %'") == 3);
  CHECK(store.count("facts", "name = 'fact 2'") == 0);
}
