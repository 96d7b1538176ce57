// What a TLS handshake showed of the other end's certificate.
#pragma once

#include <optional>
#include <string>

#include "incidents/base/time.hpp"

namespace tocsin::net {

struct PeerCertificate {
  std::optional<Instant> not_after;  ///< the earliest end in the chain as far as it was checked: when it will break
  int verify_code = 0;       ///< X509_V_ERR_…, 0 when all is well (10 expired, 20 issuer unknown, 62 other host)
  std::string verify_error;  ///< OpenSSL's words for the code; empty when all is well
  std::string subject;       ///< of the leaf, on one line, at most 200 bytes; empty until it was seen
};

}  // namespace tocsin::net
