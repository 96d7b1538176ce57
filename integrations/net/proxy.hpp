// The way out where there is no direct one: an HTTP proxy that opens tunnels (CONNECT).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin::net {

struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  Secret authorization;             ///< "user:password", percent-decoded; empty: none
  std::vector<std::string> bypass;  ///< lower-case: names with what ends in them, addresses, "10.0.0.0/8", "*"
};

/// Is `host` (a name or an address without brackets, lower-case) reached without it?
[[nodiscard]] bool bypasses(Proxy const& proxy, std::string_view host);

/// Of the variables HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy the first that is not empty, with NO_PROXY or
/// no_proxy. Nothing: no proxy. Errc::invalid for what is not http://[user:password@]host[:port]; the detail shows no
/// password.
[[nodiscard]] Result<std::optional<Proxy>> proxy_from(
    std::function<std::optional<std::string>(std::string const&)> const& environment);

}  // namespace tocsin::net
