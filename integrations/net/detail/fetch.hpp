// One fetch of the HttpClient. Private to integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/kept_body.hpp"
#include "integrations/net/detail/tls.hpp"
#include "integrations/net/detail/web_address.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin::net::detail {

using TlsContextSource = std::function<Result<std::shared_ptr<boost::asio::ssl::context>>()>;

/// A machine of callbacks rather than a coroutine: its deadline must answer at once even while a name resolution,
/// which can't be interrupted, is still running. Each step checks `done_`, keeps the object alive, and ends in
/// another step, `succeed` or `fail`.
class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  using Finished = std::function<void(Fetch&, FetchResult)>;

  Fetch(boost::asio::io_context::executor_type executor, HttpClientOptions const& options, ClientRequest request,
        TlsContextSource tls_context, Finished finished);

  void start();
  /// Ends without a word.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  void open(std::string const& url);
  void resolve();
  void connect_next();
  void connected(error_code failed);
  void handshake();
  void send();
  void read_header();
  void header_came(error_code failed);
  void read_body();
  void redirect();
  void succeed();
  void fail(FetchCause cause, std::string const& what);
  void fail_after(error_code failed);
  void finish(FetchResult result);

  [[nodiscard]] tcp::socket& socket();
  /// Calls `step` with the stream in use.
  template <class Step>
  void with_stream(Step step);
  /// Wraps a step: it holds this alive and does nothing once done.
  template <class Step>
  auto then(Step step);
  std::chrono::microseconds lap();
  void close_socket();

  boost::asio::io_context::executor_type executor_;
  HttpClientOptions const options_;
  ClientRequest request_;
  TlsContextSource tls_context_;
  Finished finished_;
  bool done_ = false;

  WebAddress address_;
  Deadline total_deadline_;
  Deadline connect_deadline_;
  Deadline attempt_deadline_;  ///< one of several addresses must not use up the time of the others
  Clock::time_point began_;
  Clock::time_point lap_;
  Clock::time_point connect_by_;
  char const* phase_ = "";  ///< for the words of a time-out
  int redirects_ = 0;
  int interim_answers_ = 0;
  bool sent_ = false;
  FetchTimings timings_;

  tcp::resolver resolver_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_endpoint_ = 0;
  FetchCause connect_cause_ = FetchCause::unreachable;
  std::string connect_problem_;
  std::shared_ptr<PeerCertificate> certificate_;
  std::optional<tcp::socket> plain_;  ///< one of these two
  std::optional<TlsStream> tls_;
  boost::beast::http::request<boost::beast::http::string_body> message_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::response_parser<KeptBody>> parser_;
};

}  // namespace tocsin::net::detail
