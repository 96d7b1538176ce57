// Tells an outside service, every so often, that the bot is well; that service raises the alarm when it hears nothing.
#pragma once

#include <functional>
#include <memory>

#include "bot/setup.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// A beat is earned: it is sent only after the io_context's thread and the store's writer have both done some work for
/// it, so a bot that hangs anywhere on the way of a page falls silent. Follows the configuration as it is swapped; does
/// nothing while that names no heartbeat. Belongs to the thread of the io_context.
class Heartbeat {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    CurrentSetup setup;
    /// What came of it, when that changed: an empty text when a beat arrived, else why not.
    std::function<void(std::string const&)> changed;
  };
  explicit Heartbeat(Parts parts);
  ~Heartbeat();
  Heartbeat(Heartbeat const&) = delete;
  Heartbeat& operator=(Heartbeat const&) = delete;

  /// The first beat goes out at once. Call once.
  void start();
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
