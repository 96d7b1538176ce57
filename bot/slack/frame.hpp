// The texts of Socket Mode: what Slack sends over the socket, and the acknowledgement that goes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "incidents/base/time.hpp"

namespace tocsin::slack {

/// The connection is ready. All of it but the name of the message is optional in practice.
struct Hello {
  std::string app_id;
  std::string host;                     ///< the node that serves it
  std::optional<std::int64_t> sockets;  ///< how many Slack counts for this app, this one included
  std::optional<Millis> life;           ///< how long it should last
};

/// Why Slack asks for the socket back.
enum class Farewell : std::uint8_t {
  recycled,  ///< `warning`, `refresh_requested`, and whatever we don't know
  disabled,  ///< `link_disabled`: Socket Mode was switched off
  crowded,   ///< `too_many_websockets`: more than ten for this app
};
struct Disconnect {
  Farewell why = Farewell::recycled;
  std::string reason;  ///< as Slack names it
};

/// Something happened. Must be acknowledged within three seconds of having been sent.
struct Envelope {
  std::string id;
  std::string type;     ///< "events_api", "slash_commands", "interactive", or what comes one day
  std::string payload;  ///< a JSON object
  bool takes_payload = false;
  std::int64_t attempt = 0;  ///< 0: for the first time, as far as Slack knows
};

/// An envelope that can't be read. Unacknowledged it would come again for ever.
struct Unreadable {
  std::string id;
};

/// Anything else: texts that are no JSON do occur. Nothing follows from it but that the peer lives.
struct Noise {};

using Frame = std::variant<Noise, Hello, Disconnect, Envelope, Unreadable>;

/// Never throws: whatever comes is one of them. Slack's reference, "Using Socket Mode".
[[nodiscard]] Frame parse_frame(std::string_view text);

/// From this size on Slack drops an acknowledgement, or the connection with it (20,480 bytes), in one frame.
inline constexpr std::size_t kAcknowledgementBytes = 20'000;

struct Acknowledgement {
  std::string text;
  bool with_payload = false;  ///< false: the payload was too large, or there was none; it must go another way
};
/// `payload`: a JSON object, or empty for none.
[[nodiscard]] Acknowledgement acknowledgement(std::string_view envelope, std::string_view payload);

}  // namespace tocsin::slack
