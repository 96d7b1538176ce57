#include "incidents/target_clock.hpp"

#include <random>

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr std::optional<Millis> kNever;
constexpr auto kMs = Millis{1};

struct Span {
  Millis from{};
  std::optional<Millis> to;
};

std::vector<Pause> pauses_at(std::vector<Span> const& spans) {
  std::vector<Pause> pauses;
  for (auto const& span : spans) {
    pauses.emplace_back();
    pauses.back().from = kStart + span.from;
    if (span.to) pauses.back().to = kStart + *span.to;
  }
  return pauses;
}

TargetClock clock_of(Millis target, std::optional<Millis> met) {
  TargetClock clock{kStart, target, std::nullopt};
  if (met) clock.met_at = kStart + *met;
  return clock;
}

}  // namespace

TEST_CASE("the verdict of a clock of 15 minutes") {
  struct Row {
    char const* name;
    std::vector<Span> pauses;
    std::optional<Millis> met;
    Millis now;
    ClockState expected;
  };
  using enum ClockState;
  for (Row const& row : {
           Row{"at the start", {}, kNever, 0min, running},
           Row{"before the start", {}, kNever, -1min, running},
           Row{"a millisecond before the target", {}, kNever, 15min - kMs, running},
           Row{"on the target itself", {}, kNever, 15min, lapsed},
           Row{"a millisecond after", {}, kNever, 15min + kMs, lapsed},
           Row{"answered at once", {}, 0min, 1h, met},
           Row{"answered a millisecond before the deadline", {}, 15min - kMs, 1h, met},
           Row{"answered on the deadline itself", {}, 15min, 1h, lapsed},
           Row{"answered on the deadline itself, asked then", {}, 15min, 15min, lapsed},
           Row{"answered late stays a lapse", {}, 20min, 30h, lapsed},
           Row{"asked before the answer came", {}, 10min, 5min, running},
           Row{"asked at the answer", {}, 10min, 10min, met},
           Row{"paused before the start only", {{-10min, -5min}}, kNever, 15min, lapsed},
           Row{"paused before the start up to it", {{-10min, 0min}}, kNever, 15min, lapsed},
           Row{"paused across the start", {{-5min, 5min}}, kNever, 20min - kMs, running},
           Row{"paused across the start, target reached", {{-5min, 5min}}, kNever, 20min, lapsed},
           Row{"paused from the start", {{0min, 5min}}, kNever, 20min - kMs, running},
           Row{"paused from the start, reached", {{0min, 5min}}, kNever, 20min, lapsed},
           Row{"in a pause", {{5min, 10min}}, kNever, 7min, paused},
           Row{"at the first millisecond of a pause", {{5min, 10min}}, kNever, 5min, paused},
           Row{"at the end of a pause it runs", {{5min, 10min}}, kNever, 10min, running},
           Row{"paused in the middle", {{5min, 10min}}, kNever, 20min - kMs, running},
           Row{"paused in the middle, reached", {{5min, 10min}}, kNever, 20min, lapsed},
           Row{"paused across the old deadline", {{14min, 16min}}, kNever, 17min - kMs, running},
           Row{"paused across the old deadline, reached", {{14min, 16min}}, kNever, 17min, lapsed},
           Row{"a pause that begins on the deadline is too late", {{15min, 20min}}, kNever, 15min, lapsed},
           Row{"and stays too late while it lasts", {{15min, 20min}}, kNever, 18min, lapsed},
           Row{"a pause one millisecond before it is in time", {{15min - kMs, 20min}}, kNever, 19min, paused},
           Row{"then one millisecond is left", {{15min - kMs, 20min}}, kNever, 20min, running},
           Row{"and then it lapses", {{15min - kMs, 20min}}, kNever, 20min + kMs, lapsed},
           Row{"a pause that begins after the deadline", {{16min, 20min}}, kNever, 17min, lapsed},
           Row{"an open pause holds it for a year", {{10min, kNever}}, kNever, 24h * 365, paused},
           Row{"an open pause on the deadline holds nothing", {{15min, kNever}}, kNever, 24h, lapsed},
           Row{"two pauses add up", {{1min, 2min}, {3min, 5min}}, kNever, 18min - kMs, running},
           Row{"two pauses add up, reached", {{1min, 2min}, {3min, 5min}}, kNever, 18min, lapsed},
           Row{"two pauses that touch", {{1min, 2min}, {2min, 4min}}, kNever, 18min, lapsed},
           Row{"a pause of no length", {{5min, 5min}}, kNever, 15min, lapsed},
           Row{"the second pause begins on the moved deadline", {{1min, 2min}, {16min, 20min}}, kNever, 16min, lapsed},
           Row{"met in a pause", {{5min, kNever}}, 7min, 1h, met},
           Row{"met within the time that a pause gave", {{5min, 10min}}, 19min, 1h, met},
           Row{"met on the deadline that a pause moved", {{5min, 10min}}, 20min, 1h, lapsed},
           Row{"a pause after the answer changes no verdict", {{16min, 30min}}, 15min, 1h, lapsed},
       }) {
    CAPTURE(row.name);
    auto const clock = clock_of(15min, row.met);
    CHECK(name_of(state_at(clock, pauses_at(row.pauses), kStart + row.now)) == name_of(row.expected));
  }
}

TEST_CASE("deadlines and percentages are absolute: start, target and pauses") {
  struct Row {
    char const* name;
    std::vector<Span> pauses;
    int percent;
    std::optional<Millis> expected;
  };
  for (Row const& row : {
           Row{"0 % is the start", {}, 0, 0min},
           Row{"50 %", {}, 50, 10min},
           Row{"80 %", {}, 80, 16min},
           Row{"100 %", {}, 100, 20min},
           Row{"200 %", {}, 200, 40min},
           Row{"1000 %", {}, 1000, 200min},
           Row{"a pause before moves it", {{5min, 8min}}, 50, 13min},
           Row{"a pause on it does not", {{10min, 18min}}, 50, 10min},
           Row{"a pause after does not", {{11min, 18min}}, 50, 10min},
           Row{"a pause from the start doesn't move 0 %", {{0min, 5min}}, 0, 0min},
           Row{"an open pause before it: never", {{5min, kNever}}, 50, kNever},
           Row{"an open pause on it: it still came", {{10min, kNever}}, 50, 10min},
           Row{"the second pause counts because the first moved it there", {{1min, 2min}, {10min, 12min}}, 50, 13min},
           Row{"the second begins on the moved instant", {{1min, 2min}, {11min, 12min}}, 50, 11min},
       }) {
    CAPTURE(row.name);
    std::optional<Instant> expected;
    if (row.expected) expected = kStart + *row.expected;
    CHECK(stamp(instant_at(clock_of(20min, kNever), pauses_at(row.pauses), row.percent)) == stamp(expected));
  }
}

TEST_CASE("counted time: pauses left out, ended by the answer, never negative") {
  struct Row {
    char const* name;
    std::vector<Span> pauses;
    std::optional<Millis> met;
    Millis at;
    Millis expected;
  };
  for (Row const& row : {
           Row{"before the start", {}, kNever, -5min, 0min},
           Row{"at the start", {}, kNever, 0min, 0min},
           Row{"plain", {}, kNever, 7min, 7min},
           Row{"stops at the answer", {}, 3min, 7min, 3min},
           Row{"an answer that is still to come", {}, 9min, 7min, 7min},
           Row{"an answer before the start", {}, -1min, 7min, 0min},
           Row{"in a pause it stands", {{2min, 6min}}, kNever, 5min, 2min},
           Row{"after a pause", {{2min, 6min}}, kNever, 7min, 3min},
           Row{"in an open pause", {{2min, kNever}}, kNever, 99h, 2min},
           Row{"a pause that is still to come", {{8min, 9min}}, kNever, 7min, 7min},
           Row{"a pause across the answer", {{2min, 6min}}, 4min, 9min, 2min},
           Row{"a pause before the start", {{-9min, -2min}}, kNever, 7min, 7min},
           Row{"a pause across the start", {{-9min, 2min}}, kNever, 7min, 5min},
       }) {
    CAPTURE(row.name);
    CHECK(elapsed(clock_of(15min, row.met), pauses_at(row.pauses), kStart + row.at).count() == row.expected.count());
  }
}

TEST_CASE("counted time, deadlines and verdicts agree with counting the milliseconds one by one") {
  constexpr std::uint32_t kSeed = 7;
  std::mt19937 random(kSeed);
  CAPTURE(kSeed);
  auto const below = [&random](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::vector<Pause> pauses;
    int edge = -10;
    while (edge < 70 && below(4) != 0) {
      Pause pause;
      edge += below(12);
      pause.from = kStart + Millis{edge};
      edge += below(12);
      if (below(8) != 0) pause.to = kStart + Millis{edge};
      pauses.push_back(pause);
      if (!pause.to) break;
    }
    TargetClock clock{kStart, Millis{1 + below(60)}, std::nullopt};
    if (below(3) == 0) clock.met_at = kStart + Millis{below(80)};
    std::optional<Instant> reached;
    Millis counted{0};
    for (int now = 0; now < 150; ++now) {
      Instant const at = kStart + Millis{now};
      // The clock stops at its answer; whether the deadline came first is what the verdict is about.
      REQUIRE(elapsed(clock, pauses, at).count() == counted.count());
      if (!reached && counted == clock.target) reached = at;
      REQUIRE((state_at(clock, pauses, at) == ClockState::lapsed) == (counted >= clock.target));
      if (!paused_at(pauses, at) && !(clock.met_at && at >= *clock.met_at)) ++counted;
    }
    if (!clock.met_at) CHECK(stamp(deadline(clock, pauses)) == stamp(reached));
  }
}

TEST_CASE("a clock state has a name") {
  CHECK(name_of(ClockState::running) == "running");
  CHECK(name_of(ClockState::paused) == "paused");
  CHECK(name_of(ClockState::met) == "met");
  CHECK(name_of(ClockState::lapsed) == "lapsed");
}
