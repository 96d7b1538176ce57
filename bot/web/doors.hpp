// Who may knock: the Host header must name this server, and whatever changes something must come from our own page.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::doors {

/// Does the Host header name this server? `port` is the bound one.
[[nodiscard]] bool host_allowed(std::string_view host, HttpSettings const& http, std::uint16_t port);

/// Does the request come from a page of this server? A missing Origin is none: browsers send it with every WebSocket
/// and every POST.
[[nodiscard]] bool same_origin(net::HttpRequest const& request);

/// The value of one cookie of a Cookie header (RFC 6265, section 4.2), or empty.
[[nodiscard]] std::string cookie(std::string_view header, std::string_view name);

}  // namespace tocsin::doors
