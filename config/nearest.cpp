#include "config/nearest.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr std::size_t kLongestWord = 64;  // bounds the work for hostile input

std::size_t distance(std::string_view a, std::string_view b) {
  using RowOfCosts = std::array<std::size_t, kLongestWord + 1>;
  RowOfCosts before_last{};
  RowOfCosts last{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    RowOfCosts row{};
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string nearest_key(std::string_view word, std::vector<std::string_view> const& known) {
  if (word.size() > kLongestWord) return {};
  std::string_view best;
  auto limit = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (auto const candidate : known) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    if (auto const changes = distance(word, candidate); changes < limit) {
      limit = changes;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace tocsin
