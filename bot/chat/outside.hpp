// From settings to what the network's clients want, for the running bot and for `doctor`.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "integrations/net/http_client.hpp"
#include "integrations/net/websocket_client.hpp"

namespace tocsin::chat {

/// As HTTPS_PROXY and NO_PROXY say; one that can't be read is logged, and there is none then.
[[nodiscard]] std::optional<net::Proxy> proxy_of(
    std::function<std::optional<std::string>(std::string const&)> const& environment);

/// `ca_file`: as configured, relative to `workdir`; empty: the system's authorities.
[[nodiscard]] net::HttpClientOptions http_options(std::string const& ca_file, std::filesystem::path const& workdir,
                                                  std::optional<net::Proxy> const& proxy);
[[nodiscard]] net::WebSocketClientOptions socket_options(std::string const& ca_file,
                                                         std::filesystem::path const& workdir,
                                                         std::optional<net::Proxy> const& proxy);

}  // namespace tocsin::chat
