// What both ends of a WebSocket do, on whatever stream. Private to integrations/net; for .cpp files.
#pragma once

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/websocket_handle.hpp"

namespace tocsin::net::detail {

/// A rare large message must not be paid for ever after.
inline constexpr std::size_t kKeptBufferBytes = 16 * 1024;
/// Whoever closed should also end the connection, soon.
inline constexpr std::chrono::milliseconds kPeerLeaves{1'000};

/// Lives on the io_context's thread, as long as one of its operations is under way.
template <class Stream>
class WebSocketCore : public WebSocketSide, public std::enable_shared_from_this<WebSocketCore<Stream>> {
 public:
  WebSocketCore(Stream stream, WebSocketLimits const& limits, WebSocketHandle::Executor executor)
      : limits_(limits),
        handle_(std::make_shared<WebSocketHandle>(executor, limits_, *this)),
        stream_(std::move(stream)),
        write_deadline_(executor,
                        [this] {
                          finish({Why::too_slow, 1006, "a write took too long"});
                        }),
        close_deadline_(executor, [this] {
          if (auto const end = handle_->closing()) return finish(*end);
          finish(told_by_peer());
        }) {}
  ~WebSocketCore() override { handle_->detach(); }

  void pump() final {
    if (over_ || !open_) return;
    auto work = handle_->next();
    if (work.close) return send_close();
    if (!work.message) return;
    outgoing_ = std::move(*work.message);
    write_deadline_.arm(limits_.write);
    stream_.async_write(boost::asio::buffer(outgoing_), [self = this->shared_from_this()](Failed failed, std::size_t) {
      self->write_deadline_.disarm();
      if (failed) return self->finish(self->end_after(failed));
      self->pump();
    });
  }

  void begin_closing() final { close_deadline_.arm(limits_.close); }

  void finish(WebSocketEnd const& end) final {
    if (std::exchange(over_, true)) return;
    auto const self = this->shared_from_this();  // the handlers may hold what keeps this alive
    write_deadline_.disarm();
    close_deadline_.disarm();
    auto const report = leave();
    Failed ignored;
    boost::beast::get_lowest_layer(stream_).close(ignored);
    auto const handler = handle_->detach();
    if (!handler) return;
    try {
      handler(end);
    } catch (std::exception const& problem) {
      report(std::string("the end handler of a WebSocket threw: ") + problem.what());
    }
  }

 protected:
  using Why = WebSocketEnd::Why;
  using Failed = boost::system::error_code;
  using Report = std::function<void(std::string_view)>;

  /// It is over: whatever knows of it is told. What comes back reports a problem of the last handler.
  [[nodiscard]] virtual Report leave() = 0;
  virtual void report(std::string_view problem) = 0;
  virtual void binary_came() { handle_->close(1003, "text only"); }

  /// What both roles set before their handshake.
  void prepare(boost::beast::websocket::stream_base::timeout const& patience) {
    stream_.set_option(patience);
    stream_.read_message_max(limits_.message_bytes);
    stream_.auto_fragment(false);  // one frame for each message: simple peers join no fragments
    stream_.text(true);
    stream_.control_callback([this](boost::beast::websocket::frame_type kind, boost::beast::string_view) {
      heard_ = true;
      // Beast answers it and then waits for the end of the connection, without a limit of its own.
      bool const leaves = kind == boost::beast::websocket::frame_type::close;
      peer_left_ = peer_left_ || leaves;
      if (leaves && !handle_->closing()) close_deadline_.arm(std::min(limits_.close, kPeerLeaves));
      if (auto const handler = handle_->heard_handler()) guarded("heard", [&] { handler(); });
    });
  }

  void read() {
    if (over_) return;
    stream_.async_read(incoming_,
                       [self = this->shared_from_this()](Failed failed, std::size_t) { self->took(failed); });
  }

  /// Runs a handler of the holder's.
  template <class Act>
  void guarded(char const* which, Act act) {
    try {
      act();
    } catch (std::exception const& problem) {
      if (!over_) report(std::string("the ") + which + " handler of a WebSocket threw: " + problem.what());
      handle_->close(1011, "internal error");
    }
  }

  WebSocketLimits const limits_;
  std::shared_ptr<WebSocketHandle> const handle_;
  boost::beast::websocket::stream<Stream> stream_;
  bool open_ = false;       ///< the handshake is done
  bool over_ = false;       ///< nothing is to be done any more
  bool heard_ = false;      ///< something came since this was last looked at
  bool peer_left_ = false;  ///< its close frame came
  bool failing_ = false;    ///< Beast gave up on what came and waits for the peer to go

  [[nodiscard]] static WebSocketEnd broken() { return {Why::broken, 1002, "it broke the protocol"}; }

 private:
  void took(Failed failed) {
    if (over_) return;
    if (failed) return finish(end_after(failed));
    heard_ = true;
    if (stream_.got_text()) {
      give_text();
    } else {
      binary_came();
    }
    incoming_.consume(incoming_.size());
    if (incoming_.capacity() > kKeptBufferBytes) incoming_.shrink_to_fit();
    read();
  }

  void give_text() {
    auto const handler = handle_->text_handler();  // a copy: it may replace itself, or end the socket, while it runs
    if (!handler) return;
    auto const data = incoming_.cdata();
    guarded("text", [&] { handler({static_cast<char const*>(data.data()), data.size()}); });
  }

  void send_close() {
    auto const end = handle_->closing();
    if (!end || std::exchange(close_sent_, true)) return;
    boost::beast::websocket::close_reason const reason(static_cast<boost::beast::websocket::close_code>(end->code),
                                                       end->reason);
    stream_.async_close(reason, [self = this->shared_from_this(), end](Failed) { self->finish(*end); });
  }

  [[nodiscard]] WebSocketEnd told_by_peer() const {
    auto const& reason = stream_.reason();
    return {Why::by_peer, reason.code, std::string(reason.reason.data(), reason.reason.size())};
  }

  [[nodiscard]] WebSocketEnd end_after(Failed failed) const {
    namespace websocket = boost::beast::websocket;
    if (auto const end = handle_->closing()) return *end;
    // TLS may end without a farewell of its own: the peer's close frame counts all the same.
    if (failed == websocket::error::closed || peer_left_) return told_by_peer();
    if (failed == boost::beast::error::timeout) return {Why::idle, 1006, "nothing heard"};
    if (failed == websocket::error::message_too_big) return {Why::broken, 1009, "message too big"};
    if (failed == websocket::condition::protocol_violation) return {Why::broken, 1002, failed.message()};
    if (failing_) return broken();
    return {Why::lost, 1006, failed.message()};
  }

  boost::beast::flat_buffer incoming_;
  std::string outgoing_;     ///< the message being written
  Deadline write_deadline_;  ///< guards one message
  Deadline close_deadline_;  ///< guards what is left after `close`
  bool close_sent_ = false;
};

}  // namespace tocsin::net::detail
