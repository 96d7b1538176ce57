// Stream Mode for the supervisor of websockets: what its texts mean, and where an address for a connection comes from.
// "Open a connection" and "Server-to-client frame" of Stream Mode.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bot/chat/sockets.hpp"
#include "bot/dingtalk/frame.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin::dingtalk {

using chat::ConnectionId;
using chat::Health;
using chat::Refusal;
using chat::SocketLimits;

using Deliver = std::function<void(ConnectionId, Push const&)>;

/// `deliver` is called once it is known that somebody waits for its reply.
[[nodiscard]] chat::Meaning meaning_of(std::string_view text, Deliver const& deliver);

/// Two connections, ready with their handshake; each push is answered where it came, and what only answers pings is
/// replaced.
[[nodiscard]] SocketLimits stream_limits();

/// Each connection takes a ticket of its own, good for 90 seconds and for one attempt.
[[nodiscard]] net::ClientRequest open_request(std::string const& api_url, std::string const& client_id,
                                              Secret const& client_secret);
/// The answer to it: endpoint and ticket as one address, or why there is none.
[[nodiscard]] chat::Address address_of(net::FetchResult const& got);

}  // namespace tocsin::dingtalk
