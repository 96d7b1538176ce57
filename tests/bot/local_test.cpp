#include "bot/local.hpp"

#include <doctest/doctest.h>

#include <future>

#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

class Counting final : public Chance {
 public:
  std::uint64_t bits() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

/// The room of one run of the bot, over a store that outlives it.
struct OneRun {
  explicit OneRun(Stage& stage) : local(stage.clock, *stage.writer) { local.load(chance); }

  void say(std::string key, std::string const& text, std::optional<std::vector<PersonId>> audience = {}) {
    LocalEntry entry;
    entry.key = std::move(key);
    entry.audience = std::move(audience);
    entry.message = Message(Notice(text));
    auto const kept = std::make_shared<std::promise<bool>>();
    auto result = kept->get_future();
    local.say(std::move(entry), [kept](bool done) { kept->set_value(done); });
    CHECK(result.get());
  }

  /// The keys of the notices, in order.
  std::vector<std::string> seen(std::int64_t since, std::string const& log, PersonId const& reader = {}) const {
    std::vector<std::string> texts;
    for (auto const& entry : local.since(since, log, reader).entries)
      texts.push_back(std::get<Say>(entry.message.blocks.front()).notice.key);
    return texts;
  }

  Counting chance;
  Local local;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a page that comes back gets what it has not seen, in the order in which it was first said") {
  Stage stage(shipped_config("demo.yaml"));
  OneRun room(stage);
  auto const log = room.local.log();
  CHECK_FALSE(log.empty());
  room.say("a", "a1");
  room.say("b", "b1");
  auto const seen = room.local.since(0, "", {}).entries.back().id;
  room.say("c", "c1");
  stage.clock.move(Millis{5'000});
  room.say("a", "a2");
  CHECK(room.seen(seen, log) == Texts{"a2", "c1"});
  CHECK(room.seen(0, "") == Texts{"a2", "b1", "c1"});
  auto const entries = room.local.since(seen, log, {}).entries;
  CHECK(entries.front().edited_at == std::optional(entries.front().at + Millis{5'000}));
  CHECK_FALSE(entries.back().edited_at);
  CHECK_FALSE(room.local.since(seen, log, {}).reset);
}

TEST_CASE("the room outlives the bot, and its numbers go on rising") {
  Stage stage(shipped_config("demo.yaml"));
  std::int64_t last = 0;
  std::string log;
  {
    OneRun room(stage);
    room.say("a", "a1");
    room.say("", "no key");
    room.say("secret", "s1", std::vector<PersonId>{{"alice"}});
    log = room.local.log();
    last = room.local.since(0, "", {"alice"}).entries.back().id;
  }
  OneRun room(stage);
  CHECK(room.local.log() == log);
  CHECK(room.seen(0, "", {"alice"}) == Texts{"a1", "no key", "s1"});
  CHECK(room.seen(0, "", {"bob"}) == Texts{"a1", "no key"});
  room.say("b", "b1");
  CHECK(room.seen(last, log) == Texts{"b1"});
  CHECK_FALSE(room.local.since(last, log, {}).reset);
}

TEST_CASE("the same again is told once; a listener hears each version") {
  Stage stage(shipped_config("demo.yaml"));
  OneRun room(stage);
  int heard = 0;
  auto const listening = room.local.listen([&heard](LocalEntry const&) { ++heard; });
  room.say("a", "a1");
  room.say("a", "a1");
  CHECK(heard == 1);
  room.say("a", "a2");
  CHECK(heard == 2);
}

TEST_CASE("a past that can't be continued is told from the newest messages") {
  Stage stage(shipped_config("demo.yaml"));
  OneRun room(stage);
  auto const log = room.local.log();
  for (std::size_t i = 0; i < kKeptEntries + 5; ++i) room.say("", "m" + std::to_string(i));
  struct Row {
    std::string name;
    std::int64_t since;
    std::string log;
    bool reset;
    std::size_t entries;
  };
  auto const newest = static_cast<std::int64_t>(kKeptEntries) + 5;
  for (Row const& row :
       {Row{"a new page", 0, "", false, kShownEntries}, Row{"another store", newest, "other", true, kShownEntries},
        Row{"too far behind", 3, log, true, kShownEntries}, Row{"behind as far as can be", 5, log, false, kKeptEntries},
        Row{"ahead of us", newest + 1, log, true, kShownEntries}, Row{"up to date", newest, log, false, 0}}) {
    CAPTURE(row.name);
    auto const past = room.local.since(row.since, row.log, {});
    CHECK(past.reset == row.reset);
    CHECK(past.entries.size() == row.entries);
  }
  stage.unit([](Database& database, Instant) {
    CHECK(database.number("SELECT count(*) FROM room") == static_cast<std::int64_t>(kKeptEntries));
  });
}
