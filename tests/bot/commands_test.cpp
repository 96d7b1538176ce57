#include <doctest/doctest.h>

#include <string>

#include "commands/parser.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("every example of the table means what its row says, with both shipped configurations") {
  for (std::string const name : {"demo.yaml", "lawsker.yaml"}) {
    CAPTURE(name);
    Stage stage(shipped_config(name));
    // The examples speak of alice and bob.
    auto vocabulary = stage.setup->vocabulary;
    vocabulary.add_person("alice", PersonId{"alice"});
    vocabulary.add_person("bob", PersonId{"bob"});
    int run = 0;
    for (auto const& row : stage.setup->table.rows()) {
      CHECK_MESSAGE((row.declared || row.name == "logs" || !row.examples.empty()), row.name << " has no example");
      for (auto const& example : row.examples) {
        ParseContext context;
        context.locale = example.locale;
        context.direct_message = true;
        context.vocabulary = &vocabulary;
        auto const failure = failure_of(example, row, stage.setup->table, context);
        CHECK_MESSAGE(failure.empty(), row.name << ": " << example.text << ": " << failure);
        ++run;
      }
    }
    CHECK(run > 60);
  }
}

TEST_CASE("every command has its line in the help, in both languages") {
  Stage stage(shipped_config("demo.yaml"));
  for (auto const& row : stage.setup->table.rows()) {
    if (row.declared) continue;
    CHECK_MESSAGE(stage.setup->catalogue->has(row.summary_key), row.summary_key);
  }
}

TEST_CASE("an incident by chat: opened, taken, noted, resolved, told") {
  Stage stage(shipped_config("demo.yaml"));
  auto const opened = stage.say("alice", "新建 P0 网站无法访问");
  CHECK(Stage::key(opened) == "incident.opened");
  CHECK(opened.message.announced);
  CHECK(Stage::key(stage.say("bob", "认领")) == "incident.taken");
  CHECK(Stage::key(stage.say("bob", "note restarted nginx")) == "incident.noted");
  CHECK(Stage::key(stage.say("bob", "解决")) == "incident.resolved");
  auto const told = stage.say("alice", "复盘 INC-1");
  REQUIRE(told.message.blocks.size() == 2);
  auto const& file = std::get<File>(told.message.blocks.back());
  CHECK(file.name == "INC-1.md");
  CHECK(file.bytes.find("网站无法访问") != std::string::npos);
  CHECK(file.bytes.find("restarted nginx") != std::string::npos);
}

TEST_CASE("a look that the configuration declares is asked for like a built-in one") {
  Stage stage(shipped_config("demo.yaml"));
  CHECK(Stage::key(stage.say("alice", "诊断 系统")).starts_with("diag."));
  CHECK(Stage::key(stage.say("alice", "系统")).starts_with("diag."));
}

TEST_CASE("a personal link is given inside the unit of work that asks for it") {
  Stage stage(shipped_config("demo.yaml"));
  stage.tools.login_link = [](Desk const& desk, PersonId const& person) {
    return person.value + std::to_string(desk.database.number("SELECT count(*) FROM web_tokens").value_or(-1));
  };
  CHECK(stage.worded(stage.say("alice", "网页链接")).find("alice0") != std::string::npos);
}

TEST_CASE("a message that comes again gets the stored answer and runs nothing") {
  Stage stage(shipped_config("demo.yaml"));
  auto const once = stage.say("web", "alice", "新建 P2 慢", "same");
  auto const again = stage.say("web", "alice", "新建 P2 慢", "same");
  CHECK(Stage::first(once) == Stage::first(again));
  CHECK(Stage::key(stage.say("alice", "/incident show INC-2")) == "refused.no_such_incident");
}

TEST_CASE("what comes late is asked for again: a change after a minute, all else after ten") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P2 慢");
  auto const aged = [&stage](char const* text, Millis age) {
    Inbound inbound;
    inbound.text = text;
    inbound.direct = true;
    inbound.sent = stage.clock.now() - age;
    return Stage::key(stage.send("web", "alice", inbound));
  };
  using std::chrono::minutes;
  using std::chrono::seconds;
  CHECK(aged("状态", minutes{10}) != "refused.too_late");
  CHECK(aged("状态", minutes{10} + Millis{1}) == "refused.too_late");
  CHECK(aged("认领", minutes{10}) != "refused.too_late");
  CHECK(aged("解决", minutes{10} + Millis{1}) == "refused.too_late");
  // From a clock that is ahead of ours.
  CHECK(aged("状态", -minutes{20}) != "refused.too_late");
}

TEST_CASE("somebody unknown looks and does not touch") {
  Stage stage(shipped_config("demo.yaml"));
  CHECK(Stage::key(stage.say("stranger", "新建 P0 假的")) == "refused.role");
  CHECK(Stage::key(stage.say("stranger", "列表")) == "list.none");
  CHECK(Stage::key(stage.say("stranger", "我是谁")) == "whoami.unknown");
}

TEST_CASE("looking back needs no number when one incident is over; acting does") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  stage.say("bob", "解决");
  CHECK(std::get<File>(stage.say("alice", "复盘").message.blocks.back()).name == "INC-1.md");
  auto const refused = stage.say("alice", "缓解");
  CHECK(Stage::key(refused) == "refused.no_open_incident");
  CHECK(stage.worded(refused).find("缓解") != std::string::npos);
  stage.say("alice", "新建 P1 登录慢");
  stage.say("bob", "解决");
  CHECK(Stage::key(stage.say("alice", "复盘")) == "ask.which_incident");
}

TEST_CASE(
    "a bare close, reopening or undo means what has ended, and what is written down afterwards finds its incident") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P0 网站无法访问");
  CHECK(Stage::key(stage.say("bob", "关闭")) == "refused.not_resolved");
  stage.say("bob", "解决");
  CHECK(Stage::key(stage.say("alice", "撤回")) == "refused.no_open_incident");  // it was bob's doing
  CHECK(Stage::key(stage.say("bob", "撤回")) == "incident.undone");
  stage.say("bob", "解决");
  CHECK(Stage::key(stage.say("alice", "待办 给 backend 加探针")) == "todo.added");
  CHECK(Stage::key(stage.say("alice", "备注 重启了 nginx")) == "incident.noted");
  CHECK(Stage::key(stage.say("alice", "又坏了")) == "incident.regressed");
  stage.say("bob", "解决");
  CHECK(Stage::key(stage.say("alice", "关闭")) == "incident.closed");
  // A second one that is open: the closed one can still be meant by reopening only, notes go to the open one.
  stage.say("alice", "新建 P1 登录慢");
  CHECK(Stage::first(stage.say("bob", "note looks like DNS")).find("incident") != nullptr);
  auto const reopened = stage.say("alice", "重开 又 502");
  CHECK(Stage::key(reopened) == "incident.regressed");
  CHECK(*Stage::first(reopened).find("incident") == Arg{IncidentId{1}});
  // Two that have ended: asked. A day later: neither.
  stage.say("bob", "解决 INC-1");
  stage.say("bob", "解决 INC-2");
  CHECK(Stage::key(stage.say("alice", "关闭")) == "ask.which_incident");
  stage.clock.move(std::chrono::hours{25});
  CHECK(Stage::key(stage.say("alice", "重开")) == "refused.no_open_incident");
  CHECK(Stage::key(stage.say("alice", "备注 迟了")) == "refused.no_open_incident");
}

TEST_CASE("in the thread of an incident that has ended a bare command means that one, whatever else is open") {
  Stage stage(shipped_config("demo.yaml"));
  auto const in_thread = [&](std::string const& text, std::string const& thread) {
    Inbound inbound;
    inbound.direct = true;
    inbound.text = text;
    inbound.room.thread = thread;
    return stage.send("web", "bob", std::move(inbound));
  };
  auto const about = [](Reply const& reply) { return *Stage::first(reply).find("incident"); };
  in_thread("新建 P0 网站无法访问", "t1");
  in_thread("解决", "t1");
  in_thread("新建 P1 登录慢", "t2");
  in_thread("解决", "t2");
  in_thread("新建 P1 搜索慢", "t3");
  CHECK(about(in_thread("备注 重启了后端", "t1")) == Arg{IncidentId{1}});
  CHECK(Stage::key(in_thread("认领", "t1")).starts_with("refused."));
  CHECK(about(in_thread("关闭", "t2")) == Arg{IncidentId{2}});
  CHECK(about(in_thread("认领", "t3")) == Arg{IncidentId{3}});
}

TEST_CASE("what stressed people type is understood, or the right line is one key away") {
  Stage stage(shipped_config("demo.yaml"));
  auto const offered = stage.say("alice", "P0 网站挂了");
  CHECK(offered.state == Reply::State::refused);
  REQUIRE(offered.message.choices == std::vector<std::string>{"新建 P0 网站挂了"});
  CHECK(Stage::key(stage.say("alice", "1")) == "incident.opened");
  for (std::string const line :
       {"谁在值班", "who is on call", "什么情况", "诊断 系统", "菜单", "?", "我来", "改成 P1", "已缓解", "解决了"}) {
    CAPTURE(line);
    auto const reply = stage.say("bob", line);
    CHECK_MESSAGE(reply.state == Reply::State::done, stage.worded(reply));
  }
}

TEST_CASE("the keys of a direct message: 6 calls help, 8 shows, 9 says it again, 4 takes it") {
  Stage stage(shipped_config("demo.yaml"));
  CHECK(Stage::key(stage.say("bob", "9")) == "keys.nothing_to_repeat");
  stage.say("alice", "新建 P0 网站无法访问");
  CHECK(Stage::key(stage.say("bob", "6")) == "incident.called");
  CHECK(Stage::key(stage.say("bob", "8")) == "card.head_open");
  CHECK(Stage::key(stage.say("bob", "9")) == "card.head_open");
  CHECK(Stage::key(stage.say("bob", "４")) == "incident.taken");
  CHECK(Stage::key(stage.say("bob", "9")) == "incident.taken");
  CHECK(Stage::key(stage.say("bob", "2")) == "parse.no_suggestion");
  // In a channel a digit is a digit.
  Inbound inbound;
  inbound.text = "6";
  CHECK(stage.send("web", "bob", std::move(inbound)).state == Reply::State::nothing);
}

TEST_CASE("two open incidents: a bare command asks, and the key picks") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "新建 P1 一");
  stage.say("alice", "新建 P1 二");
  auto const asked = stage.say("bob", "解决");
  CHECK(Stage::key(asked) == "ask.which_incident");
  auto const picked = stage.say("bob", "2");
  CHECK(Stage::key(picked) == "incident.resolved");
  CHECK(std::get<IncidentId>(*Stage::first(picked).find("incident")) == IncidentId{2});
}

TEST_CASE("nothing is stored for what is not understood, and nothing runs") {
  Stage stage(shipped_config("demo.yaml"));
  CHECK(stage.say("alice", "看日志").state == Reply::State::refused);
  stage.unit([](Database& database, Instant) {
    CHECK(database.number("SELECT count(*) FROM inbox") == 0);
    CHECK(database.number("SELECT count(*) FROM audit") == 0);
  });
}

TEST_CASE(
    "a look at the machine by its Chinese words, whether built in or declared, with both shipped configurations") {
  for (std::string const name : {"demo.yaml", "lawsker.yaml"}) {
    CAPTURE(name);
    auto config = shipped_config(name);
    config.network.clear();
    config.health.resize(1);
    auto const who = config.people.front().id.value;
    Stage stage(std::move(config));
    for (std::string const line : {"诊断系统", "诊断 系统", "系统", "/diag system", "诊断网络", "诊断 网络"}) {
      CAPTURE(line);
      auto const reply = stage.say(who, line);
      CHECK(Stage::key(reply) == "diag.head");
      auto const text = stage.worded(reply);
      CHECK(text.find("\n\n") == std::string::npos);
    }
  }
}

TEST_CASE("a slow answer is amber, a redirect red, each in the reader's words") {
  Stage stage(shipped_config("demo.yaml"));
  struct Row {
    web::Finding finding;
    std::string words;
    Verdict verdict;
  };
  using What = web::Finding::What;
  for (Row const& row : {Row{{What::ok, 200, std::chrono::milliseconds{35}, ""}, "200 · 35 ms", Verdict::good},
                         Row{{What::slow, 200, std::chrono::milliseconds{2'500}, ""}, "慢,200", Verdict::warning},
                         Row{{What::redirect, 301, {}, "https://x/"}, "跳转(301)https://x/", Verdict::bad},
                         Row{{What::refused, 0, {}, ""}, "拒绝连接", Verdict::bad}}) {
    stage.tools.probe = [&row](HealthCheck const&) { return row.finding; };
    auto const reply = stage.say("alice", "诊断 健康");
    CHECK(stage.worded(reply).find(row.words) != std::string::npos);
    CHECK(std::get<Table>(reply.message.blocks.back()).rows.front().verdict == row.verdict);
  }
}
