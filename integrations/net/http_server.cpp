#include "integrations/net/http_server.hpp"

#include <fcntl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <utility>

#include "integrations/net/detail/connections.hpp"
#include "integrations/net/detail/deadline.hpp"
#include "integrations/net/detail/http_session.hpp"

namespace tocsin::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // after EMFILE and its like: give others time to close

Result<tcp::endpoint> read_endpoint(std::string const& text) {
  Error const wrong{Errc::invalid,
                    "the listen address must be ADDRESS:PORT with a numeric address, like 127.0.0.1:8088"};
  auto const colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  std::string address = text.substr(0, colon);
  bool const bracketed = address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  std::uint16_t port = 0;
  auto const* const end = text.data() + text.size();
  auto const [stop, bad] = std::from_chars(text.data() + colon + 1, end, port);
  if (bad != std::errc{} || stop != end) return wrong;
  error_code failed;
  auto const ip = asio::ip::make_address(address, failed);
  if (failed || ip.is_v6() != bracketed) return wrong;
  return tcp::endpoint(ip, port);
}

/// Asio makes sockets that every started program would inherit: a port held by a forgotten child outlives the bot.
void keep_from_children(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace

class HttpServer::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, HttpServerOptions options, HttpHandler on_request, WebSocketHandler on_socket)
      : books_(std::make_shared<detail::Connections>(io.get_executor(), std::move(options), std::move(on_request),
                                                     std::move(on_socket))),
        acceptor_(io),
        pause_(io.get_executor(), [this] { accept(); }),
        patience_(io.get_executor(), [this] { books_->cut(); }) {}

  Result<std::uint16_t> listen() {
    auto const& text = books_->options.listen;
    auto const endpoint = read_endpoint(text);
    if (!endpoint) return endpoint.error();
    error_code failed;
    acceptor_.open(endpoint->protocol(), failed);
    if (!failed) {
      keep_from_children(acceptor_.native_handle());
      acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    }
    if (!failed) acceptor_.bind(*endpoint, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) {
      error_code ignored;
      acceptor_.close(ignored);
      auto const taken = failed == asio::error::address_in_use;
      return Error{Errc::unavailable,
                   "can't listen on " + text + ": " + (taken ? "another program holds this port" : failed.message())};
    }
    port_ = acceptor_.local_endpoint().port();
    accept();
    return port_;
  }

  void stop(std::chrono::milliseconds limit, std::function<void()> done) {
    close();
    patience_.arm(limit);
    books_->wind_down([self = weak_from_this(), done = std::move(done)] {
      if (auto const state = self.lock()) state->patience_.disarm();
      done();
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.disarm();
  }

  void abandon() {
    close();
    patience_.disarm();
    books_->forget();
    books_->cut();
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::size_t size() const noexcept { return books_->size(); }

 private:
  void accept() {
    acceptor_.async_accept([self = weak_from_this()](error_code failed, tcp::socket socket) {
      if (auto const state = self.lock()) state->accepted(failed, std::move(socket));
    });
  }

  void accepted(error_code failed, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (failed == asio::error::connection_aborted) return accept();  // it gave up while it was queued
    if (failed) {
      books_->report("can't accept connections: " + failed.message());
      return pause_.arm(kAcceptPause);
    }
    keep_from_children(socket.native_handle());
    admit(std::move(socket));
    accept();
  }

  void admit(tcp::socket socket) {
    error_code failed;
    auto const peer = socket.remote_endpoint(failed);
    if (failed) return;  // already gone
    socket.set_option(tcp::no_delay(true), failed);
    auto address = peer.address().to_string();
    if (!books_->has_room_for(address)) return detail::turn_away(books_, std::move(socket));
    detail::serve(books_, std::move(socket), std::move(address));
  }

  std::shared_ptr<detail::Connections> const books_;
  tcp::acceptor acceptor_;
  detail::Deadline pause_;
  detail::Deadline patience_;
  std::uint16_t port_ = 0;
};

HttpServer::HttpServer(asio::io_context& io, HttpServerOptions options, HttpHandler on_request,
                       WebSocketHandler on_socket)
    : state_(std::make_shared<State>(io, std::move(options), std::move(on_request), std::move(on_socket))) {}

HttpServer::~HttpServer() { state_->abandon(); }

Result<std::uint16_t> HttpServer::listen() { return state_->listen(); }

std::uint16_t HttpServer::port() const noexcept { return state_->port(); }

std::size_t HttpServer::open_connections() const noexcept { return state_->size(); }

void HttpServer::stop(std::chrono::milliseconds limit, std::function<void()> done) {
  state_->stop(limit, std::move(done));
}

}  // namespace tocsin::net
