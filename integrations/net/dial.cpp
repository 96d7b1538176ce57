#include "integrations/net/detail/dial.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "integrations/net/base64.hpp"

namespace tocsin::net::detail {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace http = boost::beast::http;
using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr std::uint32_t kMaxTunnelHeaderBytes = 16 * 1024;

std::string with_brackets(std::string const& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace

/// The exchange with the proxy before the tunnel is open. RFC 9110 section 9.3.6.
struct Dial::Tunnel {
  http::request<http::empty_body> request;
  boost::beast::flat_buffer buffer;
  http::response_parser<http::empty_body> answer;
};

Dial::Dial(asio::io_context::executor_type executor, WebAddress address, std::optional<Proxy> const& proxy,
           std::chrono::milliseconds limit, TlsContextSource tls_context, Finished finished)
    : executor_(executor),
      address_(std::move(address)),
      proxy_(proxy && address_.https && !bypasses(*proxy, address_.host) ? proxy : std::nullopt),
      limit_(limit),
      tls_context_(std::move(tls_context)),
      finished_(std::move(finished)),
      deadline_(executor_,
                [this] { fail(FetchCause::timed_out, std::string("no connection in time while ") + phase_); }),
      attempt_deadline_(executor_,
                        [this] {
                          if (wire_) wire_->close();
                        }),
      resolver_(executor_) {}

template <class Step>
auto Dial::then(Step step) {
  return [self = shared_from_this(), step = std::move(step)](auto&&... results) {
    if (!self->done_) step(std::forward<decltype(results)>(results)...);
  };
}

microseconds Dial::lap() {
  auto const now = Clock::now();
  return duration_cast<microseconds>(now - std::exchange(lap_, now));
}

void Dial::start() {
  by_ = Clock::now() + limit_;
  deadline_.arm(limit_);
  lap_ = Clock::now();
  phase_ = "resolving the name";
  auto const& host = proxy_ ? proxy_->host : address_.host;
  auto const port = proxy_ ? proxy_->port : address_.port;
  error_code not_an_address;
  auto const ip = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {  // past the resolver, which may be busy with a name that hangs
    endpoints_.emplace_back(ip, port);
    return connect_next();
  }
  resolver_.async_resolve(host, std::to_string(port), asio::ip::resolver_base::numeric_service,
                          then([this](error_code failed, tcp::resolver::results_type const& found) {
                            timings_.resolve = lap();
                            if (failed) {
                              return fail(FetchCause::unresolved, (proxy_ ? proxy_name() + " does not resolve: "
                                                                          : "the name does not resolve: ") +
                                                                      failed.message());
                            }
                            for (auto const& each : found) endpoints_.push_back(each.endpoint());
                            connect_next();
                          }));
}

/// Each address gets an equal share of the time that is left.
void Dial::connect_next() {
  if (next_endpoint_ == endpoints_.size())
    return fail(cause_, problem_.empty() ? "the name has no address" : (proxy_ ? proxy_name() + ": " : "") + problem_);
  phase_ = "connecting";
  wire_ = std::make_unique<Wire>();
  if (address_.https) {
    auto context = tls_context_();
    if (!context) return fail(FetchCause::invalid, context.error().detail);
    wire_->tls.emplace(executor_, **context);
  } else {
    wire_->plain.emplace(executor_);
  }
  auto const left = std::max<Clock::duration>(by_ - Clock::now(), Clock::duration::zero());
  attempt_deadline_.arm(left / static_cast<int>(endpoints_.size() - next_endpoint_));
  wire_->socket().async_connect(endpoints_[next_endpoint_++], then([this](error_code failed) { connected(failed); }));
}

void Dial::connected(error_code failed) {
  attempt_deadline_.disarm();
  // An attempt cut at the last moment may still report success, on a socket that is closed.
  if (!failed && attempt_deadline_.expired()) failed = asio::error::timed_out;
  if (failed) {
    cause_ = attempt_deadline_.expired()                 ? FetchCause::timed_out
             : failed == asio::error::connection_refused ? FetchCause::refused
                                                         : FetchCause::unreachable;
    problem_ = attempt_deadline_.expired() ? "no connection in time while connecting" : failed.message();
    return connect_next();
  }
  timings_.connect = lap();
  error_code ignored;
  wire_->socket().set_option(tcp::no_delay(true), ignored);
  wire_->socket().set_option(asio::socket_base::keep_alive(true), ignored);
  if (proxy_) return ask_proxy();
  if (address_.https) return handshake();
  succeed();
}

void Dial::ask_proxy() {
  phase_ = "asking the proxy for a tunnel";
  tunnel_ = std::make_shared<Tunnel>();
  auto const target = with_brackets(address_.host) + ':' + std::to_string(address_.port);
  auto& request = tunnel_->request;
  request.method(http::verb::connect);
  request.target(target);
  request.version(11);
  request.set(http::field::host, target);
  request.set(http::field::user_agent, "tocsin");
  if (!proxy_->authorization.empty())
    request.set(http::field::proxy_authorization, "Basic " + base64(proxy_->authorization.reveal()));
  auto& socket = wire_->socket();
  http::async_write(socket, request, then([this, &socket](error_code failed, std::size_t) {
                      if (failed) return fail(FetchCause::closed, proxy_name() + " ended the connection");
                      tunnel_->answer.header_limit(kMaxTunnelHeaderBytes);
                      tunnel_->answer.skip(true);  // what follows the header of a 200 is the tunnel's
                      http::async_read_header(socket, tunnel_->buffer, tunnel_->answer,
                                              then([this](error_code bad, std::size_t) { proxy_answered(bad); }));
                    }));
}

void Dial::proxy_answered(error_code failed) {
  if (failed) return fail(FetchCause::protocol, proxy_name() + " gave no HTTP answer");
  auto const status = tunnel_->answer.get().result_int();
  // A tunnel speaks TLS only after we did: bytes before that are no tunnel's.
  if (status != 200)
    return fail(FetchCause::refused, proxy_name() + " refused the tunnel: status " + std::to_string(status));
  if (tunnel_->buffer.size() > 0)
    return fail(FetchCause::refused, proxy_name() + " opened no tunnel: it answered with a page, status 200");
  handshake();
}

/// Without its user and password.
std::string Dial::proxy_name() const {
  return "the proxy " + with_brackets(proxy_->host) + ':' + std::to_string(proxy_->port);
}

void Dial::handshake() {
  phase_ = "shaking hands over TLS";
  wire_->certificate = std::make_shared<PeerCertificate>();
  if (auto const expected = expect_host(*wire_->tls, address_.host, wire_->certificate); !expected)
    return fail(FetchCause::invalid, expected.error().detail);
  wire_->tls->async_handshake(ssl::stream_base::client, then([this](error_code failed) {
                                timings_.tls = lap();
                                if (!failed) return succeed();
                                if (wire_->certificate->verify_code != 0) {
                                  return fail(FetchCause::certificate,
                                              "its certificate: " + wire_->certificate->verify_error);
                                }
                                auto const where = proxy_ ? " (" + proxy_name() + " may have opened no tunnel)" : "";
                                fail(FetchCause::tls, "the TLS handshake failed: " + failed.message() + where);
                              }));
}

void Dial::succeed() { finish(std::move(wire_)); }

void Dial::fail(FetchCause cause, std::string const& what) {
  finish(DialFailure{cause, what, wire_ ? wire_->certificate : nullptr});
}

void Dial::finish(Dialled dialled) {
  if (done_) return;
  auto const self = shared_from_this();
  auto const finished = std::move(finished_);
  // The stream of an operation that is still under way lives as long as this: the operation keeps it alive.
  if (std::holds_alternative<DialFailure>(dialled) && wire_) wire_->close();
  abandon();
  finished(std::move(dialled));
}

void Dial::abandon() {
  done_ = true;
  deadline_.disarm();
  attempt_deadline_.disarm();
  resolver_.cancel();
  if (wire_) wire_->close();
  // Whoever waits for this usually owns it: held until the end, the two would keep each other alive for ever.
  auto const dropped = std::exchange(finished_, nullptr);
}

}  // namespace tocsin::net::detail
