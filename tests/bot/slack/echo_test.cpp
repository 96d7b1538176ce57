#include "bot/slack/echo.hpp"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::slack;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A Slack that gives each word to one of the sockets, in turn, unless that one is deaf.
struct Ears {
  explicit Ears(bool proven = true) : echo({}, proven) {}

  /// So long, a look each second. What was said comes back at the next look.
  void pass(Millis length) {
    for (auto const end = now + length; now < end; now += seconds{1}) look();
  }
  void look() {
    auto const listen = echo.look(ready, now);
    never_heard += listen.never_heard ? 1 : 0;
    deaf.insert(deaf.end(), listen.deaf.begin(), listen.deaf.end());
    if (!listen.speak) return;
    ++words;
    if (mute) return echo.not_spoken(now);
    echo.spoken(now);
    auto const by = ready.empty() ? 0 : ready[static_cast<std::size_t>(words) % ready.size()];
    if (!lost && !is_deaf.contains(by)) echo.heard(by, true);
  }

  Echo echo;
  std::vector<ConnectionId> ready{1, 2};
  std::set<ConnectionId> is_deaf;
  bool lost = false;  ///< nothing comes at all
  bool mute = false;  ///< nothing can be said
  chat::Moment now{seconds{1000}};
  int words = 0;
  int never_heard = 0;
  std::vector<ConnectionId> deaf;
};

}  // namespace

TEST_CASE("slack: sockets that bring something are never asked") {
  Ears stage;
  for (int i = 0; i < 100; ++i) {
    stage.pass(minutes{5});
    stage.echo.heard(1, false);
    stage.echo.heard(2, false);
  }
  CHECK(stage.words == 0);
}

TEST_CASE("slack: quiet sockets are asked until each has brought something, and then left alone") {
  Ears stage;
  stage.pass(minutes{10});
  CHECK(stage.words == 0);
  stage.pass(seconds{10});
  CHECK(stage.words == 2);
  CHECK(stage.deaf.empty());
  stage.pass(minutes{9});
  CHECK(stage.words == 2);
  stage.pass(minutes{60});
  CHECK(stage.words <= 16);
  CHECK(stage.deaf.empty());
}

TEST_CASE("slack: one busy socket does not vouch for the other") {
  Ears stage;
  stage.is_deaf = {2};
  auto const busy = [&stage](int count) {
    for (int i = 0; i < count; ++i) {
      stage.pass(minutes{1});
      stage.echo.heard(1, false);
    }
  };
  busy(11);
  CHECK(stage.deaf == std::vector<ConnectionId>{2});
  stage.ready = {1, 3};
  busy(120);
  CHECK(stage.deaf.size() == 1);
}

TEST_CASE("slack: when nothing comes back all are replaced, those who come are asked soon, then ever more seldom") {
  Ears stage;
  stage.lost = true;
  stage.pass(minutes{10} + seconds{30});
  CHECK(stage.deaf == std::vector<ConnectionId>{1, 2});
  stage.ready = {3, 4};
  stage.pass(minutes{1});
  CHECK(stage.deaf == std::vector<ConnectionId>{1, 2, 3, 4});
  stage.ready = {5, 6};
  auto const before = stage.words;
  stage.pass(minutes{19});
  CHECK(stage.words == before);
  stage.pass(minutes{24 * 60});
  CHECK(stage.words < before + 30);
  SUBCASE("until it comes again") {
    stage.lost = false;
    stage.pass(minutes{61});
    auto const found = stage.deaf.size();
    stage.pass(minutes{24 * 60});
    CHECK(stage.deaf.size() == found);
  }
}

TEST_CASE("slack: silence says nothing where the bot's words never came back") {
  Ears stage(false);
  stage.lost = true;
  stage.pass(minutes{24 * 60});
  CHECK(stage.deaf.empty());
  CHECK(stage.never_heard > 0);
  CHECK_FALSE(stage.echo.proven());
  stage.lost = false;
  stage.pass(minutes{120});
  CHECK(stage.echo.proven());
  stage.lost = true;
  stage.pass(minutes{12});
  CHECK_FALSE(stage.deaf.empty());
}

TEST_CASE("slack: who can't speak blames nobody, and tries again later") {
  Ears stage;
  stage.mute = true;
  stage.pass(minutes{60});
  CHECK(stage.deaf.empty());
  CHECK(stage.words >= 2);
  CHECK(stage.words <= 6);
}

TEST_CASE("slack: words that are back before their sender knows that they were said are no loss") {
  Echo echo({}, true);
  std::vector<ConnectionId> const ready{7};
  chat::Moment now{seconds{1000}};
  CHECK_FALSE(echo.look(ready, now).speak);
  now += minutes{10};
  CHECK(echo.look(ready, now).speak);
  echo.heard(7, true);
  echo.spoken(now);
  now += minutes{1};
  auto const listen = echo.look(ready, now);
  CHECK(listen.deaf.empty());
  CHECK_FALSE(listen.speak);
}

TEST_CASE("slack: a socket that goes while it is asked is nobody's loss") {
  Ears stage;
  stage.is_deaf = {2};
  stage.pass(minutes{10});
  stage.pass(seconds{2});
  stage.ready = {1};
  stage.pass(minutes{5});
  CHECK(stage.deaf.empty());
}

TEST_CASE("slack: without a socket nothing is asked") {
  Ears stage;
  stage.ready = {};
  stage.pass(minutes{60});
  CHECK(stage.words == 0);
}
