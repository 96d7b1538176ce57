// What the dispatcher answers goes back the way that Slack has for it: inside the acknowledgement, by the address that
// a command brings, to whoever asked alone, or into the thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bot/chat/supervisor.hpp"
#include "bot/dispatcher.hpp"
#include "bot/histogram.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/homes.hpp"

namespace tocsin::slack {

using chat::ConnectionId;

/// One envelope on its way to its acknowledgement.
struct Ticket {
  ConnectionId connection = 0;
  std::string envelope;
  bool takes_payload = false;
  Moment came{};
  bool acknowledged = false;
  bool bare = false;  ///< acknowledged without its answer, which had not come in time: it goes another way
};
using TicketPtr = std::shared_ptr<Ticket>;

/// Where the answer to a gesture goes.
struct Asked {
  TicketPtr ticket;
  std::string key;
  std::string user;
  Where where;  ///< what everybody may read
  Where alone;  ///< what only they may
  bool direct = false;
  std::string response_url;  ///< of a command, or of a message that only they see: for what no acknowledgement takes
  int responses = 0;         ///< that it has taken
  bool working = false;      ///< something was begun
  bool inside = false;       ///< a command's first answer was given
  bool answered = false;
};
using AskedPtr = std::shared_ptr<Asked>;

/// Lives and is called on the io_context's thread.
class Answering {
 public:
  struct Parts {
    boost::asio::io_context& io;
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
  };

  explicit Answering(Parts parts);
  ~Answering();
  Answering(Answering const&) = delete;
  Answering& operator=(Answering const&) = delete;

  /// The first time only. `payload`: JSON; empty: none.
  void acknowledge(TicketPtr const& ticket, std::string_view payload = {});
  /// Whatever becomes of it, Slack hears within a second that it came, and whoever asked within five that it is not
  /// stored yet. `asked`: null if nobody waits for words.
  void expect(TicketPtr const& ticket, AskedPtr const& asked);
  /// An answer that its room can't be told, to whoever asked: by the address that their command brought. False: that
  /// is over.
  bool instead(std::string const& answer, Message const& message, PersonId const& asker);
  /// One reply of the dispatcher's, of which there may be several; the envelope is acknowledged with the first that
  /// says that it is kept.
  void answer(AskedPtr const& asked, Reply const& reply);
  /// How many commands came too late to be run, since that was last forgotten.
  [[nodiscard]] std::int64_t late() const;
  void forget_late();
  /// How long acknowledgements took, in seconds.
  [[nodiscard]] Histogram const& pace() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
