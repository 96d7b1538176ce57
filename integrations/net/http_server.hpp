// The HTTP and WebSocket server of the bot: web chat, hooks, metrics. It terminates no TLS and serves no files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "incidents/base/result.hpp"
#include "integrations/net/http.hpp"
#include "integrations/net/websocket.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::net {

struct HttpServerOptions {
  std::string listen = "127.0.0.1:8088";   ///< "ADDRESS:PORT", "[ADDRESS6]:PORT"; port 0 takes a free one
  std::size_t header_bytes = 16 * 1024;    ///< request line and fields together; more is 431
  std::size_t body_bytes = 1024 * 1024;    ///< more is 413
  std::size_t connections = 256;           ///< more are answered 503 and closed
  std::size_t connections_per_peer = 64;   ///< for each IP address; a reverse proxy in front is one peer
  std::chrono::milliseconds idle{75'000};  ///< between requests, and before the first byte of the first
  std::chrono::milliseconds header_deadline{
      10'000};                                       ///< from a request's first byte to the end of its header; then 408
  std::chrono::milliseconds body_deadline{30'000};   ///< from there to the end of the body; then 408
  std::chrono::milliseconds reply_deadline{60'000};  ///< for the handler; then 503 and a late reply is dropped
  std::chrono::milliseconds write_deadline{30'000};  ///< for one whole response; then the connection is cut
  WebSocketLimits websocket;
  /// What a log should know (a handler that threw, a failing accept). On the io_context's thread; may be empty.
  std::function<void(std::string_view)> on_problem;
};

using HttpReply = std::function<void(HttpResponse)>;

/// Called on the io_context's thread for each complete request. `reply` works once, from any thread, now or later;
/// further calls do nothing, and so does one that comes after the connection or the server is gone. If every copy of
/// it dies unused, or the handler throws, the answer is a bare 500.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

struct WebSocketHandler {
  /// Asked before an upgrade is accepted, for Host, Origin and rights. A response refuses; it is sent as it is.
  std::function<std::optional<HttpResponse>(HttpRequest const&)> refuse;
  /// The socket is open: set its callbacks here. Empty: upgrade requests go to the HttpHandler like any other.
  std::function<void(HttpRequest, std::shared_ptr<WebSocket>)> open;
};

/// Serves HTTP/1.0 and 1.1 with keep-alive and pipelining, and upgrades to WebSocket. It bounds what one peer and
/// all peers can hold: bytes, connections and time, so that neither slow nor malformed input takes it away from others.
///
/// Belongs to the thread that runs the io_context, of which there is one: make, stop and destroy it there (or before
/// that thread runs). The destructor cuts what is left, without calling any handler. Several servers may share an
/// io_context; they share nothing else.
class HttpServer {
 public:
  HttpServer(boost::asio::io_context& io, HttpServerOptions options, HttpHandler on_request,
             WebSocketHandler on_socket = {});
  ~HttpServer();
  HttpServer(HttpServer const&) = delete;
  HttpServer& operator=(HttpServer const&) = delete;

  /// Binds (SO_REUSEADDR), listens, starts to accept and returns the bound port. Call once.
  /// Errc::invalid for an address that can't be read, Errc::unavailable for one that is taken or not ours.
  [[nodiscard]] Result<std::uint16_t> listen();

  [[nodiscard]] std::uint16_t port() const noexcept;            ///< 0 before `listen`
  [[nodiscard]] std::size_t open_connections() const noexcept;  ///< WebSockets included

  /// Stops accepting, lets running requests finish, closes idle connections, and WebSockets with 1001; after `limit`
  /// it cuts what is left. `done` is called once, when no connection is left, never from inside this call.
  void stop(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::net
