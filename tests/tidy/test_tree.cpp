#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

Source including(std::string path, std::string_view included) {
  return source(std::move(path), "#pragma once\n#include \"" + std::string(included) + "\"\n");
}

}  // namespace

TEST_CASE("files that include each other are found, however long the way") {
  std::vector<Source> tree{including("bot/a.hpp", "bot/b.hpp"), including("bot/b.hpp", "bot/c.hpp"),
                           including("bot/d.hpp", "bot/a.hpp"), source("bot/c.hpp", "#pragma once\n")};
  CHECK(cycles(tree).empty());
  tree.back() = including("bot/c.hpp", "bot/a.hpp");
  auto const found = cycles(tree);
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "bot/c.hpp");
  CHECK(found[0].detail == "bot/a.hpp -> bot/b.hpp -> bot/c.hpp -> bot/a.hpp");
}

TEST_CASE("a file that includes itself is a circle") {
  CHECK(cycles({including("bot/a.hpp", "bot/a.hpp")}).size() == 1);
}

TEST_CASE("includes in quotes name a file from the root") {
  CHECK(unresolved({including("bot/a.hpp", "bot/b.hpp"), source("bot/b.hpp", "")}).empty());
  CHECK(unresolved({including("bot/a.hpp", "b.hpp"), source("bot/b.hpp", "")}).size() == 1);
}

TEST_CASE("a folder with C++ says what it is") {
  CHECK(undescribed({source("bot/a.cpp", "")}).size() == 1);
  CHECK(undescribed({source("bot/a.cpp", ""), source("bot/README.md", "")}).empty());
  CHECK(undescribed({source("bot/web/assets/a.js", "")}).empty());
  CHECK(undescribed({source("tests/bot/a.cpp", ""), source("integrations/net/detail/a.hpp", "")}).empty());
  CHECK(undescribed({source("README.md", ""), source("bot/a.cpp", "")}).size() == 1);
}

TEST_CASE("every source file belongs to a target") {
  std::vector<Source> const tree{source("bot/a.cpp", ""), source("bot/a.hpp", ""), source("tests/run", "")};
  CHECK(unbuilt(tree, "/src", R"({"command": "g++", "file": "/src/bot/a.cpp"})").empty());
  CHECK(unbuilt(tree, "/src", R"({"command": "g++ bot/a.cpp", "file": "/src/bot/b.cpp"})").size() == 1);
  CHECK(unbuilt(tree, "/src", R"({"file": "/build/unity_0.cxx"} #include "/src/bot/a.cpp")").empty());
}
