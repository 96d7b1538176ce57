// One WebSocket of the server. Private to integrations/net.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "integrations/net/detail/connections.hpp"
#include "integrations/net/detail/websocket_core.hpp"

namespace tocsin::net::detail {

class WebSocketSession final : public Connection, public WebSocketCore<boost::asio::ip::tcp::socket> {
 public:
  using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;

  WebSocketSession(boost::asio::ip::tcp::socket socket, Connections::Place place);

  /// Answers the upgrade (a malformed one with the error it deserves), hands its handle to the open handler, reads.
  void start(Upgrade upgrade, HttpRequest request);

  void wind_down() override;
  void cut() override;
  void forget() override;

 private:
  void opened(HttpRequest request);
  [[nodiscard]] Report leave() override;
  void report(std::string_view problem) override;

  std::optional<Connections::Place> place_;  ///< empty after the end
};

}  // namespace tocsin::net::detail
