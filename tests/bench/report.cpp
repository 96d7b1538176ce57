#include "tests/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace tocsin::bench {
namespace {

constexpr char const* kLine = "{:<44} {:>22} {:>14} {:>14} {:>6}  {}\n";

std::string verdict(Figure const& figure) {
  if (figure.times == 0) return "";
  if (figure.times >= 1) return "met";
  return fmt::format("MISSED ({:.0f} %)", figure.times * 100);
}

}  // namespace

void wait_until(Monotonic::time_point at) {
  static thread_local boost::asio::io_context io;
  boost::asio::steady_timer timer(io, at);
  timer.wait();
}

double percentile(std::vector<double> samples, double part) {
  if (samples.empty()) return 0;
  auto const last = static_cast<double>(samples.size() - 1);
  auto const wanted = samples.begin() + static_cast<std::ptrdiff_t>(std::llround(last * part));
  std::nth_element(samples.begin(), wanted, samples.end());
  return *wanted;
}

std::string in_millis(double seconds) { return fmt::format("{:.3f} ms", seconds * 1e3); }
std::string per_second(double rate) { return fmt::format("{:.0f} /s", rate); }
std::string in_mebibytes(double kibibytes) { return fmt::format("{:.1f} MiB", kibibytes / 1024); }

void Report::add(Figure figure) {
  if (figures_.empty()) std::cout << fmt::format(kLine, "figure", "target", "bare", "ours", "ratio", "verdict");
  auto const ratio = figure.ratio == 0 ? std::string() : fmt::format("{:.2f}", figure.ratio);
  std::cout << fmt::format(kLine, figure.name, figure.target, figure.bare, figure.ours, ratio, verdict(figure))
            << std::flush;
  figures_.push_back(std::move(figure));
}

bool Report::met() const {
  return std::all_of(figures_.begin(), figures_.end(),
                     [](Figure const& each) { return each.times == 0 || each.times >= 1; });
}

bool Report::sane() const {
  return std::all_of(figures_.begin(), figures_.end(),
                     [](Figure const& each) { return each.times == 0 || !each.steady || each.times >= kGrossly; });
}

}  // namespace tocsin::bench
