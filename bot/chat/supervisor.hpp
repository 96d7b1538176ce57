// The supervision of a platform's websockets, without a socket and without their language: which connections are asked
// for, dialled, given up, and when. Whoever holds the sockets tells what happened and does what comes back.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bot/chat/moment.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::chat {

/// Names one attempt at a connection for ever, so that what comes late from an old one can't touch a new one.
using ConnectionId = std::uint64_t;

/// The platform greets: the connection is ready. All of it is optional in practice.
struct Greeting {
  std::string host;                     ///< the node that serves it
  std::optional<std::int64_t> sockets;  ///< how many the platform counts for this app, this one included
  std::optional<Millis> life;           ///< how long it should last
};

/// The platform asks for the socket back.
struct Farewell {
  enum class Why : std::uint8_t {
    recycled,  ///< its time is over, or the platform's node goes
    disabled,  ///< the operator switched this kind of connection off
    crowded,   ///< more than the platform allows this app
  } why = Why::recycled;
  std::string reason;  ///< as the platform names it
};

/// Goes back at once, on that connection or not at all.
struct Reply {
  std::string text;
  bool happened = false;  ///< it acknowledges something that happened, if only something unreadable
};

/// Something happened, and is to be acknowledged. `deliver` is called once.
struct Item {
  std::function<void(ConnectionId)> deliver;
};

/// Nothing follows from it but that the peer lives.
struct Noise {};

/// What a text means for the connection that brought it.
using Meaning = std::variant<Noise, Greeting, Farewell, Reply, Item>;

struct SocketLimits {
  std::size_t sockets = 2;           ///< kept open. Two leave no gap when one goes
  bool greeted = true;               ///< it is ready when the platform says so; else with the handshake
  bool anywhere = true;              ///< what came by one connection may be acknowledged by another
  Millis dial{15'000};               ///< from asking for an address to the end of the handshake
  Millis hello{10'000};              ///< from there to the greeting
  Millis drain{5'000};               ///< what was asked to leave stays so long once its replacement is there,
  Millis owing{15'000};              ///< and so long at most while it waits for acknowledgements
  Millis suspicious{20'000};         ///< nothing heard: a replacement is dialled
  Millis silent{30'000};             ///< nothing heard: dead
  std::optional<Millis> wordless{};  ///< no text for so long, whatever else is heard: a replacement is dialled
  std::optional<Millis> life{};      ///< of a connection of which the greeting announces none
  Millis first_backoff{1'000};       ///< after the second failure in a row; then twice as long each time
  Millis longest_backoff{60'000};
  Millis proven{30'000};             ///< who lived so long, or brought something, was no failure
  Millis crowded{60'000};            ///< too many; longer each time, up to `refused`
  Millis refused{300'000};           ///< after what only an operator can mend
  Millis default_retry{30'000};      ///< after a 429 that doesn't say how long
  Millis recount{600'000};           ///< after a greeting that counted strangers: a new one tells whether they are gone
  Millis overtaken{1'000};           ///< acknowledgements sent so shortly before an end may not have arrived
  Millis late{3'000};                ///< the platform waits no longer for one
  std::size_t kept_bytes = 1 << 20;  ///< of them for each connection; what the rest was for comes again
  std::size_t opens_per_minute = 6;  ///< asked for at most; for renewals less: losses come unplanned
  double renew_at = 0.9;             ///< of its life
};

/// What came of asking for an address.
struct Refusal {
  enum class Kind : std::uint8_t {
    passing,    ///< network, 5xx, an unreadable answer: tried again for ever
    too_often,  ///< it must wait
    lasting,    ///< the credential is refused, or the way is closed: an operator must act
  } kind = Kind::passing;
  std::string error;  ///< as the platform or the network names it
  std::optional<Millis> retry_after;
};

struct Health {
  enum class State : std::uint8_t {
    starting,  ///< none was ever there
    well,      ///< at least one connection is ready
    cut_off,   ///< none is; it is being tried
    refused,   ///< none is, and trying alone won't help: `error` says why
  } state = State::starting;
  std::string error;
  /// More sockets on this app than are ours: another process, or ghosts. They take a share of what happens.
  std::int64_t strangers = 0;
  /// What should have come over these connections did not (`Supervisor::deaf`), and nothing has come since.
  bool deaf = false;

  friend bool operator==(Health const&, Health const&) = default;
};

/// A connection that is ready.
struct Standing {
  std::string host;  ///< the platform's node that serves it, if it says so
  Moment since{};
  std::optional<Moment> renewal;  ///< planned
};

struct Ask {
  ConnectionId id = 0;
};
struct Dial {
  ConnectionId id = 0;
  std::string url;
};
struct Send {
  ConnectionId id = 0;
  std::string text;
};
/// Give it up: politely (1000, then a deadline), or at once when the peer is dead. What came of it need not be told.
struct Close {
  ConnectionId id = 0;
  bool politely = true;
};
struct Deliver {
  ConnectionId id = 0;
  Item item;
};
struct Report {
  Health health;
};
using Action = std::variant<Ask, Dial, Send, Close, Deliver, Report>;
using Actions = std::vector<Action>;

/// One thread. `chance`: in [0, 1).
class Supervisor {
 public:
  Supervisor(SocketLimits limits, std::function<double()> chance);

  /// Time has come to `now`; also begins it all.
  [[nodiscard]] Actions look(Moment now);
  [[nodiscard]] Actions address_came(ConnectionId id, std::string url, Moment now);
  [[nodiscard]] Actions address_refused(ConnectionId id, Refusal const& refusal, Moment now);
  /// The handshake is done.
  [[nodiscard]] Actions opened(ConnectionId id, Moment now);
  /// A text came; what it means.
  [[nodiscard]] Actions came(ConnectionId id, Meaning meaning, Moment now);
  /// Something came that is no text: the peer lives.
  void heard(ConnectionId id, Moment now);
  /// It could not be dialled, or it is gone.
  [[nodiscard]] Actions ended(ConnectionId id, std::string const& why, Moment now);
  /// On the socket that brought it; where another may do, else on the newest, else on the next.
  [[nodiscard]] Actions acknowledge(ConnectionId id, std::string text, Moment now);
  /// That connection takes nothing more: it goes by another, if there is one.
  [[nodiscard]] Actions unsent(ConnectionId id, std::string text, Moment now);
  /// What should have come over them did not, though all looks well (`Echo`): each gets a replacement.
  [[nodiscard]] Actions deaf(std::vector<ConnectionId> const& ids, Moment now);
  /// No more. Everything is closed politely.
  [[nodiscard]] Actions stop();

  /// When to look again, whatever happens.
  [[nodiscard]] std::optional<Moment> next() const;
  [[nodiscard]] std::size_t ready() const;
  [[nodiscard]] std::vector<ConnectionId> ready_ids() const;
  [[nodiscard]] std::vector<Standing> standing() const;
  [[nodiscard]] Health const& health() const noexcept { return health_; }

 private:
  enum class Stage : std::uint8_t { asking, dialling, greeting, ready };
  struct Ack {
    Moment at{};
    std::string text;
  };
  struct Connection {
    Stage stage = Stage::asking;
    Moment by{};     ///< asking, dialling, greeting: given up then
    Moment heard{};  ///< ready: when something last came
    Moment spoke{};  ///< ready: when a text last came
    Moment since{};  ///< ready: since when
    std::string host;
    std::optional<Moment> renew;
    std::optional<Moment> drained;  ///< leaving, and replaced: closed then
    bool leaving = false;           ///< another is wanted in its place
    bool mute = false;              ///< nothing can be sent by it any more
    bool useful = false;            ///< it brought something
    bool proven = false;            ///< it has ended the row of failures before it
    std::deque<Ack> sent;           ///< acknowledgements that its end may overtake
    std::size_t sent_bytes = 0;
    std::size_t owed = 0;  ///< what it brought and is not acknowledged
  };
  using Connections = std::map<ConnectionId, Connection>;

  void settle(Actions& actions, Moment now);
  void open_missing(Actions& actions, Moment now);
  void close_what_is_over(Actions& actions, Moment now);
  void greeted(ConnectionId id, Greeting const& greeting, Moment now);
  void replace_leavers(Moment now);
  void asked_to_leave(Actions& actions, ConnectionId id, Farewell const& farewell, Moment now);
  void failed(std::string const& why, Moment now);
  void lost(Connection const& connection, std::string const& why, Moment now);
  void prove(Moment now);
  void rest(Moment until);
  void tell(Actions& actions);
  void send(Actions& actions, ConnectionId id, Ack ack, Moment now);
  void strand(Connection& gone, Moment now);
  void hand_on(Actions& actions, Moment now);
  void keep_for_another(Ack ack);
  [[nodiscard]] std::optional<ConnectionId> best_writer() const;
  [[nodiscard]] bool proves_itself(Connection const& connection, Moment now) const;
  [[nodiscard]] Moment suspicious_at(Connection const& connection) const;
  [[nodiscard]] Moment closes_at(Connection const& connection) const;
  [[nodiscard]] std::size_t missing() const;
  [[nodiscard]] Moment earliest_ask(Moment now) const;

  SocketLimits limits_;
  std::function<double()> chance_;
  Connections connections_;
  ConnectionId next_id_ = 1;
  std::deque<Moment> asked_;  ///< in the last minute
  std::deque<Ack> stranded_;  ///< without a connection, or with one that ended since
  Moment rests_until_{};
  int failures_ = 0;
  int crowds_ = 0;
  bool refused_ = false;
  bool stopped_ = false;
  bool deaf_ = false;
  std::string error_;
  Health health_;
  std::optional<Health> told_;
  Moment now_{};
};

}  // namespace tocsin::chat
