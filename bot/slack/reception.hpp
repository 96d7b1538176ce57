// What people do in Slack becomes commands of the dispatcher.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dispatcher.hpp"
#include "bot/slack/answering.hpp"
#include "bot/slack/marking.hpp"

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
    People& people;
    Homes& homes;
    Answering& answering;
    Marking& marking;
    std::function<Self()> self;
    std::function<void()> committed;
  };

  explicit Reception(Parts parts);
  ~Reception();
  Reception(Reception const&) = delete;
  Reception& operator=(Reception const&) = delete;

  void take(ConnectionId connection, Envelope const& envelope);
  /// A message that never came and was read up on: `event` as Slack would have sent it, JSON.
  void missed(std::string const& event);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
