// What was said while nobody was connected: Slack sends events again for some minutes only, so it is read up on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/slack/gesture.hpp"
#include "bot/slack/people.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::slack {

/// A message as the event that never came.
struct Missed {
  std::string stamp;  ///< its `ts`
  std::string event;  ///< JSON
};

/// Those in an answer of `conversations.history` or `.replies` that others said at `since` or later, without bare keys:
/// what one of those meant is forgotten.
[[nodiscard]] std::vector<Missed> missed_in(std::string_view body, std::string const& channel, bool direct,
                                            Instant since, Self const& self);

/// Lives and is called on the io_context's thread.
class CatchUp {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    People& people;
    Lane& lane;
    Clock const& clock;
    CurrentSetup setup;
    std::function<Self()> self;
    /// In the order in which it was said.
    std::function<void(std::string const& event)> missed;
    /// An incident's channel of which the bot is no member any more, and may not have been told.
    std::function<void(std::string const& channel)> lost;
  };

  explicit CatchUp(Parts parts);
  ~CatchUp();
  CatchUp(CatchUp const&) = delete;
  CatchUp& operator=(CatchUp const&) = delete;

  /// All is well: up to now nothing was missed. The next run reads on from there.
  void well();
  /// Connected again. Reads where people talk to the bot: its channel, where open incidents live, direct messages.
  void read(Instant since);
  [[nodiscard]] bool is_reading() const;
  /// The same since the last `well` of an earlier run; nothing if there was none.
  void read_since_last_run();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
