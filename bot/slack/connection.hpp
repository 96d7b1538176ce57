// The sockets of Socket Mode: does what the machine without sockets decides.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/slack/socket_mode.hpp"
#include "bot/slack/web_api.hpp"
#include "integrations/net/websocket_client.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Connection {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    net::WebSocketClientOptions sockets;
    SocketLimits limits;
    std::function<Moment()> now;
    std::function<double()> chance;
    /// Something happened. It is to be acknowledged, on the connection that brought it.
    std::function<void(ConnectionId, Envelope const&)> deliver;
    std::function<void(Health const&)> health;
  };

  explicit Connection(Parts parts);
  ~Connection();
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

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

/// What a refused `apps.connections.open` means for asking again.
[[nodiscard]] Refusal refusal_of(ApiFailure const& failure);

}  // namespace tocsin::slack
