// What the users of a WebSocket hold. Private to integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "integrations/net/websocket.hpp"

namespace tocsin::net::detail {

/// What the handle asks of whoever holds the stream; on the io_context's thread.
class WebSocketSide {
 public:
  virtual ~WebSocketSide() = default;
  virtual void pump() = 0;           ///< writes the next message, or the close frame when it is due
  virtual void begin_closing() = 0;  ///< the time for what is left starts to run
  virtual void finish(WebSocketEnd const& end) = 0;
};

/// Apart from the session, so that a holder on another thread, or one that outlives the io_context, neither destroys
/// nor touches a stream: it only reaches the session through the executor, and only while the session exists.
class WebSocketHandle final : public WebSocket, public std::enable_shared_from_this<WebSocketHandle> {
 public:
  using Executor = boost::asio::io_context::executor_type;

  WebSocketHandle(Executor executor, WebSocketLimits const& limits, WebSocketSide& session)
      : executor_(executor), limits_(limits), session_(&session) {}

  bool send(std::string text) override;
  void close(std::uint16_t code, std::string reason) override;
  void on_text(TextHandler handler) override;
  void on_closed(EndHandler handler) override;
  void on_heard(HeardHandler handler) override;
  void cut() override;

  // The rest is the session's, on the io_context's thread.

  struct Work {
    std::optional<std::string> message;
    bool close = false;  ///< all is sent and a close frame is due
  };
  /// What to do next. Nothing at all ends the pumping: the next `send` or `close` starts it again.
  [[nodiscard]] Work next();
  /// How the socket is about to end, once `close` was called or the queue overflowed.
  [[nodiscard]] std::optional<WebSocketEnd> closing() const;
  [[nodiscard]] TextHandler const& text_handler() const noexcept { return on_text_; }
  [[nodiscard]] HeardHandler const& heard_handler() const noexcept { return on_heard_; }
  /// The session is over: drops queue, handlers and session; gives back the handler that is still to be told.
  EndHandler detach();

 private:
  template <class Act>
  void tell_session(std::unique_lock<std::mutex> lock, Act act);

  Executor const executor_;
  WebSocketLimits const limits_;
  TextHandler on_text_;  ///< these three: the io_context's thread only
  EndHandler on_closed_;
  HeardHandler on_heard_;

  mutable std::mutex mutex_;  ///< guards the rest
  WebSocketSide* session_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool pumping_ = false;  ///< the session is writing, or was told to
  std::optional<WebSocketEnd> closing_;
  bool cut_ = false;  ///< without a word: no close frame either
};

}  // namespace tocsin::net::detail
