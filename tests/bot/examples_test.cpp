// Every example of the command table, typed in a situation that it is meant for: it does what its row promises, and
// its whole answer, tables and buttons included, is no wider than a message may be.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/text.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

struct Scene {
  std::string before;
  std::string who;
  std::string key;  ///< several with `|` between them
};

std::vector<std::string> split(std::string const& text, std::string const& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (auto at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::map<std::string, Scene> scenes() {
  std::map<std::string, Scene> found;
  std::ifstream in("tests/bot/examples.tsv");
  REQUIRE(in);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    auto const cells = split(line, "\t");
    REQUIRE_MESSAGE(cells.size() == 4, line);
    found[cells[0]] = {cells[1], cells[2], cells[3]};
  }
  return found;
}

/// The examples speak of what a busy team would see; on a new stage everything is the first of its kind.
std::string first_of_its_kind(std::string text, std::string const& command) {
  std::vector<std::pair<std::string, std::string>> names{{"INC-42", "INC-1"}, {"K7", "K1"}, {"K9", "K1"}, {"R3", "R1"}};
  if (command == "todo done" || command == "incident correct") names.emplace_back("3", "1");
  for (auto const& [from, to] : names) {
    if (auto const at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  }
  return text;
}

Reply type(Stage& stage, std::string const& who, std::string const& text, std::string const& room) {
  Inbound inbound;
  inbound.direct = true;
  inbound.text = text;
  inbound.room.conversation = room;
  return stage.send("web", who, std::move(inbound));
}

void play(Stage& stage, std::string const& before) {
  if (before.empty()) return;
  for (auto const& line : split(before, " ; ")) {
    if (line.starts_with('+')) {
      stage.clock.move(std::chrono::minutes{std::stoi(line.substr(1))});
      continue;
    }
    auto const colon = line.find(": ");
    auto const at = line.find('@');
    bool const elsewhere = at < colon;
    auto const reply = type(stage, line.substr(0, elsewhere ? at : colon), line.substr(colon + 2),
                            elsewhere ? line.substr(at + 1, colon - at - 1) : "main");
    CHECK_MESSAGE(reply.state == Reply::State::done, line << ": " << stage.worded(reply));
  }
}

}  // namespace

TEST_CASE("every example of the table does what it says, from an empty bot on") {
  auto const known = scenes();
  Stage const table(shipped_config("demo.yaml"));
  int typed = 0;
  for (auto const& row : table.setup->table.rows()) {
    if (row.declared) continue;
    auto const scene = known.find(row.name);
    CHECK_MESSAGE(scene != known.end(), row.name << " is not in tests/bot/examples.tsv");
    if (scene == known.end()) continue;
    for (auto const& example : row.examples) {
      CAPTURE(example.text);
      auto config = shipped_config("demo.yaml");
      auto const locale = example.locale == "en" ? Locale::en : Locale::zh_cn;
      for (auto& person : config.people) person.locale = locale;
      Stage stage(std::move(config));
      std::filesystem::create_directories(stage.folder / "scratch");
      std::ofstream(stage.folder / "scratch/draft.txt") << "a draft";
      std::filesystem::create_directories(stage.folder / "logs");
      std::ofstream(stage.folder / "logs/demo.log") << "2026-11-23 03:10:02 ERROR web: GET /health 502\n";
      play(stage, scene->second.before);
      auto const reply = type(stage, scene->second.who, first_of_its_kind(example.text, row.name), "main");
      auto const keys = split(scene->second.key, "|");
      auto const key = Stage::key(reply);
      CHECK_MESSAGE(std::find(keys.begin(), keys.end(), key) != keys.end(),
                    row.name << ": " << key << ": " << stage.worded(reply));
      ++typed;
      std::istringstream text(stage.worded(reply));
      for (std::string line; std::getline(text, line);)
        CHECK_MESSAGE(columns(line) <= kLineColumns, row.name << ": " << line);
    }
  }
  CHECK(typed > 100);
}
