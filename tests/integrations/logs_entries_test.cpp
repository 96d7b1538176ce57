#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/logs/entries.hpp"

using namespace tocsin;
using namespace tocsin::logs;
using namespace std::chrono_literals;

namespace {

/// 2023-11-23 02:20:00 UTC.
constexpr Instant kStart = std::chrono::sys_days(std::chrono::year(2023) / 11 / 23) + 2h + 20min;

/// The lines, joined; a `~` before each one that belongs to the line above.
std::string joined(Selection const& selection) {
  std::string result;
  for (auto const& line : selection.lines) result += (line.continues ? "~" : "") + line.text + "\n";
  return result;
}

Wanted wanted(Filter filter, std::size_t lines = 100) {
  Wanted result;
  result.lines = lines;
  result.filter = std::move(filter);
  return result;
}

Selection selected(std::string_view text, Wanted const& what) { return select(text, what, {}); }

constexpr std::string_view kPython =
    "2023-11-23 02:20:00,001 - app - INFO - started\n"
    "2023-11-23 02:20:01,001 - app - ERROR - request failed\n"
    "Traceback (most recent call last):\n"
    "  File \"/app/main.py\", line 3, in <module>\n"
    "    import jwt\n"
    "ModuleNotFoundError: No module named 'jwt'\n"
    "\n"
    "During handling of the above exception, another exception occurred:\n"
    "\n"
    "Traceback (most recent call last):\n"
    "  File \"/app/main.py\", line 5, in <module>\n"
    "RuntimeError: no token\n"
    "2023-11-23 02:20:02,001 - app - WARNING - an ERROR was logged\n"
    "2023-11-23 02:20:03,001 - app - INFO - LOGIN_FAILED ip=1.2.3.4\n";

constexpr std::string_view kTraceback =
    "2023-11-23 02:20:01,001 - app - ERROR - request failed\n"
    "~Traceback (most recent call last):\n"
    "~  File \"/app/main.py\", line 3, in <module>\n"
    "~    import jwt\n"
    "~ModuleNotFoundError: No module named 'jwt'\n"
    "~\n"
    "~During handling of the above exception, another exception occurred:\n"
    "~\n"
    "~Traceback (most recent call last):\n"
    "~  File \"/app/main.py\", line 5, in <module>\n"
    "~RuntimeError: no token\n";

}  // namespace

TEST_CASE("errors are found with all that belongs to them") {
  struct Row {
    std::string_view name;
    std::string_view text;
    std::string_view errors;
  };
  for (auto const& row : {
           Row{"Python's logging", kPython, kTraceback},
           Row{"an exception logged at a calm level",
               "2023-11-23 02:20:00 INFO x\nTraceback (most recent call last):\n  File\nKeyError: 1\n2023-11-23 "
               "02:20:01 INFO y\n",
               "2023-11-23 02:20:00 INFO x\n~Traceback (most recent call last):\n~  File\n~KeyError: 1\n"},
           Row{"a traceback in a log without stamps",
               "starting\nTraceback (most recent call last):\n  File\nKeyError: 1\nstarting again\n",
               "Traceback (most recent call last):\n~  File\n~KeyError: 1\n"},
           Row{"two of them, one caused by the other",
               "a\nTraceback (most recent call last):\n  File\nKeyError: 1\n\nThe above exception was the direct cause "
               "of "
               "the following exception:\n\nTraceback (most recent call last):\n  File\nValueError: 2\nb\n",
               "Traceback (most recent call last):\n~  File\n~KeyError: 1\n~\n~The above exception was the direct "
               "cause of "
               "the following exception:\n~\n~Traceback (most recent call last):\n~  File\n~ValueError: 2\n"},
           Row{"two of them, one after the other",
               "Traceback (most recent call last):\n  F\nA: 1\nTraceback (most recent call last):\n  F\nB: 2\n",
               "Traceback (most recent call last):\n~  F\n~A: 1\nTraceback (most recent call last):\n~  F\n~B: 2\n"},
           Row{"Java",
               "2023-11-23 02:20:00 ERROR x\njava.io.IOException: y\n\tat a.b(C.java:1)\nCaused by: z\n\t... 3 more\n"
               "2023-11-23 02:20:01 INFO z\n",
               "2023-11-23 02:20:00 ERROR x\n~java.io.IOException: y\n~\tat a.b(C.java:1)\n~Caused by: z\n~\t... 3 "
               "more\n"},
           Row{"Go", "listening\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()\n",
               "panic: boom\n~\n~goroutine 1 [running]:\n~main.main()\n"},
           Row{"levels without stamps", "INFO: a\nERROR: b\n  more\nINFO: c\n", "ERROR: b\n~  more\n"},
           Row{"colours",
               "\x1B[0;32m[SUCCESS]\x1B[0m a\n\x1B[0;31m[ERROR]\x1B[0m 备份失败\n\x1B[1;33m[WARNING]\x1B[0m c\n",
               "[ERROR] 备份失败\n"},
           Row{"nginx's error log",
               "2023/11/23 02:20:00 [warn] 1#1: a\n2023/11/23 02:20:01 [error] 1#1: *7 connect() failed (111)\n"
               "2023/11/23 02:20:02 [notice] 1#1: error\n",
               "2023/11/23 02:20:01 [error] 1#1: *7 connect() failed (111)\n"},
           Row{"an access log",
               "1.2.3.4 - - [23/Nov/2023:02:20:00 +0000] \"GET /ERROR HTTP/1.1\" 200 5 \"-\" \"-\"\n"
               "1.2.3.4 - - [23/Nov/2023:02:20:01 +0000] \"GET / HTTP/1.1\" 502 5 \"-\" \"-\"\n"
               "1.2.3.4 - - [23/Nov/2023:02:20:02 +0000] \"GET / HTTP/1.1\" 499 5 \"-\" \"-\"\n"
               "1.2.3.4 - - [23/Nov/2023:02:20:03 +0000] \"GET / HTTP/1.1\" 404 500 \"-\" \"-\"\n",
               "1.2.3.4 - - [23/Nov/2023:02:20:01 +0000] \"GET / HTTP/1.1\" 502 5 \"-\" \"-\"\n"},
           Row{"uvicorn, where the level is calm and the answer is not",
               "INFO:     127.0.0.1:1 - \"GET / HTTP/1.1\" 200 OK\nINFO:     127.0.0.1:1 - \"GET / HTTP/1.1\" 500 "
               "Internal\n",
               "INFO:     127.0.0.1:1 - \"GET / HTTP/1.1\" 500 Internal\n"},
           Row{"PostgreSQL, whose details follow in lines of their own",
               "2023-11-23 02:20:00.1 UTC [7] LOG:  a\n2023-11-23 02:20:01.1 UTC [7] ERROR:  duplicate key\n"
               "2023-11-23 02:20:01.1 UTC [7] DETAIL:  Key (id)=(1)\n2023-11-23 02:20:01.1 UTC [7] STATEMENT:  INSERT\n"
               "\tINTO t\n2023-11-23 02:20:02.1 UTC [7] LOG:  b\n",
               "2023-11-23 02:20:01.1 UTC [7] ERROR:  duplicate key\n~2023-11-23 02:20:01.1 UTC [7] DETAIL:  Key "
               "(id)=(1)\n"
               "~2023-11-23 02:20:01.1 UTC [7] STATEMENT:  INSERT\n~\tINTO t\n"},
           Row{"no errors", "2023-11-23 02:20:00 INFO a\n", ""},
           Row{"nothing", "", ""},
       }) {
    CAPTURE(row.name);
    CHECK(joined(selected(row.text, wanted(ErrorsOnly{}))) == row.errors);
  }
}

TEST_CASE("a text is found, byte for byte, with the entry it stands in") {
  CHECK(joined(selected(kPython, wanted(Containing{"LOGIN_FAILED"}))) ==
        "2023-11-23 02:20:03,001 - app - INFO - LOGIN_FAILED ip=1.2.3.4\n");
  CHECK(joined(selected(kPython, wanted(Containing{"No module named"}))) == kTraceback);
  CHECK(joined(selected(kPython, wanted(Containing{"login_failed"}))).empty());
  CHECK(joined(selected("a.c\nabc\n", wanted(Containing{"a.c"}))) == "a.c\n");
  CHECK(joined(selected("x\x1B[1mye\x1B[0ms\n", wanted(Containing{"xyes"}))) == "xyes\n");
  auto const far = std::string(kMaxLineBytes * 2, 'x') + "needle";
  CHECK(selected(far, wanted(Containing{"needle"})).lines.size() == 1);  // beyond what is shown of the line
}

TEST_CASE("without a filter the last lines come, as they are") {
  struct Row {
    std::string_view name;
    std::string_view text;
    std::size_t lines;
    std::string_view expected;
    std::size_t left_out;
    bool full;
  };
  for (auto const& row :
       {Row{"fewer than wanted", "a\nb\n", 3, "a\nb\n", 0, false},
        Row{"just as many", "a\nb\nc\n", 3, "a\nb\nc\n", 0, true}, Row{"more", "a\nb\nc\nd\n", 3, "b\nc\nd\n", 1, true},
        Row{"an unfinished last line counts", "a\nb\nc", 2, "b\nc\n", 1, true},
        Row{"empty lines count", "a\n\n\n", 2, "~\n~\n", 1, true},
        Row{"an entry is cut at its beginning", "2023-11-23 02:20:00 a\n b\n c\n", 2, "~ b\n~ c\n", 1, true},
        Row{"CRLF", "a\r\nb\r\n", 9, "a\nb\n", 0, false}, Row{"one empty line", "\n", 9, "", 0, false},
        Row{"nothing", "", 9, "", 0, false}}) {
    CAPTURE(row.name);
    auto const selection = selected(row.text, wanted(Everything{}, row.lines));
    CHECK(joined(selection) == row.expected);
    CHECK(selection.left_out == row.left_out);
    CHECK(selection.full == row.full);
    CHECK_FALSE(selection.over_limit);
  }
}

TEST_CASE("of an entry that is too long the line that matters and the end are kept") {
  struct Row {
    std::string_view name;
    Filter filter;
    std::size_t lines;
    std::string_view expected;
    std::size_t left_out;
  };
  constexpr std::string_view kText =
      "2023-11-23 02:20:00 ERROR old\n2023-11-23 02:20:01 ERROR new\n one\n two\n three\n2023-11-23 02:20:02 INFO x\n";
  for (auto const& row :
       {Row{"all of it", ErrorsOnly{}, 5,
            "2023-11-23 02:20:00 ERROR old\n2023-11-23 02:20:01 ERROR new\n~ one\n~ two\n~ three\n", 0},
        Row{"just the newer", ErrorsOnly{}, 4, "2023-11-23 02:20:01 ERROR new\n~ one\n~ two\n~ three\n", 1},
        Row{"a part of the newer", ErrorsOnly{}, 3, "2023-11-23 02:20:01 ERROR new\n~ two\n~ three\n", 2},
        Row{"one line", ErrorsOnly{}, 1, "2023-11-23 02:20:01 ERROR new\n", 4},
        Row{"the line with the text", Containing{"one"}, 2, "~ one\n~ three\n", 2},
        Row{"the text at the end", Containing{"three"}, 2, "~ two\n~ three\n", 2}}) {
    CAPTURE(row.name);
    auto const selection = selected(kText, wanted(row.filter, row.lines));
    CHECK(joined(selection) == row.expected);
    CHECK(selection.left_out == row.left_out);
  }
}

TEST_CASE("only what is recent enough comes, and the rest of the log is not asked for") {
  struct Row {
    std::string_view name;
    std::string_view text;
    std::string_view expected;
    bool full;
    bool dated;
  };
  auto what = wanted(Everything{});
  what.since = kStart;
  for (auto const& row :
       {Row{"on the instant", "2023-11-23 02:19:59.999 a\n2023-11-23 02:20:00 b\n", "2023-11-23 02:20:00 b\n", false,
            true},
        Row{"what belongs to an old entry is old", "2023-11-23 02:19:59 a\n b\n2023-11-23 02:20:00 c\n d\n",
            "2023-11-23 02:20:00 c\n~ d\n", false, true},
        Row{"writers overtake each other", "2023-11-23 02:20:01 a\n2023-11-23 02:19:30 b\n2023-11-23 02:20:00 c\n",
            "2023-11-23 02:20:01 a\n2023-11-23 02:20:00 c\n", false, true},
        Row{"old enough to stop",
            "2023-11-23 02:10:00 a\n2023-11-23 02:10:01 b\n2023-11-23 02:10:02 c\n2023-11-23 02:20:00 d\n",
            "2023-11-23 02:20:00 d\n", true, true},
        Row{"one wrong clock does not stop it", "2023-11-23 02:20:00 a\n1970-01-01 00:00:00 b\n2023-11-23 02:20:00 c\n",
            "2023-11-23 02:20:00 a\n2023-11-23 02:20:00 c\n", false, true},
        Row{"lines before the first time count as of it", " x\n2023-11-23 02:20:00 a\n", " x\n2023-11-23 02:20:00 a\n",
            false, true},
        Row{"nothing recent", "2023-11-23 02:10:00 a\n", "", false, true},
        Row{"no times at all: not applied", "a\nb\n", "a\nb\n", false, false}}) {
    CAPTURE(row.name);
    auto const selection = selected(row.text, what);
    CHECK(joined(selection) == row.expected);
    CHECK(selection.full == row.full);
    CHECK(selection.dated == row.dated);
  }
}

TEST_CASE("each line bears the time of its entry") {
  auto const selection = selected("2023-11-23 02:20:00 a\n b\nINFO: c\n", wanted(Everything{}));
  REQUIRE(selection.lines.size() == 3);
  for (auto const& line : selection.lines) CHECK(line.at == kStart);
  CHECK_FALSE(selected("a\n", wanted(Everything{})).lines.at(0).at.has_value());
}

TEST_CASE("lines are shown clean and not too long") {
  struct Row {
    std::string_view name;
    std::string line;
    std::string expected;
  };
  std::string const most(kMaxLineBytes, 'x');
  for (auto const& row : {Row{"as it is", "备份 ✅\tx", "备份 ✅\tx"}, Row{"colours", "\x1B[31mred\x1B[0m", "red"},
                          Row{"zeros", std::string(10, '\0'), ""}, Row{"no UTF-8", "a\xFFz", "a\xEF\xBF\xBDz"},
                          Row{"a return can't hide what stands before it", "evil\rharmless", "evil harmless"},
                          Row{"the longest", most, most}, Row{"one byte more", most + "y", most + " […+1 B]"},
                          Row{"much more", most + std::string(99'999, 'y'), most + " […+99999 B]"},
                          Row{"a character on the border", most.substr(2) + "备", most.substr(2) + " […+3 B]"}}) {
    CAPTURE(row.name);
    CHECK(shown(row.line) == row.expected);
  }
  CHECK(shown(std::string(kMaxLineBytes, '\xFF')).size() <= kMaxLineBytes);
}

TEST_CASE("the text given is bounded, its newest line comes in any case") {
  auto what = wanted(Everything{});
  what.bytes = 6;
  auto selection = selected("aaa\nbbb\nccc\n", what);
  CHECK(joined(selection) == "bbb\nccc\n");
  CHECK(selection.left_out == 1);
  CHECK(selection.over_limit);
  what.bytes = 9;
  selection = selected("aaa\nbbb\nccc\n", what);
  CHECK(selection.lines.size() == 3);
  CHECK_FALSE(selection.over_limit);
  what.bytes = 1;
  CHECK(joined(selected("aaa\nbbb\nccc\n", what)) == "ccc\n");
}

TEST_CASE("the number of lines looked at is bounded") {
  auto what = wanted(Containing{"first"});
  std::string text = "first\n";
  for (std::size_t i = 1; i < kMaxScannedLines; ++i) text += "x\n";
  auto selection = selected(text, what);
  CHECK(selection.lines.size() == 1);
  CHECK_FALSE(selection.over_limit);
  text += "x\n";
  selection = selected(text, what);
  CHECK(selection.lines.empty());
  CHECK(selection.over_limit);
  CHECK(selection.full);
}

TEST_CASE("an endless entry is looked at in pieces") {
  std::string text = "2023-11-23 02:20:00 ERROR x\n";
  for (std::size_t i = 1; i < 2 * kMaxEntryLines; ++i) text += i == kMaxEntryLines + 5 ? " needle\n" : " more\n";
  CHECK(selected(text, wanted(ErrorsOnly{}, 5'000)).lines.size() == 2 * kMaxEntryLines);
  CHECK(selected(text, wanted(Containing{"needle"}, 5'000)).lines.size() == kMaxEntryLines);
}

TEST_CASE("no text makes the selection crash or give too much") {
  std::mt19937 random(42);  // a fixed seed: the same texts each time
  constexpr std::string_view kAlphabet = "\n\n\n\r\t \"[]{:}0123456789-/EROINFTraceback\x1B\x80\xFF";
  for (int i = 0; i < 300; ++i) {
    auto text = std::string(kPython);
    for (int changes = 0; changes < 200; ++changes)
      text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
    for (Filter const& filter : {Filter(Everything{}), Filter(ErrorsOnly{}), Filter(Containing{"a"})}) {
      auto what = wanted(filter, 1 + random() % 20);
      what.bytes = 1 + random() % 500;
      if (i % 2 == 0) what.since = kStart;
      auto const selection = selected(text, what);
      CHECK(selection.lines.size() <= what.lines);
      auto const total = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
      CHECK(selection.lines.size() + selection.left_out <= total);
    }
  }
}
