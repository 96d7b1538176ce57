#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/source.hpp"

using namespace tocsin::tidy;

TEST_CASE("C++ text is told apart into code, literals and comments of the same length") {
  struct Row {
    std::string name;
    std::string text, code, literals, comments;
  };
  for (Row const& row : {
           Row{"a line comment", "a; // b\nc;", "a;     \nc;", "       \n  ", "   // b\n  "},
           Row{"a block comment over two lines", "a/*b\nc*/d", "a   \n   d", "    \n    ", " /*b\nc*/ "},
           Row{"a literal with an escaped quote", R"(f("a\"b");)", R"(f("    ");)", R"(   a\"b   )", "          "},
           Row{"comment marks in a literal", R"(f("//");)", R"(f("  ");)", R"(   //   )", "        "},
           Row{"a quote as a character", R"(x='"'; y;)", R"(x=' '; y;)", R"(   "     )", "         "},
           Row{"a digit separator", "1'000 + 2'000", "1'000 + 2'000", "             ", "             "},
           Row{"a raw literal", "R\"x(a\"b)x\";", "R\"x(   )x\";", "    a\"b    ", "           "},
       }) {
    CAPTURE(row.name);
    auto const parts = source("a.cpp", row.text);
    CHECK(parts.code == row.code);
    CHECK(parts.literals == row.literals);
    CHECK(parts.comments == row.comments);
  }
}

TEST_CASE("other languages are code as they stand") {
  CHECK(source("tests/run", "echo \"a\" # b\n").code == "echo \"a\" # b\n");
}

TEST_CASE("words are found whole") {
  CHECK(find_word("overrand(rand_x) rand", "rand") == 17);
  CHECK(find_word("std::rand()", "rand") == 5);
  CHECK(find_word("brand", "rand") == std::string::npos);
}

TEST_CASE("a bracket finds its partner, and an arrow is no bracket") {
  std::string const code = "f(a[1], g(2)) {x->y;} A<B<int>> z";
  CHECK(closing(code, 1) == 12);
  CHECK(closing(code, 14) == 20);
  CHECK(closing(code, 23) == 30);
  CHECK(closing("f(", 1) == std::string::npos);
}

TEST_CASE("includes are read with their line, but not from comments and literals") {
  auto const found = includes_of(source(
      "a.cpp", "#include \"bot/app.hpp\"\n//#include <x>\n#  include <boost/url.hpp>\nauto s = \"#include <y>\";\n"));
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "bot/app.hpp");
  CHECK(found[0].ours);
  CHECK(found[1].path == "boost/url.hpp");
  CHECK_FALSE(found[1].ours);
  CHECK(found[1].line == 3);
}

TEST_CASE("an excuse names the rule and a reason, on the line or above it") {
  auto const parts = source("a.cpp",
                            "// tidy-allow(shout): the neighbours are deaf\nHEY();\nHEY();\n"
                            "HEY();  // tidy-allow(shout):\nHEY();  // tidy-allow(whisper): the neighbours are deaf\n");
  CHECK(excused(parts, 2, "shout"));
  CHECK_FALSE(excused(parts, 3, "shout"));
  CHECK_FALSE(excused(parts, 4, "shout"));
  CHECK_FALSE(excused(parts, 5, "shout"));
}
