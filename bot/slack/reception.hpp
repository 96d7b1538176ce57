// What people do in Slack becomes commands of the dispatcher; what it answers goes back the way that Slack has for it:
// inside the acknowledgement, to whoever asked alone, or into the thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dispatcher.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/homes.hpp"
#include "bot/slack/socket_mode.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Reception {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dispatcher& dispatcher;
    Lane& lane;
    Clock const& clock;
    std::function<Moment()> now;
    CurrentSetup setup;
    WebApi& api;
    Posting& posting;
    People& people;
    Homes& homes;
    std::function<void(ConnectionId, std::string)> acknowledge;
    /// Nobody was connected a moment ago: what comes may be Slack's second try.
    std::function<bool()> after_a_gap;
    std::function<Self()> self;
    std::function<void()> committed;
  };

  explicit Reception(Parts parts);
  ~Reception();
  Reception(Reception const&) = delete;
  Reception& operator=(Reception const&) = delete;

  void take(ConnectionId connection, Envelope const& envelope);
  /// A message that was missed and found in the history: `event` as Slack would have sent it, JSON.
  void catch_up(std::string const& event);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
