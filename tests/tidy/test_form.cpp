#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

struct Row {
  std::string name;
  std::string path;
  std::string text;
  bool fine;
};

void check(Row const& row) {
  CAPTURE(row.name);
  CHECK(form(source(row.path, row.text)).empty() == row.fine);
}

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += ";\n";
  return text;
}

}  // namespace

TEST_CASE("lines are 120 columns at most, without tabs and trailing space") {
  for (Row const& row : {
           Row{"120 columns", "bot/a.cpp", std::string(120, 'x') + "\n", true},
           Row{"121 columns", "bot/a.cpp", std::string(121, 'x') + "\n", false},
           Row{"a script", "bot/run", std::string(121, '#') + "\n", false},
           Row{"prose", "README.md", std::string(121, 'x') + "\n", true},
           Row{"Han characters count once", "bot/a.js",
               "//" + std::string("警钟警钟警钟警钟警钟警钟警钟警钟警钟警钟") + std::string(98, 'x') + "\n", true},
           Row{"a tab", "bot/a.cpp", "\tint a;\n", false},
           Row{"trailing space", "bot/a.cpp", "int a; \n", false},
           Row{"trailing space in prose", "README.md", "a \n", false},
           Row{"a foreign line end", "bot/a.cpp", "int a;\r\n", false},
           Row{"recorded output", "tests/logs/nginx.txt", "\ta \n", true},
           Row{"no line end at the end", "bot/a.cpp", "int a;", false},
           Row{"an empty file", "bot/a.cpp", "", true},
       }) {
    check(row);
  }
}

TEST_CASE("files are 600 lines at most, and from 450 on they are long") {
  check({"600 lines", "bot/a.cpp", lines(600), true});
  check({"601 lines", "bot/a.cpp", lines(601), false});
  check({"601 lines of prose", "README.md", lines(601), true});
  CHECK_FALSE(is_long(source("bot/a.cpp", lines(450))));
  CHECK(is_long(source("bot/a.cpp", lines(451))));
}

TEST_CASE("a header is read once") {
  check({"with", "bot/a.hpp", "// A.\n#pragma once\n", true});
  check({"without", "bot/a.hpp", "int a;\n", false});
  check({"in a comment", "bot/a.hpp", "// #pragma once\n", false});
}

TEST_CASE("no work is left unfinished, and no place is named that others don't have") {
  for (Row const& row : {
           Row{"unfinished", "bot/a.cpp", std::string("// TO") + "DO: later\n", false},
           Row{"unfinished prose", "README.md", std::string("FIX") + "ME\n", false},
           Row{"a to-do of an incident", "bot/a.cpp", "TodoId todo;\n", true},
           Row{"a machine's folder", "bot/a.cpp", std::string("// see /wo") + "rk/x\n", false},
           Row{"a person's folder", "config/a.yaml", std::string("path: /ho") + "me/ann/tocsin\n", false},
           Row{"a mount point in a sample", "bot/a.cpp", std::string("mount(\"/ho") + "me/ann\");\n", true},
           Row{"a folder inside another", "bot/a.cpp", std::string("auto p = root + \"data/wo") + "rk/a/b\";\n", true},
           Row{"a path of an address", "README.md", std::string("http://host/ho") + "me/a/b\n", true},
           Row{"a package registry", "tests/e2e/web/package-lock.json",
               std::string("https://registry.npm") + "js.org\n", false},
       }) {
    check(row);
  }
}
