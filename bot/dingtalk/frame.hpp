// The texts of Stream Mode: what DingTalk pushes over a stream, and the reply that each push must have.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace tocsin::dingtalk {

/// SYSTEM `ping`. Its data goes back as it came, before anything else is done.
struct Ping {
  std::string message;  ///< of this delivery
  std::string data;     ///< a JSON text with an `opaque` value
};

/// SYSTEM `disconnect`: from now on nothing comes by this stream, and ten seconds later it is closed.
struct Disconnect {
  std::string message;  ///< may be missing
  std::string reason;
};

/// Something happened. A callback is pushed again some seconds later, or never, if no reply comes; an event until it is
/// consumed.
struct Push {
  enum class Kind : std::uint8_t { callback, event } kind = Kind::callback;
  std::string message;  ///< of this delivery: a repeat has another one
  std::string topic;
  std::string event;       ///< its identity, the same in each repeat
  std::string event_type;  ///< "chat_disband"
  std::string data;        ///< a JSON text
};

/// A push that can't be read but names itself: it wants a reply all the same, or comes again for ever.
struct Unreadable {
  std::string message;
};

/// Anything else, such as KEEPALIVE: nothing follows from it but that the peer lives.
struct Noise {};

using Frame = std::variant<Noise, Ping, Disconnect, Push, Unreadable>;

/// Never throws: whatever comes is one of them. "Server-to-client frame" of Stream Mode.
[[nodiscard]] Frame parse_frame(std::string_view text);

/// What a push is answered with. "Client-to-server reply" of Stream Mode.
enum class Receipt : std::uint8_t {
  taken,    ///< 200
  later,    ///< 500: an event comes again
  unknown,  ///< 404: nobody here knows the topic
  broken,   ///< 400: it could not be read
};

/// `data`: a JSON text; empty: none.
[[nodiscard]] std::string reply(std::string_view message, Receipt receipt, std::string_view data = {});
[[nodiscard]] std::string pong(Ping const& ping);
/// A callback without an answer is acknowledged, an event consumed or asked for again.
[[nodiscard]] std::string reply(Push const& push, Receipt receipt);
/// To a card's callback: what changes on the card. `response`: a JSON object; empty: nothing does.
[[nodiscard]] std::string card_reply(std::string_view message, std::string_view response);

}  // namespace tocsin::dingtalk
