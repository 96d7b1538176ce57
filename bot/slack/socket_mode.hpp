// Socket Mode for the supervisor of websockets: what its frames mean, and how an address is asked for.
#pragma once

#include <functional>
#include <string_view>

#include "bot/chat/sockets.hpp"
#include "bot/slack/frame.hpp"
#include "bot/slack/web_api.hpp"

namespace tocsin::slack {

using chat::ConnectionId;
using chat::Health;
using chat::Refusal;
using chat::SocketLimits;

using Deliver = std::function<void(ConnectionId, Envelope const&)>;

/// `deliver` is called once it is known that somebody waits for its acknowledgement.
[[nodiscard]] chat::Meaning meaning_of(std::string_view text, Deliver const& deliver);

/// `apps.connections.open`, once: the supervisor decides when it is asked again.
void ask_for_address(WebApi& api, std::function<void(chat::Address)> done);

/// What a refused `apps.connections.open` means for asking again.
[[nodiscard]] Refusal refusal_of(ApiFailure const& failure);

}  // namespace tocsin::slack
