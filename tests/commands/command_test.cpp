#include "commands/command.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "commands/arguments.hpp"
#include "commands/usage.hpp"
#include "tests/commands/sample_table.hpp"

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

/// What the table says against the rows; empty when it takes them.
std::string objection(std::vector<Command> rows) {
  try {
    CommandTable const table(std::move(rows));
    return {};
  } catch (std::logic_error const& error) {
    return error.what();
  }
}

Command row(std::string name, std::vector<std::string> words = {}, std::vector<Parameter> parameters = {}) {
  return {.name = std::move(name), .words = std::move(words), .parameters = std::move(parameters)};
}

}  // namespace

TEST_CASE("two rows that claim one word are refused, however it is spelled") {
  CHECK(objection({row("incident ack", {"认领", "ack"}), row("incident resolve", {"解决"})}).empty());
  struct Case {
    char const* name;
    std::vector<Command> rows;
  };
  for (auto const& [name, rows] : {
           Case{"the same word", {row("a", {"认领"}), row("b", {"认领"})}},
           Case{"the same path", {row("diag db"), row("diag db")}},
           Case{"a word and a path", {row("ack"), row("b", {"ack"})}},
           Case{"another case", {row("a", {"Ack"}), row("b", {"ACK"})}},
           Case{"a hyphen for a space", {row("a", {"false-alarm"}), row("b", {"false alarm"})}},
           Case{"an underscore", {row("a", {"false_alarm"}), row("b", {"false-alarm"})}},
           Case{"a space between Han", {row("a", {"诊断 数据库"}), row("b", {"诊断数据库"})}},
           Case{"a key", {row("a", {"4"})}},
           Case{"确认", {row("a", {"确认"})}},
           Case{"恢复", {row("a", {"恢复"})}},
           Case{"回滚", {row("a", {"回滚"})}},
           Case{"their English kin", {row("a", {"Roll-back"})}},
           Case{"nothing", {row("a", {""})}},
           Case{"only space", {row("a", {" - "})}},
           Case{"a word that nobody types", {row("a", {std::string(97, 'a')})}},
           Case{"no name", {row("")}},
       }) {
    CAPTURE(name);
    CHECK_FALSE(objection(rows).empty());
  }
  CHECK(objection({row("a", {"认领"}), row("b", {"认领"})}) == "command \"b\": 认领: already said for \"a\"");
  CHECK(objection({row("a", {"false alarm", "false-alarm"})}).empty());
  CHECK(objection({row("a", {std::string(96, 'a')})}).empty());
}

TEST_CASE("parameters that no line could fill are refused") {
  Parameter const text{.name = "text", .type = ParamType::text};
  Parameter const word{.name = "word"};
  Parameter const maybe{.name = "maybe", .required = false};
  struct Case {
    char const* name;
    std::vector<Parameter> parameters;
    bool fine;
  };
  for (auto const& [name, parameters, fine] : {
           Case{"a text last", {word, text}, true},
           Case{"something after the text", {text, word}, false},
           Case{"a flag after the text",
                {text, {.name = "f", .type = ParamType::flag, .required = false, .flag_name = "f"}},
                true},
           Case{"two of one name", {word, word}, false},
           Case{"no name", {{.name = ""}}, false},
           Case{"a flag without a name", {{.name = "f", .type = ParamType::flag, .required = false}}, false},
           Case{"a required flag", {{.name = "f", .type = ParamType::flag, .flag_name = "f"}}, false},
           Case{"named only, without a name", {{.name = "a", .named_only = true}}, false},
           Case{"two flags of one name",
                {{.name = "a", .flag_name = "x"}, {.name = "b", .type = ParamType::number, .flag_name = "X"}},
                false},
           Case{"a choice of nothing", {{.name = "c", .type = ParamType::choice}}, false},
           Case{"a choice of a list", {{.name = "c", .type = ParamType::choice, .vocabulary = "service"}}, true},
           Case{"an alias of no choice",
                {{.name = "c", .type = ParamType::choice, .choices = {"a"}, .aliases = {{"x", "b"}}}},
                false},
           Case{"an alias of two choices",
                {{.name = "c", .type = ParamType::choice, .choices = {"a", "b"}, .aliases = {{"b", "a"}}}},
                false},
           Case{"an empty range", {{.name = "n", .type = ParamType::number, .range = Range{2, 1}}}, false},
           Case{"a repeated text", {{.name = "t", .type = ParamType::text, .repeated = true}}, false},
           Case{"a word after a word that may be missing", {maybe, word}, false},
           Case{"a word that may be missing after a word", {word, maybe}, true},
       }) {
    CAPTURE(name);
    CHECK(objection({row("x", {}, parameters)}).empty() == fine);
  }
  auto excluded = row("x", {}, {word});
  excluded.exclusive = {{"word", "other"}};
  CHECK_FALSE(objection({excluded}).empty());
  auto confused = row("x", {}, {text});
  confused.confusions = {{ParamType::severity, "nobody"}};
  CHECK_FALSE(objection({confused}).empty());
  auto dangerous = row("x");
  dangerous.effect = Effect::danger;
  dangerous.voice_safe = true;
  CHECK_FALSE(objection({dangerous}).empty());
}

TEST_CASE("the longest phrase wins, and a word ends where no letter follows") {
  auto const& table = sample::table();
  auto const name = [&](std::string_view text) {
    auto const match = table.longest(text);
    return match ? match->command->name + " " + std::to_string(match->used) : "-";
  };
  CHECK(name("diag") == "diag 4");
  CHECK(name("diag db x") == "diag db 7");
  CHECK(name("DIAG   DB") == "diag db 9");
  CHECK(name("diag-db") == "diag db 7");
  CHECK(name("diag dbx") == "diag 4");
  CHECK(name("diagnose") == "-");
  CHECK(name("ack-now") == "-");
  CHECK(name("ack, now") == "incident ack 3");
  CHECK(name("诊断 数据库 慢") == "diag db 16");
  CHECK(name("诊断数据库慢") == "diag db 15");
  CHECK(name("incident --private") == "-");
  CHECK(name("") == "-");
  CHECK(table.find("Incident  Ack")->name == "incident ack");
  CHECK(table.find("认领")->name == "incident ack");
  CHECK(table.find("认") == nullptr);
}

TEST_CASE("roles are ordered and everything has a name") {
  CHECK(Role::viewer < Role::responder);
  CHECK(Role::responder < Role::operator_);
  CHECK(Role::operator_ < Role::admin);
  CHECK(name_of(Role::operator_) == "operator");
  CHECK(name_of(Effect::danger) == "danger");
  CHECK(name_of(ParamType::word) == "word");
  CHECK(name_of(ParamType::flag) == "flag");
  CHECK(name_of(ParamType::time_of_day) == "time_of_day");
}

TEST_CASE("arguments are asked by name and type, and a wrong question is a bug") {
  std::vector<Parameter> const parameters{
      {.name = "severity", .type = ParamType::severity},
      {.name = "note", .type = ParamType::text, .required = false},
      {.name = "hosts", .repeated = true},
      {.name = "for", .type = ParamType::duration, .required = false},
      {.name = "quiet", .type = ParamType::flag, .required = false, .flag_name = "q"}};
  Arguments arguments(parameters);
  arguments.put("severity", Severity::p1);
  arguments.put("hosts", std::string("a"));
  arguments.put("hosts", std::string("b \"c\"\n"));
  CHECK(arguments.severity("severity") == Severity::p1);
  CHECK(arguments.find_severity("severity") == Severity::p1);
  CHECK(arguments.words("hosts") == std::vector<std::string>{"a", "b \"c\"\n"});
  CHECK(arguments.word("hosts") == "a");
  CHECK_FALSE(arguments.given("note"));
  CHECK_FALSE(arguments.find_text("note"));
  CHECK_FALSE(arguments.find_duration("for"));
  CHECK_FALSE(arguments.flag("quiet"));
  CHECK(arguments.describe() == "severity=P1 hosts=\"a\" hosts=\"b \\\"c\\\"\\n\"");
  CHECK_THROWS_AS((void)arguments.given("nobody"), std::logic_error);
  CHECK_THROWS_AS((void)arguments.text("severity"), std::logic_error);
  CHECK_THROWS_AS((void)arguments.text("note"), std::logic_error);
  CHECK_THROWS_AS((void)arguments.find_number("for"), std::logic_error);
  CHECK_THROWS_AS((void)arguments.flag("for"), std::logic_error);
  CHECK_THROWS_AS(arguments.put("severity", Severity::p2), std::logic_error);
  CHECK_THROWS_AS(arguments.put("for", std::int64_t{5}), std::logic_error);
  CHECK_THROWS_AS(arguments.put("nobody", true), std::logic_error);
  arguments.put("for", Millis{90min});
  CHECK(arguments.duration("for") == 90min);
}

TEST_CASE("a command is printed in the reader's language, from its row") {
  auto const& table = sample::table();
  auto const usage = [&](char const* name, char const* locale) { return usage_of(*table.find(name), locale); };
  CHECK(usage("incident open", "zh-CN") == "新建 [级别] <标题>");
  CHECK(usage("incident open", "en") == "open [severity] <title>");
  CHECK(usage("incident add", "zh-CN") == "拉人 [事件] <人...>");
  CHECK(usage("incident private", "zh-CN") == "incident private [事件]");
  CHECK(usage("ping", "en") == "ping [text]");
  CHECK(flags_of(*table.find("incident open"), "zh-CN") == "--severity=<级别> --service=<service> --private");
  CHECK(flags_of(*table.find("ping"), "en").empty());
  CHECK(example_of(*table.find("logs"), "zh-CN") == "日志 后端 100行");
  CHECK(example_of(*table.find("checklist"), "zh-CN") == "清单 日");
  CHECK(example_of(*table.find("incident assign"), "en") == "assign @alice");
  CHECK(expected_of(table.find("logs")->parameters[0], &sample::vocabulary(), "en") ==
        Notice("parse.expect.choice", {{"choices", std::string("backend postgres redis nginx frontend-user")}}));
  CHECK(expected_of(table.find("logs")->parameters[1], nullptr, "en") ==
        Notice("parse.expect.number_between", {{"min", std::int64_t{1}}, {"max", std::int64_t{1000}}}));
}

TEST_CASE("names that are taken are not given away") {
  Vocabulary words;
  CHECK(words.add_person("小王", PersonId{"wangfang"}));
  CHECK(words.add_person("小王", PersonId{"wangfang"}));
  CHECK_FALSE(words.add_person("小王", PersonId{"wangwei"}));
  CHECK_FALSE(words.add_person("", PersonId{"wangwei"}));
  CHECK_FALSE(words.add_person("wang", PersonId{}));
  CHECK(words.person("小王") == PersonId{"wangfang"});
  CHECK(words.add_word("service", "后端", "backend"));
  CHECK_FALSE(words.add_word("service", "后端", "backend-2"));
  CHECK(words.longest_word("service", "后端 100")->value == "backend");
  CHECK(words.longest_word("service", "BACKEND")->value == "backend");
  CHECK_FALSE(words.longest_word("nobody", "后端"));
}
