// How far a running action is, as one message that is edited in place: at each step, and in between when there is
// something new to say.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "commands/call.hpp"
#include "commands/run_board.hpp"

namespace tocsin {

/// At most so often between two steps, and after so long without output it says that there is none.
inline constexpr std::chrono::seconds kProgressEvery{10};
inline constexpr std::chrono::seconds kSilence{30};

/// Made for one run, on its worker's thread; ends (and says nothing more) when it is destroyed. `work` outlives it.
class ProgressReport {
 public:
  /// `on_stop` says what stopping would leave behind. `tick` is a second; tests make it shorter.
  ProgressReport(Work& work, Notice on_stop, std::chrono::milliseconds tick);
  ~ProgressReport();
  ProgressReport(ProgressReport const&) = delete;
  ProgressReport& operator=(ProgressReport const&) = delete;

  /// A new step begins: shown at once. `what` names the act, its object and what is being done to it.
  void step(Notice what, StepNumber number);
  /// Clean output of the step; its end is shown with the next turn.
  void output(std::string_view text);

 private:
  void serve();
  [[nodiscard]] Message message() const;

  Work& work_;
  Notice const on_stop_;
  std::chrono::milliseconds const tick_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  bool news_ = false;
  Notice what_;
  StepNumber number_;
  std::string tail_;
  std::int64_t shown_ago_ = 0;   // in ticks
  std::int64_t silent_for_ = 0;  // in ticks
  std::thread thread_;           // last: it uses all of the above
};

}  // namespace tocsin
