// What is measured, as numbers and as a table: the figures of the design's "Targets", one row each.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tocsin::bench {

/// Seconds as a double: what all figures are computed in.
using Seconds = std::chrono::duration<double>;
using Monotonic = std::chrono::steady_clock;

/// Waits until the instant without spinning: on two cores a spinning generator would take one from the bot.
void wait_until(Monotonic::time_point at);

/// Of the sorted or unsorted samples; `part` 0.5 is the median. 0 when there are none.
[[nodiscard]] double percentile(std::vector<double> samples, double part);

/// "1.234 ms", "12,345 /s", "18.2 MiB".
[[nodiscard]] std::string in_millis(double seconds);
[[nodiscard]] std::string per_second(double rate);
[[nodiscard]] std::string in_mebibytes(double kibibytes);

struct Figure {
  std::string name;
  std::string target;  ///< in words; empty: shown for comparison only
  std::string bare;    ///< the same by bare parts in the same run; may be empty
  std::string ours;
  double ratio = 0;    ///< ours to bare; 0: nothing to compare with
  double times = 0;    ///< how many times as good as the target: 1 and more is met; 0: no target
  bool steady = true;  ///< false: one slow moment of the disk decides it, so that a short run proves nothing
};

class Report {
 public:
  /// Prints the row at once: a long run shows how far it is.
  void add(Figure figure);
  /// Every figure with a target reached it.
  [[nodiscard]] bool met() const;
  /// No steady figure is five times worse than its target.
  [[nodiscard]] bool sane() const;

 private:
  std::vector<Figure> figures_;
};

inline constexpr double kGrossly = 0.2;

}  // namespace tocsin::bench
