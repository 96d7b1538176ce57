#include "incidents/duty.hpp"

#include <random>

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

namespace {

using Every = Rotation::Every;

DutySchedule rota(Every every, std::chrono::year_month_day start, std::chrono::minutes hand_over, std::string zone,
                  std::vector<PersonId> people = {kAlice, kBob, kCarol}) {
  DutySchedule schedule;
  schedule.rotation = Rotation{every, std::move(people), start, hand_over, std::move(zone)};
  return schedule;
}

std::string who(DutySchedule const& schedule, std::vector<Override> const& overrides, Instant at) {
  auto const shift = on_duty(schedule, overrides, at);
  if (!shift) return "nobody";
  CHECK(shift->from <= at);
  CHECK(at < shift->to);
  return shift->person.value;
}

Instant utc(int y, unsigned m, unsigned d, Millis time = 0ms) {
  return sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)} + time;
}

/// Contiguous where somebody is on, in order, and true at both ends of each shift.
void check_shifts(DutySchedule const& schedule, std::vector<Override> const& overrides,
                  std::vector<Shift> const& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    CAPTURE(i);
    REQUIRE(list[i].from < list[i].to);
    if (i > 0) REQUIRE(list[i - 1].to <= list[i].from);
    REQUIRE(who(schedule, overrides, list[i].from) == list[i].person.value);
    REQUIRE(who(schedule, overrides, list[i].to - 1ms) == list[i].person.value);
  }
}

}  // namespace

TEST_CASE("hand-overs keep their local time through daylight saving") {
  struct Row {
    char const* name;
    DutySchedule schedule;
    Instant hand_over;  // to whom is on from this millisecond
    char const* before;
    char const* after;
  };
  auto const berlin = rota(Every::week, year{2026} / 3 / 2, 9h, "Europe/Berlin");  // a Monday
  auto const berlin_daily = rota(Every::day, year{2026} / 3 / 27, 9h, "Europe/Berlin");
  auto const york = rota(Every::week, year{2026} / 2 / 16, 9h, "America/New_York");
  auto const york_daily = rota(Every::day, year{2026} / 10 / 30, 9h, "America/New_York");
  auto const sunday = rota(Every::week, year{2026} / 3 / 1, 9h, "Europe/Berlin");
  for (Row const& row : {
           Row{"Berlin, weekly, winter", berlin, utc(2026, 3, 23, 8h), "carol", "alice"},
           Row{"Berlin, weekly, first week of summer time", berlin, utc(2026, 3, 30, 7h), "alice", "bob"},
           Row{"Berlin, weekly, last week of summer time", berlin, utc(2026, 10, 19, 7h), "carol", "alice"},
           Row{"Berlin, weekly, back in winter", berlin, utc(2026, 10, 26, 8h), "alice", "bob"},
           Row{"Berlin, daily, the day before", berlin_daily, utc(2026, 3, 28, 8h), "alice", "bob"},
           Row{"Berlin, daily, a day of 23 hours", berlin_daily, utc(2026, 3, 29, 7h), "bob", "carol"},
           Row{"Berlin, daily, the day after", berlin_daily, utc(2026, 3, 30, 7h), "carol", "alice"},
           Row{"Berlin, hand-over on the Sunday of the change", sunday, utc(2026, 3, 29, 7h), "alice", "bob"},
           Row{"New York, weekly, winter", york, utc(2026, 3, 2, 14h), "bob", "carol"},
           Row{"New York, weekly, summer", york, utc(2026, 3, 9, 13h), "carol", "alice"},
           Row{"New York, weekly, autumn", york, utc(2026, 11, 2, 14h), "alice", "bob"},
           Row{"New York, daily, a day of 25 hours", york_daily, utc(2026, 11, 1, 14h), "bob", "carol"},
           Row{"New York, daily, summer's last day", york_daily, utc(2026, 10, 31, 13h), "alice", "bob"},
       }) {
    CAPTURE(row.name);
    CHECK(who(row.schedule, {}, row.hand_over - 1ms) == row.before);
    CHECK(who(row.schedule, {}, row.hand_over) == row.after);
    CHECK(on_duty(row.schedule, {}, row.hand_over)->from == row.hand_over);
    CHECK(on_duty(row.schedule, {}, row.hand_over - 1ms)->to == row.hand_over);
  }
}

TEST_CASE(
    "a hand-over that the spring gap skips happens when the gap ends, one that autumn brings twice the first time") {
  struct Row {
    char const* name;
    DutySchedule schedule;
    Instant hand_over;
  };
  for (Row const& row : {
           Row{"Berlin, 02:30 does not exist", rota(Every::day, year{2026} / 3 / 28, 2h + 30min, "Europe/Berlin"),
               utc(2026, 3, 29, 1h)},
           Row{"Berlin, 02:00 does not exist", rota(Every::day, year{2026} / 3 / 28, 2h, "Europe/Berlin"),
               utc(2026, 3, 29, 1h)},
           Row{"Berlin, 03:00 exists", rota(Every::day, year{2026} / 3 / 28, 3h, "Europe/Berlin"),
               utc(2026, 3, 29, 1h)},
           Row{"Berlin, 01:59 exists", rota(Every::day, year{2026} / 3 / 28, 1h + 59min, "Europe/Berlin"),
               utc(2026, 3, 29, 59min)},
           Row{"New York, 02:30 does not exist", rota(Every::day, year{2026} / 3 / 7, 2h + 30min, "America/New_York"),
               utc(2026, 3, 8, 7h)},
           Row{"Berlin, 02:30 comes twice", rota(Every::day, year{2026} / 10 / 24, 2h + 30min, "Europe/Berlin"),
               utc(2026, 10, 25, 30min)},
           Row{"New York, 01:30 comes twice", rota(Every::day, year{2026} / 10 / 31, 1h + 30min, "America/New_York"),
               utc(2026, 11, 1, 5h + 30min)},
           Row{"Beirut skips midnight", rota(Every::day, year{2024} / 3 / 30, 0h, "Asia/Beirut"),
               utc(2024, 3, 30, 22h)},
           Row{"Havana has midnight twice", rota(Every::day, year{2024} / 11 / 2, 30min, "America/Havana"),
               utc(2024, 11, 3, 4h + 30min)},
       }) {
    CAPTURE(row.name);
    CHECK(who(row.schedule, {}, row.hand_over - 1ms) == "alice");
    CHECK(who(row.schedule, {}, row.hand_over) == "bob");
    // No second hand-over when the clocks go back, and nobody is lost in the gap.
    for (auto at = row.hand_over; at < row.hand_over + 20h; at += 10min) CHECK(who(row.schedule, {}, at) == "bob");
  }
}

TEST_CASE("the edges of a rotation") {
  auto const daily = rota(Every::day, year{2028} / 2 / 27, 9h, "Asia/Shanghai");
  CHECK(who(daily, {}, utc(2028, 2, 27, 1h) - 1ms) == "nobody");
  CHECK(who(daily, {}, utc(2028, 2, 20)) == "nobody");
  CHECK(who(daily, {}, utc(1970, 1, 1)) == "nobody");
  CHECK(who(daily, {}, utc(2028, 2, 27, 1h)) == "alice");
  CHECK(who(daily, {}, utc(2028, 2, 28, 1h)) == "bob");
  CHECK(who(daily, {}, utc(2028, 2, 29, 1h) - 1ms) == "bob");
  CHECK(who(daily, {}, utc(2028, 2, 29, 1h)) == "carol");  // a leap day is a day like any other
  CHECK(who(daily, {}, utc(2028, 3, 1, 1h)) == "alice");
  auto const weekly = rota(Every::week, year{2028} / 2 / 29, 9h, "Asia/Shanghai");
  CHECK(who(weekly, {}, utc(2028, 2, 29, 1h) - 1ms) == "nobody");
  CHECK(who(weekly, {}, utc(2028, 2, 28)) == "nobody");
  CHECK(who(weekly, {}, utc(2028, 2, 29, 1h)) == "alice");
  CHECK(who(weekly, {}, utc(2028, 3, 7, 1h)) == "bob");
  auto const midnight = rota(Every::day, year{2026} / 1 / 1, 0min, "UTC");
  CHECK(who(midnight, {}, utc(2026, 1, 1)) == "alice");
  CHECK(who(midnight, {}, utc(2026, 1, 1) - 1ms) == "nobody");
  auto const last_minute = rota(Every::day, year{2026} / 1 / 1, 23h + 59min, "UTC");
  CHECK(who(last_minute, {}, utc(2026, 1, 2, 23h + 59min) - 1ms) == "alice");
  CHECK(who(last_minute, {}, utc(2026, 1, 2, 23h + 59min)) == "bob");
  CHECK(who(rota(Every::day, year{2026} / 1 / 1, 9h, "UTC", {}), {}, utc(2026, 5, 1)) == "nobody");
  CHECK(who(DutySchedule{}, {}, utc(2026, 5, 1)) == "nobody");
  CHECK(who(rota(Every::week, year{2026} / 1 / 1, 9h, "UTC", {kBob}), {}, utc(2099, 12, 31)) == "bob");
}

TEST_CASE("an override stands in, the one recorded last wins") {
  auto const schedule = rota(Every::week, year{2026} / 1 / 5, 9h, "UTC", {kAlice});
  Instant const t = utc(2026, 6, 1);
  auto const from_to = [&](PersonId person, Millis from, Millis to) {
    return Override{std::move(person), t + from, t + to, kLead};
  };
  struct Row {
    char const* name;
    std::vector<Override> overrides;
    std::vector<std::pair<Millis, char const*>> expected;
  };
  for (Row const& row : {
           Row{"one", {from_to(kBob, 1h, 2h)}, {{1h - 1ms, "alice"}, {1h, "bob"}, {2h - 1ms, "bob"}, {2h, "alice"}}},
           Row{"nested, the inner recorded last",
               {from_to(kBob, 1h, 4h), from_to(kCarol, 2h, 3h)},
               {{1h, "bob"}, {2h - 1ms, "bob"}, {2h, "carol"}, {3h - 1ms, "carol"}, {3h, "bob"}, {4h, "alice"}}},
           Row{"nested, the outer recorded last",
               {from_to(kCarol, 2h, 3h), from_to(kBob, 1h, 4h)},
               {{1h, "bob"}, {2h, "bob"}, {3h, "bob"}, {4h, "alice"}}},
           Row{"overlapping",
               {from_to(kBob, 1h, 3h), from_to(kCarol, 2h, 4h)},
               {{1h, "bob"}, {2h, "carol"}, {3h, "carol"}, {4h, "alice"}}},
           Row{"adjacent",
               {from_to(kBob, 1h, 2h), from_to(kCarol, 2h, 3h)},
               {{2h - 1ms, "bob"}, {2h, "carol"}, {3h, "alice"}}},
           Row{"the same span twice", {from_to(kBob, 1h, 2h), from_to(kCarol, 1h, 2h)}, {{1h, "carol"}, {2h, "alice"}}},
           Row{"of no length", {from_to(kBob, 1h, 1h)}, {{1h, "alice"}}},
           Row{"the wrong way round", {from_to(kBob, 2h, 1h)}, {{1h, "alice"}, {2h, "alice"}, {90min, "alice"}}},
       }) {
    CAPTURE(row.name);
    for (auto const& [after, person] : row.expected) {
      CAPTURE(after.count());
      CHECK(who(schedule, row.overrides, t + after) == person);
    }
    auto const list = shifts(schedule, row.overrides, t, t + 24h);
    check_shifts(schedule, row.overrides, list);
    CHECK(list.front().from <= t);
    CHECK(list.back().to >= t + 24h);
  }
}

TEST_CASE("an override fills a rota that nobody is on") {
  std::vector<Override> const overrides{{kBob, utc(2026, 5, 1, 90s), utc(2026, 5, 1, 100s), kLead}};
  auto const list = shifts(DutySchedule{}, overrides, utc(2026, 4, 30), utc(2026, 5, 2));
  REQUIRE(list.size() == 1);
  CHECK(list.front() == Shift{kBob, overrides.front().from, overrides.front().to, true});
}

TEST_CASE("what an override that lost covers does not cut the shift of the one that won") {
  auto const schedule = rota(Every::week, year{2026} / 1 / 5, 9h, "UTC", {kAlice});
  Instant const t = utc(2026, 6, 1);
  std::vector<Override> const overrides{{kCarol, t + 2h, t + 3h, kLead}, {kBob, t + 1h, t + 4h, kLead}};
  auto const list = shifts(schedule, overrides, t + 1h, t + 4h);
  REQUIRE(list.size() == 1);
  CHECK(list.front() == Shift{kBob, t + 1h, t + 4h, true});
}

TEST_CASE("the shifts of a year have no gap and no overlap, in zones with daylight saving too") {
  for (auto const* zone :
       {"Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia"}) {
    for (auto const every : {Every::day, Every::week}) {
      for (auto const hand_over : {0min, 2h + 30min, 9h + 0min}) {
        CAPTURE(zone);
        CAPTURE(hand_over.count());
        auto const schedule = rota(every, year{2025} / 12 / 1, hand_over, zone);
        auto const from = utc(2026, 1, 1);
        auto const to = utc(2027, 1, 1);
        auto const list = shifts(schedule, {}, from, to);
        check_shifts(schedule, {}, list);
        for (std::size_t i = 1; i < list.size(); ++i) {
          REQUIRE(list[i - 1].to == list[i].from);
          REQUIRE(list[i - 1].person != list[i].person);
        }
        CHECK(list.front().from <= from);
        CHECK(list.back().to >= to);
        CHECK(list.size() == (every == Every::day ? 366 : 53));
      }
    }
  }
}

TEST_CASE("a day that a zone left out has no shift of its own, and nobody is missing around it") {
  // Samoa went from 29 to 31 December 2011.
  auto const schedule = rota(Every::day, year{2011} / 12 / 28, 9h, "Pacific/Apia");
  auto const list = shifts(schedule, {}, utc(2011, 12, 28, 19h), utc(2012, 1, 2));
  check_shifts(schedule, {}, list);
  for (std::size_t i = 1; i < list.size(); ++i) CHECK(list[i - 1].to == list[i].from);
}

TEST_CASE("shifts with many overrides say at every minute what on_duty says") {
  constexpr std::uint32_t kSeed = 11;
  std::mt19937 random(kSeed);
  CAPTURE(kSeed);
  auto const below = [&random](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    auto schedule = rota(Every::day, year{2026} / 10 / 23, 2h + 30min, "Europe/Berlin");
    if (round % 5 == 0) schedule.rotation.reset();
    Instant const from = utc(2026, 10, 22);
    Instant const to = utc(2026, 10, 28);
    std::vector<Override> overrides;
    for (int i = below(12); i > 0; --i) {
      auto const start = from + std::chrono::minutes{below(6 * 24 * 60)};
      overrides.push_back(
          {{std::string("o") + std::to_string(below(4))}, start, start + std::chrono::minutes{below(900)}, kLead});
    }
    auto const list = shifts(schedule, overrides, from, to);
    check_shifts(schedule, overrides, list);
    std::size_t at_shift = 0;
    for (Instant at = from; at < to; at += 1min) {
      while (at_shift < list.size() && list[at_shift].to <= at) ++at_shift;
      std::string const listed =
          at_shift < list.size() && list[at_shift].from <= at ? list[at_shift].person.value : "nobody";
      REQUIRE(listed == who(schedule, overrides, at));
      std::string covering = "none";  // counted here, the plain way
      for (auto const& each : overrides) {
        if (each.from <= at && at < each.to) covering = each.person.value;
      }
      if (covering != "none") REQUIRE(listed == covering);
    }
  }
}

TEST_CASE("the list of shifts is bounded") {
  auto const schedule = rota(Every::day, year{2020} / 1 / 1, 9h, "UTC");
  CHECK(shifts(schedule, {}, utc(2020, 1, 1, 9h), utc(2030, 1, 1)).size() == 400);
  CHECK(shifts(schedule, {}, utc(2020, 1, 1, 9h), utc(2020, 1, 1, 9h) + days{400}).size() == 400);
  CHECK(shifts(schedule, {}, utc(2020, 1, 1, 9h), utc(2020, 1, 1, 9h) + days{399}).size() == 399);
  CHECK(shifts(schedule, {}, utc(2026, 1, 1), utc(2026, 1, 1)).empty());
  CHECK(shifts(schedule, {}, utc(2026, 1, 2), utc(2026, 1, 1)).empty());
}

TEST_CASE("only zones of the zone data are known") {
  for (auto const* zone : {"Europe/Berlin", "America/New_York", "Asia/Shanghai", "UTC", "Etc/GMT-14"}) {
    CAPTURE(zone);
    CHECK(known_zone(zone));
  }
  for (std::string const& zone :
       {std::string{}, std::string("Mars/Olympus"), std::string("asia/shanghai"), std::string("../etc/passwd"),
        std::string("/etc/localtime"), std::string("Asia/Shanghai\n"), std::string("Asia/Shanghai\0x", 15),
        std::string(100'000, 'a')}) {
    CAPTURE(zone.substr(0, 40));
    CHECK_FALSE(known_zone(zone));
  }
}
