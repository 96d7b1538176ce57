#include "integrations/net/detail/tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <ctime>
#include <utility>

namespace tocsin::net::detail {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr std::size_t kSubjectBytes = 200;

std::optional<Instant> end_of(X509 const* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return from_millis(static_cast<std::int64_t>(timegm(&parts)) * 1000);
}

std::string subject_of(X509 const* certificate) {
  std::unique_ptr<BIO, decltype(&BIO_free)> const out(BIO_new(BIO_s_mem()), &BIO_free);
  // Escapes what is not printable ASCII: a certificate is input.
  if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE) < 0) return {};
  char* text = nullptr;
  auto const size = BIO_get_mem_data(out.get(), &text);
  if (size <= 0) return {};
  return std::string(text, std::min(static_cast<std::size_t>(size), kSubjectBytes));
}

/// OpenSSL calls this for each certificate of the chain and for each mistake it finds.
void note(PeerCertificate& seen, bool fine, X509_STORE_CTX* store) {
  X509 const* const certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate != nullptr) {
    seen.not_after = earlier(seen.not_after, end_of(certificate));
    if (X509_STORE_CTX_get_error_depth(store) == 0) seen.subject = subject_of(certificate);
  }
  if (fine || seen.verify_code != 0) return;
  seen.verify_code = X509_STORE_CTX_get_error(store);
  seen.verify_error = X509_verify_cert_error_string(seen.verify_code);
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_client_context(std::string const& ca_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code failed;
  if (ca_file.empty()) {
    context->set_default_verify_paths(failed);
  } else {
    context->load_verify_file(ca_file, failed);
  }
  if (failed) {
    auto const whose = ca_file.empty() ? "the system's certificate authorities" : "ca_file " + ca_file;
    return Error{Errc::invalid, "can't use " + whose + ": " + failed.message()};
  }
  context->set_verify_mode(ssl::verify_peer, failed);
  static constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context->native_handle(), kHttp11.data(), static_cast<unsigned>(kHttp11.size()));
  return context;
}

Result<void> expect_host(TlsStream& stream, std::string const& host, std::shared_ptr<PeerCertificate> seen) {
  auto* const handle = stream.native_handle();
  error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  bool set = false;
  if (not_an_address) {
    SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = SSL_set_tlsext_host_name(handle, host.c_str()) == 1 && SSL_set1_host(handle, host.c_str()) == 1;
  } else {
    // RFC 6066 section 3: an address is no SNI.
    set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
  }
  if (!set) return Error{Errc::invalid, "a host name that TLS can't check"};
  error_code failed;
  stream.set_verify_callback(
      [seen = std::move(seen)](bool fine, ssl::verify_context& context) {
        note(*seen, fine, context.native_handle());
        return fine;
      },
      failed);
  if (failed) return Error{Errc::unavailable, failed.message()};
  return {};
}

}  // namespace tocsin::net::detail
