// What the app's home tells whom.
#include "bot/slack/home.hpp"

#include <doctest/doctest.h>

#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

struct AtHome {
  Stage stage{shipped_config("demo.yaml")};

  std::vector<Message> of(std::string const& account) {
    std::vector<Message> parts;
    stage.unit([&](Database& database, Instant now) {
      parts = slack::home_of({database, stage.setup->directory, now}, stage.setup->caller_of("web", account));
    });
    return parts;
  }
  /// The first words of each part.
  std::vector<std::string> keys(std::string const& account) {
    std::vector<std::string> keys;
    for (auto const& part : of(account)) {
      auto const* said = std::get_if<Say>(&part.blocks.front());
      keys.push_back(said != nullptr ? said->notice.key : "(card)");
    }
    return keys;
  }
};

using Keys = std::vector<std::string>;

std::size_t buttons_of(Message const& message) {
  std::size_t count = 0;
  for (auto const& block : message.blocks) {
    if (auto const* buttons = std::get_if<Buttons>(&block)) count += buttons->buttons.size();
  }
  return count;
}

bool asks(Keys const& keys) { return std::find(keys.begin(), keys.end(), "page.approval") != keys.end(); }

}  // namespace

TEST_CASE("home: a request waits for whoever may say yes, not for whoever asked") {
  AtHome home;
  std::filesystem::create_directories(home.stage.folder / "scratch");
  CHECK(Stage::key(home.stage.say("alice", "清空草稿")) == "approval.request");
  auto const bobs = home.of("bob");
  REQUIRE(home.keys("bob").front() == "page.approval");
  CHECK(buttons_of(bobs.front()) == 2);
  CHECK_FALSE(asks(home.keys("alice")));
  CHECK_FALSE(asks(home.keys("a stranger")));
  // It is gone once it was answered.
  CHECK(Stage::key(home.stage.say("bob", "批准 K1")) == "approval.approved");
  CHECK_FALSE(asks(home.keys("bob")));
}

TEST_CASE("home: what is private is seen by its members") {
  AtHome home;
  CHECK(home.keys("bob").front() == "slack.home_quiet");
  home.stage.say("alice", "/incident open P2 passwords in the log --private");
  CHECK(home.keys("alice").front() != "slack.home_quiet");
  CHECK(home.keys("bob").front() == "slack.home_quiet");
  home.stage.say("alice", "/incident open P3 a slow page");
  CHECK(home.keys("bob").front() != "slack.home_quiet");
  CHECK(home.keys("bob").size() + 1 == home.keys("alice").size());
}

TEST_CASE("home: ten cards, the rest is counted") {
  AtHome home;
  for (int i = 0; i < 13; ++i) home.stage.say("alice", "/incident open P3 number " + std::to_string(i));
  std::int64_t more = 0;
  std::size_t cards = 0;
  for (auto const& part : home.of("bob")) {
    if (buttons_of(part) > 0) ++cards;
    if (auto const* said = std::get_if<Say>(&part.blocks.front());
        said != nullptr && said->notice.key == "slack.home_more")
      more = std::get<std::int64_t>(*said->notice.find("count"));
  }
  CHECK(cards == 10);
  CHECK(more == 3);
}

TEST_CASE("home: one's own duty, now or next; nothing for who has none") {
  AtHome home;
  std::size_t on = 0;
  std::size_t next = 0;
  for (auto const* account : {"alice", "bob", "carol", "a stranger"}) {
    for (auto const& key : home.keys(account)) {
      if (key == "slack.home_on_duty") ++on;
      if (key == "slack.home_duty") ++next;
    }
  }
  CHECK(on == 1);
  CHECK(next >= 1);
  for (auto const& key : home.keys("a stranger")) CHECK(key == "slack.home_quiet");
}
