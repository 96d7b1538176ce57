// After a crash: what was taken and not finished.
#include <doctest/doctest.h>

#include <string>

#include "bot/scheduler.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// As the last run left it: kept, and perhaps begun.
void leave(Stage& stage, std::string const& text, store::EnvelopeState state, std::string const& person = "alice") {
  stage.unit([&](Database& database, Instant now) {
    store::Envelope envelope{"web",
                             "left",
                             {person},
                             now,
                             text,
                             encode(Notice("room")
                                        .with("platform", std::string("local"))
                                        .with("conversation", std::string("main"))
                                        .with("thread", std::string())
                                        .with("account", person)
                                        .with("direct", std::int64_t{1})),
                             store::EnvelopeState::kept,
                             {}};
    REQUIRE(store::keep_envelope(database, envelope));
    if (state == store::EnvelopeState::running) store::start_envelope(database, "web", "left");
  });
}

store::EnvelopeState state_of_left(Stage& stage) {
  std::int64_t state = -1;
  stage.unit([&](Database& database, Instant) {
    state = database.number("SELECT state FROM inbox WHERE id = 'left'").value_or(-1);
  });
  return static_cast<store::EnvelopeState>(state);
}

/// What is waiting to be said: the posts as the scheduler makes them.
std::vector<Post> posts(Stage& stage) {
  std::vector<Post> found;
  stage.unit([&](Database& database, Instant now) {
    found = look(Desk{database, stage.setup->directory, now}, *stage.setup).posts;
  });
  return found;
}

std::vector<std::string> keys(Post const& post) {
  std::vector<std::string> found;
  for (auto const& block : post.message.blocks) {
    if (auto const* said = std::get_if<Say>(&block)) found.push_back(said->notice.key);
  }
  return found;
}

bool finished(Database& database) { return database.number("SELECT count(*) FROM inbox WHERE state < 2") == 0; }

std::int64_t count(Stage& stage, std::string const& table) {
  std::int64_t rows = 0;
  stage.unit(
      [&](Database& database, Instant) { rows = database.number("SELECT count(*) FROM " + table).value_or(-1); });
  return rows;
}

}  // namespace

TEST_CASE("a read is run again, begun or not, and answered where it was asked, to whoever asked") {
  for (auto const state : {store::EnvelopeState::kept, store::EnvelopeState::running}) {
    Stage stage(shipped_config("demo.yaml"));
    leave(stage, "/diag health", state);
    stage.clock.move(3h);
    stage.dispatcher->recover();
    stage.wait_until(finished);
    CHECK(state_of_left(stage) == store::EnvelopeState::done);
    auto const said = posts(stage);
    REQUIRE(said.size() == 1);
    CHECK(said[0].room == Room{"local", "main", ""});
    REQUIRE(said[0].audience);
    CHECK(*said[0].audience == std::vector<PersonId>{{"alice"}});
    CHECK(keys(said[0]) == std::vector<std::string>{"late.rerun", "diag.head"});
    CHECK(Stage::key(stage.say("web", "alice", "/diag health", "left")) == "diag.head");
    // A second start finds nothing to do.
    stage.dispatcher->recover();
    CHECK(count(stage, "outbox") == 1);
  }
}

TEST_CASE("a read of somebody who may no longer do it is refused") {
  Stage stage(shipped_config("demo.yaml"));
  leave(stage, "/diag health", store::EnvelopeState::kept, "nobody-any-more");
  stage.dispatcher->recover();
  stage.wait_until(finished);
  auto const said = posts(stage);
  REQUIRE(said.size() == 1);
  CHECK(keys(said[0]) == std::vector<std::string>{"late.rerun", "refused.role"});
}

TEST_CASE("a change that nobody had begun: within a minute it goes on, after that it is asked again") {
  struct Row {
    std::string name;
    Millis age;
    std::vector<std::string> said;
  };
  for (Row const& row :
       {Row{"fresh", 60s, {"late.rerun", "approval.confirm_change"}}, Row{"stale", 60s + 1ms, {"refused.too_late"}}}) {
    CAPTURE(row.name);
    Stage stage(shipped_config("demo.yaml"));
    leave(stage, "标记", store::EnvelopeState::kept);
    stage.clock.move(row.age);
    stage.dispatcher->recover();
    stage.wait_until(finished);
    auto const said = posts(stage);
    REQUIRE(said.size() == 1);
    CHECK(keys(said[0]) == row.said);
    CHECK(count(stage, "runs") == 0);
    if (row.name == "fresh") continue;
    CHECK(count(stage, "approvals") == 0);
    CHECK(state_of_left(stage) == store::EnvelopeState::interrupted);
    // Asked again: one tap, or one key.
    REQUIRE(said[0].message.choices.size() == 1);
    CHECK(std::get<Buttons>(said[0].message.blocks.back()).buttons.front().command == "标记");
    CHECK(Stage::key(stage.say("alice", "1")) == "approval.confirm_change");
  }
}

TEST_CASE("what had begun and may have had an effect is reported, never begun again") {
  for (std::string const line : {"标记", "清空草稿", "/run K1", "/reload"}) {
    CAPTURE(line);
    Stage stage(shipped_config("demo.yaml"));
    leave(stage, line, store::EnvelopeState::running);
    stage.dispatcher->recover();
    CHECK(state_of_left(stage) == store::EnvelopeState::interrupted);
    auto const said = posts(stage);
    REQUIRE(said.size() == 1);
    CHECK(keys(said[0]) == std::vector<std::string>{"late.interrupted"});
    CHECK(count(stage, "runs") == 0);
    CHECK(count(stage, "approvals") == 0);
  }
}

TEST_CASE("a danger never starts by itself, however fresh; nor does what the table no longer knows") {
  for (std::string const line : {"清空草稿", "/run K1", "/no such command"}) {
    CAPTURE(line);
    Stage stage(shipped_config("demo.yaml"));
    leave(stage, line, store::EnvelopeState::kept);
    stage.dispatcher->recover();
    CHECK(state_of_left(stage) == store::EnvelopeState::interrupted);
    auto const said = posts(stage);
    REQUIRE(said.size() == 1);
    CHECK(keys(said[0]) == std::vector<std::string>{"late.not_run"});
    CHECK(said[0].message.choices.empty());
    CHECK(count(stage, "approvals") == 0);
  }
}

TEST_CASE("what makes a change is marked as begun before it begins, what looks is not") {
  Stage stage(shipped_config("demo.yaml"));
  std::int64_t state = -1;
  stage.tools.reload = [&] {
    stage.unit([&](Database& database, Instant) {
      state = database.number("SELECT state FROM inbox WHERE id = 'change'").value_or(-1);
    });
    return Message(Notice("reload.same"));
  };
  CHECK(Stage::key(stage.say("web", "admin", "/reload", "change")) == "reload.same");
  CHECK(state == static_cast<std::int64_t>(store::EnvelopeState::running));
}
