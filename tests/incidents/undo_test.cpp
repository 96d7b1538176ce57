// Taking back the last decision: what comes back, what stays, who may, how long.
#include <algorithm>

#include "incidents/lifecycle.hpp"
#include "incidents/people.hpp"
#include "incidents/store/pages.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

using Lines = std::vector<std::string>;
using Act = std::function<Decided<Decision>(Incident const&, Circumstances const&)>;

struct Undoable {
  char const* name;
  Act act;
};

std::vector<Undoable> every_undoable() {
  return {{"ack", [](auto& i, auto& c) { return acknowledge(i, c); }},
          {"mitigate", [](auto& i, auto& c) { return mitigate(i, c, ""); }},
          {"resolve", [](auto& i, auto& c) { return resolve(i, c, ""); }},
          {"false alarm", [](auto& i, auto& c) { return call_false_alarm(i, c, ""); }},
          {"merge",
           [](auto& i, auto& c) {
             auto main = opened(Severity::p0);
             main.id = {7};
             return merge_into(i, main, c);
           }},
          {"assign", [](auto& i, auto& c) { return assign(i, kCarol, c); }},
          {"sev", [](auto& i, auto& c) { return change_severity(i, Severity::p0, manual_promises(), c); }}};
}

Decide deciding(Act act) {
  return [act = std::move(act)](Incident const& incident, Circumstances const& now, Roster const&) {
    return act(incident, now);
  };
}

/// But for the sign of work, and for what may differ after an undo: how often the steps were armed.
Incident without_activity(Incident incident) {
  incident.active_at = {};
  incident.arming = 0;
  return incident;
}

}  // namespace

TEST_CASE("each undoable decision is taken back whole within a minute, by whoever made it, and by nobody else") {
  for (auto const& [name, act] : every_undoable()) {
    CAPTURE(name);
    auto const at = kStart + 2min;
    auto const before = advanced(opened(Severity::p1), at);
    auto const decision = made(act(before, {kBob, at}));
    CHECK(decision.undoable);
    auto const back = [&](PersonId const& by, Millis after) {
      return undo(decision.next, before, kBob, at, {by, at + after});
    };
    CHECK(verdict(back(kBob, 0ms)) == "ok");
    CHECK(verdict(back(kBob, kUndoWindow)) == "ok");
    CHECK(verdict(back(kBob, kUndoWindow + 1ms)) == "refused.undo_late");
    CHECK(verdict(back(kCarol, 1s)) == "refused.undo_not_yours");
    CHECK(verdict(back(kBot, 1s)) == "refused.undo_not_yours");
    auto const undone = made(back(kBob, 30s));
    CHECK(without_activity(undone.next) == without_activity(before));
    CHECK(only_entry(undone) == "timeline.undone");
    CHECK_FALSE(undone.undoable);
    CHECK(stamp(deadline(undone.next.response, pauses_of(undone.next))) == "15:00");
  }
}

TEST_CASE("clocks go on as if nothing had happened, and what fired meanwhile does not fire again") {
  auto const before = advanced(opened(Severity::p0), kStart + 4min + 59s);
  auto const decision = made(acknowledge(before, {kBob, kStart + 4min + 59s}));
  auto const undone = made(undo(decision.next, before, kBob, kStart + 4min + 59s, {kBob, kStart + 5min + 30s})).next;
  CHECK_FALSE(undone.response.met_at);
  auto const fired = advance(undone, FakeRoster{}, kStart + 5min + 30s);
  REQUIRE(fired);  // the lapse and its steps, half a minute late
  CHECK(pages_in(*fired) == std::vector<std::string>{"5:00 step 1#1 alice", "5:00 step 2#0 li.lei"});
  CHECK_FALSE(advance(fired->next, FakeRoster{}, kStart + 5min + 30s));
}

TEST_CASE("a step that fired between a decision and its undo has been heard") {
  auto const at = kStart + 23min + 50s;
  auto const acked = made(acknowledge(advanced(opened(Severity::p0), kStart + 20min), {kBob, kStart + 20min})).next;
  auto const before = advanced(acked, at);
  auto const decision = made(assign(before, kCarol, {kBob, at}));
  auto const later = advance(decision.next, FakeRoster{}, kStart + 24min);  // 80 % of recovery: the lead is paged
  REQUIRE(later);
  REQUIRE(pages_in(*later) == std::vector<std::string>{"24:00 step 4#0 li.lei"});
  auto const undone = made(undo(later->next, before, kBob, at, {kBob, kStart + 24min + 10s})).next;
  CHECK(undone.assignee == kBob);
  CHECK_FALSE(advance(undone, FakeRoster{}, kStart + 24min + 10s));
}

TEST_CASE("undoing a change of severity arms the old steps again, but pages nobody twice for the same step") {
  auto const at = kStart + 14min;
  auto const before = advanced(opened(Severity::p2), at);
  auto const raised = made(change_severity(before, Severity::p0, manual_promises(), {kBob, at}));
  auto const paged = advanced(raised.next, at);  // lead and CTO
  auto const undone = made(undo(paged, before, kBob, at, {kBob, at + 10s}));
  auto const& next = undone.next;
  CHECK(next.severity == Severity::p2);
  CHECK(next.response.target == 30min);
  CHECK(next.arming > paged.arming);
  CHECK_FALSE(advance(next, FakeRoster{}, at + 10s));
  CHECK(run_until(next, kStart + 60min).pages ==
        std::vector<std::string>{"30:00 step 2#0 li.lei", "60:00 step 3#0 wang-fang"});
}

TEST_CASE("a repeat that sounded between a change of severity and its undo does not sound again") {
  auto const at = kStart + 14min + 50s;
  auto const before = run_until(opened(Severity::p0), at).incident;
  auto const lowered = made(change_severity(before, Severity::p1, manual_promises(), {kBob, at})).next;
  auto const repeated = run_until(lowered, kStart + 15min);
  REQUIRE(repeated.pages == Lines{"15:00 step 1#3 alice", "15:00 step 2#0 li.lei"});
  auto const undone = made(undo(repeated.incident, before, kBob, at, {kBob, kStart + 15min + 10s})).next;
  CHECK(run_until(undone, kStart + 20min).pages == Lines{"20:00 step 1#4 alice"});
}

TEST_CASE("reviews that were opened meanwhile survive an undo") {
  auto const before = advanced(opened(Severity::p0), kStart + 1min);
  auto decision = made(resolve(before, {kBob, kStart + 1min}, ""));
  decision.next.open_reviews = 1;
  CHECK(made(undo(decision.next, before, kBob, kStart + 1min, {kBob, kStart + 90s})).next.open_reviews == 1);
}

TEST_CASE("the desk takes each undoable decision back once, and only the last one") {
  for (auto const& [name, act] : every_undoable()) {
    CAPTURE(name);
    Store store;
    auto const incident = store.open(Severity::p1);
    if (std::string_view(name) == "merge") continue;  // needs a second incident: in desk_test
    CHECK(verdict(store.undo(incident.id, kBob)) == "refused.nothing_to_undo");
    store.clock.move(1min);
    auto const before = store.load(incident.id);
    REQUIRE(verdict(store.decide(incident.id, kBob, deciding(act))) == "ok");
    store.clock.move(59s);
    CHECK(verdict(store.undo(incident.id, kCarol)) == "refused.undo_not_yours");
    CHECK(verdict(store.undo(incident.id, kBob)) == "ok");
    CHECK(without_activity(store.load(incident.id)) == without_activity(before));
    CHECK(verdict(store.undo(incident.id, kBob)) == "refused.nothing_to_undo");
    CHECK(store.count("undo") == 0);
  }
}

TEST_CASE("an undo takes back its decision and nothing that others did in between") {
  Store store;
  auto const id = store.open(Severity::p1).id;
  store.clock.move(1min);
  REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
  store.clock.move(10s);
  SUBCASE("privacy stays: nothing becomes public by an undo") {
    REQUIRE(verdict(store.decide(id, kBob, deciding([](auto& i, auto& c) { return make_private(i, c); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "ok");
    auto const next = store.load(id);
    CHECK(next.hidden);
    CHECK(may_see(next, kBob));
    CHECK(may_see(next, kAlice));
    CHECK_FALSE(may_see(next, kCarol));
  }
  SUBCASE("people and roles stay") {
    REQUIRE(verdict(store.decide(id, kLead, deciding([](auto& i, auto& c) { return add_responder(i, kCarol, c); }))) ==
            "ok");
    REQUIRE(verdict(store.decide(id, kLead, deciding([](auto& i, auto& c) {
                                   return give_role(i, IncidentRole::commander, kLead, c);
                                 }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "ok");
    auto const next = store.load(id);
    CHECK(next.responders == std::vector{kCarol});
    CHECK(next.commander == kLead);
    CHECK(next.assignee.empty());
    CHECK(next.status == Status::open);
  }
  SUBCASE("a promised update stays promised") {
    REQUIRE(verdict(store.decide(id, kLead,
                                 deciding([](auto& i, auto& c) { return update(i, "x", Millis{20min}, c); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "ok");
    CHECK(stamp(store.load(id).update_due) == "21:10");
  }
  SUBCASE("a promise that was kept meanwhile does not come back") {
    auto const promise = [&](std::optional<Millis> next_in) {
      return store.decide(id, kLead, deciding([=](auto& i, auto& c) { return update(i, "x", next_in, c); }));
    };
    REQUIRE(verdict(promise(Millis{20min})) == "ok");
    REQUIRE(verdict(store.decide(id, kBob, deciding([](auto& i, auto& c) { return assign(i, kCarol, c); }))) == "ok");
    REQUIRE(verdict(promise(std::nullopt)) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "ok");
    CHECK_FALSE(store.load(id).update_due);
  }
  SUBCASE("a note does not stand in the way") {
    REQUIRE(verdict(store.decide(id, kLead, deciding([](auto& i, auto& c) { return note(i, "x", c); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "ok");
    CHECK(store.load(id).status == Status::open);
  }
  SUBCASE("after a pause the acknowledgement is no longer the last decision") {
    REQUIRE(verdict(store.decide(id, kLead, deciding([](auto& i, auto& c) { return pause(i, c, "x"); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "refused.nothing_to_undo");
    CHECK(store.load(id).pauses.size() == 1);
  }
}

TEST_CASE("an undo does not reach behind a later step of the course that can't be undone") {
  Store store;
  auto const id = store.open(Severity::p1).id;
  store.clock.move(1min);
  REQUIRE(verdict(store.decide(id, kBob, deciding([](auto& i, auto& c) { return resolve(i, c, ""); }))) == "ok");
  store.clock.move(5s);
  SUBCASE("closed") {
    REQUIRE(verdict(store.decide(id, kBob, deciding([](auto& i, auto& c) { return close_incident(i, c); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "refused.nothing_to_undo");
    CHECK(store.load(id).status == Status::closed);
  }
  SUBCASE("reopened") {
    REQUIRE(verdict(store.decide(
                id, kCarol, deciding([](auto& i, auto& c) { return reopen(i, manual_promises(), c, ""); }))) == "ok");
    CHECK(verdict(store.undo(id, kBob)) == "refused.nothing_to_undo");
    CHECK(store.load(id).status == Status::acknowledged);
    CHECK(store.load(id).pauses.size() == 1);
  }
}

TEST_CASE(
    "pages that a withdrawn acknowledgement stopped are wanted again, and whoever was told to stay in bed hears it") {
  Store store;
  auto const id = store.open(Severity::p2).id;  // no repeats: this page is all there is for half an hour
  store.clock.move(20s);
  REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
  REQUIRE(store.count("pages", "next_due IS NOT NULL") == 0);
  store.clock.move(20s);
  REQUIRE(verdict(store.undo(id, kBob)) == "ok");
  auto const pages = store::pages_of(*store.database, id);
  REQUIRE(pages.size() == 1);
  CHECK(pages.front().person == kAlice);
  CHECK(name_of(pages.front().state) == "queued");
  CHECK_FALSE(pages.front().ended_at);
  auto const jobs = store.in_unit([](Desk const& desk) { return take_pages(desk, 10); });
  REQUIRE(jobs.size() == 1);  // the channels take turns as for a new page
  CHECK(jobs.front().person == kAlice);
  CHECK(jobs.front().channel == "email");
  CHECK(store.count("outbox", "person = 'alice'") == 2);  // "stay in bed", then that it was taken back
}

TEST_CASE("a page that had arrived before the withdrawn acknowledgement is not sent again") {
  Store store;
  auto const id = store.open(Severity::p2).id;
  auto const jobs = store.in_unit([](Desk const& desk) { return take_pages(desk, 10); });
  REQUIRE(jobs.size() == 1);
  store.unit([&](Desk const& desk) { report_page(desk, jobs[0].page, 0, {Outcome::Kind::accepted, {}, ""}, 0.0); });
  store.clock.move(20s);
  REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
  store.clock.move(20s);
  REQUIRE(verdict(store.undo(id, kBob)) == "ok");
  CHECK(store.in_unit([](Desk const& desk) { return take_pages(desk, 10); }).empty());
  CHECK(name_of(store::pages_of(*store.database, id).front().state) == "accepted");
}
