// Frames of a chat platform that were recorded in files, and every place in one: for breaking it there.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace tocsin::test {

/// Keeps the order of members as the file has it: what can be dug out of a broken text depends on it.
using Ordered = nlohmann::ordered_json;

struct Recorded {
  std::string file;
  Ordered content;
};

/// All of a folder, from the root of the tree, by name. A file that is no JSON fails the test.
[[nodiscard]] inline std::vector<Recorded> recorded_in(std::string const& folder) {
  std::vector<Recorded> all;
  for (auto const& entry : std::filesystem::directory_iterator(TOCSIN_SOURCE_DIR "/" + folder)) {
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    auto content = Ordered::parse(text.str(), nullptr, false);
    auto file = entry.path().filename().string();
    REQUIRE_MESSAGE(content.is_object(), file);
    all.push_back({std::move(file), std::move(content)});
  }
  std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.file < b.file; });
  return all;
}

using Pointer = Ordered::json_pointer;

inline void walk(Ordered const& node, Pointer const& at, std::vector<Pointer>& places) {
  places.push_back(at);
  if (node.is_object()) {
    for (auto const& [name, child] : node.items()) walk(child, at / name, places);
  } else if (node.is_array()) {
    for (std::size_t i = 0; i < node.size(); ++i) walk(node[i], at / i, places);
  }
}
/// The whole of it first.
[[nodiscard]] inline std::vector<Pointer> places_of(Ordered const& frame) {
  std::vector<Pointer> places;
  walk(frame, Pointer(), places);
  return places;
}

}  // namespace tocsin::test
