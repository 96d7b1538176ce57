// A change of severity: deadlines counted again from the same start, past steps as one page, no step twice.
#include <algorithm>
#include <set>

#include "incidents/lifecycle.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

using Lines = std::vector<std::string>;

Decision changed(Incident const& incident, Severity to, Instant now) {
  return made(change_severity(incident, to, manual_promises(), {kBob, now}));
}

/// Left alone from `from` until `at`, as the scheduler would; then changed, and what fires with the change.
struct Change {
  Incident before;
  Decision decision;
  Lines pages;
  Incident after;
};

Change change_at(Severity from, Severity to, Millis at) {
  Change change;
  change.before = run_until(opened(from), kStart + at).incident;
  change.decision = changed(change.before, to, kStart + at);
  auto fired = advance(change.decision.next, FakeRoster{}, kStart + at);
  if (fired) change.pages = pages_in(*fired);
  change.after = fired ? fired->next : change.decision.next;
  return change;
}

}  // namespace

TEST_CASE("both deadlines are counted again from the same start, and the answer shows the arithmetic") {
  struct Row {
    char const* name;
    Severity from;
    Severity to;
    Millis at;
    char const* response;
    char const* recovery;
  };
  for (Row const& row : {Row{"up before the new target", Severity::p2, Severity::p0, 2min, "5:00", "30:00"},
                         Row{"up after the new target", Severity::p2, Severity::p0, 20min, "5:00", "30:00"},
                         Row{"down", Severity::p0, Severity::p2, 2min, "30:00", "240:00"},
                         Row{"down after the lapse", Severity::p0, Severity::p2, 7min, "30:00", "240:00"},
                         Row{"one step up", Severity::p1, Severity::p0, 6min, "5:00", "30:00"}}) {
    CAPTURE(row.name);
    auto const change = change_at(row.from, row.to, row.at);
    auto const& next = change.decision.next;
    CHECK(next.severity == row.to);
    CHECK(stamp(deadline(next.response, {})) == row.response);
    CHECK(stamp(deadline(next.recovery, {})) == row.recovery);
    auto const& answer = change.decision.answer;
    CHECK(std::get<Severity>(*answer.find("from")) == row.from);
    CHECK(std::get<Severity>(*answer.find("severity")) == row.to);
    CHECK(stamp(std::get<Instant>(*answer.find("started"))) == "0:00");
    CHECK(stamp(std::get<Instant>(*answer.find("response_by"))) == row.response);
    CHECK(stamp(std::get<Instant>(*answer.find("recover_by"))) == row.recovery);
    CHECK(std::get<Millis>(*answer.find("response_target")) == next.response.target);
    CHECK(std::get<Millis>(*answer.find("recovery_target")) == next.recovery.target);
    CHECK(only_entry(change.decision) == "timeline.severity");
  }
}

TEST_CASE("steps that are already past fire with the change, a person's as one page; those that fired do not again") {
  SUBCASE("P2 to P0 after 20 minutes: lead and CTO now, duty was heard") {
    auto const change = change_at(Severity::p2, Severity::p0, 20min);
    CHECK(change.pages == Lines{"5:00 step 2#0 li.lei", "10:00 step 3#0 wang-fang"});
    CHECK(run_until(change.after, kStart + 30min).pages == Lines{"24:00 step 4#0 li.lei", "25:00 step 1#5 alice",
                                                                 "30:00 step 1#6 alice", "30:00 step 5#0 li.lei",
                                                                 "30:00 step 5#0 wang-fang"});
  }
  SUBCASE("P3 to P0 after 40 minutes: one page for the lead, one for the CTO, the rest folded") {
    auto const change = change_at(Severity::p3, Severity::p0, 40min);
    CHECK(change.pages == Lines{"5:00 step 2#0 li.lei (folded)", "10:00 step 3#0 wang-fang (folded)",
                                "24:00 step 4#0 li.lei (folded)", "30:00 step 5#0 li.lei", "30:00 step 5#0 wang-fang"});
  }
  SUBCASE("P0 to P2 after 12 minutes: nobody is called for what the new promise has still to come") {
    auto const change = change_at(Severity::p0, Severity::p2, 12min);
    CHECK(change.pages.empty());
    CHECK(run_until(change.after, kStart + 60min).pages == Lines{"30:00 step 2#0 li.lei", "60:00 step 3#0 wang-fang"});
  }
  SUBCASE("P1 to P0 on the new deadline itself") {
    auto const change = change_at(Severity::p1, Severity::p0, 5min);
    CHECK(change.pages == Lines{"5:00 step 2#0 li.lei"});
  }
  SUBCASE("P1 to P0 a millisecond before it") {
    auto const change = change_at(Severity::p1, Severity::p0, 5min - 1ms);
    CHECK(change.pages.empty());
    CHECK(run_until(change.after, kStart + 5min).pages == Lines{"5:00 step 1#1 alice", "5:00 step 2#0 li.lei"});
  }
  SUBCASE("at the opening itself") {
    auto const change = change_at(Severity::p3, Severity::p0, 0min);
    CHECK(change.pages.empty());
    CHECK(run_until(change.after, kStart + 5min).pages == Lines{"5:00 step 1#1 alice", "5:00 step 2#0 li.lei"});
  }
}

TEST_CASE("no step of one arming fires twice, whatever the severity is changed to, and whenever") {
  for (auto const from : kSeverities) {
    for (auto const to : kSeverities) {
      if (from == to) continue;
      for (auto const at : {Millis{0}, Millis{1ms}, Millis{5min - 1ms}, Millis{5min}, Millis{15min}, Millis{29min},
                            Millis{30min}, Millis{61min}, Millis{119min}, Millis{4h}, Millis{25h}}) {
        CAPTURE(name_of(from));
        CAPTURE(name_of(to));
        CAPTURE(at.count());
        auto const change = change_at(from, to, at);
        CHECK(change.after.arming == 2);
        auto pages = change.pages;
        auto const later = run_until(change.after, kStart + 30h);
        pages.insert(pages.end(), later.pages.begin(), later.pages.end());
        std::set<std::string> identities;
        for (auto const& page : pages) {
          CAPTURE(page);
          CHECK(identities.insert(page.substr(page.find("step"), page.find(" (") - page.find("step"))).second);
        }
        // Nothing of the new chain is lost either: each later step has fired once for its people, before or after.
        for (auto const* step : {"step 2#0 li.lei", "step 3#0 wang-fang", "step 4#0 li.lei", "step 5#0 li.lei"}) {
          CAPTURE(step);
          auto const before = run_until(opened(from), kStart + at).pages;
          auto const heard = [&](Lines const& lines) {
            return std::any_of(lines.begin(), lines.end(),
                               [&](auto const& line) { return line.find(step) != std::string::npos; });
          };
          CHECK((heard(pages) || heard(before)));
        }
      }
    }
  }
}

TEST_CASE("a lapse of the old promise is a fact and stays; the new promise has a lapse of its own to come") {
  auto const count_lapses = [](Lines const& entries) {
    return std::count_if(entries.begin(), entries.end(),
                         [](auto const& e) { return e.find("response_lapsed") != std::string::npos; });
  };
  SUBCASE("down after the lapse: the new deadline can lapse too") {
    auto const change = change_at(Severity::p0, Severity::p2, 7min);
    CHECK(count_lapses(run_until(change.after, kStart + 31min).entries) == 1);
    CHECK(state_at(change.after.response, {}, kStart + 8min) == ClockState::running);
  }
  SUBCASE("up after the lapse: it lapsed once, and the new, earlier deadline adds no second entry") {
    auto const change = change_at(Severity::p2, Severity::p0, 31min);
    CHECK(count_lapses(run_until(change.after, kStart + 60min).entries) == 0);
    CHECK(state_at(change.after.response, {}, kStart + 31min) == ClockState::lapsed);
  }
  SUBCASE("up before the old deadline but past the new one: it lapses with the change") {
    auto const before = run_until(opened(Severity::p2), kStart + 6min).incident;
    auto const fired = advance(changed(before, Severity::p0, kStart + 6min).next, FakeRoster{}, kStart + 6min);
    REQUIRE(fired);
    CHECK(count_lapses(entries_in(*fired)) == 1);
    CHECK(all_of<Whisper>(*fired).empty());  // no warning beside the lapse
  }
}

TEST_CASE("an answered clock keeps the promise it was answered under") {
  auto incident = run_until(opened(Severity::p2), kStart + 20min).incident;
  incident = made(acknowledge(incident, {kBob, kStart + 20min})).next;
  auto const raised = changed(incident, Severity::p0, kStart + 21min);
  CHECK(state_at(raised.next.response, {}, kStart + 1h) == ClockState::met);
  CHECK(raised.answer.find("response_by") == nullptr);
  CHECK(stamp(deadline(raised.next.recovery, {})) == "30:00");
  auto const mitigated = made(mitigate(raised.next, {kBob, kStart + 22min}, "")).next;
  auto const lowered = changed(mitigated, Severity::p3, kStart + 23min);
  CHECK(lowered.next.recovery.target == 30min);
  CHECK(lowered.next.status == Status::mitigated);
  CHECK_FALSE(next_due(lowered.next));
}

TEST_CASE("an acknowledged incident that becomes a P0 is watched for going quiet") {
  auto incident =
      made(acknowledge(run_until(opened(Severity::p2), kStart + 1min).incident, {kBob, kStart + 1min})).next;
  auto const raised = changed(incident, Severity::p0, kStart + 2min).next;
  CHECK(run_until(raised, kStart + 12min).pages == Lines{"12:00 step 100#720 bob"});
}

TEST_CASE("a change while paused: the warnings of a deadline that stands still wait for the resumption") {
  for (auto const at : {Millis{1min}, Millis{3min}, Millis{4min + 30s}}) {
    CAPTURE(at.count());
    auto incident = run_until(opened(Severity::p2), kStart + at).incident;
    incident = made(pause(incident, {kBob, kStart + at}, "等")).next;
    auto const raised = changed(incident, Severity::p0, kStart + at + 1h).next;
    CHECK_FALSE(next_due(raised));
    CHECK_FALSE(advance(raised, FakeRoster{}, kStart + at + 1h));
    auto const resumed = made(resume(raised, {kBob, kStart + at + 2h})).next;
    CHECK(stamp(deadline(resumed.response, pauses_of(resumed))) == "125:00");
    auto const run = run_until(resumed, kStart + 2h + 5min);
    CHECK(run.whispers.size() == 2);  // 50 % and 80 %, at the latest with the resumption
    CHECK(run.pages == Lines{"125:00 step 1#1 alice", "125:00 step 2#0 li.lei"});
    for (auto const& entry : run.entries) CHECK(entry.find("-") == std::string::npos);
  }
}

TEST_CASE("a change while paused to a promise that was broken before the pause: the lapse pages") {
  auto incident = run_until(opened(Severity::p2), kStart + 10min).incident;
  incident = made(pause(incident, {kBob, kStart + 10min}, "等")).next;
  auto const fired = advance(changed(incident, Severity::p0, kStart + 1h).next, FakeRoster{}, kStart + 1h);
  REQUIRE(fired);
  // The pause began on the CTO's instant, too late to move it.
  CHECK(pages_in(*fired) == Lines{"5:00 step 2#0 li.lei", "10:00 step 3#0 wang-fang"});
}

TEST_CASE("the repeats of a step go on in the new grid, from now") {
  auto const change = change_at(Severity::p2, Severity::p1, 12min);
  CHECK(change.pages.empty());
  CHECK(run_until(change.after, kStart + 15min).pages == Lines{"15:00 step 1#3 alice", "15:00 step 2#0 li.lei"});
}
