#include <doctest/doctest.h>
#include <locale.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bot/log.hpp"
#include "bot/terminal/persona.hpp"
#include "bot/terminal/rows.hpp"

using namespace tocsin;

TEST_CASE("the row of the cursor, as libedit wraps") {
  auto const utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  REQUIRE(utf8 != nullptr);
  auto const before = ::uselocale(utf8);
  struct Row {
    std::string name;
    std::size_t prompt;
    std::wstring text;
    std::size_t rows;
  };
  for (auto const& row : {
           Row{"nothing typed", 8, L"", 0},
           Row{"one short of the edge", 8, L"a", 0},
           Row{"a full row: the cursor is on the next", 8, L"ab", 1},
           Row{"two rows", 8, L"abcdefghijkl", 2},
           Row{"Han take two columns", 8, L"网", 1},
           Row{"Han that do not fit go to the next row whole", 9, L"网", 1},
           Row{"and leave a column unused there", 9, L"网网网网网", 2},
           Row{"a control character is shown by two", 8, L"\x01", 1},
           Row{"a combining mark takes no room", 8, L"a\u0301", 0},
           Row{"a prompt wider than the screen", 25, L"", 2},
       }) {
    CAPTURE(row.name);
    CHECK(rows_below_first(row.prompt, row.text, 10) == row.rows);
  }
  CHECK(rows_below_first(8, L"abc", 0) == 0);
  ::uselocale(before);
  ::freelocale(utf8);
}

TEST_CASE("playing somebody else") {
  struct Row {
    std::string line;
    std::string name;
    std::string rest;
  };
  for (auto const& row :
       {Row{"as bob", "bob", ""}, Row{"/as bob", "bob", ""}, Row{"AS @bob ", "bob", ""},
        Row{"as bob 批准 K1", "bob", "批准 K1"}, Row{"扮演bob", "bob", ""}, Row{"扮演　bob", "bob", ""},
        Row{"／扮演 管理员 执行 K1", "管理员", "执行 K1"}, Row{"as", "", ""}}) {
    CAPTURE(row.line);
    auto const wish = read_persona(row.line);
    REQUIRE(wish);
    CHECK(wish->name == row.name);
    CHECK(wish->rest == row.rest);
  }
  for (std::string const line : {"assign bob", "a", "", "新建 P0 as bob", "ask"}) CHECK_FALSE(read_persona(line));
}

TEST_CASE("completing a name to play") {
  Person alice, bob;
  alice.id = PersonId{"alice"};
  bob.id = PersonId{"bob"};
  std::vector const people{alice, bob};
  CHECK(persona_completions("a", people) == std::vector<std::string>{"as "});
  CHECK(persona_completions("as ", people) == std::vector<std::string>{"as alice ", "as bob "});
  CHECK(persona_completions("扮演 b", people) == std::vector<std::string>{"扮演 bob "});
  CHECK(persona_completions("", people).empty());
  CHECK(persona_completions("as bob ", people).empty());
}

TEST_CASE("a line of the log is one JSON object, whatever it says") {
  auto const line = json_log_line(1'795'403'400'007, "warning", "two\nlines \"quoted\" 网 \x1b[31m \xff");
  CHECK(line.ends_with("}\n"));
  CHECK(line.find('\n') == line.size() - 1);
  auto const parsed = nlohmann::json::parse(line);
  CHECK(parsed["time"] == "2026-11-23T03:10:00.007Z");
  CHECK(parsed["level"] == "warning");
  CHECK(parsed["message"] == "two\nlines \"quoted\" 网 \x1b[31m \xEF\xBF\xBD");
}
