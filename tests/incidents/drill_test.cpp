// A drill: its speed, whom it reaches, how it ends, and that it never stands in the way of something real.
#include "incidents/drill.hpp"

#include <algorithm>

#include "incidents/people.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

OpenRequest request_of(std::int32_t speed = 10) {
  OpenRequest request;
  request.severity = Severity::p0;
  request.title = "演练";
  request.drill = true;
  request.drill_speed = speed;
  return request;
}

Incident drill(OpenRequest const& request = request_of()) {
  auto incident = made(open_incident(request, manual_promises(), {kAlice, kStart})).next;
  incident.id = IncidentId{7};
  return incident;
}

std::vector<std::string> said_keys(Decision const& decision) {
  std::vector<std::string> keys;
  for (auto const& each : decision.outgoing) {
    if (auto const* said = std::get_if<Announcement>(&each)) keys.push_back("room " + said->text.key);
    if (auto const* told = std::get_if<Whisper>(&each)) keys.push_back(told->person.value + " " + told->text.key);
  }
  return keys;
}

bool contains(std::vector<std::string> const& all, std::string const& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("every length of a drill is divided by its speed, also after a change of severity and a reopening") {
  auto const p0 = drill();
  CHECK(p0.response.target == 30s);
  CHECK(p0.recovery.target == 3min);
  auto const p1 = made(change_severity(p0, Severity::p1, manual_promises(), {kAlice, kStart + 1s})).next;
  CHECK(p1.response.target == 90s);
  CHECK(p1.recovery.target == 12min);
  CHECK(p1.policy.steps.front().repeat_every == Millis{30s});
  auto const over = made(resolve(p0, {kAlice, kStart + 1min}, "")).next;
  auto const again = made(reopen(over, manual_promises(), {kAlice, kStart + 2h}, "")).next;
  CHECK(again.response.target == 30s);
  CHECK(again.recovery.target == 3min);
}

TEST_CASE("a drill left alone ends by itself after its last step, with a report to the room and to whoever began it") {
  auto const incident = drill();
  CHECK(drill_ends_at(incident) == kStart + 3min + kDrillTail);
  auto run = run_until(incident, kStart + 3min + 29s);
  CHECK(is_live(run.incident));
  CHECK(contains(run.entries, "3:00 timeline.recovery_lapsed"));
  auto const ended = advance(run.incident, FakeRoster{}, kStart + 10min);
  REQUIRE(ended);
  CHECK(ended->next.status == Status::closed);
  CHECK(ended->next.closed_at == kStart + 3min + kDrillTail);
  CHECK_FALSE(ended->next.response.met_at);
  CHECK(said_keys(*ended) == std::vector<std::string>{"room drill.stopped", "alice drill.report", "room drill.report"});
  CHECK_FALSE(next_due(ended->next));
  CHECK(verdict(reopen(ended->next, manual_promises(), {kAlice, kStart + 11min}, "")) == "refused.already_over");
}

TEST_CASE("found long after its end, everything fires in order and the drill is over") {
  auto const ended = advance(drill(), FakeRoster{}, kStart + 2h);
  REQUIRE(ended);
  CHECK(ended->next.status == Status::closed);
  CHECK(ended->next.closed_at == kStart + 3min + kDrillTail);
  auto const entries = entries_in(*ended);
  CHECK(contains(entries, "0:30 timeline.response_lapsed"));
  CHECK(entries.back() == "3:30 timeline.drill_over");
}

TEST_CASE("stopping a drill acknowledges nothing, and a real incident can't be stopped so") {
  auto const stopped = made(end_drill(drill(), {kAlice, kStart + 10s}, kStart + 10s));
  CHECK_FALSE(stopped.next.response.met_at);
  CHECK_FALSE(stopped.next.recovery.met_at);
  CHECK(state_at(stopped.next.response, {}, *stopped.next.resolved_at) == ClockState::running);
  CHECK(only_entry(stopped) == "timeline.drill_stopped");
  REQUIRE(all_of<StandDown>(stopped).size() == 1);
  CHECK(all_of<StandDown>(stopped).front().except.empty());
  CHECK(verdict(end_drill(stopped.next, {kAlice, kStart + 11s}, kStart + 11s)) == "refused.already_over");
  CHECK(verdict(end_drill(opened(Severity::p0), {kAlice, kStart}, kStart)) == "refused.not_a_drill");
}

TEST_CASE("a drill that was taken and resolved reports to the room alone; a real incident reports nothing") {
  auto const resolved = made(resolve(made(acknowledge(drill(), {kBob, kStart + 5s})).next, {kBob, kStart + 9s}, ""));
  CHECK(contains(said_keys(resolved), "room drill.report"));
  CHECK_FALSE(contains(said_keys(resolved), "alice drill.report"));
  CHECK_FALSE(contains(said_keys(made(resolve(opened(Severity::p0), {kBob, kStart + 9s}, ""))), "room drill.report"));
  CHECK(contains(said_keys(made(call_false_alarm(drill(), {kBob, kStart + 9s}, ""))), "room drill.report"));
}

TEST_CASE("paused, a drill waits; resumed, it ends that much later") {
  auto const paused = made(pause(drill(), {kAlice, kStart + 10s}, "等")).next;
  CHECK_FALSE(drill_ends_at(paused));
  auto const resumed = made(resume(paused, {kAlice, kStart + 70s})).next;
  CHECK(drill_ends_at(resumed) == kStart + 4min + kDrillTail);
}

TEST_CASE("a drill pages everyone only when told so") {
  auto request = request_of();
  CHECK(contains(run_until(drill(request), kStart + 1min).pages, "0:30 step 2#0 alice"));
  request.drill_everyone = true;
  auto const pages = run_until(drill(request), kStart + 1min).pages;
  CHECK(contains(pages, "0:30 step 2#0 li.lei"));
  CHECK(contains(pages, "1:00 step 3#0 wang-fang"));
}

TEST_CASE("practice that was given to somebody who takes no part calls them for nothing") {
  auto taken_by_alice = made(acknowledge(drill(), {kAlice, kStart + 5s})).next;
  auto const given = made(assign(taken_by_alice, kLead, {kAlice, kStart + 6s})).next;
  for (auto const& page : run_until(given, kStart + 3min).pages) {
    CAPTURE(page);
    CHECK(page.find("li.lei") == std::string::npos);
  }
}

TEST_CASE("neither joins the other: a real incident and a drill") {
  auto real = opened(Severity::p0);
  CHECK(verdict(merge_into(real, drill(), {kAlice, kStart})) == "refused.merge_drill");
  CHECK(verdict(merge_into(drill(), real, {kAlice, kStart})) == "refused.merge_drill");
}

TEST_CASE("a drill comes back from the store as it was, stands behind what is real, and is undone like anything else") {
  Store store;
  for (bool const everyone : {false, true}) {
    auto request = request_of(37);
    request.severity = Severity::p0;
    request.drill_everyone = everyone;
    if (!everyone) request.drill_pages = {kAlice, kBob};
    auto const id = store.in_unit([&](Desk const& desk) {
      auto const done = open_at(desk, request, kAlice);
      REQUIRE(verdict(done) == "ok");
      return done->incident.id;
    });
    auto const loaded = store.load(id);
    CHECK(loaded.drill);
    CHECK(loaded.drill_speed == 37);
    CHECK(loaded.drill_everyone == everyone);
    CHECK(loaded.drill_pages == request.drill_pages);
    REQUIRE(verdict(store.acknowledge(id, kBob)) == "ok");
    REQUIRE(verdict(store.undo(id, kBob)) == "ok");
    CHECK(store.load(id).drill_speed == 37);
    CHECK(store.load(id).drill_everyone == everyone);
  }
  auto const real = store.open(Severity::p3);
  auto const live = store.in_unit([](Desk const& desk) { return store::live_incidents(desk.database); });
  REQUIRE(live.size() == 3);
  CHECK(live.front().id == real.id);
}

TEST_CASE("a drill uses the real channels of those it pages, and no others") {
  Store store;
  store.unit([](Desk const& desk) { static_cast<void>(open_at(desk, request_of(), kBob)); });
  CHECK(store.count("deliveries", "channel = 'email' AND contact LIKE 'bob%'") == 1);
  CHECK(store.count("pages", "person <> 'bob'") == 0);
}
