// Fetches over http and https: health probes, hooks, the APIs of paging providers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "incidents/base/result.hpp"
#include "integrations/net/certificate.hpp"
#include "integrations/net/http.hpp"
#include "integrations/net/proxy.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::net {

struct HttpClientOptions {
  std::string ca_file;                                ///< PEM; empty: the system's authorities
  std::chrono::milliseconds connect_deadline{5'000};  ///< for each connection: DNS, TCP and TLS together
  std::chrono::milliseconds total_deadline{15'000};  ///< for a whole fetch, redirects included, unless it names its own
  std::size_t max_body = 1024 * 1024;                ///< bytes of an answer's body that are kept
  std::size_t max_in_flight = 128;                   ///< more at once are refused (FetchCause::busy)
  /// For https only. None is used unless it stands here, whatever the environment says: a probe must see what it names.
  std::optional<Proxy> proxy{};
  std::size_t kept_connections = 0;            ///< of each scheme, host and port; 0: a new one for each fetch
  std::chrono::milliseconds kept_for{30'000};  ///< without use
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< http or https, no user or password in it
  Fields headers;   ///< Host, Content-Length, Connection and User-Agent have defaults; Transfer-Encoding is refused
  std::string body;
  std::optional<std::chrono::milliseconds> deadline;  ///< instead of total_deadline
  std::optional<std::size_t> max_body;                ///< instead of the client's
  /// At most five; never from https to http; Authorization and Cookie are kept only for the same scheme, host and port.
  bool follow_redirects = false;
};

/// How long each phase took, of the last connection when there were redirects; zero for one that did not happen.
struct FetchTimings {
  std::chrono::microseconds resolve{};
  std::chrono::microseconds connect{};
  std::chrono::microseconds tls{};
  std::chrono::microseconds first_byte{};  ///< from the request's last byte to the header of the answer
  std::chrono::microseconds total{};       ///< from the call to the callback, redirects included
};

struct ClientAnswer {
  int status = 0;
  Fields headers;
  std::string body;
  bool truncated = false;  ///< the body was longer than max_body; the rest was not read
  FetchTimings timings;
  std::optional<PeerCertificate> certificate;  ///< for https
};

/// Where a fetch failed, so that a bad certificate is told from a server that is down without reading texts.
enum class FetchCause : std::uint8_t {
  invalid,      ///< the request can't be sent as it stands, or ca_file can't be read
  busy,         ///< max_in_flight reached
  unresolved,   ///< the name has no address, or the resolver failed
  refused,      ///< nothing listens there
  unreachable,  ///< no route, or the network failed before TLS
  certificate,  ///< not trusted, expired, or for another host: see `certificate`
  tls,          ///< the handshake failed for another reason
  timed_out,    ///< the detail says in which phase
  closed,       ///< the connection ended before a complete answer
  protocol,     ///< what came is not HTTP, or its header is over 64 KiB
  redirected,   ///< too many redirects, or one that must not be followed
};

/// As an Error it can be passed on; its detail names scheme, host and port, never path, query or header.
/// Codes: invalid for `invalid`; refused for `certificate` and `redirected`; timed_out for `timed_out`; unknown when
/// the request had been sent and the connection then failed; unavailable for the rest.
struct FetchFailure : Error {
  FetchCause cause = FetchCause::invalid;
  bool sent = false;  ///< some of the request had left: the server may have acted on it
  FetchTimings timings;
  std::optional<PeerCertificate> certificate;
};

using FetchResult = boost::system::result<ClientAnswer, FetchFailure>;

/// A new connection for each fetch, unless the options keep some. A kept one that the server ends is not used any more;
/// where both happen at once a GET or HEAD is sent again on a new one, anything else fails with `sent`. The deadline
/// covers everything, a hanging name resolution too: that runs on the resolver's own thread and is left behind. Further
/// names of this io_context wait for it, addresses don't; and the io_context's destructor waits for it too, so a
/// program in a hurry to end does not destroy its io_context.
///
/// Lives no longer than its io_context, and dies on that context's thread or when it no longer runs.
class HttpClient {
 public:
  using Callback = std::function<void(FetchResult)>;

  HttpClient(boost::asio::io_context& io, HttpClientOptions options);
  /// Cuts what is under way; those callbacks are not called.
  ~HttpClient();
  HttpClient(HttpClient const&) = delete;
  HttpClient& operator=(HttpClient const&) = delete;

  /// From any thread. The callback is called once, on the io_context's thread, never from inside this call.
  void fetch(ClientRequest request, Callback callback);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::net
