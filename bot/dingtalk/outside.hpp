// From settings to what the network's clients want, for the running bot and for `doctor`.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "bot/dingtalk/api.hpp"
#include "config/config.hpp"
#include "integrations/net/websocket_client.hpp"

namespace tocsin::dingtalk {

/// As HTTPS_PROXY and NO_PROXY say; one that can't be read is logged, and there is none then.
[[nodiscard]] std::optional<net::Proxy> proxy_of(
    std::function<std::optional<std::string>(std::string const&)> const& environment);
[[nodiscard]] net::HttpClientOptions http_options(DingTalkOptions const& options, std::filesystem::path const& workdir,
                                                  std::optional<net::Proxy> const& proxy);
[[nodiscard]] net::WebSocketClientOptions socket_options(DingTalkOptions const& options,
                                                         std::filesystem::path const& workdir,
                                                         std::optional<net::Proxy> const& proxy);
[[nodiscard]] Hosts hosts_of(DingTalkOptions const& options);

/// The call for an access token of the new API; `old`: of the older one.
[[nodiscard]] Call token_call(std::string const& client_id, Secret const& secret, bool old);

/// Calls that need the rights that the bot needs, and ask for nothing: DingTalk looks at the right first, and refuses
/// what is empty.
[[nodiscard]] std::vector<Call> questions_of_right(DingTalkOptions const& options);

}  // namespace tocsin::dingtalk
