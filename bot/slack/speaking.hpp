// Says each post where it belongs: in the home of its incident, in a room, or to one person.
#pragma once

#include <functional>
#include <memory>

#include "bot/platform.hpp"
#include "bot/slack/answering.hpp"
#include "bot/slack/homes.hpp"
#include "bot/slack/marking.hpp"
#include "bot/slack/people.hpp"
#include "bot/slack/posting.hpp"
#include "bot/slack/settling.hpp"
#include "bot/slack/worded.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Speaking {
 public:
  struct Parts {
    Clock const& clock;
    CurrentSetup setup;
    People& people;
    Posting& posting;
    Homes& homes;
    Settling& settling;
    Answering& answering;
    Marking& marking;
    std::function<Self()> self;
  };

  explicit Speaking(Parts parts);
  ~Speaking();
  Speaking(Speaking const&) = delete;
  Speaking& operator=(Speaking const&) = delete;

  /// As `Platform::post`.
  void say(Post const& post, std::function<void(bool)> const& done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
