#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

struct Row {
  std::string path;
  std::string code;
  std::string rule;  ///< "" where nothing is to be found
};

void check(Row const& row) {
  CAPTURE(row.path);
  CAPTURE(row.code);
  auto const found = banned_calls(source(row.path, row.code + "\n"));
  CHECK(found.empty() == row.rule.empty());
  if (!found.empty()) CHECK(found.front().rule == row.rule);
}

}  // namespace

TEST_CASE("time enters through one door") {
  for (Row const& row : {
           Row{"incidents/a.cpp", "auto t = std::chrono::system_clock::now();", "wall-clock"},
           Row{"integrations/net/a.cpp", "auto t = std::chrono::system_clock::now();", "wall-clock"},
           Row{"bot/slack/a.cpp", "auto t = ::gettimeofday(&tv, nullptr);", "wall-clock"},
           Row{"bot/slack/a.cpp", "auto t = std::time(nullptr);", "wall-clock"},
           Row{"bot/clock.cpp", "auto t = std::chrono::system_clock::now();", ""},
           Row{"tests/bot/a.cpp", "auto t = std::chrono::system_clock::now();", ""},
           Row{"incidents/a.cpp", "// not system_clock::now()", ""},
           Row{"incidents/a.cpp", "auto t = std::chrono::system_clock::time_point{};", ""},
           Row{"incidents/a.cpp", "auto t = clock.now();", ""},
           Row{"commands/a.cpp", "auto t = std::chrono::steady_clock::now();", "monotonic-clock"},
           Row{"integrations/net/a.cpp", "auto t = std::chrono::steady_clock::now();", ""},
       }) {
    check(row);
  }
}

TEST_CASE("chance, environment, sleep and shell have one home or none") {
  for (Row const& row : {
           Row{"incidents/a.cpp", "std::random_device device;", "chance"},
           Row{"bot/chance.cpp", "std::random_device device;", ""},
           Row{"bot/chance.cpp", "int n = rand();", "chance"},
           Row{"bot/chance.cpp", "int n = operand(1);", ""},
           Row{"config/a.cpp", "auto v = std::getenv(name);", "environment"},
           Row{"bot/environment.cpp", "auto v = std::getenv(name);", ""},
           Row{"config/a.cpp", "auto v = environment.getenv(name);", ""},
           Row{"tests/bot/a.cpp", "std::this_thread::sleep_for(1ms);", "sleep"},
           Row{"bot/a.cpp", "usleep(3);", "sleep"},
           Row{"bot/a.cpp", "return sleep(3);", "sleep"},
           Row{"bot/a.cpp", "Instant sleep(Millis at_most);", ""},
           Row{"bot/a.cpp", "say(\"sleep(3)\");", ""},
           Row{"bot/a.cpp", "system(command);", "shell"},
           Row{"bot/a.cpp", "std::system(command);", "shell"},
           Row{"bot/a.cpp", "auto* pipe = popen(command, mode);", "shell"},
           Row{"bot/a.cpp", "boost::system::error_code code;", ""},
           Row{"bot/a.cpp", "host::system(command);", ""},
           Row{"bot/a.cpp", "diagnosis->system(target);", ""},
       }) {
    check(row);
  }
}

TEST_CASE("standard output belongs to the edge") {
  for (Row const& row : {
           Row{"commands/a.cpp", "std::printf(format);", "stdout"},
           Row{"commands/a.cpp", "std::cout << text;", "stdout"},
           Row{"commands/a.cpp", "fmt::print(format);", "stdout"},
           Row{"commands/a.cpp", "std::fprintf(stdout, format);", "stdout"},
           Row{"bot/main.cpp", "std::cout << text;", ""},
           Row{"commands/a.cpp", "std::snprintf(buffer, size, format);", ""},
           Row{"commands/a.cpp", "auto text = fmt::format(format);", ""},
       }) {
    check(row);
  }
}

TEST_CASE("SQL is written in the store") {
  for (Row const& row : {
           Row{"bot/a.cpp", "run(\"SELECT id FROM pages\");", "sql"},
           Row{"bot/a.cpp", "run(R\"(\nINSERT INTO pages VALUES (?1))\");", "sql"},
           Row{"incidents/store/pages.cpp", "run(\"SELECT id FROM pages\");", ""},
           Row{"integrations/postgres/a.cpp", "run(\"SELECT state FROM pg_stat_activity\");", ""},
           Row{"bot/a.cpp", "say(\"Select a person from the list\");", ""},
           Row{"bot/a.cpp", "// SELECT id FROM pages", ""},
       }) {
    check(row);
  }
}

TEST_CASE("no exception ends unseen") {
  for (Row const& row : {
           Row{"bot/a.cpp", "try { f(); } catch (...) {}", "swallowed"},
           Row{"bot/a.cpp", "try { f(); } catch (...) {\n  // nothing to tell\n}", "swallowed"},
           Row{"bot/a.cpp", "try { f(); } catch (...) { log.error(); }", ""},
           Row{"bot/a.cpp", "say(\"catch (...) {}\");", ""},
       }) {
    check(row);
  }
}

TEST_CASE("a finding names its line") {
  auto const found = banned_calls(source("bot/a.cpp", "int a;\n\nusleep(3);\n"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 3);
}
