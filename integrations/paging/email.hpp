// Pages by e-mail: SMTP through libcurl.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "incidents/base/ports.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/secret.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin::paging {

enum class EmailSecurity : std::uint8_t {
  implicit_tls,  ///< TLS from the first byte, port 465: preferred (RFC 8314)
  starttls,      ///< port 587; a server that does not offer it gets nothing
  plain,         ///< no TLS: for loopback, and for a relay that `plain_beyond_loopback` was set for
};

struct EmailOptions {
  std::string host;
  std::uint16_t port = 465;
  EmailSecurity security = EmailSecurity::implicit_tls;
  std::string user;  ///< empty: no login
  Secret password;
  std::string from;                    ///< address
  std::string from_name;               ///< shown beside it; may be empty
  std::string ca_file;                 ///< PEM; these authorities and no others; empty: the system's
  Millis connect_timeout{10'000};      ///< DNS, TCP, TLS and the server's greeting
  Millis total_timeout{60'000};        ///< the whole attempt; passed after the final dot, the outcome is unknown
  std::string ehlo_name;               ///< empty: this machine's name
  bool plain_beyond_loopback = false;  ///< lets `plain` leave this machine, still never with a password
};

/// Errc::invalid for options that can never work or would send a password in the clear. `clock` dates the messages
/// and must outlive the carrier.
///
/// Certificates and the host's name are verified in both TLS modes, TLS 1.2 at least. One connection and one
/// recipient for each message; any number of sends at once. Proxies of the environment are not used.
[[nodiscard]] Result<std::unique_ptr<Carrier>> make_email_carrier(EmailOptions options, Clock const& clock);

}  // namespace tocsin::paging
