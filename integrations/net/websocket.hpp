// One WebSocket, as whoever talks over it sees it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tocsin::net {

/// Bounds of one socket. Each is enforced by ending that socket, never by waiting.
struct WebSocketLimits {
  std::size_t message_bytes = 64 * 1024;      ///< largest message taken in; a larger one ends the socket with 1009
  std::size_t queue_bytes = 4 * 1024 * 1024;  ///< what may wait for a slow reader
  std::size_t queue_messages = 16 * 1024;     ///< and how many messages
  std::chrono::milliseconds idle{60'000};     ///< nothing heard for so long: ended. Pinged after half of it
  std::chrono::milliseconds write{30'000};    ///< one message must be handed to the network within
  std::chrono::milliseconds close{5'000};     ///< from `close` to the end, pending messages included
};

/// How a socket ended.
struct WebSocketEnd {
  enum class Why : std::uint8_t {
    by_peer,   ///< it sent a close frame: `code` and `reason` are its own
    by_us,     ///< `close` was called; `code` and `reason` are ours
    too_slow,  ///< it did not read fast enough: the queue overflowed or a write took too long
    idle,      ///< nothing came, not even an answer to a ping
    broken,    ///< it broke the protocol or a limit, or sent binary
    lost,      ///< the connection failed or was cut
  };
  Why why = Why::lost;
  std::uint16_t code = 1006;  ///< RFC 6455 section 7.4; 1006: no close frame was seen
  std::string reason;
};

/// Sends and receives text messages, one frame for each message sent. The connection keeps it while it lasts; a holder
/// may keep it as long as it likes, on any thread, and letting go of it ends nothing. Callbacks come on the
/// io_context's thread; they may hold the socket itself, as they are dropped at its end.
class WebSocket {
 public:
  using TextHandler = std::function<void(std::string_view)>;  ///< the text is valid UTF-8, and gone after the call
  using EndHandler = std::function<void(WebSocketEnd const&)>;
  using HeardHandler = std::function<void()>;

  WebSocket() = default;
  WebSocket(WebSocket const&) = delete;
  WebSocket& operator=(WebSocket const&) = delete;
  virtual ~WebSocket() = default;

  /// Queues a message, in order, from any thread. False when it will not be sent because the socket is closing or
  /// ended, or because this message overfills the queue, which ends the socket (Why::too_slow). True promises an
  /// attempt, not an arrival.
  virtual bool send(std::string text) = 0;

  /// Sends what is queued, then a close frame, from any thread. Later calls change nothing. The reason is cut to
  /// the 123 bytes a close frame has room for.
  virtual void close(std::uint16_t code, std::string reason) = 0;

  /// All are set on the io_context's thread, before the first message is wanted: best in the open handler.
  virtual void on_text(TextHandler handler) = 0;
  /// Called once; afterwards no handler is called or kept.
  virtual void on_closed(EndHandler handler) = 0;
  /// Called for each ping, pong and close that comes: the peer lives, even if it has nothing to say.
  virtual void on_heard(HeardHandler handler) = 0;

  /// Ends at once, from any thread: nothing more is sent, and no close frame. Why::by_us. On the io_context's thread
  /// on_closed is called from inside this call, so a caller first puts in order what that handler touches.
  virtual void cut() = 0;
};

}  // namespace tocsin::net
