#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/logs/stamp.hpp"
#include "integrations/logs/words.hpp"

using namespace tocsin;
using namespace tocsin::logs;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr Instant at(int year, unsigned month, unsigned day, Millis time) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) + time;
}

constexpr Millis kTime = 2h + 20min + 5s;
constexpr Instant kDay = at(2023, 11, 23, kTime);

/// A writer in Shanghai.
StampRules shanghai() {
  StampRules rules;
  rules.year = 2023;
  rules.offset = [](std::chrono::local_seconds) { return std::chrono::seconds(8h); };
  return rules;
}

struct Row {
  std::string_view line;
  std::optional<Instant> expected;
};

}  // namespace

TEST_CASE("stamps are recognised, those without a zone by the writer's clock") {
  for (auto const& row : {
           Row{"2023-11-23T02:20:05Z ERROR x", kDay},
           Row{"2023-11-23T02:20:05.1Z", kDay + 100ms},
           Row{"2023-11-23T02:20:05.123456789Z", kDay + 123ms},
           Row{"2023-11-23T02:20:05,042Z", kDay + 42ms},
           Row{"2023-11-23T02:20:05+08:00 x", kDay - 8h},
           Row{"2023-11-23T02:20:05.5-0330", kDay + 500ms + 3h + 30min},
           Row{"2023-11-23 02:20:05+05", kDay - 5h},
           Row{"2023-11-23T02:20:05 x", kDay - 8h},
           Row{"2023-11-23 02:20:05,123 - app - INFO - x", kDay + 123ms - 8h},
           Row{"2023-11-23 02:20:05 x", kDay - 8h},
           Row{"2023-11-23 02:20:05.123 UTC [77] LOG:  x", kDay + 123ms},
           Row{"2023-11-23 02:20:05 GMT x", kDay},
           Row{"2023-11-23 02:20:05 CST x", kDay - 8h},
           Row{"2023-11-23 02:20:05 +0000 x", kDay},
           Row{"2023-11-23 02:20:05 +15 items", kDay - 8h},
           Row{"2023-11-23 02:20:05 - x", kDay - 8h},
           Row{"2023-11-23 02:20:05, x", kDay - 8h},
           Row{"2023-11-23", std::nullopt},
           Row{"2023-11-23 02:20", std::nullopt},
           Row{"2023/11/23 02:20:05 [error] 12#12: x", kDay - 8h},
           Row{"2023/11-23 02:20:05", std::nullopt},
           Row{R"(1.2.3.4 - - [23/Nov/2023:02:20:05 +0000] "GET / HTTP/1.1" 200 1)", kDay},
           Row{R"(2001:db8::1 - li [23/Nov/2023:02:20:05 +0800] "GET /[x] HTTP/1.1" 200 1)", kDay - 8h},
           Row{R"(1.2.3.4 - [x] [23/Nov/2023:02:20:05 +0000] "-" 400 0)", kDay},
           Row{R"(1.2.3.4 - - [23/Nov/2023:02:20:05] "GET /" 200 1)", kDay - 8h},
           Row{"1.2.3.4 - - [23/Nov/23:02:20:05 +0000]", std::nullopt},
           Row{"1.2.3.4 - - [23/Brumaire/2023:02:20:05 +0000]", std::nullopt},
           Row{"Nov 23 02:20:05 host sshd[1]: x", kDay - 8h},
           Row{"Nov  3 02:20:05 host x", at(2023, 11, 3, kTime) - 8h},
           Row{"<34>Nov 23 02:20:05 host x", kDay - 8h},
           Row{"Nov 3 02:20:05 x", std::nullopt},
           Row{"Nov 31 02:20:05 x", std::nullopt},
           Row{"Smarch 13 02:20:05 x", std::nullopt},
           Row{"[2023-11-23 02:20:05] x", kDay - 8h},
           Row{"[2023-11-23T02:20:05Z] x", kDay},
           Row{"ERROR 2023-11-23 02:20:05 x", kDay - 8h},
           Row{"[INFO] 2023-11-23 02:20:05 x", kDay - 8h},
           Row{"[INFO] [2023-11-23 02:20:05] x", kDay - 8h},
           Row{"INFO:     2023-11-23 02:20:05 x", kDay - 8h},
           Row{"lawsker_backend  | 2023-11-23T02:20:05Z x", kDay},
           Row{"backend_1  | [WARNING] 2023-11-23T02:20:05Z x", kDay},
           Row{R"({"time":"2023-11-23T02:20:05Z","level":"error"})", kDay},
           Row{R"({"level": "info", "@timestamp": "2023-11-23T02:20:05.5Z", "time": "x"})", kDay + 500ms},
           Row{R"({"time":1700705605,"msg":"2023-11-23T02:20:05Z"})", std::nullopt},
           Row{"no stamp here", std::nullopt},
           Row{"retry at 2023-11-23 02:20:05", std::nullopt},
           Row{"ValueError: time data '2023-11-23 02:20:05' is wrong", std::nullopt},
           Row{"  2023-11-23 02:20:05 indented", std::nullopt},
           Row{"", std::nullopt},
       }) {
    CAPTURE(row.line);
    CHECK(parse_stamp(row.line, shanghai()) == row.expected);
  }
}

TEST_CASE("a time that does not exist is none") {
  for (auto const line :
       {"2023-13-01 00:00:00"sv, "2023-00-01 00:00:00"sv, "2023-02-29 00:00:00"sv, "2023-04-31 00:00:00"sv,
        "2023-01-00 00:00:00"sv, "2023-01-01 24:00:00"sv, "2023-01-01 00:60:00"sv, "2023-01-01 00:00:61"sv,
        "2023-1-01 00:00:00"sv, "20231-01-01 00:00:00"sv, "2023-01-01_00:00:00"sv, "2023-01-01 0:00:00"sv,
        "-023-01-01 00:00:00"sv}) {
    CAPTURE(line);
    CHECK_FALSE(parse_stamp(line, {}).has_value());
  }
  CHECK(parse_stamp("2024-02-29 00:00:00", {}).has_value());
  CHECK(parse_stamp("2016-12-31 23:59:60", {}) == at(2017, 1, 1, 0ms));  // a leap second
}

TEST_CASE("a stamp without a year is of the year it can be of") {
  struct Year {
    std::string_view name;
    std::string_view line;
    std::optional<int> year;
    std::optional<Instant> latest;
    std::optional<Instant> expected;
  };
  auto const new_year = at(2024, 1, 2, 0ms);
  for (auto const& row :
       {Year{"this year's", "Jan  1 00:00:00 x", 2024, new_year, at(2024, 1, 1, 0ms)},
        Year{"last year's", "Dec 31 23:00:00 x", 2024, new_year, at(2023, 12, 31, 23h)},
        Year{"nobody says when now is", "Dec 31 23:00:00 x", 2024, std::nullopt, at(2024, 12, 31, 23h)},
        Year{"exactly the latest", "Jan  2 00:00:00 x", 2024, new_year, at(2024, 1, 2, 0ms)},
        Year{"a leap day of last year", "Feb 29 12:00:00 x", 2025, at(2025, 1, 1, 0ms), at(2024, 2, 29, 12h)},
        Year{"a leap day of no year", "Feb 29 12:00:00 x", 2023, at(2023, 6, 1, 0ms), std::nullopt},
        Year{"no year at all", "Jan  1 00:00:00 x", std::nullopt, new_year, std::nullopt}}) {
    CAPTURE(row.name);
    StampRules rules;
    rules.year = row.year;
    rules.latest = row.latest;
    CHECK(parse_stamp(row.line, rules) == row.expected);
  }
}

TEST_CASE("the writer's clock is asked for the local time of the stamp") {
  StampRules rules;
  rules.offset = [](std::chrono::local_seconds local) {  // summer time from July on
    return std::chrono::seconds(local >= std::chrono::local_days(std::chrono::year(2023) / 7 / 1) ? 2h : 1h);
  };
  CHECK(parse_stamp("2023-06-30 23:59:59", rules) == at(2023, 6, 30, 23h + 59min + 59s - 1h));
  CHECK(parse_stamp("2023-07-01 00:00:00", rules) == at(2023, 7, 1, 0ms) - 2h);
}

TEST_CASE("levels are recognised where they are levels") {
  struct Word {
    std::string_view line;
    Level level;
  };
  for (auto const& row : {
           Word{"2023-11-23 02:20:05 ERROR x", Level::error},
           Word{"2023-11-23 02:20:05,1 - app - CRITICAL - x", Level::error},
           Word{"2023/11/23 02:20:05 [error] 1#1: x", Level::error},
           Word{"2023/11/23 02:20:05 [crit] x", Level::error},
           Word{"2023/11/23 02:20:05 [alert] x", Level::error},
           Word{"2023/11/23 02:20:05 [emerg] x", Level::error},
           Word{"2023/11/23 02:20:05 [warn] 1#1: an error in x", Level::calm},
           Word{"2023/11/23 02:20:05 [notice] x", Level::calm},
           Word{"2023-11-23 UTC [1] FATAL:  sorry, too many clients", Level::error},
           Word{"2023-11-23 UTC [1] PANIC:  x", Level::error},
           Word{"2023-11-23 UTC [1] LOG:  ERROR in x", Level::calm},
           Word{"2023-11-23 UTC [1] DETAIL:  x", Level::detail},
           Word{"2023-11-23 UTC [1] STATEMENT:  SELECT ERROR", Level::detail},
           Word{"the DETAIL of it", Level::none},
           Word{"[ERROR] x", Level::error},
           Word{"[SUCCESS] no ERROR", Level::calm},
           Word{"production.ERROR: x", Level::error},
           Word{"Error: boom", Level::error},
           Word{"error: boom", Level::error},
           Word{"level=error msg=x", Level::error},
           Word{R"({"level":"error","msg":"x"})", Level::error},
           Word{R"({"level": "info","msg":"ERROR"})", Level::calm},
           Word{"INFO ERROR", Level::calm},
           Word{"an error happened", Level::none},
           Word{"DB_ERROR_COUNT 5", Level::none},
           Word{"ERRORS 5", Level::none},
           Word{"no level", Level::none},
           Word{"", Level::none},
       }) {
    CAPTURE(row.line);
    CHECK(level_of_line(row.line) == row.level);
  }
}

TEST_CASE("the answer of a request is read behind the request") {
  struct Request {
    std::string_view line;
    std::optional<int> status;
  };
  for (auto const& row : {
           Request{R"(1.2.3.4 - - [x] "GET / HTTP/1.1" 502 157 "-" "curl")", 502},
           Request{R"(1.2.3.4 - - [x] "POST /a HTTP/2.0" 200 500 "http://x" "HTTP/1.1")", 200},
           Request{R"(INFO:     127.0.0.1:1 - "GET /health HTTP/1.1" 500 Internal Server Error)", 500},
           Request{R"(1.2.3.4 - - [x] "GET /?a=HTTP/1.1 HTTP/1.0" 503)", 503},
           Request{R"(1.2.3.4 - - [x] "GET / HTTP/1.1" 50 1)", std::nullopt},
           Request{R"(1.2.3.4 - - [x] "GET / HTTP/1.1" 5000 1)", std::nullopt},
           Request{R"(1.2.3.4 - - [x] "GET / HTTP/1.1" - 1)", std::nullopt},
           Request{R"(said "hello" 500 times)", std::nullopt},
           Request{"HTTP/", std::nullopt},
           Request{"HTTP/1.1\" ", std::nullopt},
           Request{"", std::nullopt},
       }) {
    CAPTURE(row.line);
    CHECK(http_status(row.line) == row.status);
  }
}

TEST_CASE("no line makes the reader of stamps and levels crash") {
  auto const rules = shanghai();
  std::mt19937 random(57);  // a fixed seed: the same lines each time
  std::vector<std::string> const good{"2023-11-23T02:20:05.123456+08:00 ERROR x",
                                      "backend_1 | [INFO] [2023-11-23 02:20:05,123] x", "<34>Nov 23 02:20:05 host x",
                                      R"(1.2.3.4 - - [23/Nov/2023:02:20:05 +0800] "GET / HTTP/1.1" 502 1)",
                                      R"({"@timestamp":"2023-11-23T02:20:05Z","level":"error"})"};
  for (auto const& line : good) {
    for (std::size_t end = 0; end <= line.size(); ++end) {
      (void)parse_stamp(line.substr(0, end), rules);
      (void)level_of_line(line.substr(0, end));
      (void)http_status(line.substr(0, end));
      (void)without_lead(line.substr(end));
    }
    for (int i = 0; i < 2000; ++i) {
      auto changed = line;
      for (int changes = 0; changes < 3; ++changes) changed[random() % changed.size()] = static_cast<char>(random());
      if (auto const stamp = parse_stamp(changed, rules)) CHECK(*stamp < at(10'000, 1, 2, 0ms));
      (void)level_of_line(changed);
      (void)http_status(changed);
    }
  }
  for (auto const& line : {std::string(1 << 20, '['), std::string(1 << 20, '9'), std::string(1 << 20, '"'),
                           std::string(1 << 20, ' '), std::string(100, '\0')}) {
    CHECK_FALSE(parse_stamp(line, rules).has_value());
    CHECK(level_of_line(line) == Level::none);
  }
}
