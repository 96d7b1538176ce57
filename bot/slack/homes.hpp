// Where incidents live in Slack: makes their channels and threads, keeps cards, topics, bookmarks and people there, and
// puts what is said about an incident where it lives, in order.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/platform.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/people.hpp"
#include "bot/slack/posting.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Homes {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    Lane& lane;
    Clock const& clock;
    CurrentSetup setup;
    Posting& posting;
    People& people;
    std::function<Self()> self;
    /// For a channel; it calls those members.
    std::function<Rendered(Message const&, IncidentId about, std::vector<std::string> const& calls)> worded;
    std::function<std::string(Message const&)> topic;  ///< its first line, without emoji
  };

  explicit Homes(Parts parts);
  ~Homes();
  Homes(Homes const&) = delete;
  Homes& operator=(Homes const&) = delete;

  /// A card, or something else about an incident that everybody there may read.
  void say(Post const& post, std::function<void(bool)> done);
  /// Somebody archived the channel or sent the bot away. An open incident that lives there goes on where it was opened.
  void lost(std::string const& channel);
  /// Whoever reads the timeline later looks for the channel by its name. `key`: of the event, which comes again unless
  /// `noted` is called.
  void renamed(std::string const& channel, std::string const& name, std::string const& key,
               std::function<void()> noted);
  /// Where the output of a command goes that was typed in `where`: into the card's thread in a channel of an incident.
  void thread_for(Where const& where, std::function<void(Where)> found);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
