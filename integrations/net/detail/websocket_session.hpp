// One WebSocket of the server. Private to integrations/net.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "integrations/net/detail/connections.hpp"
#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/websocket_handle.hpp"

namespace tocsin::net::detail {

/// Lives on the io_context's thread, as long as one of its operations is under way.
class WebSocketSession final : public Connection, public std::enable_shared_from_this<WebSocketSession> {
 public:
  using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;

  WebSocketSession(boost::asio::ip::tcp::socket socket, Connections::Place place);
  ~WebSocketSession() override;

  /// Answers the upgrade (a malformed one with the error it deserves), hands its handle to the open handler, reads.
  void start(Upgrade upgrade, HttpRequest request);

  // The handle's side.
  void pump();           ///< writes the next message, or the close frame when it is due
  void begin_closing();  ///< the time for what is left starts to run
  void finish(WebSocketEnd const& end);

  void wind_down() override;
  void cut() override;
  void forget() override;

 private:
  using Why = WebSocketEnd::Why;

  void opened(HttpRequest request);
  void read();
  void took(boost::system::error_code failed);
  void give_text();
  void send_close();
  [[nodiscard]] WebSocketEnd end_after(boost::system::error_code failed) const;

  WebSocketLimits const limits_;
  std::shared_ptr<WebSocketHandle> const handle_;
  std::optional<Connections::Place> place_;  ///< empty after the end
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  boost::beast::flat_buffer incoming_;
  std::string outgoing_;     ///< the message being written
  Deadline write_deadline_;  ///< guards one message
  Deadline close_deadline_;  ///< guards what is left after `close`
  bool open_ = false;        ///< the handshake is done
  bool close_sent_ = false;
};

}  // namespace tocsin::net::detail
