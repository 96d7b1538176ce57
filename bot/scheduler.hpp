// Sleeps until the earliest thing that is due, then lets time act, sends pages and says what must be said. After a
// restart the same question has the same answer, so nothing is remembered here.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bot/clock.hpp"
#include "bot/platform.hpp"
#include "bot/setup.hpp"
#include "incidents/due.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// What one look found to do, as of one commit.
struct Agenda {
  std::size_t fired = 0;        ///< incidents that time moved
  std::vector<PageJob> pages;   ///< marked as being sent
  std::vector<Post> posts;      ///< lent for kPostLease
  std::optional<Instant> next;  ///< when to look again at the latest
};

inline constexpr std::size_t kAgendaBatch = 500;
inline constexpr Millis kPostLease{30'000};

/// One look: everything that is due now, in one unit of work. Also what the simulation of tests drives.
[[nodiscard]] Agenda look(Desk const& desk, Setup const& setup);

class Scheduler {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    BotClock const& clock;
    CurrentSetup setup;
    /// Called on the thread of the io_context.
    std::function<void(std::vector<PageJob>)> carry;
    std::function<void(std::vector<Post>)> say;
    /// At each waking, at least once a second, and before each look: see ClockWatch.
    std::function<void()> awake;
    /// The store failed; empty text: it works again.
    std::function<void(std::string const&)> trouble;
  };
  explicit Scheduler(Parts parts);
  ~Scheduler();

  /// From any thread: something was stored that may be due.
  void poke();
  /// On the io_context's thread: no further looks.
  void stop();
  /// On the io_context's thread: when it last knew that nothing was left to do. Stands still while the store fails or
  /// hangs; about a second old at most otherwise.
  [[nodiscard]] std::optional<Instant> last_look() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
