#include "incidents/base/pattern_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace tocsin;

namespace {

using Place = std::tuple<std::uint32_t, std::size_t, std::size_t>;

std::vector<Place> found_in(PatternSet const& set, std::string_view text) {
  std::vector<Place> places;
  set.each(text, [&](std::uint32_t number, std::size_t begin, std::size_t end) {
    places.emplace_back(number, begin, end);
    return true;
  });
  std::sort(places.begin(), places.end());
  return places;
}

std::string in_small_letters(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Every pattern at every place, compared byte for byte.
std::vector<Place> looked_up(std::vector<std::string> const& patterns, std::string_view text) {
  std::vector<Place> places;
  auto const small = in_small_letters(std::string(text));
  for (std::uint32_t number = 0; number < patterns.size(); ++number) {
    auto const pattern = in_small_letters(patterns[number]);
    if (pattern.empty()) continue;
    for (auto at = small.find(pattern); at != std::string::npos; at = small.find(pattern, at + 1))
      places.emplace_back(number, at, at + pattern.size());
  }
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace

TEST_CASE("whatever the patterns are, they are found exactly where comparing at every place finds them") {
  std::mt19937 chance(4711);
  auto const text = [&chance](std::size_t longest) {
    // Few letters, so that patterns overlap and hold each other; the ends of the range of a byte among them.
    constexpr char kLetters[] = {'a', 'b', 'B', 'c', '\xff', '\0', ' '};
    std::string made(std::uniform_int_distribution<std::size_t>(0, longest)(chance), ' ');
    for (auto& c : made) c = kLetters[std::uniform_int_distribution<std::size_t>(0, std::size(kLetters) - 1)(chance)];
    return made;
  };
  std::size_t found = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> patterns(1 + static_cast<std::size_t>(round) % 7);
    PatternSet set;
    for (std::uint32_t number = 0; number < patterns.size(); ++number) {
      patterns[number] = text(round % 2 == 0 ? 2 : 6);
      set.add(patterns[number], number);
    }
    set.finish();
    for (int i = 0; i < 20; ++i) {
      auto const line = text(40);
      auto const places = looked_up(patterns, line);
      found += places.size();
      CAPTURE(line);
      REQUIRE(found_in(set, line) == places);
    }
  }
  CHECK(found > 10'000);
}
