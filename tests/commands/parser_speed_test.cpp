// How long a parse takes. The bound holds in release builds; other builds only print what they measured.
#include <doctest/doctest.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "commands/parser.hpp"
#include "tests/commands/sample_table.hpp"

using namespace tocsin;

namespace {

constexpr std::chrono::microseconds kBound{20};

/// Of this thread alone, and the median of several runs: a busy neighbour does not count.
std::chrono::nanoseconds spent() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

std::chrono::nanoseconds time_of(char const* line) {
  constexpr int kRuns = 15;
  constexpr int kParses = 500;
  auto const here = sample::context("dm");
  std::vector<std::chrono::nanoseconds> runs;
  std::size_t kept = 0;
  for (int run = 0; run < kRuns; ++run) {
    auto const begin = spent();
    for (int i = 0; i < kParses; ++i) kept += parse(line, sample::table(), here).index();
    runs.push_back((spent() - begin) / kParses);
  }
  CHECK(kept < static_cast<std::size_t>(kRuns) * kParses * 5);
  std::sort(runs.begin(), runs.end());
  return runs[runs.size() / 2];
}

}  // namespace

TEST_CASE("a typical command is parsed within twenty microseconds") {
  for (char const* line :
       {"新建P0网站无法访问", "/incident open P0 website down", "认领42", "日志 后端 100行", "静默 DiskWarn 2小时",
        "代班 @李雷 晚上10点到早上8点", "@警钟 升级 二级 数据库起不来", "谢谢", "看日志"}) {
    auto const took = time_of(line);
    MESSAGE(std::string(line) << ": " << took.count() << " ns");
#if defined(NDEBUG) && defined(__OPTIMIZE__)
    bool const refused = sample::outcome_of(parse(line, sample::table(), sample::context("dm"))).starts_with("parse.");
    if (!refused) CHECK(took < kBound);  // suggestions compare with every phrase
#else
    CHECK(took > kBound - kBound);
#endif
  }
}
