// The rules, held against the tree this program was built from.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

std::vector<Source> const& tree() {
  static std::vector<Source> const sources = read_tree(TOCSIN_SOURCE_DIR);
  return sources;
}

void report(Findings const& findings) {
  for (auto const& finding : findings) {
    FAIL_CHECK(finding.path << ":" << finding.line << ": " << finding.rule << ": " << finding.detail);
  }
}

void report_each(Findings (*rule)(Source const&)) {
  for (auto const& source : tree()) report(rule(source));
}

}  // namespace

TEST_CASE("the tree is found") {
  bool found = false;
  for (auto const& source : tree()) found = found || source.path == "tests/tidy/test_repository.cpp";
  REQUIRE(found);
}

TEST_CASE("every file includes only what its layer may") { report_each(layers); }
TEST_CASE("clock, chance, environment, output and SQL keep to their homes") { report_each(banned_calls); }
TEST_CASE("coroutines keep clear of the compiler's traps") { report_each(coroutine_traps); }
TEST_CASE("every file has its form") { report_each(form); }
TEST_CASE("no files include each other in a circle") { report(cycles(tree())); }
TEST_CASE("every include in quotes names a file from the root") { report(unresolved(tree())); }
TEST_CASE("every folder says what it is") { report(undescribed(tree())); }

TEST_CASE("every source file is built by some target") {
  std::string commands;
  auto const read = [&](std::filesystem::path const& path) {
    std::ifstream file(path);
    commands.append(std::istreambuf_iterator<char>(file), {});
  };
  std::filesystem::path const build = TOCSIN_BINARY_DIR;
  read(build / "compile_commands.json");
  REQUIRE_FALSE(commands.empty());
  // The files that are compiled together, as others name them.
  std::regex const together("\"file\": \"([^\"]*/Unity/unity_[^\"]*)\"");
  std::vector<std::string> names;
  for (std::sregex_iterator each(commands.begin(), commands.end(), together), end; each != end; ++each)
    names.push_back((*each)[1]);
  for (auto const& name : names) read(name);
  report(unbuilt(tree(), TOCSIN_SOURCE_DIR, commands));
}

TEST_CASE("long files are named") {
  for (auto const& source : tree()) {
    if (is_long(source)) MESSAGE(source.path << " has more than " << kManyLines << " lines: what would split it?");
  }
}
