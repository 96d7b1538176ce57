// TLS as a client, with OpenSSL's own checks. Private to integrations/net: it brings Asio's TLS with it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "incidents/base/result.hpp"
#include "integrations/net/certificate.hpp"

namespace tocsin::net::detail {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// TLS 1.2 or newer, the peer's certificate required. An empty `ca_file` trusts the system's authorities, any other
/// trusts those in that PEM file and nobody else. Errc::invalid when the file can't be used.
[[nodiscard]] Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(std::string const& ca_file);

/// Before the handshake: sends `host` as SNI, demands a certificate for it (a name, or an IP address without
/// brackets), and notes in `seen` what the check finds. `seen` is shared because the stream keeps the note-taker.
[[nodiscard]] Result<void> expect_host(TlsStream& stream, std::string const& host,
                                       std::shared_ptr<PeerCertificate> seen);

}  // namespace tocsin::net::detail
