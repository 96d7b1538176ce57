// One fetch of the HttpClient. Private to integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/dial.hpp"
#include "integrations/net/detail/kept_body.hpp"
#include "integrations/net/detail/wire_pool.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin::net::detail {

/// A machine of callbacks, as Dial is: each step checks `done_`, keeps the object alive, and ends in another step,
/// `succeed` or `fail`.
class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  using Finished = std::function<void(Fetch&, FetchResult)>;

  /// `pool` outlives it.
  Fetch(boost::asio::io_context::executor_type executor, HttpClientOptions const& options, ClientRequest request,
        TlsContextSource tls_context, WirePool& pool, Finished finished);

  void start();
  /// Ends without a word.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  using error_code = boost::system::error_code;

  void connect();
  void dial();
  void dialled(Dial::Dialled dialled);
  void send();
  void read_header();
  void header_came(error_code failed);
  void read_body();
  void redirect();
  void succeed();
  void fail(FetchCause cause, std::string const& what);
  void fail_after(error_code failed);
  void finish(FetchResult result);

  /// Wraps a step: it holds this alive and does nothing once done.
  template <class Step>
  auto then(Step step);
  std::chrono::microseconds lap();

  boost::asio::io_context::executor_type executor_;
  HttpClientOptions const options_;
  ClientRequest request_;
  TlsContextSource tls_context_;
  WirePool& pool_;
  Finished finished_;
  bool done_ = false;

  WebAddress address_;
  Deadline total_deadline_;
  Clock::time_point began_;
  Clock::time_point lap_;
  char const* phase_ = "";  ///< for the words of a time-out
  int redirects_ = 0;
  int interim_answers_ = 0;
  bool sent_ = false;
  bool reused_ = false;  ///< the connection was kept from an earlier fetch
  FetchTimings timings_;
  std::shared_ptr<Dial> dial_;
  std::unique_ptr<Wire> wire_;
  boost::beast::http::request<boost::beast::http::string_body> message_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::response_parser<KeptBody>> parser_;
};

}  // namespace tocsin::net::detail
