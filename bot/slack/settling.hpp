// Takes the buttons away from pages that need no answer any more, and says why.
#pragma once

#include <functional>
#include <memory>

#include "bot/platform.hpp"
#include "bot/slack/people.hpp"
#include "bot/slack/posting.hpp"
#include "incidents/base/ports.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Settling {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Posting& posting;
    People& people;
    Clock const& clock;
    CurrentSetup setup;
  };

  explicit Settling(Parts parts);
  ~Settling();
  Settling(Settling const&) = delete;
  Settling& operator=(Settling const&) = delete;

  /// What fails is tried again, some times by itself and when it is named again: `done(false)`.
  void settle(Post const& post, std::function<void(bool)> const& done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
