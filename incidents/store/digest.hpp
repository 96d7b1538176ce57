// SHA-256 and HMAC-SHA-256 as text (FIPS 180-4, RFC 2104), by OpenSSL.
#pragma once

#include <string>
#include <string_view>

#include "incidents/base/secret.hpp"

namespace tocsin {

[[nodiscard]] std::string sha256_hex(std::string_view text);
/// As Content-Security-Policy wants it (RFC 4648, section 4).
[[nodiscard]] std::string sha256_base64(std::string_view text);
[[nodiscard]] std::string hmac_sha256_hex(Secret const& key, std::string_view text);

}  // namespace tocsin
