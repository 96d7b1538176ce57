// Does what happens in Slack really come over the sockets? One may answer every ping and bring nothing. The bot says
// something where nobody else is, and its own words must come back. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "bot/chat/moment.hpp"
#include "bot/chat/supervisor.hpp"

namespace tocsin::slack {

using chat::ConnectionId;
using chat::Moment;

struct EchoLimits {
  Millis quiet{600'000};      ///< a socket that brought nothing for so long is asked
  Millis patience{20'000};    ///< from the words to their coming back
  Millis longest{3'600'000};  ///< between rounds that change nothing, which are put off for twice as long each time
  int most = 8;               ///< words in one round: Slack gives each to one of the sockets, whichever it likes
};

/// What is to be done now.
struct Listen {
  bool speak = false;
  std::vector<ConnectionId> deaf;  ///< replace them
  /// The words did not come back, and in this workspace they never have: the app may not be told what is said, so
  /// silence says nothing.
  bool never_heard = false;
};

/// One thread.
class Echo {
 public:
  /// `proven`: in this workspace the bot's words came back before.
  explicit Echo(EchoLimits limits, bool proven = false) : limits_(limits), proven_(proven) {}

  /// Something came over the socket; `own`: those words.
  void heard(ConnectionId id, bool own);
  /// What `look` asked for is said, or can't be said: that is no evidence against a socket.
  void spoken(Moment now);
  void not_spoken(Moment now);
  /// `ready`: the sockets there are.
  [[nodiscard]] Listen look(std::vector<ConnectionId> const& ready, Moment now);
  [[nodiscard]] bool proven() const noexcept { return proven_; }

 private:
  void begin(Moment now);
  void end(Moment rest);
  [[nodiscard]] Listen lost(Moment now);

  EchoLimits limits_;
  bool proven_;
  struct Socket {
    Moment brought{};    ///< when it last brought something, or came to be
    bool heard = false;  ///< it has brought something
  };
  [[nodiscard]] bool is_asked(Socket const& socket, Moment now) const;

  std::map<ConnectionId, Socket> sockets_;  ///< that are ready
  std::set<ConnectionId> fresh_;            ///< brought something since the last look
  std::optional<Moment> round_;
  std::set<ConnectionId> silent_;  ///< of this round: have not brought anything
  int words_ = 0;                  ///< of this round
  bool speaking_ = false;          ///< asked for, not said yet
  std::optional<Moment> spoke_;    ///< said, and nothing has come since
  bool confirm_ = false;           ///< whoever replaced the deaf is asked soon
  int fruitless_ = 0;
  Moment rests_until_{};
};

}  // namespace tocsin::slack
