// What an answer to an incident does to the pages that are on their way.
#include "incidents/approval.hpp"
#include "incidents/people.hpp"
#include "incidents/store/pages.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::vector<PageJob> take(Store& store) {
  return store.in_unit([](Desk const& desk) { return take_pages(desk, 100); });
}

void report(Store& store, PageJob const& job, Outcome::Kind kind) {
  store.unit([&](Desk const& desk) { report_page(desk, job.page, job.position, {kind, {}, "provider says"}, 0.0); });
}

/// "alice step 1: queued" for each page.
std::vector<std::string> pages(Store& store, IncidentId id) {
  std::vector<std::string> lines;
  for (auto const& page : store::pages_of(*store.database, id))
    lines.push_back(page.person.value + " step " + std::to_string(page.step) + ": " + std::string(name_of(page.state)));
  return lines;
}

std::vector<std::string> told(Store& store, std::string const& key) {
  std::vector<std::string> people;
  for (auto const& row : store::due_outbox(*store.database, from_millis(std::int64_t{1} << 60), 1000)) {
    if (row.what.key == key) people.push_back(row.person.value);
  }
  return people;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a request that arrives is looked at again: it may have been answered, or have ended, on its way") {
  Store store;
  auto const settles = Notice(kSettleKey).with("code", std::string("K7"));
  store.unit([&settles](Desk const& desk) {
    auto const text = Notice("page.approval").with("code", std::string("K7"));
    order_page(desk, Incident{}, {kStepApproval, 7, kBob, text, desk.now, false});
    // As every request has one: for its end.
    store::put_outbox(desk.database, {{}, desk.now, {}, {}, {}, settles, desk.now + 10min, 0});
  });
  auto const jobs = take(store);
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].urgent);
  report(store, jobs[0], Outcome::Kind::accepted);
  auto const rows = store::due_outbox(*store.database, store.clock.now(), 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].what == settles);
}

TEST_CASE("the page of whoever acknowledges ends as acknowledged, however far it had come") {
  struct Row {
    char const* name;
    bool taken;
    std::optional<Outcome::Kind> reported;
  };
  for (Row const& row :
       {Row{"queued", false, {}}, Row{"being sent", true, {}},
        Row{"being sent again", true, Outcome::Kind::retry_later}, Row{"accepted", true, Outcome::Kind::accepted}}) {
    CAPTURE(row.name);
    Store store;
    auto const id = store.open(Severity::p0).id;
    auto const jobs = row.taken ? take(store) : std::vector<PageJob>{};
    if (row.reported) report(store, jobs.at(0), *row.reported);
    store.clock.move(5s);
    REQUIRE(verdict(store.acknowledge(id, kAlice)) == "ok");
    CHECK(pages(store, id) == Lines{"alice step 1: acknowledged"});
    if (row.taken && !row.reported) report(store, jobs.at(0), Outcome::Kind::accepted);
    store.clock.move(1h);
    CHECK(take(store).empty());
    CHECK(pages(store, id) == Lines{"alice step 1: acknowledged"});
    CHECK(told(store, "page.stay_in_bed").empty());
  }
}

TEST_CASE("pages of others end as superseded, and those people hear that they may stay in bed, once each") {
  Store store;
  auto const id = store.open(Severity::p0).id;
  store.clock.move(5min);
  store.unit([&](Desk const& desk) { CHECK(advance_due(desk, 10) == 1); });
  auto const jobs = take(store);  // Alice twice, Li Lei
  REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
  for (auto const& line : pages(store, id)) CHECK(line.ends_with("superseded"));
  CHECK(told(store, "page.stay_in_bed") == Lines{"alice", "li.lei"});
  for (auto const& job : jobs) report(store, job, Outcome::Kind::retry_later);
  store.clock.move(1h);
  store.unit([&](Desk const& desk) {
    for (auto const& job : take_pages(desk, 100)) CHECK(job.person == kBob);  // gone quiet meanwhile, nothing else
  });
  CHECK(told(store, "page.unreachable").empty());
}

TEST_CASE("a change of severity does not make the bot forget whom this round has paged") {
  Store store;
  auto const id = store.open(Severity::p2).id;  // pages Alice
  store.clock.move(6min);
  REQUIRE(verdict(store.decide(id, kBob, [](auto const& incident, auto const& now, auto const&) {
            return change_severity(incident, Severity::p0, manual_promises(), now);
          })) == "ok");  // pages Li Lei, in a new arming
  SUBCASE("somebody else acknowledges: both hear it") {
    REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
    CHECK(told(store, "page.stay_in_bed") == Lines{"alice", "li.lei"});
  }
  SUBCASE("the first one acknowledges: the page says so") {
    REQUIRE(verdict(store.acknowledge(id, kAlice)) == "ok");
    CHECK(pages(store, id) == Lines{"alice step 1: acknowledged", "li.lei step 2: superseded"});
  }
}

TEST_CASE("an earlier round's people are not told about this one") {
  Store store;
  auto const id = store.open(Severity::p3).id;
  store.clock.move(2h);
  store.unit([&](Desk const& desk) { advance_due(desk, 10); });  // lead and CTO
  REQUIRE(verdict(store.decide(
              id, kBob, [](auto const& i, auto const& now, auto const&) { return resolve(i, now, ""); })) == "ok");
  auto const before = told(store, "page.over");
  CHECK(before == Lines{"alice", "li.lei", "wang-fang"});
  store.clock.move(5h);
  REQUIRE(verdict(store.decide(id, kBob, [](auto const& i, auto const& now, auto const&) {
            return reopen(i, manual_promises(), now, "");
          })) == "ok");
  REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
  CHECK(told(store, "page.stay_in_bed") == Lines{"alice"});
}

TEST_CASE("a request for an approval or a review is not settled by an answer to the incident") {
  Store store;
  auto const id = store.open(Severity::p0).id;
  auto const ask = [](Incident const& incident, Circumstances const& now, Roster const&) {
    Decision decision;
    decision.next = incident;
    for (auto const step : {kStepApproval, kStepReview})
      decision.outgoing.emplace_back(PageOrder{step, 0, kLead, Notice("page.approve"), now.now, false});
    return Decided<Decision>(decision);
  };
  REQUIRE(verdict(store.decide(id, kBob, ask)) == "ok");
  REQUIRE(verdict(store.acknowledge(id, kLead)) == "ok");
  REQUIRE(verdict(store.decide(
              id, kBob, [](auto const& i, auto const& now, auto const&) { return resolve(i, now, ""); })) == "ok");
  CHECK(pages(store, id) == Lines{"alice step 1: superseded", "li.lei step 101: queued", "li.lei step 102: queued"});
  CHECK(told(store, "page.over") == Lines{"alice"});
  auto const jobs = take(store);
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].person == kLead);
}
