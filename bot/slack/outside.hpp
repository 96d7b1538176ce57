// From settings to what the network's clients want, for the running bot and for `doctor`.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "bot/slack/api.hpp"
#include "config/config.hpp"
#include "incidents/base/secret.hpp"
#include "integrations/net/websocket_client.hpp"

namespace tocsin::slack {

/// As HTTPS_PROXY and NO_PROXY say; one that can't be read is logged, and there is none then.
[[nodiscard]] std::optional<net::Proxy> proxy_of(
    std::function<std::optional<std::string>(std::string const&)> const& environment);
[[nodiscard]] net::HttpClientOptions http_options(SlackOptions const& options, std::filesystem::path const& workdir,
                                                  std::optional<net::Proxy> const& proxy);
[[nodiscard]] net::WebSocketClientOptions socket_options(SlackOptions const& options,
                                                         std::filesystem::path const& workdir,
                                                         std::optional<net::Proxy> const& proxy);

/// The call to `url`, the base of the Web API, as Slack takes it.
[[nodiscard]] net::ClientRequest request_of(Call const& call, std::string const& url, Secret const& token);

}  // namespace tocsin::slack
