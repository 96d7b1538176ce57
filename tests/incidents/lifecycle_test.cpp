#include "incidents/lifecycle.hpp"

#include "incidents/people.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// One incident in each state that a decision may meet; each was worked on by Bob in the first three minutes.
std::vector<std::pair<std::string, Incident>> every_state() {
  auto const start = advanced(opened(Severity::p0), kStart);
  auto main = start;
  main.id = {7};
  auto const acked = made(acknowledge(start, {kBob, kStart + 1min})).next;
  auto const resolved = made(resolve(acked, {kBob, kStart + 2min}, "")).next;
  return {{"open", start},
          {"acknowledged", acked},
          {"mitigated", made(mitigate(acked, {kBob, kStart + 2min}, "")).next},
          {"resolved", resolved},
          {"closed", made(close_incident(resolved, {kBob, kStart + 3min})).next},
          {"merged", made(merge_into(acked, main, {kBob, kStart + 2min})).next},
          {"false alarm", made(call_false_alarm(acked, {kBob, kStart + 2min}, "")).next}};
}

using Act = std::function<Decided<Decision>(Incident const&, Circumstances const&)>;

std::string outcome(Decided<Decision> const& decided) {
  return decided.has_error() ? decided.error().key : std::string(name_of(decided->next.status));
}

constexpr auto kLater = kStart + 4min;  // before the response target of a P0

}  // namespace

TEST_CASE("every decision in every state: what it leads to, or which refusal") {
  auto main = opened(Severity::p0);
  main.id = {7};
  auto const promises = manual_promises();
  struct Row {
    char const* name;
    Act act;
    std::vector<std::string> expected;  // as every_state()
  };
  std::string const over = "refused.already_over";
  for (Row const &row : {
           Row{"ack",
               [](auto&i, auto&c) { return acknowledge(i, c); },
               {"acknowledged", "acknowledged", "mitigated", over, over, over, over}},
           Row{"mitigate",
               [](auto&i, auto&c) { return mitigate(i, c, "换节点"); },
               {"mitigated", "mitigated", "refused.already_mitigated", over, over, over, over}},
           Row{"resolve",
               [](auto&i, auto&c) { return resolve(i, c, ""); },
               {"resolved", "resolved", "resolved", over, over, over, over}},
           Row{"close",
               [](auto&i, auto&c) { return close_incident(i, c); },
               {"refused.not_resolved", "refused.not_resolved", "refused.not_resolved", "closed", over, over,
                "closed"}},
           Row{"reopen within half an hour",
               [&](auto&i, auto&c) { return reopen(i, promises, c, "又挂了"); },
               {"refused.still_open", "refused.still_open", "acknowledged", "acknowledged", "acknowledged",
                "refused.merged_away", "acknowledged"}},
           Row{"reopen later",
               [&](auto&i, auto&c) {
                 return reopen(i, promises, {c.by, c.now + 1h}, "");
               },
               {"refused.still_open", "refused.still_open", "open", "open", "open", "refused.merged_away", "open"}},
           Row{"false alarm",
               [](auto&i, auto&c) { return call_false_alarm(i, c, ""); },
               {"resolved", "resolved", "resolved", over, over, over, over}},
           Row{"merge",
               [&](auto&i, auto&c) { return merge_into(i, main, c); },
               {"closed", "closed", "closed", over, over, over, over}},
           Row{"merge into itself",
               [](auto&i, auto&c) { return merge_into(i, i, c); },
               {"refused.merge_self", "refused.merge_self", "refused.merge_self", "refused.merge_self",
                "refused.merge_self", "refused.merge_self", "refused.merge_self"}},
           Row{"pause",
               [](auto&i, auto&c) { return pause(i, c, "切换"); },
               {"open", "acknowledged", "refused.nothing_to_pause", "refused.nothing_to_pause",
                "refused.nothing_to_pause", "refused.nothing_to_pause", "refused.nothing_to_pause"}},
           Row{"resume",
               [](auto&i, auto&c) { return resume(i, c); },
               {"refused.not_paused", "refused.not_paused", "refused.not_paused", "refused.not_paused",
                "refused.not_paused", "refused.not_paused", "refused.not_paused"}},
           Row{"sev",
               [&](auto&i, auto&c) { return change_severity(i, Severity::p1, promises, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"the same sev",
               [&](auto&i, auto&c) { return change_severity(i, Severity::p0, promises, c); },
               {"refused.same_severity", "refused.same_severity", "refused.same_severity", over, over, over, over}},
           Row{"assign",
               [](auto&i, auto&c) { return assign(i, kAlice, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"add",
               [](auto&i, auto&c) { return add_responder(i, kAlice, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"role",
               [](auto&i, auto&c) { return give_role(i, IncidentRole::scribe, kAlice, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"update",
               [](auto&i, auto&c) { return update(i, "在查", std::nullopt, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"page",
               [](auto&i, auto&c) { return page_person(i, kAlice, "", 0, c); },
               {"open", "acknowledged", "mitigated", over, over, over, over}},
           Row{"escalate",
               [](auto&i, auto&c) { return escalate(i, std::nullopt, "", 0, FakeRoster{}, c); },
               {"open", "acknowledged", "refused.nobody_above", over, over, over, over}},
           Row{"note",
               [](auto&i, auto&c) { return note(i, "x", c); },
               {"open", "acknowledged", "mitigated", "resolved", "closed", "closed", "resolved"}},
           Row{"correct",
               [](auto&i, auto&c) { return correct(i, 1, "x", c); },
               {"open", "acknowledged", "mitigated", "resolved", "closed", "closed", "resolved"}},
           Row{"link",
               [](auto&i, auto&c) { return link(i, "https://x", "", c); },
               {"open", "acknowledged", "mitigated", "resolved", "closed", "closed", "resolved"}},
           Row{"private",
               [](auto&i, auto&c) { return make_private(i, c); },
               {"open", "acknowledged", "mitigated", "resolved", "closed", "closed", "resolved"}},
       }) {
    auto const states = every_state();
    REQUIRE(states.size() == row.expected.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
      CAPTURE(row.name);
      CAPTURE(states[i].first);
      auto const decided = row.act(states[i].second, {kCarol, kLater});
      CHECK(outcome(decided) == row.expected[i]);
      if (decided.has_error()) continue;
      CHECK_FALSE(decided->answer.key.empty());
      CHECK(decided->next.id == states[i].second.id);
      CHECK(decided->next.opened_at == states[i].second.opened_at);
      for (auto const& entry : decided->timeline) {
        CHECK(entry.author == kCarol);
        CHECK(entry.happened <= entry.recorded);
      }
    }
  }
}

TEST_CASE("opening: the title has a bound, nothing is acknowledged by it, the clocks start at once") {
  OpenRequest request;
  request.severity = Severity::p1;
  auto const open = [&] { return open_incident(request, manual_promises(), {kAlice, kStart}); };
  CHECK(verdict(open()) == "refused.title_missing");
  request.title = std::string(kMaxTitleBytes + 1, 'x');
  CHECK(verdict(open()) == "refused.title_long");
  request.title = std::string(kMaxTitleBytes, 'x');
  auto const incident = made(open()).next;
  CHECK(incident.status == Status::open);
  CHECK_FALSE(incident.response.met_at);
  CHECK(incident.assignee.empty());
  CHECK(incident.acknowledged_by.empty());
  CHECK(stamp(deadline(incident.response, {})) == "15:00");
  CHECK(stamp(deadline(incident.recovery, {})) == "120:00");
  CHECK(stamp(next_due(incident)) == "0:00");
}

TEST_CASE("an acknowledgement against the deadline of 5 minutes") {
  struct Row {
    char const* name;
    Millis at;
    ClockState verdict;
  };
  for (Row const& row :
       {Row{"at the opening itself", 0ms, ClockState::met}, Row{"a millisecond before", 5min - 1ms, ClockState::met},
        Row{"on the deadline: the lapse was first", 5min, ClockState::lapsed},
        Row{"a millisecond after", 5min + 1ms, ClockState::lapsed}}) {
    CAPTURE(row.name);
    auto const at = kStart + row.at;
    auto const before = advanced(opened(Severity::p0), at);
    auto const decision = made(acknowledge(before, {kBob, at}));
    CHECK(state_at(decision.next.response, {}, at + 1h) == row.verdict);
    CHECK(((before.fired.marks & 0b100U) != 0) == (row.verdict == ClockState::lapsed));
    CHECK(decision.next.assignee == kBob);
    CHECK(decision.next.acknowledged_by == kBob);
    CHECK(decision.next.status == Status::acknowledged);
    CHECK(std::get<Millis>(*decision.timeline.front().what.find("after")) == row.at);
    auto const down = all_of<StandDown>(decision);
    REQUIRE(down.size() == 1);
    CHECK(down.front().except == kBob);
  }
}

TEST_CASE("who acknowledges second joins, who acknowledges again is told so, and neither moves the verdict") {
  auto const taken = made(acknowledge(advanced(opened(Severity::p0), kStart), {kBob, kStart + 1min})).next;
  auto const second = made(acknowledge(taken, {kCarol, kStart + 2min}));
  CHECK(second.next.assignee == kBob);
  CHECK(second.next.acknowledged_by == kBob);
  CHECK(second.next.responders == std::vector{kCarol});
  CHECK(second.next.response.met_at == kStart + 1min);
  CHECK(only_entry(second) == "timeline.joined");
  CHECK_FALSE(second.undoable);
  auto const again = made(acknowledge(taken, {kBob, kStart + 3min}));
  CHECK(again.answer.key == "incident.already_yours");
  CHECK(again.timeline.empty());
  CHECK(again.outgoing.empty());
  CHECK(again.next.active_at == kStart + 3min);  // a sign of work all the same
  CHECK(again.next.response.met_at == kStart + 1min);
}

TEST_CASE("the first acknowledgement makes its person the assignee, whoever was asked before") {
  auto const asked = made(assign(advanced(opened(Severity::p0), kStart), kCarol, {kAlice, kStart + 1min})).next;
  CHECK(asked.status == Status::open);
  CHECK_FALSE(asked.response.met_at);  // being assigned is no acknowledgement
  auto const taken = made(acknowledge(asked, {kBob, kStart + 2min})).next;
  CHECK(taken.assignee == kBob);
  CHECK(in_charge(taken, FakeRoster{}, kStart + 3min) == std::vector{kBob});
}

TEST_CASE("a back-dated acknowledgement is kept and marked, and is never a verdict") {
  auto const late = kStart + 7min;
  auto const incident = advanced(opened(Severity::p0), late);
  auto const decision = made(acknowledge(incident, {kBob, late}, kStart + 2min));
  CHECK(state_at(decision.next.response, {}, late) == ClockState::lapsed);
  CHECK(decision.next.response.met_at == late);
  CHECK(decision.next.claimed_at == kStart + 2min);
  auto const& entry = decision.timeline.front();
  CHECK(stamp(entry.happened) == "2:00");
  CHECK(stamp(entry.recorded) == "7:00");
  REQUIRE(entry.what.find("claimed") != nullptr);
  struct Row {
    char const* name;
    Millis claimed;
    char const* expected;
  };
  for (Row const& row : {Row{"before the opening", -1ms, "refused.claim_outside"}, Row{"at the opening", 0ms, "ok"},
                         Row{"now", 7min, "ok"}, Row{"in the future", 7min + 1ms, "refused.claim_outside"}}) {
    CAPTURE(row.name);
    CHECK(verdict(acknowledge(incident, {kBob, late}, kStart + row.claimed)) == row.expected);
  }
  auto const now = made(acknowledge(incident, {kBob, late}, late));
  CHECK_FALSE(now.next.claimed_at);
  CHECK(now.timeline.front().what.find("claimed") == nullptr);
}

TEST_CASE("mitigating stops recovery, implies the acknowledgement, and keeps a lapse") {
  struct Row {
    char const* name;
    Millis at;
    ClockState response;
    ClockState recovery;
  };
  for (Row const& row : {Row{"at once", 0ms, ClockState::met, ClockState::met},
                         Row{"after the response target", 6min, ClockState::lapsed, ClockState::met},
                         Row{"a millisecond before recovery is due", 30min - 1ms, ClockState::lapsed, ClockState::met},
                         Row{"on the deadline", 30min, ClockState::lapsed, ClockState::lapsed}}) {
    CAPTURE(row.name);
    auto const at = kStart + row.at;
    auto const decision = made(mitigate(advanced(opened(Severity::p0), at), {kBob, at}, "重启"));
    CHECK(state_at(decision.next.response, {}, at + 9h) == row.response);
    CHECK(state_at(decision.next.recovery, {}, at + 9h) == row.recovery);
    CHECK(decision.next.acknowledged_by == kBob);
    CHECK(all_of<StandDown>(decision).size() == 1);
    CHECK(stamp(next_due(decision.next)) == "never");
  }
}

TEST_CASE("resolving implies mitigated and does not move an earlier mitigation") {
  auto const at = kStart + 10min;
  auto const straight = made(resolve(advanced(opened(Severity::p0), at), {kBob, at}, "")).next;
  CHECK(straight.recovery.met_at == at);
  CHECK(straight.response.met_at == at);
  CHECK(straight.resolved_at == at);
  auto const mitigated = made(mitigate(advanced(opened(Severity::p0), at), {kBob, at}, "")).next;
  auto const later = made(resolve(mitigated, {kCarol, at + 3h}, "")).next;
  CHECK(later.recovery.met_at == at);
  CHECK(later.acknowledged_by == kBob);
  CHECK(later.resolved_at == at + 3h);
}

TEST_CASE("ending an incident that is paused ends the pause, and the paused time does not count") {
  auto incident = advanced(opened(Severity::p0), kStart + 2min);
  incident = made(pause(incident, {kBob, kStart + 2min}, "换机房")).next;
  for (auto const& done :
       {made(mitigate(incident, {kBob, kStart + 5h}, "")).next, made(resolve(incident, {kBob, kStart + 5h}, "")).next,
        made(call_false_alarm(incident, {kBob, kStart + 5h}, "")).next}) {
    REQUIRE(done.pauses.size() == 1);
    CHECK(stamp(done.pauses.back().to) == "300:00");
    CHECK(elapsed(done.recovery, pauses_of(done), kStart + 9h) == 2min);
    CHECK(state_at(done.recovery, pauses_of(done), kStart + 9h) == ClockState::met);
    CHECK(state_at(done.response, pauses_of(done), kStart + 9h) == ClockState::met);
  }
}

TEST_CASE("pausing wants a reason, resuming a pause") {
  auto const incident = advanced(opened(Severity::p1), kStart + 1min);
  CHECK(verdict(pause(incident, {kBob, kStart + 1min}, "")) == "refused.pause_reason");
  auto const paused = made(pause(incident, {kBob, kStart + 1min}, "等")).next;
  CHECK(verdict(pause(paused, {kBob, kStart + 2min}, "等")) == "refused.already_paused");
  auto const decision = made(resume(paused, {kBob, kStart + 11min}));
  CHECK(std::get<Millis>(*decision.timeline.front().what.find("length")) == 10min);
  CHECK(verdict(resume(decision.next, {kBob, kStart + 12min})) == "refused.not_paused");
  CHECK(stamp(deadline(decision.next.response, pauses_of(decision.next))) == "25:00");
  auto const again = made(pause(decision.next, {kBob, kStart + 11min}, "再等")).next;
  CHECK(again.pauses.size() == 2);
}

TEST_CASE("a clock that was set back while an incident is paused does not pause it twice or keep it paused") {
  auto const incident = advanced(opened(Severity::p1), kStart + 10min);
  auto const paused = made(pause(incident, {kBob, kStart + 10min}, "等")).next;
  CHECK(verdict(pause(paused, {kBob, kStart + 5min}, "等")) == "refused.already_paused");
  auto const resumed = made(resume(paused, {kBob, kStart + 5min})).next;
  REQUIRE(resumed.pauses.size() == 1);
  REQUIRE(resumed.pauses.back().to);
  CHECK(*resumed.pauses.back().to >= resumed.pauses.back().from);
  CHECK(stamp(deadline(resumed.response, pauses_of(resumed))) == "15:00");
}

TEST_CASE("a pause that is recorded before the end of the last one, by a clock set back, begins where that ended") {
  auto incident = advanced(opened(Severity::p2), kStart);
  incident = made(pause(incident, {kBob, kStart + 10min}, "等")).next;
  incident = made(resume(incident, {kBob, kStart + 20min})).next;
  SUBCASE("by hand") {
    incident = made(pause(incident, {kBob, kStart + 5min}, "等")).next;
    CHECK(incident.pauses.back() == Pause{kStart + 20min, std::nullopt});
    incident = made(resume(incident, {kBob, kStart + 7min})).next;
    CHECK(incident.pauses.back() == Pause{kStart + 20min, kStart + 20min});
    CHECK(stamp(deadline(incident.response, pauses_of(incident))) == "40:00");
  }
  SUBCASE("by a regression") {
    incident = made(mitigate(incident, {kBob, kStart + 5min}, "")).next;
    incident = made(reopen(incident, manual_promises(), {kBob, kStart + 25min}, "")).next;
    CHECK(incident.pauses.back() == Pause{kStart + 20min, kStart + 25min});
    CHECK(stamp(deadline(incident.recovery, pauses_of(incident))) == "255:00");
  }
}

TEST_CASE("an answer after a recorded lapse does not overtake it, wherever the clock was set back to") {
  auto const lapsed = advanced(opened(Severity::p0), kStart + 40min);
  auto const back = kStart + 2min;
  for (auto const& next :
       {made(acknowledge(lapsed, {kBob, back})).next, made(mitigate(lapsed, {kBob, back}, "")).next,
        made(resolve(lapsed, {kBob, back}, "")).next, made(call_false_alarm(lapsed, {kBob, back}, "")).next}) {
    CAPTURE(name_of(next.status));
    CHECK(stamp(next.response.met_at) == "5:00");
    CHECK(state_at(next.response, {}, kStart + 1h) == ClockState::lapsed);
    if (!next.recovery.met_at) continue;
    CHECK(stamp(next.recovery.met_at) == "30:00");
    CHECK(state_at(next.recovery, {}, kStart + 1h) == ClockState::lapsed);
    if (next.resolved_at) CHECK(stamp(next.resolved_at) == "30:00");
  }
}

TEST_CASE("closing is refused while a review of broken glass is open, and so is merging, which closes too") {
  auto incident = advanced(opened(Severity::p0), kStart + 1min);
  incident.open_reviews = 2;
  auto main = incident;
  main.id = {7};
  auto const refused = merge_into(incident, main, {kBob, kStart + 1min});
  CHECK(verdict(refused) == "refused.review_open");
  auto resolved = made(resolve(incident, {kBob, kStart + 1min}, "")).next;
  CHECK(verdict(close_incident(resolved, {kBob, kStart + 2min})) == "refused.review_open");
  resolved.open_reviews = 0;
  CHECK(verdict(close_incident(resolved, {kBob, kStart + 2min})) == "ok");
}

TEST_CASE("a false alarm ends the incident, is marked, and comes back as a regression without the mark") {
  auto const at = kStart + 3min;
  auto const decision = made(call_false_alarm(advanced(opened(Severity::p0), at), {kBob, at}, "探针坏了"));
  CHECK(decision.next.false_alarm);
  CHECK(decision.next.resolved_at == at);
  CHECK(decision.undoable);
  auto const back = made(reopen(decision.next, manual_promises(), {kCarol, at + 5min}, "")).next;
  CHECK_FALSE(back.false_alarm);
  CHECK_FALSE(back.resolved_at);
}

TEST_CASE("merging ends the lesser incident and points at the main one") {
  auto const incident = advanced(opened(Severity::p2), kStart + 1min);
  auto main = advanced(opened(Severity::p0), kStart + 1min);
  main.id = {7};
  main.title = "数据库";
  auto const decision = made(merge_into(incident, main, {kBob, kStart + 1min}));
  CHECK(decision.next.merged_into == main.id);
  CHECK(decision.next.status == Status::closed);
  CHECK(std::get<std::string>(*decision.answer.find("main_title")) == "数据库");
  for (auto const& [name, state] : every_state()) {
    CAPTURE(name);
    auto const is_over = !is_live(state);
    auto target = state;
    target.id = {8};
    CHECK(verdict(merge_into(incident, target, {kBob, kStart + 4min})) == (is_over ? "refused.merge_into_over" : "ok"));
  }
}

TEST_CASE("a regression goes on where the clock stood; half an hour later it is a new round") {
  auto const promises = manual_promises();
  auto incident = made(acknowledge(advanced(opened(Severity::p0), kStart + 1min), {kBob, kStart + 1min})).next;
  incident = made(mitigate(advanced(incident, kStart + 10min), {kBob, kStart + 10min}, "")).next;
  SUBCASE("within thirty minutes") {
    auto const decision = made(reopen(incident, promises, {kCarol, kStart + 30min}, ""));
    auto const& next = decision.next;
    CHECK(only_entry(decision) == "timeline.regressed");
    CHECK(next.round == 1);
    CHECK(next.arming == incident.arming);
    CHECK(next.fired == incident.fired);
    CHECK(stamp(deadline(next.recovery, pauses_of(next))) == "50:00");
    CHECK(elapsed(next.recovery, pauses_of(next), kStart + 30min) == 10min);
    CHECK(state_at(next.response, pauses_of(next), kStart + 30min) == ClockState::met);
    CHECK(next.assignee == kBob);
    auto const run = run_until(next, kStart + 51min);
    CHECK(run.pages == std::vector<std::string>{"40:00 step 100#2400 bob", "44:00 step 4#0 li.lei",
                                                "50:00 step 5#0 li.lei", "50:00 step 5#0 wang-fang",
                                                "50:00 step 100#3000 bob"});
  }
  SUBCASE("exactly thirty minutes after") {
    CHECK(made(reopen(incident, promises, {kCarol, kStart + 40min}, "")).next.round == 1);
  }
  SUBCASE("a millisecond later") {
    auto const at = kStart + 40min + 1ms;
    auto const decision = made(reopen(incident, promises, {kCarol, at}, "又来"));
    auto const& next = decision.next;
    CHECK(next.round == 2);
    CHECK(next.arming == incident.arming + 1);
    CHECK(next.status == Status::open);
    CHECK(next.assignee.empty());
    CHECK(next.acknowledged_by.empty());
    CHECK(next.pauses.empty());
    CHECK(stamp(deadline(next.response, {})) == "45:00.001");
    CHECK(stamp(deadline(next.recovery, {})) == "70:00.001");
    CHECK(stamp(next_due(next)) == "40:00.001");  // it pages again from the first step
    auto const& entry = decision.timeline.front().what;
    CHECK(entry.key == "timeline.reopened");
    CHECK(std::get<std::string>(*entry.find("response")) == "met");
    CHECK(std::get<std::string>(*entry.find("recovery")) == "met");
    CHECK(std::get<std::int64_t>(*entry.find("round")) == 2);
  }
  SUBCASE("the old verdict of a round that lapsed is kept in words") {
    auto lapsed = made(mitigate(advanced(opened(Severity::p0), kStart + 2h), {kBob, kStart + 2h}, "")).next;
    auto const decision = made(reopen(lapsed, promises, {kCarol, kStart + 5h}, ""));
    auto const& entry = decision.timeline.front().what;
    CHECK(std::get<std::string>(*entry.find("response")) == "lapsed");
    CHECK(std::get<std::string>(*entry.find("recovery")) == "lapsed");
    CHECK(state_at(decision.next.recovery, {}, kStart + 5h) == ClockState::running);
  }
  SUBCASE("a lapse before the mitigation stays one after a regression, and pages nobody twice") {
    auto lapsed = advanced(made(acknowledge(advanced(opened(Severity::p0), kStart + 1min), {kBob, kStart + 1min})).next,
                           kStart + 31min);
    lapsed = made(mitigate(lapsed, {kBob, kStart + 31min}, "")).next;
    auto const next = made(reopen(lapsed, promises, {kCarol, kStart + 33min}, "")).next;
    CHECK(state_at(next.recovery, pauses_of(next), kStart + 33min) == ClockState::lapsed);
    for (auto const& page : run_until(next, kStart + 3h).pages) CHECK(page.find("step 100") != std::string::npos);
  }
  SUBCASE("back and forth three times counts each minute once") {
    auto next = incident;
    for (int i = 0; i < 3; ++i) {
      auto const down = kStart + 15min + i * 10min;
      next = made(reopen(next, promises, {kCarol, down}, "")).next;
      next = made(mitigate(next, {kCarol, down + 2min}, "")).next;
    }
    CHECK(elapsed(next.recovery, pauses_of(next), kStart + 9h) == 16min);
    for (std::size_t i = 1; i < next.pauses.size(); ++i) CHECK(*next.pauses[i - 1].to <= next.pauses[i].from);
  }
  SUBCASE("on the mitigation's own millisecond") {
    auto const next = made(reopen(incident, promises, {kCarol, kStart + 10min}, "")).next;
    CHECK(stamp(deadline(next.recovery, pauses_of(next))) == "30:00");
  }
}

TEST_CASE("a reopened incident promises what the configuration promises now, with clocks of its own") {
  auto promises = manual_promises();
  auto const at = kStart + 2min;
  auto const resolved = made(resolve(advanced(opened(Severity::p2), at), {kBob, at}, "")).next;
  promises.targets[2] = {7min, 70min};
  promises.policies[2].steps.resize(1);
  auto const next = made(reopen(resolved, promises, {kCarol, kStart + 9h}, "")).next;
  CHECK(next.response.target == 7min);
  CHECK(next.policy.steps.size() == 1);
  CHECK(next.fired.steps.size() == 1);
}

TEST_CASE("policy and targets are frozen: a change of the promises does not touch an open incident") {
  auto promises = manual_promises();
  auto const incident = opened(Severity::p0, promises);
  promises.targets[0] = {1min, 2min};
  promises.policies[0] = {};
  auto const next = made(acknowledge(advanced(incident, kStart + 1min), {kBob, kStart + 1min})).next;
  CHECK(next.response.target == 5min);
  CHECK(next.policy == manual_promises().policies[0]);
}
