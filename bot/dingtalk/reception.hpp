// What people do in DingTalk becomes commands, and their answers go back: stored as something to be said, or said here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dingtalk/cards.hpp"
#include "bot/dingtalk/directory.hpp"
#include "bot/dingtalk/posting.hpp"
#include "bot/dingtalk/stream.hpp"
#include "bot/dispatcher.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Reception {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dispatcher& dispatcher;
    Lane& lane;
    Clock const& clock;
    CurrentSetup setup;
    Posting& posting;
    Cards& cards;
    DingDirectory& directory;
    std::function<void(ConnectionId, std::string)> acknowledge;
  };

  explicit Reception(Parts parts);
  ~Reception();
  Reception(Reception const&) = delete;
  Reception& operator=(Reception const&) = delete;

  /// Acknowledged once it is kept: what nobody could keep is pushed again.
  void take(ConnectionId connection, Push const& push);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
