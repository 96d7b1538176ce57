// From an address to a connection that is ready for a request: name, TCP, a proxy's tunnel, TLS. Private to
// integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/tls.hpp"
#include "integrations/net/detail/web_address.hpp"
#include "integrations/net/http_client.hpp"
#include "integrations/net/proxy.hpp"

namespace tocsin::net::detail {

using TlsContextSource = std::function<Result<std::shared_ptr<boost::asio::ssl::context>>()>;

/// One connection; one of the two streams is there.
struct Wire {
  std::optional<boost::asio::ip::tcp::socket> plain;
  std::optional<TlsStream> tls;
  std::shared_ptr<PeerCertificate> certificate;  ///< with TLS

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return tls ? tls->next_layer() : *plain; }
  /// Calls `step` with the stream in use.
  template <class Step>
  void with(Step step) {
    if (tls) {
      step(*tls);
    } else {
      step(*plain);
    }
  }
  void close() {
    boost::system::error_code ignored;
    if (tls || plain) socket().close(ignored);
  }
};

struct DialFailure {
  FetchCause cause = FetchCause::unreachable;
  std::string what;  ///< without the address
  std::shared_ptr<PeerCertificate> certificate;
};

/// A machine of callbacks rather than a coroutine: its deadline must answer at once even while a name resolution, which
/// can't be interrupted, is still running. Each step checks `done_`, keeps the object alive, and ends in another step,
/// or in `finish`.
class Dial : public std::enable_shared_from_this<Dial> {
 public:
  using Dialled = std::variant<std::unique_ptr<Wire>, DialFailure>;
  using Finished = std::function<void(Dialled)>;

  /// A plain address never goes through the proxy.
  Dial(boost::asio::io_context::executor_type executor, WebAddress address, std::optional<Proxy> const& proxy,
       std::chrono::milliseconds limit, TlsContextSource tls_context, Finished finished);

  void start();
  /// Ends without a word.
  void abandon();
  [[nodiscard]] char const* phase() const noexcept { return phase_; }
  [[nodiscard]] FetchTimings const& timings() const noexcept { return timings_; }

 private:
  using Clock = std::chrono::steady_clock;
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;
  struct Tunnel;

  void connect_next();
  void connected(error_code failed);
  void ask_proxy();
  void proxy_answered(error_code failed);
  void handshake();
  [[nodiscard]] std::string proxy_name() const;
  void succeed();
  void fail(FetchCause cause, std::string const& what);
  void finish(Dialled dialled);
  template <class Step>
  auto then(Step step);
  std::chrono::microseconds lap();

  boost::asio::io_context::executor_type executor_;
  WebAddress const address_;
  std::optional<Proxy> const proxy_;  ///< only if it is used
  std::chrono::milliseconds const limit_;
  TlsContextSource tls_context_;
  Finished finished_;
  bool done_ = false;
  Deadline deadline_;
  Deadline attempt_deadline_;  ///< one of several addresses must not use up the time of the others
  Clock::time_point lap_;
  Clock::time_point by_;
  char const* phase_ = "";  ///< for the words of a time-out
  FetchTimings timings_;
  tcp::resolver resolver_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_endpoint_ = 0;
  FetchCause cause_ = FetchCause::unreachable;
  std::string problem_;
  std::unique_ptr<Wire> wire_;
  std::shared_ptr<Tunnel> tunnel_;
};

}  // namespace tocsin::net::detail
