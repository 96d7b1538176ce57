#include "commands/parser.hpp"

#include <doctest/doctest.h>

#include "tests/commands/sample_table.hpp"

using namespace tocsin;
using sample::context;
using sample::outcome_of;
using sample::table;

TEST_CASE("what people type means what they meant") {
  auto const cases = sample::read_cases("good.tsv");
  CHECK(cases.size() >= 150);
  for (auto const& row : cases) {
    REQUIRE(row.size() == 3);
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CHECK(outcome_of(parse(row[1], table(), context(row[0]))) == row[2]);
  }
}

TEST_CASE("what cannot be run is refused with the reason, asked about, or not for the bot") {
  auto const cases = sample::read_cases("malformed.tsv");
  CHECK(cases.size() >= 300);
  for (auto const& row : cases) {
    REQUIRE(row.size() == 3);
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CHECK(outcome_of(parse(row[1], table(), context(row[0]))) == row[2]);
  }
}

TEST_CASE("every example of every row means what it says") {
  for (auto const& command : table().rows()) {
    for (auto const& example : command.examples) {
      CHECK(failure_of(example, command, table(), context("dm")) == "");
    }
  }
  auto const& ack = *table().find("incident ack");
  CHECK(failure_of({"认领 42", "zh-CN", "incident ack incident=INC-43"}, ack, table(), context("dm")) ==
        "\"认领 42\" means incident ack incident=INC-42, not incident ack incident=INC-43");
  CHECK_FALSE(failure_of({"解决", "zh-CN", "incident resolve"}, ack, table(), context("dm")).empty());
  CHECK_FALSE(failure_of({"没有", "zh-CN", "incident ack"}, ack, table(), context("dm")).empty());
}

TEST_CASE("the keys 1 to 3 pick a suggestion, in a direct message only") {
  auto here = context("dm");
  here.suggestions = {"日志 backend", "退回 v2.8.0"};
  auto const outcome = parse("２。", table(), here);
  auto const* key = std::get_if<Key>(&outcome);
  REQUIRE(key != nullptr);
  CHECK(key->digit == '2');
  CHECK(key->suggestion == "退回 v2.8.0");
  CHECK(outcome_of(parse("3", table(), here)) == "parse.no_suggestion");
  CHECK(outcome_of(parse("4", table(), here)) == "key 4");
  here.direct_message = false;
  here.addressed = true;
  CHECK(outcome_of(parse("2", table(), here)) == "nothing");
}

TEST_CASE("a word with two edges works where one meaning is possible") {
  auto here = context("dm");
  here.meanings["确认"] = {"incident ack"};
  here.meanings["恢复"] = {};
  here.meanings["回滚"] = {"fix rollback"};
  CHECK(outcome_of(parse("确认", table(), here)) == "incident ack");
  CHECK(outcome_of(parse("确认42", table(), here)) == "incident ack incident=INC-42");
  CHECK(outcome_of(parse("42号确认", table(), here)) == "incident ack incident=INC-42");
  CHECK(outcome_of(parse("Confirm #42", table(), here)) == "incident ack incident=INC-42");
  CHECK(outcome_of(parse("恢复", table(), here)) == "parse.no_meaning");
  CHECK(outcome_of(parse("回滚 20231123", table(), here)) == "fix rollback backup=\"20231123\"");
  here.meanings["确认"] = {"incident ack", "run"};
  CHECK(outcome_of(parse("确认", table(), here)) == "question parse.ambiguous");
  here.meanings["确认"] = {"no such command"};
  CHECK(outcome_of(parse("确认", table(), here)) == "parse.no_meaning");
}

TEST_CASE("a question can be answered by each of its candidates") {
  struct Row {
    char const* typed;
    std::vector<std::string> candidates;
    std::vector<std::string> means;
  };
  for (auto const& [typed, lines, means] : {
           Row{"记录 42 重启了后端",
               {"记录 #42 重启了后端", "记录 \"42 重启了后端\""},
               {"incident note incident=INC-42 text=\"重启了后端\"", "incident note text=\"42 重启了后端\""}},
           Row{"记录 42 说“好”",
               {"记录 #42 说“好”", "记录 -- 42 说“好”"},
               {"incident note incident=INC-42 text=\"说“好”\"", "incident note text=\"42 说“好”\""}},
           Row{"升级 3 台机器挂了",
               {"升级 三级 台机器挂了", "升级 \"3 台机器挂了\""},
               {"escalate level=\"3\" reason=\"台机器挂了\"", "escalate reason=\"3 台机器挂了\""}},
           Row{"升级P1", {"改级 P1", "升级 \"P1\""}, {"incident sev severity=P1", "escalate reason=\"P1\""}},
           Row{"回滚 v2.8.0",
               {"退回 v2.8.0", "整体还原 v2.8.0"},
               {"fix redeploy version=\"v2.8.0\"", "fix rollback backup=\"v2.8.0\""}},
           Row{"INC-42 恢复",
               {"缓解 #42", "继续计时 #42", "还原"},
               {"incident mitigate incident=INC-42", "incident resume incident=INC-42", "parse.missing"}},
       }) {
    CAPTURE(typed);
    auto const outcome = parse(typed, table(), context("dm"));
    auto const* question = std::get_if<Ambiguous>(&outcome);
    REQUIRE(question != nullptr);
    REQUIRE(question->candidates.size() == lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      CHECK(question->candidates[i].line == lines[i]);
      CHECK(outcome_of(parse(lines[i], table(), context("dm"))) == means[i]);
    }
  }
}

TEST_CASE("danger is named in a question but has no number") {
  auto const outcome = parse("回滚 v2.8.0", table(), context("dm"));
  auto const* choices = std::get_if<std::vector<Notice>>(std::get<Ambiguous>(outcome).notice.find("choices"));
  REQUIRE(choices != nullptr);
  CHECK(*choices ==
        std::vector{Notice("parse.choice", {{"number", std::int64_t{1}}, {"text", std::string("退回 v2.8.0")}}),
                    Notice("parse.item", {{"text", std::string("整体还原 v2.8.0")}})});
}

TEST_CASE("suggestions are complete lines that run, and never danger") {
  struct Row {
    char const* where;
    char const* typed;
    std::vector<std::string> suggestions;
  };
  for (auto const& [where, typed, suggestions] : {
           Row{"dm", "看日志", {"日志 后端 100行"}},
           Row{"dm", "看日志 nginx", {"日志 nginx"}},
           Row{"dm-en", "show log", {"logs backend"}},
           Row{"dm", "请认领42", {"认领 42"}},
           Row{"dm", "帮我重启后端", {"重启 后端"}},
           Row{"dm", "重器后端", {"重启 后端"}},
           Row{"dm", "重启 nginxx", {"重启 nginx"}},
           Row{"dm", "呼叫张三数据库挂了", {"呼叫@张三 数据库挂了"}},
           Row{"dm", "升级数据库", {"升级 数据库"}},
           Row{"dm", "结束链接 4711", {}},
           Row{"dm", "restroe 20231123", {}},
           Row{"dm", "silense", {}},
           Row{"dm", "谢谢", {}},
       }) {
    CAPTURE(typed);
    auto const outcome = parse(typed, table(), context(where));
    auto const* refused = std::get_if<Refused>(&outcome);
    REQUIRE(refused != nullptr);
    CHECK(refused->suggestions == suggestions);
  }
}

TEST_CASE("what a suggestion names is shown even when it cannot be picked") {
  auto const outcome = parse("结束链接 4711", table(), context("dm"));
  CHECK(std::get<Refused>(outcome).notice ==
        Notice("parse.unknown_near",
               {{"input", std::string("结束链接 4711")},
                {"near", std::vector{Notice("parse.item", {{"text", std::string("结束连接 4711")}})}}}));
}

TEST_CASE("a refusal knows the command it got as far as") {
  CHECK(std::get<Refused>(parse("结束连接 abc", table(), context("dm"))).command == table().find("db kill"));
  CHECK(std::get<Refused>(parse("谢谢", table(), context("dm"))).command == nullptr);
  CHECK(std::get<Refused>(parse("重启后端", table(), context("speech"))).command == table().find("fix restart"));
}

TEST_CASE("a refusal carries typed arguments") {
  auto const notice = [](char const* typed) { return std::get<Refused>(parse(typed, table(), context("dm"))).notice; };
  CHECK(notice("日志 后端 1001") == Notice("parse.range", {{"command", std::string("日志")},
                                                           {"parameter", std::string("行数")},
                                                           {"value", std::int64_t{1001}},
                                                           {"min", std::int64_t{1}},
                                                           {"max", std::int64_t{1000}}}));
  using namespace std::chrono_literals;
  CHECK(notice("静默 DiskWarn 8天") == Notice("parse.range", {{"command", std::string("静默")},
                                                              {"parameter", std::string("时长")},
                                                              {"value", Millis{192h}},
                                                              {"min", Millis{1min}},
                                                              {"max", Millis{168h}}}));
  CHECK(notice("INC-42") == Notice("parse.reference_alone", {{"incident", IncidentId{42}}}));
  CHECK(notice("改级 高") == Notice("parse.wrong", {{"command", std::string("改级")},
                                                    {"input", std::string("高")},
                                                    {"parameter", std::string("级别")},
                                                    {"expected", std::vector{Notice("parse.expect.severity")}},
                                                    {"usage", std::string("改级 [事件] <级别> [原因]")},
                                                    {"example", std::string("改级 P1")}}));
}

TEST_CASE("named limits hold on both sides") {
  auto const people = [](int count) {
    std::string line = "拉人";
    for (int i = 0; i < count; ++i) line += " bob";
    return outcome_of(parse(line, table(), context("dm")));
  };
  CHECK(people(int{kMaxRepeated}).starts_with("incident add"));
  CHECK(people(int{kMaxRepeated} + 1) == "parse.too_many_values");
  auto const titled = [](std::size_t characters) {
    std::string line = "新建 P0 ";
    for (std::size_t i = 0; i < characters; ++i) line += "网";
    return outcome_of(parse(line, table(), context("dm")));
  };
  CHECK(titled(500).starts_with("incident open"));
  CHECK(titled(501) == "parse.text_length");
  auto const pid = [](std::string const& digits) {
    return outcome_of(parse("结束连接 " + digits, table(), context("dm")));
  };
  CHECK(pid("4194304") == "db kill pid=4194304");
  CHECK(pid("4194305") == "parse.range");
  auto const worded = [](std::size_t bytes) {
    return outcome_of(parse("校验备份 " + std::string(bytes, 'b'), table(), context("dm")));
  };
  CHECK(worded(256).starts_with("backup verify"));
  CHECK(worded(257) == "parse.wrong");
  auto const filled = [](std::size_t bytes) {
    std::string const start = "/ping ";
    return outcome_of(parse(start + std::string(bytes - start.size(), 'x'), table(), context("group")));
  };
  CHECK(filled(8193) == "parse.too_long");
  CHECK(filled(8192) == "parse.text_length");
}

TEST_CASE("nothing is known without a vocabulary, and nothing breaks") {
  ParseContext bare;
  bare.direct_message = true;
  CHECK(outcome_of(parse("认领 42", table(), bare)) == "incident ack incident=INC-42");
  CHECK(outcome_of(parse("呼叫 张三", table(), bare)) == "parse.wrong");
  CHECK(outcome_of(parse("重启 后端", table(), bare)) == "parse.wrong");
  CHECK(outcome_of(parse("<@U0BOT> @tocsin 认领", table(), bare)) == "incident ack");
}

TEST_CASE("people whose mention the platform took out of the text find their place") {
  auto here = context("addressed");
  here.mentioned = {PersonId{"lilei"}, PersonId{"bob"}};
  CHECK(outcome_of(parse("拉人", table(), here)) == "incident add people=@lilei people=@bob");
  CHECK(outcome_of(parse("拉人 42", table(), here)) == "incident add incident=INC-42 people=@lilei people=@bob");
  CHECK(outcome_of(parse("拉人 @李雷 @张三", table(), here)) ==
        "incident add people=@lilei people=@zhangsan people=@bob");
  here.mentioned = {PersonId{"lilei"}};
  CHECK(outcome_of(parse("呼叫 数据库起不来", table(), here)) == "page person=@lilei reason=\"数据库起不来\"");
  CHECK(outcome_of(parse("呼叫 @李雷 数据库起不来", table(), here)) == "page person=@lilei reason=\"数据库起不来\"");
  CHECK(outcome_of(parse("指派 42", table(), here)) == "incident assign incident=INC-42 person=@lilei");
  CHECK(outcome_of(parse("指派 @张三", table(), here)) == "incident assign person=@zhangsan");
  CHECK(outcome_of(parse("认领 42", table(), here)) == "incident ack incident=INC-42");
}
