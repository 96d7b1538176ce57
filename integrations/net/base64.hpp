// Base64 (RFC 4648, section 4), through OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::net {

/// On one line, padded.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace tocsin::net
