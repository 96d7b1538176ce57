// Where each post belongs in DingTalk: a group, one person, a card.
#pragma once

#include <functional>
#include <memory>

#include "bot/dingtalk/cards.hpp"
#include "bot/dingtalk/posting.hpp"
#include "bot/dingtalk/rooms.hpp"
#include "bot/platform.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Speaking {
 public:
  struct Parts {
    Clock const& clock;
    CurrentSetup setup;
    Posting& posting;
    Cards& cards;
    Rooms& rooms;
    /// Takes back what pages stand there that need no answer any more; `done(false)`: not all of it yet.
    std::function<void(std::vector<SettledPage> const&, std::function<void(bool)> done)> recall;
  };

  explicit Speaking(Parts parts);
  ~Speaking();
  Speaking(Speaking const&) = delete;
  Speaking& operator=(Speaking const&) = delete;

  void say(Post const& post, std::function<void(bool)> const& done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
