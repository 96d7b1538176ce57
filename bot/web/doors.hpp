// Who may knock: the Host header must name this server, and whatever changes something must come from our own page.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::doors {

/// Does the request name this server, once? `listen` is the address of the listener it came to, `port` the bound one.
[[nodiscard]] bool host_allowed(net::HttpRequest const& request, HttpSettings const& http, HostPort const& listen,
                                std::uint16_t port);

/// Does the request come from a page of this server? A missing Origin is none: browsers send it with every WebSocket
/// and every POST. `public_url` is under https only if it says so.
[[nodiscard]] bool same_origin(net::HttpRequest const& request, std::string_view public_url);

/// "127.0.0.1:8088", "[::1]:8088"
[[nodiscard]] std::string address_of(HostPort const& listen, std::uint16_t port);

/// The value of one cookie of a Cookie header (RFC 6265, section 4.2), or empty.
[[nodiscard]] std::string cookie(std::string_view header, std::string_view name);

}  // namespace tocsin::doors
