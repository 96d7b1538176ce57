#include "commands/suggest.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tocsin;

namespace {

std::vector<std::string> const kKnown{"ack",  "escalate", "resolve", "restart", "redeploy", "logs",        "diag db",
                                      "认领", "升级",     "日志",    "清日志",  "解决",     "诊断 数据库", "停"};

std::string first_of(std::vector<Near> const& found) { return found.empty() ? "-" : kKnown[found.front().index]; }

}  // namespace

TEST_CASE("a word is near when a slip of the fingers made it") {
  struct Row {
    char const* typed;
    char const* known;
    bool near;
  };
  for (auto const& [typed, known, near] : {
           Row{"ack", "ack", true},
           {"ACK", "ack", true},
           {"akc", "ack", true},
           {"ak", "ack", true},
           {"acck", "ack", true},
           {"bck", "ack", true},
           {"xyz", "ack", false},
           {"ab", "ack", false},
           {"esclate", "escalate", true},
           {"escalte", "escalate", true},
           {"esc", "escalate", true},
           {"es", "escalate", false},
           {"excavate", "escalate", true},
           {"estimate", "escalate", false},
           {"restrat", "restart", true},
           {"rstrt", "restart", true},
           {"stop", "restart", false},
           {"redeplyo", "redeploy", true},
           {"dbb", "db", true},
           {"da", "db", false},
           {"认令", "认领", true},
           {"另领", "认领", true},
           {"你好", "认领", false},
           {"看日志", "日志", true},
           {"日志", "清日志", true},
           {"查看日志", "日志", true},
           {"日", "日志", false},
           {"数据库诊断", "诊断数据库", true},
           {"停停停", "停", true},
           {"停车场里", "停", false},
           {"ack", "认领", false},
           {"", "ack", false},
           {"ack", "", false},
           {"解决方法", "解决", true},
           {"诊段数据库", "诊断 数据库", true},
       }) {
    CAPTURE(typed);
    CAPTURE(known);
    CHECK((likeness(typed, known) > 0) == near);
  }
}

TEST_CASE("at most three are suggested, the nearest first, and none when nothing is near") {
  std::vector<std::string> const many{"backend1", "backend2", "backend3", "backend4", "backend"};
  auto const found = nearest("backed", many);
  REQUIRE(found.size() == kMaxSuggestions);
  CHECK(many[found[0].index] == "backend");
  CHECK(nearest("frontend-user", many).empty());
  CHECK(nearest("backend", many, 1).size() == 1);
  CHECK(nearest("anything", std::vector<std::string>{}).empty());
}

TEST_CASE("a phrase is found in a line, and what follows it is known") {
  struct Row {
    char const* line;
    char const* first;
    char const* after;
  };
  for (auto const& [line, first, after] : {
           Row{"看日志", "日志", ""},
           {"看日志 backend", "日志", " backend"},
           {"show log", "logs", ""},
           {"restrat nginx", "restart", " nginx"},
           {"请认领42", "认领", "42"},
           {"认另42", "认领", "42"},
           {"diag dbb", "diag db", ""},
           {"诊断数据酷", "诊断 数据库", ""},
           {"今天天气不错", "-", ""},
           {"lorem ipsum dolor", "-", ""},
           {"a b c d e acck", "-", ""},
       }) {
    CAPTURE(line);
    auto const found = nearest_in(line, kKnown);
    CHECK(first_of(found) == first);
    if (!found.empty()) CHECK(std::string(line).substr(found.front().to) == after);
  }
}

TEST_CASE("long lines cost little and break nothing") {
  CHECK(nearest_in(std::string(8192, 'a'), kKnown).empty());
  std::string han;
  for (int i = 0; i < 2000; ++i) han += "日";
  CHECK(nearest_in(han, kKnown).size() <= kKnown.size());
}
