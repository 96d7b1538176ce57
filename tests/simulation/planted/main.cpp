// FINDING...: runs weeks with a planted bug until bot and model differ. Passes only if what differs begins with one of
// the words given, and if it is found soon.
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "tests/simulation/week.hpp"

int main(int count, char** words) {
  constexpr std::uint64_t kSoon = 30;
  std::vector<std::string_view> const findings(words + 1, words + count);
  tocsin::simulation::Tally tally;
  for (std::uint64_t seed = 1; seed <= kSoon; ++seed) {
    auto const mismatch = tocsin::simulation::run_week(seed, tally);
    if (!mismatch) continue;
    bool const meant = std::any_of(findings.begin(), findings.end(),
                                   [&](auto finding) { return mismatch->what.starts_with(finding); });
    std::printf("%s by seed %d: %s\n", meant ? "found" : "found something else", static_cast<int>(seed),
                mismatch->what.c_str());
    return meant ? 0 : 1;
  }
  std::printf("not found in %d weeks\n", static_cast<int>(kSoon));
  return 1;
}
