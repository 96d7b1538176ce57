// An incident's own channel: made, then kept with its topic, its pinned card, its bookmarks and its people; archived in
// the end. Whatever of it fails undoes nothing and is tried again with the next card.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/platform.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/people.hpp"
#include "bot/slack/rooms.hpp"
#include "bot/slack/web_api.hpp"
#include "incidents/base/ports.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Furnishing {
 public:
  struct Parts {
    WebApi& api;
    People& people;
    Clock const& clock;
    CurrentSetup setup;
    std::function<Self()> self;
  };

  explicit Furnishing(Parts parts);
  ~Furnishing();
  Furnishing(Furnishing const&) = delete;
  Furnishing& operator=(Furnishing const&) = delete;

  /// Where the bot is not a member it may speak, but hears nothing of what is said, marked or pinned there. A private
  /// channel can't be joined: somebody must invite it.
  void join(std::string const& channel);
  /// It is no member any more: next time it joins again.
  void left(std::string const& channel);
  /// `done` is given the ID of the new channel. One that may have been made is looked for by its name.
  void create(std::string const& name, bool hidden, std::function<void(ApiResult const&)> done);
  /// Does what `furniture` says is still to be done; `done` is given what then is, and whether something could not be
  /// done just now.
  void see_to(std::string const& channel, std::string const& card, About const& about, std::string const& topic,
              Furniture const& furniture, std::function<void(Furniture const&, bool again)> done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
