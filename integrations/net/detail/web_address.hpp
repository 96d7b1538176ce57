// A URL, taken apart for a connection. Private to integrations/net.
#pragma once

#include <cstdint>
#include <string>

#include "incidents/base/result.hpp"

namespace tocsin::net::detail {

struct WebAddress {
  bool https = false;
  std::string host;  ///< a name or an address without brackets, lower-case
  std::uint16_t port = 0;
  std::string host_field;  ///< for the Host header: brackets, and the port when it is not the scheme's
  std::string target;      ///< path and query, never empty
  std::string url;         ///< normal form, for resolving references; may hold secrets in its query

  /// "https://host:port": safe to show.
  [[nodiscard]] std::string origin() const;
};

/// Errc::invalid for what is not http(s), has no usable host, or carries a user or password.
[[nodiscard]] Result<WebAddress> parse_web_address(std::string const& url);

/// `reference` (absolute or relative, as a Location header has it) seen from `base`.
[[nodiscard]] Result<WebAddress> resolve_reference(WebAddress const& base, std::string const& reference);

}  // namespace tocsin::net::detail
