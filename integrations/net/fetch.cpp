#include "integrations/net/detail/fetch.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "integrations/net/http.hpp"

namespace tocsin::net::detail {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace http = boost::beast::http;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kMaxRedirects = 5;
constexpr int kMaxInterimAnswers = 8;  // 103 and its like
constexpr std::uint32_t kMaxHeaderBytes = 64 * 1024;

Errc code_of(FetchCause cause, bool sent) {
  switch (cause) {
    case FetchCause::invalid:
      return Errc::invalid;
    case FetchCause::certificate:
    case FetchCause::redirected:
      return Errc::refused;
    case FetchCause::timed_out:
      return Errc::timed_out;
    case FetchCause::closed:
    case FetchCause::protocol:
      return sent ? Errc::unknown : Errc::unavailable;
    case FetchCause::busy:
    case FetchCause::unresolved:
    case FetchCause::refused:
    case FetchCause::unreachable:
    case FetchCause::tls:
      return Errc::unavailable;
  }
  return Errc::unavailable;
}

/// Empty when the request can be put on the wire as it stands.
std::string problem_with(ClientRequest const& request) {
  if (!is_sendable(request.method, {}) || request.method == "CONNECT") return "a method that can't be sent";
  for (auto const& [name, value] : request.headers) {
    auto const plain = lower(name);
    if (!is_sendable(name, value)) return "a header that can't be sent";
    if (plain == "transfer-encoding" || plain == "content-length" || plain == "connection") {
      return "the header " + plain + " is the client's own";
    }
  }
  return {};
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Fetch::Fetch(asio::io_context::executor_type executor, HttpClientOptions const& options, ClientRequest request,
             TlsContextSource tls_context, WirePool& pool, Finished finished)
    : executor_(executor),
      options_(options),
      request_(std::move(request)),
      tls_context_(std::move(tls_context)),
      pool_(pool),
      finished_(std::move(finished)),
      total_deadline_(executor_, [this] {
        fail(FetchCause::timed_out, std::string("no answer in time while ") + (dial_ ? dial_->phase() : phase_));
      }) {}

template <class Step>
auto Fetch::then(Step step) {
  return [self = shared_from_this(), step = std::move(step)](auto&&... results) {
    if (!self->done_) step(std::forward<decltype(results)>(results)...);
  };
}

microseconds Fetch::lap() {
  auto const now = Clock::now();
  return duration_cast<microseconds>(now - std::exchange(lap_, now));
}

void Fetch::start() {
  began_ = Clock::now();
  total_deadline_.arm(request_.deadline.value_or(options_.total_deadline));
  if (auto const problem = problem_with(request_); !problem.empty()) return fail(FetchCause::invalid, problem);
  auto address = parse_web_address(request_.url);
  if (!address) return fail(FetchCause::invalid, address.error().detail);
  address_ = std::move(*address);
  connect();
}

void Fetch::connect() {
  timings_ = {};
  wire_ = pool_.take(address_.origin());
  reused_ = wire_ != nullptr;
  if (!reused_) return dial();
  lap_ = Clock::now();
  send();
}

void Fetch::dial() {
  dial_ = std::make_shared<Dial>(executor_, address_, options_.proxy, options_.connect_deadline, tls_context_,
                                 then([this](Dial::Dialled got) { dialled(std::move(got)); }));
  dial_->start();
}

void Fetch::dialled(Dial::Dialled dialled) {
  timings_ = dial_->timings();
  dial_.reset();
  lap_ = Clock::now();
  if (auto* failed = std::get_if<DialFailure>(&dialled)) {
    if (failed->certificate) {
      wire_ = std::make_unique<Wire>();
      wire_->certificate = failed->certificate;
    }
    return fail(failed->cause, failed->what);
  }
  wire_ = std::move(std::get<std::unique_ptr<Wire>>(dialled));
  send();
}

void Fetch::send() {
  phase_ = "sending the request";
  message_ = {};
  message_.method_string(request_.method);
  message_.target(address_.target);
  message_.version(11);
  message_.set(http::field::host, address_.host_field);
  message_.set(http::field::user_agent, "tocsin");
  for (auto const& [name, value] : request_.headers) message_.set(name, value);
  message_.keep_alive(pool_.keeps());
  message_.body() = request_.body;
  message_.prepare_payload();
  sent_ = true;
  wire_->with([this](auto& stream) {
    http::async_write(stream, message_, then([this](error_code failed, std::size_t) {
                        lap();
                        // A server may answer and close without reading all of it (413): its answer counts.
                        if (failed && failed != asio::error::broken_pipe && failed != asio::error::connection_reset) {
                          return fail_after(failed);
                        }
                        read_header();
                      }));
  });
}

void Fetch::read_header() {
  phase_ = "waiting for the answer";
  parser_.emplace();
  parser_->header_limit(kMaxHeaderBytes);
  parser_->body_limit(boost::none);
  parser_->get().body().limit = request_.max_body.value_or(options_.max_body);
  parser_->skip(request_.method == "HEAD");
  wire_->with([this](auto& stream) {
    http::async_read_header(stream, buffer_, *parser_,
                            then([this](error_code failed, std::size_t) { header_came(failed); }));
  });
}

void Fetch::header_came(error_code failed) {
  if (failed) {
    // A connection that the server ended while it was kept: what may be asked twice is asked on a new one.
    bool const asks_only = request_.method == "GET" || request_.method == "HEAD";
    if (reused_ && asks_only && buffer_.size() == 0 && !parser_->got_some()) {
      wire_.reset();
      buffer_.clear();
      reused_ = false;
      sent_ = false;
      return dial();
    }
    return fail_after(failed);
  }
  auto const status = static_cast<int>(parser_->get().result_int());
  if (status < 200) {
    if (status == 101 || ++interim_answers_ > kMaxInterimAnswers) return fail(FetchCause::protocol, "no final answer");
    return read_header();
  }
  timings_.first_byte = lap();
  if (request_.follow_redirects && is_redirect(status)) return redirect();
  read_body();
}

void Fetch::read_body() {
  phase_ = "reading the answer";
  if (parser_->is_done()) return succeed();
  wire_->with([this](auto& stream) {
    http::async_read(stream, buffer_, *parser_, then([this](error_code failed, std::size_t) {
                       auto& body = parser_->get().body();
                       // Many servers end a body of unknown length by just closing TLS: keep it, but say so.
                       if (failed == ssl::error::stream_truncated && parser_->need_eof()) {
                         body.truncated = true;
                         failed = {};
                       }
                       if (failed && !body.truncated) return fail_after(failed);
                       succeed();
                     }));
  });
}

void Fetch::redirect() {
  auto const location = std::string(std::string_view(parser_->get()[http::field::location]));
  if (location.empty()) return read_body();
  if (++redirects_ > kMaxRedirects) return fail(FetchCause::redirected, "more than five redirects");
  auto next = resolve_reference(address_, location);
  if (!next) return fail(FetchCause::redirected, next.error().detail);
  if (address_.https && !next->https) return fail(FetchCause::redirected, "it redirects from https to http");
  if (next->origin() != address_.origin()) {
    std::erase_if(request_.headers, [](auto const& pair) {
      auto const name = lower(pair.first);
      return name == "authorization" || name == "cookie" || name == "host";
    });
  }
  auto const status = parser_->get().result_int();
  bool const becomes_get = status == 303 ? request_.method != "HEAD" : status < 307 && request_.method == "POST";
  if (becomes_get) {
    request_.method = "GET";
    request_.body.clear();
    std::erase_if(request_.headers, [](auto const& pair) { return lower(pair.first).starts_with("content-"); });
  }
  address_ = std::move(*next);
  // Nothing is pending on it here; elsewhere a stream stays until the object dies, as its operations refer to it.
  wire_->close();
  wire_.reset();
  buffer_.clear();
  interim_answers_ = 0;
  connect();
}

void Fetch::fail_after(error_code failed) {
  if (failed.category() == make_error_code(http::error::bad_value).category() && failed != http::error::end_of_stream &&
      failed != http::error::partial_message) {
    return fail(FetchCause::protocol, "what came is no HTTP answer: " + failed.message());
  }
  fail(FetchCause::closed, std::string("the connection ended while ") + phase_);
}

void Fetch::succeed() {
  ClientAnswer answer;
  auto& message = parser_->get();
  answer.status = static_cast<int>(message.result_int());
  for (auto const& each : message)
    answer.headers.emplace_back(lower(std::string_view(each.name_string())), std::string_view(each.value()));
  answer.truncated = message.body().truncated;
  answer.body = std::move(message.body().text);
  timings_.total = duration_cast<microseconds>(Clock::now() - began_);
  answer.timings = timings_;
  if (wire_->certificate) answer.certificate = *wire_->certificate;
  // Only what ended where it said it would can be followed by another.
  bool const clean = parser_->is_done() && parser_->keep_alive() && !answer.truncated && buffer_.size() == 0;
  if (clean) pool_.give(address_.origin(), std::move(wire_));
  finish(std::move(answer));
}

void Fetch::fail(FetchCause cause, std::string const& what) {
  FetchFailure failure;
  failure.code = code_of(cause, sent_);
  failure.detail = address_.host.empty() ? what : address_.origin() + ": " + what;
  failure.cause = cause;
  failure.sent = sent_;
  timings_.total = duration_cast<microseconds>(Clock::now() - began_);
  failure.timings = timings_;
  if (wire_ && wire_->certificate) failure.certificate = *wire_->certificate;
  finish(std::move(failure));
}

void Fetch::finish(FetchResult result) {
  if (done_) return;
  auto const self = shared_from_this();
  auto const finished = std::move(finished_);
  abandon();
  finished(*this, std::move(result));
}

void Fetch::abandon() {
  done_ = true;
  total_deadline_.disarm();
  if (auto const dial = std::exchange(dial_, nullptr)) dial->abandon();
  if (wire_) wire_->close();
}

}  // namespace tocsin::net::detail
