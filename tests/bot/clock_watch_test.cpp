// The wall clock is set, the machine sleeps: what is said of it, what is recorded, what is paged then.
#include "bot/clock_watch.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bot/pager.hpp"
#include "bot/scheduler.hpp"
#include "incidents/store/audit.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// The wall clock of the stage with the machine below it; stands still until it is moved.
class FakeMachine final : public BotClock {
 public:
  explicit FakeMachine(MovableClock& wall, double rate = 1) : wall_(wall), rate_(rate) {}
  Instant now() const override { return wall_.now(); }
  Millis real_time_until(Instant) const override { return Millis{0}; }
  double rate() const override { return rate_; }
  Millis awake() const override { return awake_; }
  Millis asleep() const override { return asleep_; }

  void go(Millis real) {
    awake_ += real;
    wall_.move(scaled(real));
  }
  void sleep(Millis real) {
    asleep_ += real;
    wall_.move(scaled(real));
  }
  void set(Millis by) { wall_.move(by); }

 private:
  Millis scaled(Millis real) const {
    return Millis{static_cast<std::int64_t>(static_cast<double>(real.count()) * rate_)};
  }
  MovableClock& wall_;
  double rate_;
  Millis awake_{5'000'000};
  Millis asleep_{70'000};
};

struct Watched {
  explicit Watched(double rate = 1)
      : stage(shipped_config("demo.yaml")),
        machine(stage.clock, rate),
        watch({*stage.writer, machine, [this] { ++commits; }}) {}

  /// A second goes by, as the scheduler has it.
  void tick(int times = 1) {
    for (int i = 0; i < times; ++i) {
      machine.go(1s);
      watch.look();
    }
  }
  /// What the next look of the scheduler says in the room, and forgets.
  std::vector<Notice> said() {
    std::vector<Notice> found;
    stage.unit([&](Database& database, Instant now) {
      for (auto const& post : look(Desk{database, stage.setup->directory, now}, *stage.setup).posts) {
        if (auto const* say = std::get_if<Say>(&post.message.blocks.front());
            say != nullptr && say->notice.key.starts_with("health."))
          found.push_back(say->notice);
      }
      database.run("DELETE FROM outbox", {});
    });
    return found;
  }
  std::vector<std::string> audited() {
    std::vector<std::string> found;
    stage.unit([&](Database& database, Instant) {
      for (auto const& row : store::audit_rows(database, 0, 1'000)) {
        if (row.place == "clock") found.push_back(row.person.value + row.what + ": " + row.detail);
      }
    });
    return found;
  }
  std::string worded(Notice const& notice, Locale locale = Locale::en) {
    auto reader = stage.setup->reader_of({}, stage.clock.now(), Medium::chat);
    reader.locale = locale;
    return stage.setup->catalogue->render(notice, reader);
  }

  Stage stage;
  FakeMachine machine;
  std::atomic<int> commits{0};
  ClockWatch watch;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what tells a set clock, a sleeping machine and drift apart") {
  struct Row {
    std::string name;
    Millis awake, asleep, wall;
    double rate;
    Millis jumped, slept;
  };
  for (Row const& row : {
           Row{"nothing", 1s, 0s, 1s, 1, 0s, 0s},
           Row{"a long wait is no jump", 1h, 0s, 1h, 1, 0s, 0s},
           Row{"drift", 1s, 0s, 3s, 1, 0s, 0s},
           Row{"drift back", 1s, 0s, -1s, 1, 0s, 0s},
           Row{"ahead", 1s, 0s, 3001ms, 1, 2001ms, 0s},
           Row{"back", 1s, 0s, -1001ms, 1, -2001ms, 0s},
           Row{"slept", 1s, 6h, 6h + 1s, 1, 0s, 6h},
           Row{"a nap", 1s, 2s, 3s, 1, 0s, 0s},
           Row{"slept, and set afterwards", 1s, 6h, 7h + 1s, 1, 1h, 6h},
           Row{"slept with a clock that stood", 1s, 6h, 1s, 1, -6h, 6h},
           Row{"a fast clock", 1s, 0s, 60s, 60, 0s, 0s},
           Row{"a fast clock, a second late", 2s, 0s, 60s, 60, 0s, 0s},
           Row{"a fast clock that is set", 1s, 0s, 60s + 121s, 60, 121s, 0s},
           Row{"a fast clock of a machine that slept", 1s, 1min, 61min, 60, 0s, 1h},
           Row{"a slow clock", 10s, 0s, 1s, 0.1, 0s, 0s},
       }) {
    CAPTURE(row.name);
    Instant const then = from_millis(1'795'403'400'000);
    auto const change = change_between({then, 1h, 2h}, {then + row.wall, 1h + row.awake, 2h + row.asleep}, row.rate);
    CHECK(change.jumped == row.jumped);
    CHECK(change.slept == row.slept);
    CHECK(change.from == then);
    CHECK(change.to == then + row.wall);
  }
}

TEST_CASE("the machine's own clocks go on") {
  auto const clock = make_system_clock();
  CHECK(clock->awake() > 0ms);
  auto const reading = read_clock(*clock);
  auto const again = read_clock(*clock);
  CHECK(again.awake >= reading.awake);
  CHECK(change_between(reading, again, 1).slept == 0ms);
}

TEST_CASE("a clock that goes evenly is never spoken of, at any rate") {
  for (double const rate : {1.0, 60.0, 0.1}) {
    CAPTURE(rate);
    Watched bot(rate);
    bot.tick(100);
    bot.machine.go(90s);  // the bot itself was held up
    bot.tick();
    bot.machine.set(1500ms);  // and drifts
    bot.tick();
    CHECK(bot.said().empty());
    CHECK(bot.audited().empty());
  }
}

TEST_CASE("a clock that is set ahead is said once and recorded once") {
  Watched bot;
  bot.tick(3);
  bot.machine.set(1h);
  bot.tick(10);
  auto const said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(bot.worded(said[0]) ==
        "🆘 The system clock jumped ahead 1 h: 11:10 became 12:10\n"
        "Targets follow the new time\n"
        "Look at this machine's clock");
  CHECK(bot.audited() == Lines{"clock jump: 3600000 ms"});
  CHECK(bot.commits.load() >= 1);
}

TEST_CASE("a clock that is set back is said, and nothing is paged twice") {
  Watched bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  bot.tick(3);
  auto const pages = [&] {
    std::int64_t count = 0;
    bot.stage.unit([&](Database& database, Instant now) {
      static_cast<void>(look(Desk{database, bot.stage.setup->directory, now}, *bot.stage.setup));
      count = database.number("SELECT count(*) FROM pages").value_or(-1);
    });
    return count;
  };
  bot.machine.go(6min);  // the response is missed, its pages are made
  bot.tick();
  auto const before = pages();
  // They arrive: else the next people are called.
  bot.stage.unit([](Database& database, Instant) { database.run("UPDATE pages SET next_due = NULL", {}); });
  CHECK(bot.said().empty());
  bot.machine.set(-5min);
  bot.tick();
  auto const said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(said[0].key == "health.clock_jump");
  CHECK(pages() == before);
  bot.machine.go(5min);  // the same hour comes again
  bot.tick();
  CHECK(pages() == before);
  CHECK(bot.audited() == Lines{"clock jump: -300000 ms"});
}

TEST_CASE("a clock that is set back makes no try and no hand-over later than it would have been") {
  Watched bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  bot.tick(3);
  struct Waits {
    std::optional<std::int64_t> page;
    std::optional<std::int64_t> tried;
    std::optional<std::int64_t> delivery;
    std::optional<std::int64_t> outbox;
    std::int64_t now = 0;
    bool operator==(Waits const&) const = default;
  };
  auto const waits = [&] {
    Waits found;
    bot.stage.unit([&](Database& database, Instant now) {
      auto const one = [&](char const* sql) { return database.number(sql); };
      found = {one("SELECT min(next_due) FROM pages"), one("SELECT min(first_tried) FROM pages"),
               one("SELECT min(next_due) FROM deliveries"), one("SELECT max(due) FROM outbox"), to_millis(now)};
    });
    return found;
  };
  bot.stage.unit([&](Database& database, Instant now) {
    static_cast<void>(take_pages(Desk{database, bot.stage.setup->directory, now}, 100));
    database.run("UPDATE outbox SET due = ?1", {value_of(now + 30s)});
    database.run("UPDATE deliveries SET next_due = ?1", {value_of(now + 20s)});
  });
  auto const before = waits();
  REQUIRE(before.page);
  REQUIRE(before.delivery);
  bot.machine.set(-1h);
  bot.tick();
  auto const after = waits();
  // A second passes with each tick.
  auto const passed = after.now - before.now;
  CHECK(passed < -3'590'000);
  CHECK(*after.page - after.now <= *before.page - before.now);
  CHECK(*after.page >= after.now);
  CHECK(*after.delivery - after.now <= *before.delivery - before.now);
  CHECK(*after.outbox - after.now <= 30'000);
  CHECK(*after.tried <= after.now);
}

TEST_CASE("the words of a clock that went back") {
  Watched bot;
  bot.tick();
  bot.machine.set(-1h);
  bot.tick();
  auto const said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(bot.worded(said[0], Locale::zh_cn) ==
        "🆘 系统时钟倒退 1 小时:11:10 变成 10:10\n"
        "叫过的不会再叫;时限按新的时间算\n"
        "先查这台机器的时钟");
}

TEST_CASE("a machine that slept: said with what is paged late, which then goes out at once and marked") {
  Watched bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  bot.stage.unit([&](Database& database, Instant now) {
    Desk const desk{database, bot.stage.setup->directory, now};
    for (auto const& job : look(desk, *bot.stage.setup).pages)
      report_page(desk, job.page, job.position, {Outcome::Kind::accepted, std::nullopt, {}}, 0);
  });
  boost::asio::io_context io;
  auto busy = boost::asio::make_work_guard(io);  // while the store is at work
  std::vector<PageJob> carried;
  std::vector<std::string> said;
  bool slept = false;
  Scheduler scheduler({io, *bot.stage.writer, bot.machine, [&] { return bot.stage.setup; },
                       [&](std::vector<PageJob> jobs) { carried.insert(carried.end(), jobs.begin(), jobs.end()); },
                       [&](std::vector<Post> posts) {
                         for (auto const& post : posts) {
                           auto const* say = std::get_if<Say>(&post.message.blocks.front());
                           if (say != nullptr && say->notice.key == "health.slept")
                             said.push_back(bot.worded(say->notice));
                         }
                         if (said.empty()) return;
                         scheduler.stop();
                         busy.reset();
                       },
                       // The scheduler wakes up after a night.
                       [&] {
                         if (!std::exchange(slept, true)) bot.machine.sleep(6h + 2min);
                         bot.watch.look();
                       },
                       [](std::string const&) {}});
  scheduler.poke();
  io.run_for(20s);
  CHECK(io.stopped());
  REQUIRE(said.size() == 1);
  CHECK(said[0] ==
        "🆘 Tocsin's machine slept 11:10–17:12 (6 h 2 min), nobody was paged\n"
        "What was due meanwhile is paged now, up to 5 h 59 min late\n"
        "Switch its sleep off: a machine that sleeps pages nobody");
  REQUIRE_FALSE(carried.empty());
  for (auto const& job : carried) {
    CHECK(job.due < bot.stage.clock.now() - kLateAfter);
    auto const envelope = worded_page(job, *bot.stage.setup, "", "example.org", bot.stage.clock.now());
    CHECK(envelope.subject.find("补发") != std::string::npos);
  }
  CHECK(bot.audited() == Lines{"machine slept: 21720000 ms"});
}

TEST_CASE("a clock set ahead over what is due says that it is paged late") {
  Watched bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  CHECK(bot.said().empty());
  bot.tick();
  bot.machine.set(1h);
  bot.tick();
  auto const said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(said[0].key == "health.clock_jump");
  CHECK(bot.worded(said[0]).find("paged now, up to ") != std::string::npos);
}

TEST_CASE("a clock that flaps: each jump is recorded, the first and the last of a minute are said") {
  Watched bot;
  bot.tick();
  for (int i = 0; i < 4; ++i) {
    bot.machine.set(i % 2 == 0 ? 1h : -1h);
    bot.tick();
  }
  auto said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(bot.worded(said[0]).find("ahead 1 h") != std::string::npos);
  bot.tick(55);
  CHECK(bot.said().empty());
  bot.tick(10);
  said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(bot.worded(said[0]).find("went back 1 h") != std::string::npos);
  CHECK(bot.worded(said[0]).ends_with("3 more jumps within a minute, this was the last"));
  CHECK(bot.audited() == Lines{"clock jump: 3600000 ms", "clock jump: -3600000 ms", "clock jump: 3600000 ms",
                               "clock jump: -3600000 ms"});
  // Quiet again: nothing is left to say, and the next jump is said at once.
  bot.tick(120);
  CHECK(bot.said().empty());
  bot.machine.set(1h);
  bot.tick();
  CHECK(bot.said().size() == 1);
}

TEST_CASE("a jump and a sleep in the same minute are both said at once; two sleeps are one and a last word") {
  Watched bot;
  bot.tick();
  bot.machine.sleep(1h);
  bot.tick();
  bot.machine.set(1h);
  bot.tick();
  CHECK(bot.said().size() == 2);
  bot.machine.sleep(10s);
  bot.tick();
  CHECK(bot.said().empty());
  bot.tick(60);
  auto const said = bot.said();
  REQUIRE(said.size() == 1);
  CHECK(said[0].key == "health.slept");
  CHECK(bot.audited() == Lines{"machine slept: 3600000 ms", "clock jump: 3600000 ms", "machine slept: 10000 ms"});
}
