// What a run that was killed, or a machine that was off, left behind.
#include "bot/restart.hpp"

#include <doctest/doctest.h>

#include "bot/pager.hpp"
#include "bot/scheduler.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// The bot's own room, in words, after a restart.
std::vector<std::string> said_in_room(Stage& stage, Agenda const& agenda) {
  std::vector<std::string> said;
  for (auto const& post : agenda.posts) {
    auto const* say = std::get_if<Say>(&post.message.blocks.front());
    if (say == nullptr || !say->notice.key.starts_with("health.")) continue;
    auto reader = stage.setup->reader_of({"admin"}, stage.clock.now(), Medium::plain);
    said.push_back(stage.setup->catalogue->render(say->notice, reader));
  }
  return said;
}

struct Restarted {
  std::size_t repeated = 0;
  Agenda agenda;
};

Restarted restart(Stage& stage) {
  Restarted found;
  stage.unit([&](Database& database, Instant now) {
    Desk const desk{database, stage.setup->directory, now};
    found.repeated = after_restart(desk);
    found.agenda = look(desk, *stage.setup);
  });
  return found;
}

void deliver(Stage& stage, Agenda const& agenda) {
  stage.unit([&](Database& database, Instant now) {
    Desk const desk{database, stage.setup->directory, now};
    for (auto const& job : agenda.pages)
      report_page(desk, job.page, job.position, {Outcome::Kind::accepted, std::nullopt, {}}, 0);
    for (auto const& post : agenda.posts) store::settle_outbox(database, post.id, post.lending);
  });
}

}  // namespace

TEST_CASE("after two hours down one report says since when, and what was due is paged at once, marked late") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  deliver(stage, restart(stage).agenda);
  stage.clock.move(2h + 1min);
  auto const found = restart(stage);
  CHECK(found.repeated == 0);
  CHECK(said_in_room(stage, found.agenda) ==
        std::vector<std::string>{"🆘 警钟停过:11:12 起该叫的没叫\n现在补叫,晚了 1 小时 58 分"});
  REQUIRE_FALSE(found.agenda.pages.empty());
  for (auto const& job : found.agenda.pages) CHECK(stage.clock.now() - job.due > kLateAfter);
  deliver(stage, found.agenda);
  // It is said once: the next start, a moment later, finds nothing overdue.
  CHECK(said_in_room(stage, restart(stage).agenda).empty());
}

TEST_CASE("a restart within seconds has nothing to report") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  deliver(stage, restart(stage).agenda);
  stage.clock.move(3s);
  auto const found = restart(stage);
  CHECK(said_in_room(stage, found.agenda).empty());
  CHECK(found.agenda.pages.empty());
}

TEST_CASE("a page that was being sent is sent again and says that it may repeat") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  auto const first = restart(stage);
  REQUIRE_FALSE(first.agenda.pages.empty());
  auto const again = restart(stage);
  CHECK(again.repeated == 1);
  REQUIRE(again.agenda.pages.size() == first.agenda.pages.size());
  for (auto const& job : again.agenda.pages) CHECK(job.may_repeat);
}

TEST_CASE("a change that was interrupted is told to whoever ran it and kept in the timeline; a look is not") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  auto const run = [&](std::string const& effect, std::string const& action) {
    stage.unit([&](Database& database, Instant now) {
      store::Run row;
      row.incident = {1};
      row.action = action;
      row.target = action;
      row.effect = effect;
      row.person = {"alice"};
      row.started_at = now;
      static_cast<void>(store::insert_run(database, row));
    });
  };
  run("change", "restart-backend");
  run("read", "diag-system");
  auto const told = [](Agenda const& agenda) {
    std::vector<std::string> people;
    for (auto const& post : agenda.posts) {
      auto const* say = std::get_if<Say>(&post.message.blocks.front());
      if (say != nullptr && say->notice.key == "late.run_interrupted") people.push_back(post.person.value);
    }
    return people;
  };
  CHECK(told(restart(stage).agenda) == std::vector<std::string>{"alice"});
  // Who was saying it is gone, too: it is said by whoever starts next.
  auto const next = restart(stage);
  CHECK(told(next.agenda) == std::vector<std::string>{"alice"});
  deliver(stage, next.agenda);
  CHECK(told(restart(stage).agenda).empty());
  std::int64_t entries = 0;
  stage.unit([&](Database& database, Instant) {
    for (auto const& entry : store::timeline_of(database, {1}, 0, 100))
      entries += entry.what.key == "timeline.run_interrupted" ? 1 : 0;
    CHECK(store::running(database).empty());
  });
  CHECK(entries == 1);
}
