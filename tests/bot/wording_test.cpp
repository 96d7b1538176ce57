// The messages as the code makes them, in words: the examples of the message rules that this bot produces.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "bot/pager.hpp"
#include "bot/render.hpp"
#include "bot/scheduler.hpp"
#include "incidents/due.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

std::string first_line(std::string const& text) { return text.substr(0, text.find('\n')); }

/// Lets the scheduler look once; pages are accepted at once. What it said in the room, and the subjects of its mails.
struct Said {
  std::vector<std::string> posts;
  std::vector<std::string> subjects;
};
Said look_once(Stage& stage) {
  Said said;
  stage.unit([&](Database& database, Instant now) {
    Desk const desk{database, stage.setup->directory, now};
    auto const agenda = look(desk, *stage.setup);
    for (auto const& job : agenda.pages) {
      said.subjects.push_back(worded_page(job, *stage.setup, "", "example.org", now).subject);
      report_page(desk, job.page, job.position, {Outcome::Kind::accepted, std::nullopt, {}}, 0.5);
      stage.dispatcher->paged(job.person);
    }
    for (auto const& post : agenda.posts)
      said.posts.push_back(render_plain(post.message, *stage.setup, stage.setup->reader_of({}, now, Medium::chat)));
  });
  return said;
}

bool any_contains(std::vector<std::string> const& texts, std::string const& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](std::string const& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a lapse says what came of the pages, who is called, by which channel, and who is next") {
  Stage stage(shipped_config("lawsker.yaml"));
  stage.say("devops", "新建 P0 网站无法访问");
  auto const opened = look_once(stage);
  CHECK(any_contains(opened.posts, "🔴 P0 INC-1 网站无法访问 · 11:15 前认领"));
  CHECK(any_contains(opened.subjects, "P0 INC-1 网站无法访问 · 运维工程师 11:15 前认领"));
  stage.clock.move(5min);
  auto const lapsed = look_once(stage);
  std::string const expected =
      "⏰ P0 INC-1 11:15 无人认领,响应超时 · 轮到技术负责人\n"
      "运维工程师:邮件 11:10 发出\n"
      "正在呼叫 技术负责人 邮件+收件箱 · 11:20 CTO · 11:34 技术负责人\n"
      "恢复仍是 11:40 前 · 谁先看到谁点 [认领] 或私聊发 4\n";
  CAPTURE(lapsed.posts);
  CHECK(any_contains(lapsed.posts, expected));
  CHECK(any_contains(lapsed.subjects, "P0 INC-1 网站无法访问 · 轮到技术负责人,11:15 无人认领"));
}

TEST_CASE(
    "the head of a card: lapsed it no longer asks for what is past, given away it names nobody who took nothing") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  auto const head = [&] { return first_line(stage.worded(stage.say("alice", "状态"))); };
  CHECK(head() == "🔴 P0 INC-1 网站无法访问 · 11:15 前认领");
  stage.clock.move(6min);
  CHECK(head() == "🔴 P0 INC-1 网站无法访问 · 11:15 无人认领,谁先看到谁认领");
  stage.say("bob", "认领");
  CHECK(head() == "🔴 P0 INC-1 网站无法访问 · Bob 11:16 认领,恢复 11:40 前");
  stage.say("bob", "指派 @alice");
  CHECK(head() == "🔴 P0 INC-1 网站无法访问 · Alice负责,恢复 11:40 前");
}

TEST_CASE("the buttons of an open card are those of the rules, and each runs what it says") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  auto const card = stage.say("bob", "状态");
  auto const& buttons = std::get<Buttons>(card.message.blocks.back()).buttons;
  REQUIRE(buttons.size() == 4);
  std::string labels;
  auto const reader = stage.setup->reader_of({}, stage.clock.now(), Medium::chat);
  for (auto const& button : buttons) labels += "[" + stage.setup->catalogue->render(button.label, reader) + "] ";
  CHECK(labels == "[认领] [拿不准] [诊断] [改级] ");
  CHECK(Stage::key(stage.say("bob", buttons[2].command)) == "diag.head");
  CHECK(Stage::key(stage.say("bob", buttons[3].command)) == "ask.new_severity");
  CHECK(Stage::key(stage.say("bob", buttons[1].command)) == "incident.called");
  CHECK(Stage::key(stage.say("bob", buttons[0].command)) == "incident.taken");
}

TEST_CASE("not sure is said in the reader's language") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  stage.say("alice", "拿不准");
  auto const posts = look_once(stage).posts;
  CAPTURE(posts);
  CHECK(any_contains(posts, "原因:拿不准\n"));
  CHECK_FALSE(any_contains(posts, "/ unsure"));
}

TEST_CASE("no severity given: it asks, and each of the keys 1-4 picks one") {
  for (std::string const key : {"1", "2", "3", "4"}) {
    CAPTURE(key);
    Stage stage(shipped_config("demo.yaml"));
    auto const asked = stage.say("alice", "新建 搜索变慢");
    CHECK(Stage::key(asked) == "ask.severity");
    CHECK(stage.worded(asked).find("4 P3 ") != std::string::npos);
    auto const opened = stage.say("alice", key);
    CHECK(Stage::key(opened) == "incident.opened");
    CHECK(std::get<Severity>(*Stage::first(opened).find("severity")) ==
          kSeverities.at(static_cast<std::size_t>(key.front() - '1')));
  }
}

TEST_CASE("whoever is paged after that question takes the page with 4") {
  Stage stage(shipped_config("demo.yaml"));
  CHECK(Stage::key(stage.say("bob", "新建 搜索变慢")) == "ask.severity");
  stage.say("alice", "新建 P0 网站无法访问");
  look_once(stage);
  CHECK(Stage::key(stage.say("bob", "4")) == "incident.taken");
}

TEST_CASE("a new severity asks the same way") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  CHECK(Stage::key(stage.say("alice", "改级")) == "ask.new_severity");
  auto const changed = stage.say("alice", "4");
  CHECK(Stage::key(changed) == "incident.severity");
  CHECK(std::get<Severity>(*Stage::first(changed).find("severity")) == Severity::p3);
}

TEST_CASE("which one: as the rules print it") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站");
  stage.say("alice", "新建 P1 数据库");
  CHECK(first_line(stage.worded(stage.say("admin", "解决"))) ==
        "有 2 个:1 P0 INC-1 网站 · 2 P1 INC-2 数据库。发 1 或 2");
}

TEST_CASE("taken, refused, not understood: as the rules print them") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  stage.clock.move(130s);
  CHECK(first_line(stage.worded(stage.say("bob", "认领"))) ==
        "✅ Bob认领 INC-1(2:10)。停止呼叫;恢复 11:40 前;10 分钟无动静再叫你");
  CHECK(stage.worded(stage.say("stranger", "认领")).starts_with("⛔ 没有执行:认领\n要有角色:响应人"));
  auto const unknown = stage.worded(stage.say("bob", "看日志"));
  CHECK(unknown.starts_with("不认识「看日志」。是不是:"));
  CHECK(unknown.find("什么都没做") != std::string::npos);
}
