// WebSockets that we open: ws and wss.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "incidents/base/result.hpp"
#include "integrations/net/http_client.hpp"
#include "integrations/net/proxy.hpp"
#include "integrations/net/websocket.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::net {

struct WebSocketClientOptions {
  std::string ca_file;                              ///< PEM; empty: the system's authorities
  std::optional<Proxy> proxy{};                     ///< for wss only
  std::chrono::milliseconds open_deadline{15'000};  ///< DNS, TCP, proxy, TLS and handshake together
  std::chrono::milliseconds ping{10'000};           ///< nothing heard for so long: a ping, and again after as long
  WebSocketLimits limits{.message_bytes = 16 * 1024 * 1024};
};

/// Why one could not be opened. The detail names scheme, host and port, never path or query.
struct OpenFailure : Error {
  FetchCause cause = FetchCause::invalid;
  int status = 0;         ///< of an answer other than 101
  std::string headers{};  ///< the beginning of its headers, printable ASCII, for a log
  std::string body;       ///< its beginning, likewise
};

/// Messages go out in one frame each, uncompressed; binary ones that come are passed over. Lives no longer than its
/// io_context, and dies on that context's thread or when it no longer runs.
class WebSocketClient {
 public:
  using Opened = std::function<void(boost::system::result<std::shared_ptr<WebSocket>, OpenFailure>)>;

  WebSocketClient(boost::asio::io_context& io, WebSocketClientOptions options);
  /// Cuts what is open or being opened; nobody is told.
  ~WebSocketClient();
  WebSocketClient(WebSocketClient const&) = delete;
  WebSocketClient& operator=(WebSocketClient const&) = delete;

  /// On the io_context's thread; `opened` is called there once, never from inside. What comes before it returns is not
  /// lost: handlers that it sets see the first message.
  void open(std::string const& url, Opened opened);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::net
