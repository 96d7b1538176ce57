#include "integrations/net/detail/websocket_session.hpp"

#include <utility>

namespace tocsin::net::detail {

WebSocketSession::WebSocketSession(boost::asio::ip::tcp::socket socket, Connections::Place place)
    : WebSocketCore(std::move(socket), place.books().options.websocket, place.books().executor),
      place_(std::move(place)) {
  place_->hand_to(*this);
}

void WebSocketSession::start(Upgrade upgrade, HttpRequest request) {
  boost::beast::websocket::stream_base::timeout patience{};
  patience.handshake_timeout = limits_.close;
  patience.idle_timeout = limits_.idle;
  patience.keep_alive_pings = true;
  prepare(patience);
  auto const kept = std::make_shared<Upgrade>(std::move(upgrade));  // must outlive the handshake
  auto const self = std::static_pointer_cast<WebSocketSession>(shared_from_this());
  stream_.async_accept(*kept, [self, kept, request = std::move(request)](boost::system::error_code failed) mutable {
    if (failed) return self->finish({Why::broken, 1002, "no proper handshake"});
    self->opened(std::move(request));
  });
}

void WebSocketSession::opened(HttpRequest request) {
  if (over_) return;
  open_ = true;
  if (handle_->closing()) {  // the server began to stop during the handshake
    pump();
    return read();
  }
  auto const handler = place_->books().on_socket.open;  // a copy: the server may be destroyed in the call
  if (!handler) return finish({Why::by_us, 1001, "going away"});
  guarded("open", [&] { handler(std::move(request), handle_); });
  read();
}

WebSocketSession::Report WebSocketSession::leave() {
  auto const books = place_->shared_books();
  place_.reset();
  return [books](std::string_view problem) { books->report(problem); };
}

void WebSocketSession::report(std::string_view problem) { place_->books().report(problem); }

void WebSocketSession::wind_down() { handle_->close(1001, "going away"); }

void WebSocketSession::cut() { finish({Why::by_us, 1001, "going away"}); }

void WebSocketSession::forget() {
  handle_->on_text(nullptr);
  handle_->on_closed(nullptr);
  handle_->on_heard(nullptr);
}

}  // namespace tocsin::net::detail
