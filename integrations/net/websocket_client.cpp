#include "integrations/net/websocket_client.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <exception>
#include <set>
#include <utility>

#include "integrations/net/detail/dial.hpp"
#include "integrations/net/detail/websocket_core.hpp"

namespace tocsin::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using detail::Deadline;
using detail::Dial;
using detail::DialFailure;
using detail::TlsStream;
using detail::Wire;

constexpr std::size_t kFrameBytes = 32 * 1024;  // what we send fits into one write
constexpr std::size_t kShownBody = 200;

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kShownBody));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  return shown;
}

/// In one line; who stands between names itself there, as a rule.
std::string headers_of(websocket::response_type const& answer) {
  std::string all;
  for (auto const& field : answer) {
    all += all.empty() ? "" : "; ";
    all += field.name_string();
    all += ": ";
    all += field.value();
  }
  return printable(all);
}

/// "wss" is "https" to a resolver, a proxy and a certificate.
std::string as_http(std::string const& url) {
  if (url.starts_with("wss://")) return "https" + url.substr(3);
  if (url.starts_with("ws://")) return "http" + url.substr(2);
  return "none:" + url;
}

OpenFailure failure_of(FetchCause cause, std::string what) {
  OpenFailure failure;
  failure.code = cause == FetchCause::invalid       ? Errc::invalid
                 : cause == FetchCause::certificate ? Errc::refused
                 : cause == FetchCause::timed_out   ? Errc::timed_out
                                                    : Errc::unavailable;
  failure.detail = std::move(what);
  failure.cause = cause;
  return failure;
}

/// What the client knows of its sockets, whatever they run on.
class Owned {
 public:
  virtual ~Owned() = default;
  virtual void forget_and_cut() = 0;
};
using Books = std::set<Owned*>;

template <class Stream>
class ClientSocket final : public detail::WebSocketCore<Stream>, public Owned {
 public:
  using Core = detail::WebSocketCore<Stream>;

  ClientSocket(Stream stream, WebSocketClientOptions const& options, asio::io_context::executor_type executor,
               std::shared_ptr<Books> books)
      : Core(std::move(stream), options.limits, executor),
        ping_(options.ping),
        ping_deadline_(executor, [this] { look(); }),
        watch_(executor, [this] { watch(); }),
        books_(std::move(books)) {
    books_->insert(this);
  }
  ~ClientSocket() override { books_->erase(this); }

  /// `opened`: like WebSocketClient's, called after the handshake.
  void start(detail::WebAddress const& address, std::chrono::milliseconds opening, WebSocketClient::Opened opened) {
    // The opening has its own limit; closing, whoever began it, takes no longer than this.
    websocket::stream_base::timeout patience{};
    patience.handshake_timeout = std::max(this->limits_.close, opening);
    patience.idle_timeout = this->limits_.idle;
    patience.keep_alive_pings = false;
    this->prepare(patience);
    this->stream_.write_buffer_bytes(kFrameBytes);
    this->stream_.set_option(websocket::stream_base::decorator(
        [](websocket::request_type& request) { request.set(beast::http::field::user_agent, "tocsin"); }));
    auto const answer = std::make_shared<websocket::response_type>();
    opened_ = std::move(opened);
    this->stream_.async_handshake(*answer, address.host_field, address.target,
                                  [self = me(), answer, origin = address.origin()](error_code failed) {
                                    self->shook_hands(failed, *answer, origin);
                                  });
  }

  void forget_and_cut() override {
    opened_ = nullptr;
    this->handle_->on_closed(nullptr);
    this->handle_->on_text(nullptr);
    this->handle_->on_heard(nullptr);
    this->finish({WebSocketEnd::Why::by_us, 1001, "going away"});
  }

  void too_late(OpenFailure const& failure) {
    if (this->open_ || this->over_) return;
    auto const opened = std::exchange(opened_, nullptr);
    this->finish({WebSocketEnd::Why::lost, 1006, failure.detail});
    if (opened) opened(failure);
  }

 private:
  std::shared_ptr<ClientSocket> me() { return std::static_pointer_cast<ClientSocket>(this->shared_from_this()); }

  void shook_hands(error_code failed, websocket::response_type const& answer, std::string const& origin) {
    if (this->over_) return;
    auto const opened = std::exchange(opened_, nullptr);
    if (failed) {
      this->finish({WebSocketEnd::Why::broken, 1002, "no proper handshake"});
      if (!opened) return;
      auto failure =
          failure_of(failed == websocket::error::upgrade_declined ? FetchCause::protocol : FetchCause::closed,
                     origin + ": no WebSocket: " + failed.message());
      if (failed == websocket::error::upgrade_declined) {
        failure.status = static_cast<int>(answer.result_int());
        failure.headers = headers_of(answer);
        failure.body = printable(answer.body());
        failure.detail = origin + ": no WebSocket: status " + std::to_string(failure.status);
      }
      return opened(std::move(failure));
    }
    this->open_ = true;
    websocket::stream_base::timeout patience{};
    patience.handshake_timeout = this->limits_.close;
    patience.idle_timeout = this->limits_.idle;
    this->stream_.set_option(patience);
    ping_deadline_.arm(ping_);
    watch_.arm(detail::kPeerLeaves);
    if (opened) opened(std::shared_ptr<WebSocket>(this->handle_));
    this->pump();
    this->read();
  }

  /// Silence is asked whether it lives. One ping at a time: the next comes a whole time later.
  void look() {
    if (this->over_) return;
    if (!std::exchange(this->heard_, false) && !pinging_) {
      pinging_ = true;
      this->stream_.async_ping({}, [self = me()](error_code) { self->pinging_ = false; });
    }
    ping_deadline_.arm(ping_);
  }

  /// Beast tells of text that is no UTF-8 only when the peer has gone after its close frame, at the latest after
  /// `idle`; that it is not open it knows at once. Ending what comes in makes it tell; who stays silent even then is
  /// ended.
  void watch() {
    if (this->over_) return;
    if (!this->stream_.is_open() && !this->peer_left_ && !this->handle_->closing()) {
      if (std::exchange(this->failing_, true)) return this->finish(this->broken());
      error_code ignored;
      beast::get_lowest_layer(this->stream_).shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
    }
    watch_.arm(detail::kPeerLeaves);
  }

  typename Core::Report leave() override {
    watch_.disarm();
    ping_deadline_.disarm();
    books_->erase(this);
    return [](std::string_view) {};
  }
  /// The holder's handlers are ours: what one throws ends its socket with 1011, and the holder hears of that.
  void report(std::string_view) override {}
  void binary_came() override {}

  std::chrono::milliseconds const ping_;
  Deadline ping_deadline_;
  Deadline watch_;
  std::shared_ptr<Books> books_;
  WebSocketClient::Opened opened_;
  bool pinging_ = false;
};

}  // namespace

class WebSocketClient::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, WebSocketClientOptions options)
      : executor_(io.get_executor()), options_(std::move(options)) {}

  void abandon() {
    abandoned_ = true;
    for (auto const& dial : std::exchange(dialling_, {})) dial->abandon();
    for (auto* socket : std::vector<Owned*>(books_->begin(), books_->end())) {
      if (books_->contains(socket)) socket->forget_and_cut();
    }
  }

  void open(std::string const& url, Opened given) {
    // Like every handler of the holder's: what it throws ends its socket, not the io_context.
    Opened opened = [given = std::move(given)](auto const& opening) {
      try {
        given(opening);
      } catch (std::exception const&) {
        if (opening) (*opening)->close(1011, "internal error");
      }
    };
    auto address = detail::parse_web_address(as_http(url));
    if (!address) {
      return asio::post(executor_, [opened = std::move(opened), what = address.error().detail] {
        opened(failure_of(FetchCause::invalid, what));
      });
    }
    auto const began = Clock::now();
    // Holds its own handle: the dial is one of `dialling_` until it is done.
    auto const self_handle = std::make_shared<std::weak_ptr<Dial>>();
    auto const dial = std::make_shared<Dial>(
        executor_, *address, options_.proxy, options_.open_deadline, [this] { return tls_context(); },
        [self = weak_from_this(), address = *address, opened = std::move(opened), self_handle,
         began](Dial::Dialled dialled) mutable {
          auto const state = self.lock();
          if (!state || state->abandoned_) return;
          if (auto const ours = self_handle->lock()) state->dialling_.erase(ours);
          state->dialled(address, std::move(dialled), began, std::move(opened));
        });
    *self_handle = dial;
    dialling_.insert(dial);
    asio::post(executor_, [dial, self = weak_from_this()] {
      auto const state = self.lock();
      if (state && !state->abandoned_) dial->start();
    });
  }

 private:
  using Clock = std::chrono::steady_clock;

  void dialled(detail::WebAddress const& address, Dial::Dialled dialled, Clock::time_point began, Opened opened) {
    if (auto const* failed = std::get_if<DialFailure>(&dialled))
      return opened(failure_of(failed->cause, address.origin() + ": " + failed->what));
    auto const left = options_.open_deadline - (Clock::now() - began);
    auto wire = std::move(std::get<std::unique_ptr<Wire>>(dialled));
    if (wire->tls) {
      begin(std::move(*wire->tls), address, left, std::move(opened));
    } else {
      begin(std::move(*wire->plain), address, left, std::move(opened));
    }
  }

  template <class Stream>
  void begin(Stream stream, detail::WebAddress const& address, Clock::duration left, Opened opened) {
    auto const socket = std::make_shared<ClientSocket<Stream>>(std::move(stream), options_, executor_, books_);
    auto const late = failure_of(FetchCause::timed_out, address.origin() + ": no WebSocket in time");
    auto const limit = std::make_shared<std::optional<Deadline>>();
    limit->emplace(executor_, [weak = std::weak_ptr(socket), late] {
      if (auto const strong = weak.lock()) strong->too_late(late);
    });
    (*limit)->arm(std::max(left, Clock::duration::zero()));
    socket->start(address, options_.open_deadline, [limit, opened = std::move(opened)](auto const& result) {
      limit->reset();
      opened(result);
    });
  }

  Result<std::shared_ptr<asio::ssl::context>> tls_context() {
    if (tls_context_) return tls_context_;
    auto made = detail::make_client_context(options_.ca_file);
    if (made) tls_context_ = *made;
    return made;
  }

  asio::io_context::executor_type executor_;
  WebSocketClientOptions const options_;
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::set<std::shared_ptr<Dial>> dialling_;
  std::shared_ptr<Books> books_ = std::make_shared<Books>();
  bool abandoned_ = false;
};

WebSocketClient::WebSocketClient(asio::io_context& io, WebSocketClientOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {}

WebSocketClient::~WebSocketClient() { state_->abandon(); }

void WebSocketClient::open(std::string const& url, Opened opened) { state_->open(url, std::move(opened)); }

}  // namespace tocsin::net
