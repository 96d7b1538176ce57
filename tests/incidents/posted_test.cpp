// What was said on a chat platform and where incidents live there.
#include "incidents/store/posted.hpp"

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

store::Posted card(std::int64_t number, std::string const& message) {
  return {"slack", "C1", "card:INC-" + std::to_string(number), message, "", "d1"};
}

}  // namespace

TEST_CASE("what was posted is found under its key, in its newest version") {
  Store store;
  store.unit([](Desk const& desk) {
    CHECK_FALSE(store::posted(desk.database, "slack", "C1", "card:INC-1"));
    store::put_posted(desk.database, card(1, "1.1"), desk.now);
    auto later = card(1, "1.1");
    later.digest = "d2";
    store::put_posted(desk.database, later, desk.now);
    CHECK(store::posted(desk.database, "slack", "C1", "card:INC-1") == later);
    CHECK_FALSE(store::posted(desk.database, "slack", "C2", "card:INC-1"));
    CHECK_FALSE(store::posted(desk.database, "dingtalk", "C1", "card:INC-1"));
    store::drop_posted(desk.database, "slack", "C1", "card:INC-1");
    CHECK_FALSE(store::posted(desk.database, "slack", "C1", "card:INC-1"));
  });
}

TEST_CASE("what is old is forgotten, but the card of an incident that is not closed") {
  Store store;
  auto const open = store.open(Severity::p2, "a").id;
  store.unit([&](Desk const& desk) {
    store::put_posted(desk.database, card(open.value, "1.1"), desk.now);
    store::put_posted(desk.database, card(open.value + 1, "1.2"), desk.now);
    store::put_posted(desk.database, {"slack", "C1", "post:x", "1.3", "", ""}, desk.now + 1h);
    CHECK(store::forget_posted(desk.database, desk.now + 1min, 10) == 1);
    CHECK(store::posted(desk.database, "slack", "C1", card(open.value, "").key));
    CHECK_FALSE(store::posted(desk.database, "slack", "C1", card(open.value + 1, "").key));
    CHECK(store::posted(desk.database, "slack", "C1", "post:x"));
  });
}

TEST_CASE("an incident is found where it lives: in all of its own channel, or in its thread alone") {
  Store store;
  auto const own = store.open(Severity::p1, "a").id;
  auto const threaded = store.open(Severity::p2, "b").id;
  store.unit([&](Desk const& desk) {
    store::Home const home{"slack", own, "C1", "C9", "", "{}"};
    store::put_home(desk.database, home);
    store::put_home(desk.database, {"slack", threaded, "C1", "C1", "1.5", ""});
    CHECK(store::home_of(desk.database, "slack", own) == home);
    CHECK(store::incident_living_in(desk.database, {"slack", "C9", ""}) == own);
    CHECK(store::incident_living_in(desk.database, {"slack", "C9", "1.7"}) == own);
    CHECK(store::incident_living_in(desk.database, {"slack", "C1", "1.5"}) == threaded);
    CHECK_FALSE(store::incident_living_in(desk.database, {"slack", "C1", ""}));
    CHECK_FALSE(store::incident_living_in(desk.database, {"slack", "C1", "1.6"}));
    CHECK_FALSE(store::incident_living_in(desk.database, {"dingtalk", "C9", ""}));
  });
}
