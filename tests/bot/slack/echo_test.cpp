#include "bot/slack/echo.hpp"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::slack;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A Slack that gives each word to one of the sockets, in turn, unless that one is deaf.
struct Sockets {
  explicit Sockets(bool proven = true) : echo({}, proven) {}

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
  Sockets sockets;
  for (int i = 0; i < 100; ++i) {
    sockets.pass(minutes{5});
    sockets.echo.heard(1, false);
    sockets.echo.heard(2, false);
  }
  CHECK(sockets.words == 0);
}

TEST_CASE("slack: quiet sockets are asked until each has brought something, and then left alone") {
  Sockets sockets;
  sockets.pass(minutes{10});
  CHECK(sockets.words == 0);
  sockets.pass(seconds{10});
  CHECK(sockets.words == 2);
  CHECK(sockets.deaf.empty());
  sockets.pass(minutes{9});
  CHECK(sockets.words == 2);
  sockets.pass(minutes{60});
  CHECK(sockets.words <= 16);
  CHECK(sockets.deaf.empty());
}

TEST_CASE("slack: one busy socket does not vouch for the other") {
  Sockets sockets;
  sockets.is_deaf = {2};
  auto const busy = [&sockets](int count) {
    for (int i = 0; i < count; ++i) {
      sockets.pass(minutes{1});
      sockets.echo.heard(1, false);
    }
  };
  busy(11);
  CHECK(sockets.deaf == std::vector<ConnectionId>{2});
  sockets.ready = {1, 3};
  busy(120);
  CHECK(sockets.deaf.size() == 1);
}

TEST_CASE("slack: when nothing comes back all are replaced, those who come are asked soon, then ever more seldom") {
  Sockets sockets;
  sockets.lost = true;
  sockets.pass(minutes{10} + seconds{30});
  CHECK(sockets.deaf == std::vector<ConnectionId>{1, 2});
  sockets.ready = {3, 4};
  sockets.pass(minutes{1});
  CHECK(sockets.deaf == std::vector<ConnectionId>{1, 2, 3, 4});
  sockets.ready = {5, 6};
  auto const before = sockets.words;
  sockets.pass(minutes{19});
  CHECK(sockets.words == before);
  sockets.pass(minutes{24 * 60});
  CHECK(sockets.words < before + 30);
  SUBCASE("until it comes again") {
    sockets.lost = false;
    sockets.pass(minutes{61});
    auto const found = sockets.deaf.size();
    sockets.pass(minutes{24 * 60});
    CHECK(sockets.deaf.size() == found);
  }
}

TEST_CASE("slack: silence says nothing where the bot's words never came back") {
  Sockets sockets(false);
  sockets.lost = true;
  sockets.pass(minutes{24 * 60});
  CHECK(sockets.deaf.empty());
  CHECK(sockets.never_heard > 0);
  CHECK_FALSE(sockets.echo.proven());
  sockets.lost = false;
  sockets.pass(minutes{120});
  CHECK(sockets.echo.proven());
  sockets.lost = true;
  sockets.pass(minutes{12});
  CHECK_FALSE(sockets.deaf.empty());
}

TEST_CASE("slack: who can't speak blames nobody, and tries again later") {
  Sockets sockets;
  sockets.mute = true;
  sockets.pass(minutes{60});
  CHECK(sockets.deaf.empty());
  CHECK(sockets.words >= 2);
  CHECK(sockets.words <= 6);
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
  Sockets sockets;
  sockets.is_deaf = {2};
  sockets.pass(minutes{10});
  sockets.pass(seconds{2});
  sockets.ready = {1};
  sockets.pass(minutes{5});
  CHECK(sockets.deaf.empty());
}

TEST_CASE("slack: without a socket nothing is asked") {
  Sockets sockets;
  sockets.ready = {};
  sockets.pass(minutes{60});
  CHECK(sockets.words == 0);
}
