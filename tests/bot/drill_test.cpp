#include <doctest/doctest.h>

#include <string>

#include "bot/render.hpp"
#include "bot/scheduler.hpp"
#include "incidents/due.hpp"
#include "incidents/store/pages.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

IncidentId incident_of(Reply const& reply) { return std::get<IncidentId>(*Stage::first(reply).find("incident")); }

bool marked(std::string const& text) { return text.starts_with("【演练】") || text.starts_with("[DRILL]"); }

std::vector<std::string> paged(Stage& stage) {
  std::vector<std::string> people;
  stage.unit([&](Database& database, Instant) {
    database.each("SELECT DISTINCT person FROM pages ORDER BY person", {},
                  [&people](Row const& row) { people.push_back(row.string(0)); });
  });
  return people;
}

/// What the scheduler would say now, in words.
std::vector<std::string> posts(Stage& stage) {
  std::vector<std::string> texts;
  stage.unit([&](Database& database, Instant now) {
    auto const agenda = look(Desk{database, stage.setup->directory, now}, *stage.setup);
    for (auto const& job : agenda.pages)
      report_page(Desk{database, stage.setup->directory, now}, job.page, job.position,
                  {Outcome::Kind::accepted, std::nullopt, {}}, 0.5);
    for (auto const& post : agenda.posts)
      texts.push_back(render_plain(post.message, *stage.setup, stage.setup->reader_of({}, now, Medium::chat)));
  });
  return texts;
}

}  // namespace

TEST_CASE("a drill pages whoever begins it, everything said is marked, and it ends with its report") {
  Stage stage(shipped_config("demo.yaml"));
  auto const begun = stage.say("alice", "演练 P0");
  CHECK(Stage::key(begun) == "drill.started");
  auto const text = stage.worded(begun);
  CHECK(marked(text));
  CHECK(text.find("10 倍速") != std::string::npos);
  CHECK(text.find("11:10:30 前认领") != std::string::npos);
  CHECK(text.find("11:13:00") != std::string::npos);
  CHECK(paged(stage) == std::vector<std::string>{"alice"});
  for (int i = 0; i < 240; ++i) {
    for (auto const& said : posts(stage)) {
      CAPTURE(said);
      CHECK(marked(said));
    }
    stage.clock.move(Millis{1000});
  }
  CHECK(paged(stage) == std::vector<std::string>{"alice"});
  for (std::string const line : {"状态 INC-1", "时间线 INC-1", "复盘 INC-1", "演练报告"}) {
    CAPTURE(line);
    CHECK(marked(stage.worded(stage.say("bob", line))));
  }
  auto const report = stage.worded(stage.say("alice", "演练报告"));
  CAPTURE(report);
  for (std::string const fact :
       {"没有人认领", "0:30 内没有人认领", "3:00 内没有缓解", "11:10:00 到 11:13:30", "收件箱"})
    CHECK(report.find(fact) != std::string::npos);
  auto const told = stage.say("alice", "复盘 INC-1");
  auto const& file = std::get<File>(told.message.blocks.back());
  CHECK(file.bytes.starts_with("# 【演练】"));
}

TEST_CASE(
    "the report of a drill that was taken says by whom, how fast against the target, and that nothing was missed") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "/drill P0 with @bob speed=20");
  CHECK(paged(stage) == std::vector<std::string>{"alice", "bob"});
  static_cast<void>(posts(stage));
  stage.clock.move(Millis{7'000});
  CHECK(Stage::key(stage.say("bob", "认领")) == "incident.taken");
  stage.clock.move(Millis{20'000});
  CHECK(Stage::key(stage.say("bob", "解决")) == "incident.resolved");
  auto const report = stage.worded(stage.say("bob", "演练报告"));
  CAPTURE(report);
  for (std::string const fact : {"守住 0:07(限 0:15)", "守住 0:27(限 1:30)", "没有漏的", "20 倍速"})
    CHECK(report.find(fact) != std::string::npos);
}

TEST_CASE("everyone is an explicit word") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("bob", "演练 P0 所有人");
  auto const wording = stage.worded(stage.say("bob", "状态"));
  CHECK(marked(wording));
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(posts(stage));
    stage.clock.move(Millis{1000});
  }
  CHECK(paged(stage).size() > 1);
}

TEST_CASE("beside something real a bare command never means the drill") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "演练 P0");
  SUBCASE("the drill alone is what a bare command means") {
    CHECK(incident_of(stage.say("bob", "认领")) == IncidentId{1});
  }
  stage.say("bob", "新建 P1 真的坏了");
  SUBCASE("whoever is not paged by the drill means the real one") {
    CHECK(incident_of(stage.say("bob", "认领")) == IncidentId{2});
    CHECK(incident_of(stage.say("admin", "4")) == IncidentId{2});
  }
  SUBCASE("whom the drill alone pages is asked, the real one first") {
    auto const asked = stage.say("alice", "认领");
    CHECK(Stage::key(asked) == "ask.which_incident");
    auto const words = stage.worded(asked);
    CHECK(words.find("1 P1 INC-2") != std::string::npos);
    CHECK(words.find("2 【演练】P0 INC-1") != std::string::npos);
    CHECK(incident_of(stage.say("alice", "1")) == IncidentId{2});
  }
  SUBCASE("the drill by its number, and when the real one is over") {
    CHECK(incident_of(stage.say("alice", "认领 INC-1")) == IncidentId{1});
    CHECK(incident_of(stage.say("bob", "解决")) == IncidentId{2});
    CHECK(incident_of(stage.say("alice", "解决")) == IncidentId{1});
  }
  SUBCASE("stopping the drill leaves the real one alone") {
    CHECK(Stage::key(stage.say("alice", "停止演练 INC-2")) == "refused.not_a_drill");
    CHECK(incident_of(stage.say("alice", "停止演练")) == IncidentId{1});
    CHECK(Stage::key(stage.say("alice", "停止演练")) == "refused.no_drill");
    CHECK(incident_of(stage.say("bob", "解决")) == IncidentId{2});
  }
  SUBCASE("the list counts what is real") {
    auto const list = stage.worded(stage.say("bob", "列表"));
    CHECK(list.starts_with("📋 1 单,另有演练 1 个"));
    CHECK(list.find("真的坏了") < list.find("【演练】"));
  }
}

TEST_CASE("pausing a drill wakes nobody to approve it, and a danger done during one belongs to no drill") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "演练 P0");
  CHECK(Stage::key(stage.say("alice", "暂停计时 等一等")) == "incident.paused");
  CHECK(Stage::key(stage.say("alice", "继续计时")) == "incident.resumed");
  auto const asked = stage.say("alice", "清空草稿");
  CHECK(Stage::first(asked).find("incident") == nullptr);
}
