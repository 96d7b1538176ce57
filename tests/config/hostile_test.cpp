// What a hostile or damaged file can do: nothing but be refused, soon.
#include <chrono>
#include <random>

#include "config/yaml_tree.hpp"
#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;

namespace {

std::string repeated(std::string const& piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::string first_mistake(std::string const& text) { return mistakes_of(text).front().what.key; }

}  // namespace

TEST_CASE("a file of one mebibyte is read, one byte more is not") {
  std::string const start = "mode: production\n#";
  CHECK_NOTHROW(loaded(start + std::string(yaml::kMaxFileBytes - start.size(), 'x')));
  CHECK(first_mistake(start + std::string(yaml::kMaxFileBytes - start.size() + 1, 'x')) == "mistake.too_large");
}

TEST_CASE("as many values as allowed are read, more are not") {
  // The map, its key, the list, and the items.
  auto const list = [](std::size_t items) { return "mode: [" + repeated("a,", items) + "]"; };
  CHECK(first_mistake(list(yaml::kMaxNodes - 3)) == "mistake.expected_value");
  CHECK(first_mistake(list(yaml::kMaxNodes - 2)) == "mistake.too_many_nodes");
}

TEST_CASE("nesting as deep as allowed is read, deeper is not") {
  auto const nested = [](int depth) {
    return "mode: " + repeated("[", static_cast<std::size_t>(depth)) + repeated("]", static_cast<std::size_t>(depth));
  };
  CHECK(first_mistake(nested(yaml::kMaxDepth - 1)) == "mistake.expected_value");
  CHECK(first_mistake(nested(yaml::kMaxDepth)) == "mistake.too_deep");
}

TEST_CASE("aliases of aliases are counted as what they stand for") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 10; ++level) {
    auto const before = "*a" + std::to_string(level - 1);
    text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + repeated(before + ", ", 9) + before +
            "]\n";
  }
  CHECK(first_mistake(text) == "mistake.too_many_nodes");
  CHECK(first_mistake("a: &a " + std::string(500'000, 'x') + "\nb: [" + repeated("*a, ", 49'000) + "]\n") ==
        "mistake.too_many_nodes");
  std::string deep = "a0: &a0 [x]\n";
  for (int level = 1; level < 40; ++level)
    deep += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [*a" + std::to_string(level - 1) + "]\n";
  CHECK(first_mistake(deep) == "mistake.too_deep");
}

TEST_CASE("a mebibyte of nonsense of any kind is refused within seconds") {
  for (char const* piece :
       {"[",     "{a: ",  "- ",      "? ",  "a: ", "&a ", "*a ",   "!",  "!!x ", "|\n", ">\n",  "\"",  "'",   "# ",
        "---\n", "...\n", "%YAML\n", "a\n", "\n",  " ",   "- - [", "{}", "[],",  ": ",  "<<: ", "\\x", "键: "}) {
    CAPTURE(piece);
    std::string const unit = piece;
    auto const start = std::chrono::steady_clock::now();
    auto const result = load_config(repeated(unit, yaml::kMaxFileBytes / unit.size()), "test.yaml", sources());
    CHECK(std::holds_alternative<std::vector<Mistake>>(result));
    // Sanitizers cost a factor of ten; without them each takes less than a second.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{20});
  }
}

TEST_CASE("no more mistakes are told than anybody reads") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  CHECK(mistakes_of(text).size() == kMaxMistakes);
}

TEST_CASE("damaged copies of the shipped files are read or refused, never more") {
  std::mt19937 random(20261123);
  std::string const pieces[] = {"\"", "'",  "{",  "}",    "[",   "]", ":", "-", "\n",
                                "&a", "*a", "\t", "\xFF", "{p}", "#", "|", "0", "%"};
  for (char const* name : {"lawsker.yaml", "demo.yaml"}) {
    auto const whole = read_file(source_path(std::string("config/") + name));
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
      auto text = whole;
      for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        auto const at = random() % text.size();
        switch (random() % 3) {
          case 0:
            text.erase(at, 1 + random() % 40);
            break;
          case 1:
            text.insert(at, pieces[random() % std::size(pieces)]);
            break;
          default:
            text[at] = static_cast<char>(random() % 256);
            break;
        }
      }
      CAPTURE(round);
      auto const result = load_config(text, name, sources());
      if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&result)) {
        ++refused;
        CHECK_FALSE(mistakes->empty());
        for (auto const& each : *mistakes) CHECK(each.what.key.starts_with("mistake."));
      }
    }
    CHECK(refused > 30);
  }
}
