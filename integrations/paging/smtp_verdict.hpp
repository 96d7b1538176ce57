// What an SMTP dialogue that went this far means for the page. Pure, so that every case is a row of a test.
#pragma once

#include <cstdint>
#include <string>

#include "integrations/paging/carrier.hpp"

namespace tocsin::paging {

/// How the dialogue ended, apart from what the server said.
enum class SmtpEnd : std::uint8_t {
  complete,     ///< nothing went wrong below SMTP
  unresolved,   ///< the server's name has no address
  unreachable,  ///< no connection
  certificate,  ///< not trusted, expired, or for another host; or our ca_file can't be read
  no_tls,       ///< STARTTLS is required and the server does not do it
  tls,          ///< the TLS handshake failed otherwise
  login,        ///< the login failed
  timed_out,
  broken,   ///< the connection ended, or what came was no SMTP
  stopped,  ///< we were asked to stop
};

struct SmtpDialogue {
  SmtpEnd end = SmtpEnd::complete;
  int last_code = 0;      ///< the server's last reply of all, QUIT's aside; 0: none
  bool all_sent = false;  ///< the whole message was handed to the connection, so its final dot may be out
  int verdict_code = 0;   ///< the first reply after that; 0: none
  std::string words;      ///< the reply that decided, or what the library said; one safe line
};

/// The one place that knows what leads to which outcome (RFC 5321 sections 4.2 and 4.5.4.1, RFC 4954 section 6).
[[nodiscard]] DeliveryOutcome judge(SmtpDialogue const& dialogue);

}  // namespace tocsin::paging
