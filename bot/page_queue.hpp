// Pages that wait for their carrier: the urgent ones first, and no channel that hangs takes the hands of the others.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "incidents/due.hpp"

namespace tocsin {

/// One thread at a time. Decides only which page is carried next.
class PageQueue {
 public:
  static constexpr std::size_t kAtOnce = 64;         ///< of all channels
  static constexpr std::size_t kOrdinary = 40;       ///< of those what is not urgent
  static constexpr std::size_t kOfChannel = 24;      ///< of one channel
  static constexpr std::size_t kOrdinaryThere = 16;  ///< of those what is not urgent
  static constexpr std::size_t kWaiting = 4'000;     ///< of the urgent, and as many of the others

  /// False: too many wait.
  [[nodiscard]] bool push(PageJob job);
  /// The next that may be carried now; of each kind as they came. It is under way until `ended` is called for it.
  [[nodiscard]] std::optional<PageJob> pop();
  void ended(PageJob const& job);

 private:
  struct Kind {
    std::deque<PageJob> waiting;
    std::size_t under_way = 0;
  };
  struct Channel {
    Kind urgent;
    Kind ordinary;
  };

  std::map<std::string, Channel> channels_;
  std::size_t urgent_under_way_ = 0;
  std::size_t ordinary_under_way_ = 0;
  std::size_t urgent_waiting_ = 0;
  std::size_t ordinary_waiting_ = 0;
};

}  // namespace tocsin
