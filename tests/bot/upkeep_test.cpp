// Jobs that come again, by a clock that jumps where it is told to.
#include "bot/upkeep.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

/// Where it is put; whoever waits for an instant is there at once.
class JumpingClock final : public BotClock {
 public:
  Instant now() const override { return at; }
  Millis real_time_until(Instant until) const override {
    at = std::max(at, until);
    return Millis{0};
  }
  double rate() const override { return 1.0; }
  mutable Instant at = from_millis(1'000'000'000'000);
};

}  // namespace

TEST_CASE("the next turn") {
  Instant const begun = from_millis(1'000'000'000'000);
  CHECK(next_turn(begun, 1h, std::nullopt, begun + 5s) == begun + 1h);
  CHECK(next_turn(begun, 1h, 1s, begun + 5s) == begun + 6s);              // more to do
  CHECK(next_turn(begun, 1h, std::nullopt, begun + 2h) == begun + 1h);    // it took longer than its pace: at once
  CHECK(next_turn(begun, 1h, std::nullopt, begun - 24h) == begun - 23h);  // set back meanwhile
}

TEST_CASE("a job runs at the start, then at its pace; one that is asked for while it runs, runs once more") {
  boost::asio::io_context io;
  JumpingClock clock;
  Upkeep upkeep(io, clock);
  int hourly = 0;
  int daily = 0;
  upkeep.add({"hourly", 1h, [&](auto const& done) {
                if (++hourly == 3) upkeep.stop();
                done(std::nullopt);
              }});
  upkeep.add({"daily", 24h, [&](auto const& done) {
                if (++daily == 1) {
                  upkeep.soon("daily");
                  upkeep.soon("daily");
                  upkeep.soon("nobody");
                }
                done(std::nullopt);
              }});
  upkeep.start();
  io.run_for(20s);
  CHECK(io.stopped());  // nothing is waited for after a stop
  CHECK(hourly == 3);
  CHECK(daily == 2);
}

TEST_CASE("who has more to do says when; a clock that was set back keeps nobody waiting") {
  boost::asio::io_context io;
  JumpingClock clock;
  Upkeep upkeep(io, clock);
  std::vector<Instant> turns;
  upkeep.add({"sweep", 1h, [&](auto const& done) {
                turns.push_back(clock.at);
                if (turns.size() == 1) return done(Millis{0});  // more to do
                if (turns.size() == 2) clock.at -= 48h;
                if (turns.size() == 3) upkeep.stop();
                done(std::nullopt);
              }});
  upkeep.start();
  io.run_for(20s);
  REQUIRE(turns.size() == 3);
  CHECK(turns[1] == turns[0]);
  CHECK(turns[2] == turns[0] - 47h);
}
