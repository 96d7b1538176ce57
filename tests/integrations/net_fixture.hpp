// An io_context on its own thread, and a bare socket that says anything to a server.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "integrations/net/http_server.hpp"

namespace tocsin::net::test {

using namespace std::chrono_literals;

/// What a test waits for at most; a test that needs it has failed.
inline constexpr std::chrono::seconds kPatience{20};

/// The bot's one thread. `run` does something on it and hands back the result.
class IoThread {
 public:
  IoThread() : guard_(io.get_executor()), thread_([this] { io.run(); }) {}
  ~IoThread() {
    io.stop();
    thread_.join();
  }
  template <class Work>
  auto run(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    boost::asio::post(io, std::move(task));
    if (result.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("the io thread hangs");
    return result.get();
  }
  boost::asio::io_context io;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::thread thread_;
};

/// A value some other thread brings.
template <class T>
class Awaited {
 public:
  void bring(T value) { promise_.set_value(std::move(value)); }
  T take() {
    auto future = promise_.get_future();
    if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("nothing came in time");
    return future.get();
  }

 private:
  std::promise<T> promise_;
};

/// A server with its own thread.
class ServerFixture {
 public:
  explicit ServerFixture(HttpHandler handler, HttpServerOptions options = {}, WebSocketHandler sockets = {}) {
    options.listen = "127.0.0.1:0";
    thread.run([&] {
      server = std::make_unique<HttpServer>(thread.io, std::move(options), std::move(handler), std::move(sockets));
      port = server->listen().value();
    });
  }
  ~ServerFixture() {
    thread.run([this] { server.reset(); });
  }
  IoThread thread;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
};

/// A client that knows no HTTP: sends bytes, reads bytes, all with a deadline.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    int const one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("can't connect to the server under test");
    }
  }
  ~RawSocket() { ::close(fd_); }
  RawSocket(RawSocket const&) = delete;
  RawSocket& operator=(RawSocket const&) = delete;

  /// False once the other end refuses more.
  bool send(std::string_view text) {
    while (!text.empty()) {
      auto const sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  /// The next bytes; empty at the end of the stream or after a reset.
  std::string some() {
    wait();
    char buffer[16384];
    auto const got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string{};
  }
  /// Everything until the other end closes.
  std::string all() {
    std::string text = std::move(left_);
    left_.clear();
    for (auto piece = some(); !piece.empty(); piece = some()) text += piece;
    return text;
  }
  /// Everything up to and including `end`; what came after it is kept for the next call.
  std::string until(std::string_view end) {
    std::string text = std::move(left_);
    left_.clear();
    for (;;) {
      if (auto const at = text.find(end); at != std::string::npos) {
        left_ = text.substr(at + end.size());
        return text.substr(0, at + end.size());
      }
      auto const piece = some();
      if (piece.empty()) return text;
      text += piece;
    }
  }
  std::string exactly(std::size_t size) {
    std::string text = std::move(left_);
    left_.clear();
    while (text.size() < size) {
      auto const piece = some();
      if (piece.empty()) return text;
      text += piece;
    }
    left_ = text.substr(size);
    text.resize(size);
    return text;
  }
  /// One response with a Content-Length.
  std::string response() {
    auto text = until("\r\n\r\n");
    auto const at = text.find("Content-Length: ");
    if (at == std::string::npos) return text;
    return text + exactly(std::stoul(text.substr(at + 16)));
  }
  [[nodiscard]] bool readable_within(std::chrono::milliseconds limit) const {
    pollfd wanted{fd_, POLLIN, 0};
    return !left_.empty() || ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
  }

 private:
  void wait() const {
    if (!readable_within(kPatience)) throw std::runtime_error("the server under test says nothing");
  }
  int fd_;
  std::string left_;
};

}  // namespace tocsin::net::test
