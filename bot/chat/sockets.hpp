// The sockets of a chat platform: does what the supervisor decides.
#pragma once

#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/supervisor.hpp"
#include "bot/chat_facts.hpp"
#include "integrations/net/websocket_client.hpp"

namespace tocsin::chat {

/// An address for one connection, or why there is none.
using Address = boost::system::result<std::string, Refusal>;

[[noreturn]] void throw_exception_from_error(Refusal const& refusal, boost::source_location const& where);

/// Lives and is called on the io_context's thread.
class Sockets {
 public:
  struct Parts {
    boost::asio::io_context& io;
    std::string name;  ///< of the platform, for the log
    net::WebSocketClientOptions sockets;
    SocketLimits limits;
    std::function<Moment()> now;
    std::function<double()> chance;
    /// Asks the platform for an address, once; never calls from inside.
    std::function<void(std::function<void(Address)>)> ask;
    /// What a text means. What happened is delivered by it, and is to be acknowledged on the connection that brought
    /// it.
    std::function<Meaning(std::string_view)> read;
    std::function<void(Health const&)> health;
  };

  explicit Sockets(Parts parts);
  ~Sockets();
  Sockets(Sockets const&) = delete;
  Sockets& operator=(Sockets const&) = delete;

  void start();
  /// Closes everything politely; nothing is delivered any more. `done` is called once all are closed or the time for
  /// that is over.
  void stop(std::function<void()> done);
  void acknowledge(ConnectionId id, std::string text);
  /// What should have come over them did not: they are replaced.
  void deaf(std::vector<ConnectionId> const& ids);
  [[nodiscard]] std::vector<ConnectionId> ready_ids() const;
  [[nodiscard]] Health const& health() const;
  [[nodiscard]] std::vector<Standing> standing() const;
  /// What last went wrong with any of them.
  [[nodiscard]] std::string const& trouble() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// For /metrics, by the wall clock: `now` is the instant of `moment`.
[[nodiscard]] std::vector<ChatConnection> connections_of(std::vector<Standing> const& standing, Instant now,
                                                         Moment moment);

}  // namespace tocsin::chat
