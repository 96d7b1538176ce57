#include "integrations/net/detail/http_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <utility>

#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/reply_slot.hpp"
#include "integrations/net/detail/websocket_session.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::net::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using BeastRequest = http::request<http::string_body>;

constexpr std::size_t kReadBytes = 16 * 1024;        // how much one read takes in beyond what a header may hold
constexpr std::size_t kLingerBytes = 256 * 1024;     // what a peer may still send after our last word
constexpr std::chrono::milliseconds kLinger{1'000};  // and for how long
constexpr std::size_t kTurnedAwayAtOnce = 64;        // connections told that there is no room; the rest are just closed

/// "/path?query" of an origin-form target, or of an absolute-form one (RFC 9112 section 3.2.2: must be accepted).
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  auto const scheme = target.find("://");
  if (scheme == std::string_view::npos || target.find('?') < scheme) return {};
  auto const path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

/// What the handler gets, or why the request is a 400.
Result<HttpRequest> translate(BeastRequest& request, std::string const& peer) {
  HttpRequest result;
  result.method = std::string(std::string_view(request.method_string()));
  result.head_only = result.method == "HEAD";
  if (result.head_only) result.method = "GET";
  result.target = std::string(std::string_view(request.target()));
  result.peer = peer;
  auto const target = origin_form(result.target);
  if (target.empty()) return Error{Errc::invalid, "unusable request target"};
  auto const question = target.find('?');
  auto path = percent_decode(target.substr(0, question));
  if (!path) return path.error();
  result.path = std::move(*path);
  if (question != std::string_view::npos) {
    auto const fragment_free = target.substr(question + 1, target.find('#') - question - 1);
    auto query = decode_form(fragment_free);
    if (!query) return query.error();
    result.query = std::move(*query);
  }
  // RFC 9112 section 3.2: exactly one Host, or the request means different things to different servers.
  auto const hosts = request.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && request.version() >= 11)) return Error{Errc::invalid, "exactly one Host is needed"};
  for (auto const& each : request)
    result.headers.emplace_back(lower(std::string_view(each.name_string())), std::string_view(each.value()));
  result.body = std::move(request.body());
  return result;
}

int status_after(error_code failed) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow) return 431;
  if (failed == http::error::body_limit) return 413;
  return 400;
}

bool is_parse_error(error_code failed) {
  return failed.category() == make_error_code(http::error::bad_value).category() &&
         failed != http::error::end_of_stream;
}

/// Our last word is said: closing at once would let unread input of the peer destroy it on the way (RFC 9112
/// section 9.6), so shut down, read on for a moment, then close.
asio::awaitable<void> linger(tcp::socket& socket) {
  error_code failed;
  socket.shutdown(tcp::socket::shutdown_send, failed);
  Deadline deadline(socket.get_executor(), [&socket] {
    error_code ignored;
    socket.close(ignored);
  });
  deadline.arm(kLinger);
  std::array<char, 4096> sink{};
  std::size_t drained = 0;
  while (!failed && drained < kLingerBytes) {
    drained += co_await socket.async_read_some(asio::buffer(sink), asio::redirect_error(asio::use_awaitable, failed));
  }
  socket.close(failed);
}

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

/// The server's fields are its own; a field that could split the response means a bug upstream, hence 500.
HttpResponse made_safe(HttpResponse response, Connections const& books) {
  bool const sane = response.status >= 200 && response.status <= 599 &&
                    std::all_of(response.headers.begin(), response.headers.end(),
                                [](auto const& pair) { return is_sendable(pair.first, pair.second); });
  if (!sane) {
    books.report("a handler made a response that can't be sent");
    return plain_response(500, "no answer could be made\n");
  }
  std::erase_if(response.headers, [](auto const& pair) {
    auto const name = lower(pair.first);
    return name == "content-length" || name == "connection" || name == "transfer-encoding";
  });
  return response;
}

class HttpSession final : public Connection {
 public:
  HttpSession(std::shared_ptr<Connections> books, tcp::socket socket, std::string peer)
      : books_(books),
        socket_(std::move(socket)),
        deadline_(socket_.get_executor(), [this] { give_up(); }),
        wake_(books->executor),
        place_(std::in_place, std::move(books), std::move(peer), *this) {
    // Beyond the header limit the parser refuses first; what remains is read-ahead of bodies and pipelined requests.
    buffer_.max_size(books_->options.header_bytes + kReadBytes);
  }
  ~HttpSession() override {
    if (slot_) slot_->leave();
  }

  asio::awaitable<void> run() {
    for (bool more = true; more;) {
      more = co_await serve_one();
    }
    if (said_last_word_) co_await linger(socket_);
  }

  void wind_down() override {
    if (idle_) cut();
  }
  void cut() override {
    error_code ignored;
    socket_.close(ignored);
    cut_ = true;
    wake_.cancel();
  }
  void forget() override {}

 private:
  /// A plain cancel would be lost when it falls between two steps of a composed read. So reads are ended by shutting
  /// down our receiving side, which lasts and leaves room for a last word; writes by closing.
  void give_up() {
    error_code ignored;
    if (reading_) {
      socket_.shutdown(tcp::socket::shutdown_receive, ignored);
    } else {
      socket_.close(ignored);
    }
  }

  void arm_for_reading(std::chrono::milliseconds limit) {
    reading_ = true;
    deadline_.arm(limit);
  }

  void arm_for_writing() {
    reading_ = false;
    deadline_.arm(books_->options.write_deadline);
  }

  /// Reads and answers one request. False: the connection is done.
  asio::awaitable<bool> serve_one() {
    bool const came = co_await bytes_came();
    if (!came) co_return false;
    parser_.emplace();
    // The parser counts no more than 32 bits.
    parser_->header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(books_->options.header_bytes, UINT32_MAX)));
    parser_->body_limit(books_->options.body_bytes);
    auto const refusal = co_await read_request();
    if (refusal == kGone) co_return false;
    if (refusal != 0) co_return co_await refuse(refusal);
    auto raw = parser_->release();
    auto request = translate(raw, place_->peer());
    if (!request) co_return co_await refuse(400);
    keep_alive_ = raw.keep_alive();
    version_ = raw.version();
    if (beast::websocket::is_upgrade(raw) && books_->on_socket.open) {
      co_return co_await upgrade(std::move(raw), std::move(*request));
    }
    bool const head_only = request->head_only;
    auto response = co_await ask(std::move(*request));
    co_return co_await answer(std::move(response), head_only);
  }

  /// Waits, between requests, for the next one to begin.
  asio::awaitable<bool> bytes_came() {
    if (buffer_.size() > 0) co_return true;
    if (books_->winding_down()) co_return false;
    idle_ = true;
    arm_for_reading(books_->options.idle);
    error_code failed;
    co_await socket_.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, failed));
    idle_ = false;
    co_return !failed && !deadline_.expired();
  }

  static constexpr int kGone = -1;

  /// 0 when the parser holds a whole request, the status to refuse it with, or kGone.
  asio::awaitable<int> read_request() {
    arm_for_reading(books_->options.header_deadline);
    error_code failed;
    std::size_t const header_bytes =
        co_await http::async_read_header(socket_, buffer_, *parser_, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return outcome_of(failed);
    // Beast holds the request line and the fields to the limit each; ours is for both.
    if (header_bytes > books_->options.header_bytes) co_return 431;
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue") && buffer_.size() == 0) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      arm_for_writing();
      co_await asio::async_write(socket_, asio::buffer(kContinue), asio::redirect_error(asio::use_awaitable, failed));
      if (failed) co_return kGone;
    }
    arm_for_reading(books_->options.body_deadline);
    co_await http::async_read(socket_, buffer_, *parser_, asio::redirect_error(asio::use_awaitable, failed));
    deadline_.disarm();
    co_return failed ? outcome_of(failed) : 0;
  }

  [[nodiscard]] int outcome_of(error_code failed) const {
    if (cut_) return kGone;
    if (deadline_.expired()) return 408;
    if (is_parse_error(failed)) return status_after(failed);
    return kGone;
  }

  /// Hands the request to the handler and waits for its answer.
  asio::awaitable<HttpResponse> ask(HttpRequest request) {
    slot_ = std::make_shared<ReplySlot>(books_->executor, wake_);
    wake_.expires_after(books_->options.reply_deadline);
    call_handler(std::move(request));
    if (!slot_->response() && !cut_) {
      error_code woken;
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    slot_->leave();
    auto response = std::move(slot_->response());
    slot_.reset();
    if (response) co_return made_safe(std::move(*response), *books_);
    if (!cut_) books_->report("a handler did not answer in time");
    co_return plain_response(503, "no answer in time\n");
  }

  /// Not a coroutine: what it throws must not cross one, and its temporaries stay out of co_await expressions.
  void call_handler(HttpRequest request) {
    auto const handler = books_->on_request;  // a copy: the server may be destroyed in the call
    auto once = std::make_shared<ReplyOnce>(slot_);
    if (!handler) return;
    try {
      handler(std::move(request), [once](HttpResponse response) { once->put(std::move(response)); });
    } catch (std::exception const& problem) {
      books_->report(std::string("a request handler threw: ") + problem.what());
      once->put(plain_response(500, "internal error\n"));
    }
  }

  asio::awaitable<bool> upgrade(BeastRequest raw, HttpRequest request) {
    if (books_->winding_down()) co_return co_await refuse(503);
    auto const refuse_upgrade = books_->on_socket.refuse;
    if (refuse_upgrade) {
      if (auto refusal = asked_to_refuse(refuse_upgrade, request)) {
        auto response = made_safe(std::move(*refusal), *books_);
        co_return co_await answer(std::move(response), false);
      }
    }
    // Nobody may speak before the handshake is answered (RFC 6455 section 4.1); what came would be lost.
    if (buffer_.size() > 0) co_return co_await refuse(400);
    deadline_.disarm();
    auto const session = std::make_shared<WebSocketSession>(std::move(socket_), std::move(*place_));
    session->start(std::move(raw), std::move(request));
    co_return false;
  }

  template <class Refuse>
  std::optional<HttpResponse> asked_to_refuse(Refuse const& refuse_upgrade, HttpRequest const& request) {
    try {
      return refuse_upgrade(request);
    } catch (std::exception const& problem) {
      books_->report(std::string("the refuse handler threw: ") + problem.what());
      return plain_response(500, "internal error\n");
    }
  }

  asio::awaitable<bool> refuse(int status) {
    keep_alive_ = false;
    auto response = plain_response(status, std::string(reason_of(status)) + "\n");
    co_return co_await answer(std::move(response), false);
  }

  asio::awaitable<bool> answer(HttpResponse response, bool head_only) {
    if (cut_) co_return false;
    bool const keep = keep_alive_ && !books_->winding_down();
    bool const bodiless = head_only || has_no_body(response.status);
    error_code failed;
    arm_for_writing();
    if (bodiless) {
      http::response<http::empty_body> message;
      fill(message, response, keep);
      if (!has_no_body(response.status)) message.content_length(response.body.size());
      co_await http::async_write(socket_, message, asio::redirect_error(asio::use_awaitable, failed));
    } else {
      http::response<http::string_body> message;
      fill(message, response, keep);
      message.body() = std::move(response.body);
      message.prepare_payload();
      co_await http::async_write(socket_, message, asio::redirect_error(asio::use_awaitable, failed));
    }
    deadline_.disarm();
    said_last_word_ = !failed && !keep;
    co_return !failed && keep;
  }

  template <class Message>
  void fill(Message& message, HttpResponse const& response, bool keep) const {
    message.version(version_);
    message.result(static_cast<unsigned>(response.status));
    message.reason(beast::string_view(reason_of(response.status).data(), reason_of(response.status).size()));
    for (auto const& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(keep);
  }

  std::shared_ptr<Connections> const books_;
  tcp::socket socket_;
  Deadline deadline_;        ///< ends what the socket is at
  bool reading_ = true;      ///< what that is
  asio::steady_timer wake_;  ///< what `ask` waits on
  std::optional<Connections::Place> place_;
  std::shared_ptr<ReplySlot> slot_;  ///< while a handler is asked
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  unsigned version_ = 11;
  bool keep_alive_ = true;
  bool idle_ = false;            ///< waiting for a request to begin
  bool cut_ = false;             ///< ended from outside
  bool said_last_word_ = false;  ///< the last response went out: close gently
};

asio::awaitable<void> run_session(std::shared_ptr<HttpSession> session) { co_await session->run(); }

asio::awaitable<void> run_turning_away(std::shared_ptr<Connections> books, tcp::socket socket) {
  static constexpr std::string_view kFull =
      "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n"
      "retry-after: 5\r\nconnection: close\r\n\r\ntoo many connections\n";
  error_code failed;
  // A new socket's send buffer has room for this.
  co_await asio::async_write(socket, asio::buffer(kFull), asio::redirect_error(asio::use_awaitable, failed));
  co_await linger(socket);
  --books->turned_away;
}

}  // namespace

void serve(std::shared_ptr<Connections> books, tcp::socket socket, std::string peer) {
  auto const executor = books->executor;
  auto session = std::make_shared<HttpSession>(books, std::move(socket), std::move(peer));
  asio::co_spawn(executor, run_session(std::move(session)), [books](std::exception_ptr const& problem) {
    if (!problem) return;
    try {
      std::rethrow_exception(problem);
    } catch (std::exception const& error) {
      books->report(std::string("a connection failed: ") + error.what());
    }
  });
}

void turn_away(std::shared_ptr<Connections> books, tcp::socket socket) {
  if (books->turned_away >= kTurnedAwayAtOnce) return;
  ++books->turned_away;
  auto const executor = books->executor;
  asio::co_spawn(executor, run_turning_away(std::move(books), std::move(socket)), [](std::exception_ptr const&) {});
}

}  // namespace tocsin::net::detail
