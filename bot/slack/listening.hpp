// Speaks with itself in a private channel of its own, and replaces the sockets that bring nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/slack/echo.hpp"
#include "bot/slack/furnishing.hpp"
#include "bot/slack/gesture.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Listening {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    People& people;
    Lane& lane;
    Clock const& clock;
    CurrentSetup setup;
    EchoLimits limits;
    std::function<Moment()> now;
    std::function<std::vector<ConnectionId>()> ready;
    std::function<void(std::vector<ConnectionId> const&)> deaf;
  };

  explicit Listening(Parts parts);
  ~Listening();
  Listening(Listening const&) = delete;
  Listening& operator=(Listening const&) = delete;

  /// Once it is known who the bot is.
  void start(Self const& self);
  void heard(ConnectionId id, Envelope const& envelope);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
