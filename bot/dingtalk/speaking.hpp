// Where each post belongs in DingTalk: a group, one person, a card.
#pragma once

#include <functional>
#include <memory>

#include "bot/dingtalk/cards.hpp"
#include "bot/dingtalk/carrier.hpp"
#include "bot/dingtalk/posting.hpp"
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
    DingCarrier& carrier;
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
