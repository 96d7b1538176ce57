#include "integrations/net/detail/websocket_session.hpp"

#include <boost/beast/websocket/error.hpp>
#include <utility>

namespace tocsin::net::detail {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::size_t kKeptBufferBytes = 16 * 1024;  // a rare large message must not be paid for ever after

}  // namespace

WebSocketSession::WebSocketSession(boost::asio::ip::tcp::socket socket, Connections::Place place)
    : limits_(place.books().options.websocket),
      handle_(std::make_shared<WebSocketHandle>(place.books().executor, limits_, *this)),
      place_(std::move(place)),
      stream_(std::move(socket)),
      write_deadline_(place_->books().executor,
                      [this] {
                        finish({Why::too_slow, 1006, "a write took too long"});
                      }),
      close_deadline_(place_->books().executor, [this] {
        if (auto const end = handle_->closing()) finish(*end);
      }) {
  place_->hand_to(*this);
}

WebSocketSession::~WebSocketSession() { handle_->detach(); }

void WebSocketSession::start(Upgrade upgrade, HttpRequest request) {
  websocket::stream_base::timeout patience{};
  patience.handshake_timeout = limits_.close;
  patience.idle_timeout = limits_.idle;
  patience.keep_alive_pings = true;
  stream_.set_option(patience);
  stream_.read_message_max(limits_.message_bytes);
  stream_.auto_fragment(false);  // one frame for each message: simple peers join no fragments
  stream_.text(true);
  auto const kept = std::make_shared<Upgrade>(std::move(upgrade));  // must outlive the handshake
  stream_.async_accept(*kept,
                       [self = shared_from_this(), kept, request = std::move(request)](error_code failed) mutable {
                         if (failed) return self->finish({Why::broken, 1002, "no proper handshake"});
                         self->opened(std::move(request));
                       });
}

void WebSocketSession::opened(HttpRequest request) {
  if (!place_) return;
  open_ = true;
  if (handle_->closing()) {  // the server began to stop during the handshake
    pump();
    return read();
  }
  auto const handler = place_->books().on_socket.open;  // a copy: the server may be destroyed in the call
  if (!handler) return finish({Why::by_us, 1001, "going away"});
  try {
    handler(std::move(request), handle_);
  } catch (std::exception const& problem) {
    if (place_) place_->books().report(std::string("the open handler of a WebSocket threw: ") + problem.what());
    handle_->close(1011, "internal error");
  }
  read();
}

void WebSocketSession::read() {
  if (!place_) return;
  stream_.async_read(incoming_, [self = shared_from_this()](error_code failed, std::size_t) { self->took(failed); });
}

void WebSocketSession::took(error_code failed) {
  if (!place_) return;
  if (failed) return finish(end_after(failed));
  if (stream_.got_text()) {
    give_text();
  } else {
    handle_->close(1003, "text only");
  }
  incoming_.consume(incoming_.size());
  if (incoming_.capacity() > kKeptBufferBytes) incoming_.shrink_to_fit();
  read();
}

void WebSocketSession::give_text() {
  auto const handler = handle_->text_handler();  // a copy: it may replace itself, or end the socket, while it runs
  if (!handler) return;
  auto const data = incoming_.cdata();
  try {
    handler({static_cast<char const*>(data.data()), data.size()});
  } catch (std::exception const& problem) {
    if (place_) place_->books().report(std::string("the text handler of a WebSocket threw: ") + problem.what());
    handle_->close(1011, "internal error");
  }
}

void WebSocketSession::pump() {
  if (!place_ || !open_) return;
  auto work = handle_->next();
  if (work.close) return send_close();
  if (!work.message) return;
  outgoing_ = std::move(*work.message);
  write_deadline_.arm(limits_.write);
  stream_.async_write(boost::asio::buffer(outgoing_), [self = shared_from_this()](error_code failed, std::size_t) {
    self->write_deadline_.disarm();
    if (failed) return self->finish(self->end_after(failed));
    self->pump();
  });
}

void WebSocketSession::begin_closing() { close_deadline_.arm(limits_.close); }

void WebSocketSession::send_close() {
  auto const end = handle_->closing();
  if (!end || std::exchange(close_sent_, true)) return;
  websocket::close_reason const reason(static_cast<websocket::close_code>(end->code), end->reason);
  stream_.async_close(reason, [self = shared_from_this(), end](error_code) { self->finish(*end); });
}

WebSocketEnd WebSocketSession::end_after(error_code failed) const {
  if (auto const end = handle_->closing()) return *end;
  if (failed == websocket::error::closed) {
    auto const& reason = stream_.reason();
    return {Why::by_peer, reason.code, std::string(reason.reason.data(), reason.reason.size())};
  }
  if (failed == beast::error::timeout) return {Why::idle, 1006, "nothing heard"};
  if (failed == websocket::error::message_too_big) return {Why::broken, 1009, "message too big"};
  if (failed == websocket::condition::protocol_violation) return {Why::broken, 1002, failed.message()};
  return {Why::lost, 1006, failed.message()};
}

void WebSocketSession::finish(WebSocketEnd const& end) {
  if (!place_) return;
  auto const self = shared_from_this();  // the handlers may hold what keeps this alive
  auto const books = place_->shared_books();
  place_.reset();
  write_deadline_.disarm();
  close_deadline_.disarm();
  error_code ignored;
  stream_.next_layer().close(ignored);
  auto const handler = handle_->detach();
  if (!handler) return;
  try {
    handler(end);
  } catch (std::exception const& problem) {
    books->report(std::string("the end handler of a WebSocket threw: ") + problem.what());
  }
}

void WebSocketSession::wind_down() { handle_->close(1001, "going away"); }

void WebSocketSession::cut() { finish({Why::by_us, 1001, "going away"}); }

void WebSocketSession::forget() {
  handle_->on_text(nullptr);
  handle_->on_closed(nullptr);
}

}  // namespace tocsin::net::detail
