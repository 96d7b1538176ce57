#include "bot/outbox.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "incidents/store/inbox.hpp"
#include "incidents/store/sqlite.hpp"
#include "incidents/store/writer.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// Says nothing by itself: a test tells it what became of what it has.
class Slow : public Platform {
 public:
  explicit Slow(std::string name, bool tells = false) : name_(std::move(name)), tells_(tells) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  void post(Post const& post, std::function<void(bool)> done) override {
    posts.push_back(post);
    calls.push_back(std::move(done));
  }
  void settle(Post const&) override { ++settled; }
  [[nodiscard]] bool also_tells(Post const&) const override { return tells_; }
  [[nodiscard]] bool reaches(PersonId const&) const override { return false; }

  std::vector<Post> posts;
  std::vector<std::function<void(bool)>> calls;
  int settled = 0;  ///< while what else it says waited

 private:
  std::string name_;
  bool tells_;
};

struct Scene {
  Scene() {
    outbox.add(slack);
    outbox.add(room);
  }

  void ask(std::string const& key) {
    run_and_wait(lane, [&](Database& database, Instant now) {
      store::put_outbox_once(database,
                             {{}, now, {}, {"local", "room", ""}, {}, Notice("card").with("key", key), now, 0});
    });
  }

  /// As the scheduler does, with `words` for what there is to say by now.
  void look(std::string const& words, std::optional<std::vector<PersonId>> const& audience = {}) {
    std::vector<Post> posts;
    run_and_wait(lane, [&](Database& database, Instant now) {
      for (auto const& row : store::due_outbox(database, now, 10'000)) {
        Post post;
        post.id = row.id;
        post.lending = store::lend_outbox(database, row.id, now + 30s);
        post.room = row.room;
        post.audience = audience;
        post.key = std::get<std::string>(*row.what.find("key"));
        post.message = Message(Notice(words));
        posts.push_back(std::move(post));
      }
    });
    outbox.say(std::move(posts));
    run();
  }

  void ends(Slow& platform, std::size_t which, bool done) {
    std::exchange(platform.calls.at(which), nullptr)(done);
    run();
  }

  void run() {
    io.restart();
    io.run();
  }

  std::size_t waiting() {
    std::size_t count = 0;
    run_and_wait(lane, [&](Database& database, Instant) {
      count = static_cast<std::size_t>(database.number("SELECT count(*) FROM outbox").value_or(0));
    });
    return count;
  }

  static std::vector<std::string> words(Slow const& platform) {
    std::vector<std::string> all;
    for (auto const& post : platform.posts) all.push_back(std::get<Say>(post.message.blocks.at(0)).notice.key);
    return all;
  }

  MovableClock clock;
  std::unique_ptr<Database> stored = open_in_memory();
  InlineLane lane{*stored, clock};
  boost::asio::io_context io;
  Slow slack{"slack", true};
  Slow room{"local"};
  Outbox outbox{io, lane, clock};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("outbox: what a platform still has on its hands it is not given again, however often its lease ends") {
  Scene scene;
  scene.ask("card");
  scene.look("as it was");
  scene.ends(scene.room, 0, true);
  for (int leases = 0; leases < 20; ++leases) {
    scene.clock.move(31s);
    scene.look("as it was");
  }
  CHECK(Scene::words(scene.slack) == Texts{"as it was"});
  scene.ends(scene.slack, 0, true);
  CHECK(Scene::words(scene.slack) == Texts{"as it was"});
  for (std::size_t i = 1; i < scene.room.calls.size(); ++i) scene.ends(scene.room, i, true);
  CHECK(scene.waiting() == 0);
}

TEST_CASE("outbox: one platform that hangs holds up no other, and is told the newest when it is back") {
  Scene scene;
  scene.ask("card");
  scene.look("first");
  scene.ends(scene.room, 0, true);
  for (auto const* words : {"second", "third"}) {
    scene.ask("card");
    scene.look(words);
    scene.ends(scene.room, scene.room.calls.size() - 1, true);
  }
  CHECK(Scene::words(scene.room) == Texts{"first", "second", "third"});
  CHECK(Scene::words(scene.slack) == Texts{"first"});
  CHECK(scene.slack.settled == 3);
  CHECK(scene.waiting() == 1);
  SUBCASE("the first was said") { scene.ends(scene.slack, 0, true); }
  SUBCASE("or not") { scene.ends(scene.slack, 0, false); }
  CHECK(Scene::words(scene.slack) == Texts{"first", "third"});
  CHECK(scene.waiting() == 1);
  scene.ends(scene.slack, 1, true);
  CHECK(scene.waiting() == 0);
}

TEST_CASE("outbox: the same words for other people are said again") {
  Scene scene;
  scene.ask("card");
  scene.look("words");
  scene.ends(scene.room, 0, true);
  scene.ask("card");
  scene.look("words", std::vector<PersonId>{{"alice"}, {"bob"}});
  scene.ends(scene.room, 1, true);
  scene.ends(scene.slack, 0, true);
  REQUIRE(scene.slack.posts.size() == 2);
  CHECK(scene.slack.posts[1].audience == std::vector<PersonId>{{"alice"}, {"bob"}});
}

TEST_CASE("outbox: what a room had no place for is not overtaken by what comes after it") {
  Scene scene;
  for (std::size_t i = 0; i < Outbox::kWithOne; ++i) scene.ask("key " + std::to_string(i));
  scene.look("first");
  scene.ask("refused");
  scene.look("refused");
  for (std::size_t i = 0; i < scene.slack.calls.size(); ++i) scene.ends(scene.slack, i, true);
  scene.ask("later");
  scene.look("later");
  CHECK(scene.slack.posts.size() == Outbox::kWithOne);
  scene.clock.move(31s);
  scene.look("again");
  REQUIRE(scene.slack.posts.size() == Outbox::kWithOne + 2);
  CHECK(scene.slack.posts[Outbox::kWithOne].key == "refused");
}

TEST_CASE("outbox: what was not said waits for its lease and comes again; what a platform forgets was not said") {
  Scene scene;
  scene.ask("card");
  scene.look("words");
  scene.ends(scene.room, 0, true);
  SUBCASE("it says no") { scene.ends(scene.slack, 0, false); }
  SUBCASE("it says nothing, ever") {
    scene.slack.calls.at(0) = nullptr;
    scene.run();
  }
  CHECK(scene.waiting() == 1);
  scene.look("words");
  CHECK(scene.slack.posts.size() == 1);
  scene.clock.move(31s);
  scene.look("words");
  REQUIRE(scene.slack.posts.size() == 2);
  scene.ends(scene.slack, 1, true);
  scene.ends(scene.room, 1, true);
  CHECK(scene.waiting() == 0);
}

TEST_CASE("outbox: no more than so many are with one platform at once, and all are said in the end") {
  Scene scene;
  auto const count = Outbox::kWithOne + 50;
  for (std::size_t i = 0; i < count; ++i) scene.ask("key " + std::to_string(i));
  scene.look("words");
  CHECK(scene.slack.posts.size() == Outbox::kWithOne);
  for (int rounds = 0; rounds < 3; ++rounds) {
    for (auto* platform : {&scene.slack, &scene.room}) {
      for (std::size_t i = 0; i < platform->calls.size(); ++i) {
        if (platform->calls[i]) scene.ends(*platform, i, true);
      }
    }
    scene.clock.move(31s);
    scene.look("words");
  }
  CHECK(scene.slack.posts.size() == count);
  CHECK(scene.waiting() == 0);
}
