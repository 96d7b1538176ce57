#include "incidents/advance.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "incidents/people.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

using Lines = std::vector<std::string>;

Incident taken(Incident const& incident, PersonId const& by, Millis after) {
  auto const now = kStart + after;
  return made(acknowledge(advanced(incident, now), {by, now})).next;
}

}  // namespace

TEST_CASE("a P0 that nobody touches for two hours: who is paged when, to the millisecond") {
  auto const run = run_until(opened(Severity::p0), kStart + 2h);
  Lines expected;
  for (int i = 0; i <= 24; ++i) {
    auto const at = std::to_string(i * 5) + ":00 step ";
    expected.push_back(at + "1#" + std::to_string(i) + " alice");
    if (i == 1) expected.push_back("5:00 step 2#0 li.lei");
    if (i == 2) expected.push_back("10:00 step 3#0 wang-fang");
    if (i == 4) expected.push_back("24:00 step 4#0 li.lei");
    if (i == 6) {
      expected.push_back("30:00 step 5#0 li.lei");
      expected.push_back("30:00 step 5#0 wang-fang");
    }
  }
  CHECK(run.pages == expected);
  CHECK(run.whispers == Lines{"2:30 warning.response alice", "4:00 warning.response alice",
                              "15:00 warning.recovery alice", "24:00 warning.recovery alice"});
  Lines marks;
  for (auto const& entry : run.entries) {
    if (entry.find("paged") == std::string::npos) marks.push_back(entry);
  }
  CHECK(marks == Lines{"2:30 timeline.response_warning", "4:00 timeline.response_warning",
                       "5:00 timeline.response_lapsed", "15:00 timeline.recovery_warning",
                       "24:00 timeline.recovery_warning", "30:00 timeline.recovery_lapsed"});
}

TEST_CASE("the chain of each severity") {
  struct Row {
    Severity severity;
    Millis until;
    Lines pages;
  };
  for (Row const& row : {
           Row{Severity::p1,
               31min,
               {"0:00 step 1#0 alice", "5:00 step 1#1 alice", "10:00 step 1#2 alice", "15:00 step 1#3 alice",
                "15:00 step 2#0 li.lei", "20:00 step 1#4 alice", "25:00 step 1#5 alice", "30:00 step 1#6 alice",
                "30:00 step 3#0 wang-fang"}},
           Row{Severity::p2,
               4h,
               {"0:00 step 1#0 alice", "30:00 step 2#0 li.lei", "60:00 step 3#0 wang-fang", "192:00 step 4#0 li.lei",
                "240:00 step 5#0 li.lei", "240:00 step 5#0 wang-fang"}},
           Row{Severity::p3,
               100h,
               {"0:00 step 1#0 alice", "60:00 step 2#0 li.lei", "120:00 step 3#0 wang-fang", "1152:00 step 4#0 li.lei",
                "1440:00 step 5#0 li.lei", "1440:00 step 5#0 wang-fang"}},
       }) {
    CAPTURE(name_of(row.severity));
    CHECK(run_until(opened(row.severity), kStart + row.until).pages == row.pages);
  }
}

TEST_CASE("an acknowledged P0 still tells the lead at 80 % and pages lead and CTO when recovery lapses") {
  auto const run = run_until(taken(opened(Severity::p0), kBob, 3min), kStart + 31min);
  CHECK(run.pages == Lines{"13:00 step 100#780 bob", "23:00 step 100#1380 bob", "24:00 step 4#0 li.lei",
                           "30:00 step 5#0 li.lei", "30:00 step 5#0 wang-fang"});
  CHECK(run.whispers == Lines{"15:00 warning.recovery bob", "24:00 warning.recovery bob"});
}

TEST_CASE("nothing fires before its instant, and nothing fires twice at it") {
  auto incident = opened(Severity::p0);
  FakeRoster const roster;
  for (int i = 0; i < 40; ++i) {
    auto const due = next_due(incident);
    REQUIRE(due);
    CAPTURE(stamp(due));
    CHECK_FALSE(advance(incident, roster, *due - 1ms));
    auto fired = advance(incident, roster, *due);
    REQUIRE(fired);
    CHECK_FALSE(advance(fired->next, roster, *due));
    CHECK_FALSE(advance(fired->next, roster, *due - 1h));  // the wall clock was set back
    incident = fired->next;
  }
}

TEST_CASE(
    "after two hours down each step fires once, repeats collapse, one page a person speaks, in order of instants") {
  auto const incident = advanced(opened(Severity::p0), kStart);
  auto const fired = advance(incident, FakeRoster{}, kStart + 2h + 3min + 10s);
  REQUIRE(fired);
  CHECK(pages_in(*fired) == Lines{"5:00 step 2#0 li.lei (folded)", "10:00 step 3#0 wang-fang (folded)",
                                  "24:00 step 4#0 li.lei (folded)", "30:00 step 5#0 li.lei", "30:00 step 5#0 wang-fang",
                                  "120:00 step 1#24 alice"});
  CHECK(entries_in(*fired) == Lines{"2:30 timeline.response_warning", "4:00 timeline.response_warning",
                                    "5:00 timeline.response_lapsed", "5:00 timeline.paged", "10:00 timeline.paged",
                                    "15:00 timeline.recovery_warning", "24:00 timeline.recovery_warning",
                                    "24:00 timeline.paged", "30:00 timeline.recovery_lapsed", "30:00 timeline.paged",
                                    "120:00 timeline.paged_again"});
  for (auto const& entry : fired->timeline) CHECK(stamp(entry.recorded) == "123:10");
  CHECK(all_of<Whisper>(*fired).empty());  // the lapse says all that the warnings would have said
  CHECK(stamp(next_due(fired->next)) == "125:00");
}

TEST_CASE("a first page that is late is still the first page, and its missed repeats are not made up for") {
  auto const fired = advance(opened(Severity::p1), FakeRoster{}, kStart + 11min);
  REQUIRE(fired);
  CHECK(pages_in(*fired) == Lines{"0:00 step 1#0 alice"});
  CHECK(stamp(next_due(fired->next)) == "12:00");  // the 80 % warning
  CHECK(run_until(fired->next, kStart + 15min).pages == Lines{"15:00 step 1#3 alice", "15:00 step 2#0 li.lei"});
}

TEST_CASE("warnings that are late but still before the lapse are told") {
  auto const fired = advance(advanced(opened(Severity::p0), kStart), FakeRoster{}, kStart + 4min + 59s);
  REQUIRE(fired);
  auto const whispers = all_of<Whisper>(*fired);
  REQUIRE(whispers.size() == 2);
  CHECK(std::get<std::int64_t>(*whispers[0].text.find("percent")) == 50);
  CHECK(std::get<std::int64_t>(*whispers[1].text.find("percent")) == 80);
  for (auto const& whisper : whispers) CHECK(stamp(std::get<Instant>(*whisper.text.find("by"))) == "5:00");
}

TEST_CASE("however late and however often the scheduler wakes, each warning, lapse and first page comes exactly once") {
  constexpr std::uint32_t kSeed = 3;
  std::mt19937 random(kSeed);
  CAPTURE(kSeed);
  auto const once = [](Lines const& lines, std::string const& what) {
    return std::count_if(lines.begin(), lines.end(),
                         [&](auto const& line) { return line.find(what) != std::string::npos; });
  };
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    auto incident = opened(Severity::p0);
    Lines pages;
    Lines entries;
    for (auto now = kStart; now < kStart + 40min;
         now += Millis{std::uniform_int_distribution<int>(0, 600'000)(random)}) {
      auto const due = next_due(incident);
      auto const fired = advance(incident, FakeRoster{}, now);
      REQUIRE(fired.has_value() == (due && *due <= now));
      if (!fired) continue;
      for (auto const& line : pages_in(*fired)) pages.push_back(line);
      for (auto const& line : entries_in(*fired)) entries.push_back(line);
      incident = fired->next;
      REQUIRE(*next_due(incident) > now);
    }
    if (auto const fired = advance(incident, FakeRoster{}, kStart + 40min)) {
      for (auto const& line : pages_in(*fired)) pages.push_back(line);
      for (auto const& line : entries_in(*fired)) entries.push_back(line);
    }
    for (auto const* page : {"0:00 step 1#0 alice", "5:00 step 2#0 li.lei", "10:00 step 3#0 wang-fang",
                             "24:00 step 4#0 li.lei", "30:00 step 5#0 li.lei", "30:00 step 5#0 wang-fang"}) {
      CAPTURE(page);
      CHECK(once(pages, page) == 1);
    }
    for (auto const* entry : {"2:30 timeline.response_w", "4:00 timeline.response_w", "5:00 timeline.response_l",
                              "15:00 timeline.recovery_w", "24:00 timeline.recovery_w", "30:00 timeline.recovery_l"}) {
      CAPTURE(entry);
      CHECK(once(entries, entry) == 1);
    }
    CHECK(std::set<std::string>(pages.begin(), pages.end()).size() == pages.size());
  }
}

TEST_CASE("pages for going quiet stand on a grid of ten minutes since the last sign of work") {
  auto incident = taken(opened(Severity::p0), kBob, 3min);
  CHECK(run_until(incident, kStart + 13min - 1ms).pages.empty());
  SUBCASE("a note by anybody is work and starts the ten minutes again") {
    incident = made(note(incident, "看日志", {kCarol, kStart + 12min + 59s})).next;
    CHECK(run_until(incident, kStart + 23min).pages == Lines{"22:59 step 100#1379 bob"});
  }
  SUBCASE("what the bot does is no work") {
    incident = made(note(incident, "output", {kBot, kStart + 12min})).next;
    CHECK(run_until(incident, kStart + 13min).pages == Lines{"13:00 step 100#780 bob"});
  }
  SUBCASE("after downtime there is one page, and the grid has not moved") {
    auto const fired = advance(incident, FakeRoster{}, kStart + 41min + 30s);
    REQUIRE(fired);
    CHECK(std::count_if(fired->outgoing.begin(), fired->outgoing.end(), [](auto const& each) {
            auto const* page = std::get_if<PageOrder>(&each);
            return page != nullptr && page->step == kStepIdle;
          }) == 1);
    CHECK(run_until(fired->next, kStart + 43min).pages == Lines{"43:00 step 100#2580 bob"});
  }
  SUBCASE("a P1 is left in peace") {
    CHECK(run_until(taken(opened(Severity::p1), kBob, 3min), kStart + 90min).pages.empty());
  }
  SUBCASE("an open incident is paged by its steps only") {
    for (auto const& page : run_until(opened(Severity::p0), kStart + 2h).pages)
      CHECK(page.find("step 100") == std::string::npos);
  }
  SUBCASE("a mitigated one is left in peace") {
    incident = made(mitigate(incident, {kBob, kStart + 5min}, "")).next;
    CHECK(run_until(incident, kStart + 5h).pages.empty());
    CHECK_FALSE(next_due(incident));
  }
}

TEST_CASE("a paused incident pages nobody, and goes on where it stood") {
  auto incident = advanced(opened(Severity::p0), kStart + 2min);
  incident = made(pause(incident, {kBob, kStart + 2min}, "切换机房")).next;
  CHECK_FALSE(next_due(incident));
  CHECK(run_until(incident, kStart + 48h).pages.empty());
  incident = made(resume(incident, {kBob, kStart + 62min})).next;
  auto const run = run_until(incident, kStart + 71min);
  CHECK(run.pages ==
        Lines{"65:00 step 1#1 alice", "65:00 step 2#0 li.lei", "70:00 step 1#2 alice", "70:00 step 3#0 wang-fang"});
  CHECK(run.whispers == Lines{"62:30 warning.response alice", "64:00 warning.response alice"});
}

TEST_CASE("an acknowledged incident that is paused is not called quiet; after the pause it has ten minutes again") {
  auto incident = taken(opened(Severity::p0), kBob, 3min);
  incident = made(pause(incident, {kBob, kStart + 4min}, "等供应商")).next;
  CHECK(run_until(incident, kStart + 3h).pages.empty());
  incident = made(resume(incident, {kBob, kStart + 3h})).next;
  CHECK(run_until(incident, kStart + 3h + 10min).pages == Lines{"190:00 step 100#11400 bob"});
}

TEST_CASE("a step that finds nobody goes to the backups, then says loudly that nobody can be paged") {
  FakeRoster roster;
  roster.roles["duty"].clear();
  auto fired = advance(opened(Severity::p0), roster, kStart);
  REQUIRE(fired);
  CHECK(pages_in(*fired) == Lines{"0:00 step 1#0 spare"});
  roster.spares.clear();
  fired = advance(opened(Severity::p0), roster, kStart);
  REQUIRE(fired);
  CHECK(pages_in(*fired).empty());
  CHECK(entries_in(*fired) == Lines{"0:00 timeline.nobody_to_page"});
  auto const said = all_of<Announcement>(*fired);
  REQUIRE(said.size() == 1);
  CHECK(said.front().text.key == "page.nobody");
  // Nobody now may be somebody in five minutes: the step's repeats go on.
  CHECK(stamp(next_due(fired->next)) == "2:30");
  CHECK(fired->next.fired.steps[0] == 1);
}

TEST_CASE(
    "people are resolved when a step fires, each is paged once by a step, and the latest step speaks for a person") {
  FakeRoster roster;
  roster.roles["duty"] = {kAlice, kBob, kAlice};
  roster.roles["tech-lead"] = {kAlice};
  auto fired = advance(opened(Severity::p0), roster, kStart);
  CHECK(pages_in(*fired) == Lines{"0:00 step 1#0 alice", "0:00 step 1#0 bob"});
  roster.roles["duty"] = {kCarol};
  auto const run = run_until(fired->next, kStart + 5min, roster);
  CHECK(run.pages == Lines{"5:00 step 1#1 carol", "5:00 step 2#0 alice"});
  roster.roles["duty"] = {kAlice};
  fired = advance(fired->next, roster, kStart + 5min);
  CHECK(pages_in(*fired) == Lines{"5:00 step 1#1 alice (folded)", "5:00 step 2#0 alice"});
}

TEST_CASE("a drill reaches nobody but those who agreed, and runs at its speed") {
  OpenRequest request;
  request.severity = Severity::p0;
  request.title = "演练";
  request.drill = true;
  request.drill_speed = 60;
  SUBCASE("those named") {
    request.drill_pages = {kBob, kCarol};
    auto incident = made(open_incident(request, manual_promises(), {kAlice, kStart})).next;
    auto const run = run_until(incident, kStart + 30s);
    for (auto const& page : run.pages) {
      CAPTURE(page);
      CHECK((page.find(" bob") != std::string::npos || page.find(" carol") != std::string::npos));
    }
    CHECK(std::find(run.pages.begin(), run.pages.end(), "0:05 step 2#0 bob") != run.pages.end());
    CHECK(std::find(run.pages.begin(), run.pages.end(), "0:30 step 5#0 carol") != run.pages.end());
  }
  SUBCASE("nobody named: whoever opened it") {
    auto incident = made(open_incident(request, manual_promises(), {kAlice, kStart})).next;
    for (auto const& page : run_until(incident, kStart + 30s).pages) CHECK(page.find(" alice") != std::string::npos);
  }
  SUBCASE("everything said about it is marked") {
    auto incident = made(open_incident(request, manual_promises(), {kAlice, kStart})).next;
    auto const fired = advance(incident, FakeRoster{}, kStart + 30s);
    for (auto const& each : fired->outgoing) {
      if (auto const* page = std::get_if<PageOrder>(&each)) CHECK(page->text.find("drill") != nullptr);
      if (auto const* said = std::get_if<Announcement>(&each)) CHECK(said->text.find("drill") != nullptr);
    }
  }
  SUBCASE("the speed is bounded on both sides") {
    for (auto const& [speed, response] :
         {std::pair{0, 300'000}, {1, 300'000}, {-7, 300'000}, {600, 500}, {601, 500}, {1'000'000, 500}}) {
      request.drill_speed = speed;
      auto const incident = made(open_incident(request, manual_promises(), {kAlice, kStart})).next;
      CHECK(incident.response.target.count() == response);
    }
  }
}

TEST_CASE("a promised update that does not come is asked for every quarter of an hour") {
  auto incident = taken(opened(Severity::p2), kBob, 1min);
  incident = made(update(incident, "正在恢复", Millis{10min}, {kBob, kStart + 5min})).next;
  auto run = run_until(incident, kStart + 50min);
  CHECK(run.whispers ==
        Lines{"15:00 warning.update_due bob", "30:00 warning.update_due bob", "45:00 warning.update_due bob"});
  SUBCASE("of whoever speaks for the incident") {
    incident = made(give_role(incident, IncidentRole::communications, kCarol, {kBob, kStart + 6min})).next;
    CHECK(run_until(incident, kStart + 15min).whispers == Lines{"15:00 warning.update_due carol"});
  }
  SUBCASE("after downtime once, and then a quarter of an hour later") {
    auto const fired = advance(incident, FakeRoster{}, kStart + 100min);
    CHECK(all_of<Whisper>(*fired).size() == 1);
    CHECK(stamp(next_due(fired->next)) == "115:00");
  }
  SUBCASE("an update without a promise ends it") {
    incident = made(update(incident, "好了", std::nullopt, {kBob, kStart + 6min})).next;
    CHECK(run_until(incident, kStart + 50min).whispers.empty());
  }
  SUBCASE("so does the end of the incident") {
    incident = made(resolve(incident, {kBob, kStart + 6min}, "")).next;
    CHECK_FALSE(next_due(incident));
  }
}

TEST_CASE("the card's whole chain: the steps to come, with instants and people of then") {
  auto const incident = advanced(opened(Severity::p0), kStart);
  auto const text = [](std::vector<ComingStep> const& steps) {
    Lines lines;
    for (auto const& step : steps) {
      auto line = stamp(step.at) + ' ' + std::to_string(step.step);
      for (auto const& person : step.people) line += ' ' + person.value;
      lines.push_back(line);
    }
    return lines;
  };
  CHECK(text(coming_steps(incident, FakeRoster{}, kStart)) ==
        Lines{"5:00 2 li.lei", "10:00 3 wang-fang", "24:00 4 li.lei", "30:00 5 li.lei wang-fang"});
  CHECK(text(coming_steps(taken(incident, kBob, 1min), FakeRoster{}, kStart + 1min)) ==
        Lines{"24:00 4 li.lei", "30:00 5 li.lei wang-fang"});
  auto const mitigated = made(mitigate(incident, {kBob, kStart + 1min}, "")).next;
  CHECK(coming_steps(mitigated, FakeRoster{}, kStart + 1min).empty());
}

TEST_CASE("every status that is over has nothing due") {
  auto const at = kStart + 2min;
  auto const incident = advanced(opened(Severity::p0), at);
  auto main = incident;
  main.id = {43};
  for (auto const& over :
       {made(resolve(incident, {kBob, at}, "")).next, made(call_false_alarm(incident, {kBob, at}, "")).next,
        made(merge_into(incident, main, {kBob, at})).next,
        made(close_incident(made(resolve(incident, {kBob, at}, "")).next, {kBob, at})).next}) {
    CHECK_FALSE(next_due(over));
    CHECK_FALSE(advance(over, FakeRoster{}, kStart + 999h));
  }
}
