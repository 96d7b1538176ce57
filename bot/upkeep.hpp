// What the bot does for itself, in the background and by the bot's clock: prove its public address, send the head of
// the audit away, forget what is old. Nothing of it is in a hurry; pages never wait for it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/clock.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// One job that comes again.
struct Chore {
  std::string name;  ///< for the log
  Millis every{};    ///< from one beginning to the next; the first time at the start
  /// On the io_context's thread; must not throw. It calls `done` once, from any thread, with an earlier turn when there
  /// is more to do. It is not begun again before that.
  std::function<void(std::function<void(std::optional<Millis> again)> done)> run;
};

/// Pure: when the next turn is, given when the last one began. After a jump of the clock backwards nothing waits longer
/// than `every` from now.
[[nodiscard]] Instant next_turn(Instant begun, Millis every, std::optional<Millis> again, Instant now);

/// Belongs to the thread of the io_context.
class Upkeep {
 public:
  Upkeep(boost::asio::io_context& io, BotClock const& clock);
  ~Upkeep();

  void add(Chore chore);
  /// All chores have their first turn.
  void start();
  /// From any thread: this one has its turn now, or as soon as it has ended.
  void soon(std::string const& name);
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
