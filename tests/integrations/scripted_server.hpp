// A TCP server that does to each connection exactly what a test says, and nothing that HTTP would ask for.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace tocsin::net::test {

/// One connection of a ScriptedServer. Every wait ends when the server does.
class ScriptedPeer {
 public:
  ScriptedPeer(int connection, int end) : connection_(connection), end_(end) {}
  ~ScriptedPeer() { ::close(connection_); }
  ScriptedPeer(ScriptedPeer const&) = delete;
  ScriptedPeer& operator=(ScriptedPeer const&) = delete;

  /// What came up to and including `end`, or until the other end closed.
  std::string until(std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos && wait(POLLIN, -1)) {
      char buffer[4096];
      auto const got = ::recv(connection_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }
  /// The next bytes; empty once the other end closed or the server ends.
  std::string some() {
    char buffer[16384];
    auto const got = wait(POLLIN, -1) ? ::recv(connection_, buffer, sizeof buffer, 0) : 0;
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string{};
  }
  bool send(std::string_view text) {
    while (!text.empty() && wait(POLLOUT, -1)) {
      auto const sent = ::send(connection_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return text.empty();
  }
  /// Until the other end closes.
  void hold() { until(std::string_view("\0never\0", 7)); }
  /// Until the server ends, without taking anything in.
  void ignore() {
    pollfd wanted{end_, POLLIN, 0};
    ::poll(&wanted, 1, -1);
  }
  /// False once the other end or the server is gone.
  bool pause(int millis) { return !wait(POLLIN, millis) && !ended_; }

 private:
  bool wait(short what, int millis) {
    pollfd wanted[2] = {{connection_, what, 0}, {end_, POLLIN, 0}};
    int const ready = ::poll(wanted, 2, millis);
    ended_ = wanted[1].revents != 0;
    return ready > 0 && !ended_;
  }
  int connection_;
  int end_;
  bool ended_ = false;
};

/// Serves one connection after the other on its own thread.
class ScriptedServer {
 public:
  /// A small receive buffer makes senders feel early that nobody reads; the small segments that go with it keep the
  /// kernel on their side from taking in megabytes.
  explicit ScriptedServer(std::function<void(ScriptedPeer&)> script, int receive_buffer = 0)
      : script_(std::move(script)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      int const segment = 536;
      ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
      ::setsockopt(listener_, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 || ::pipe(end_) != 0) {
      throw std::runtime_error("can't listen");
    }
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    ::close(end_[1]);  // readable at the other side: everybody stops waiting
    thread_.join();
    ::close(end_[0]);
    ::close(listener_);
  }
  ScriptedServer(ScriptedServer const&) = delete;
  ScriptedServer& operator=(ScriptedServer const&) = delete;

  std::uint16_t port = 0;
  [[nodiscard]] std::string url(std::string const& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port) + path;
  }

 private:
  void run() {
    for (;;) {
      pollfd wanted[2] = {{listener_, POLLIN, 0}, {end_[0], POLLIN, 0}};
      ::poll(wanted, 2, -1);
      if (wanted[1].revents != 0) return;
      ScriptedPeer peer(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), end_[0]);
      script_(peer);
    }
  }
  std::function<void(ScriptedPeer&)> script_;
  int listener_ = -1;
  int end_[2] = {-1, -1};
  std::thread thread_;
};

/// A port on which nobody listens just now.
inline std::uint16_t unused_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int const probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

}  // namespace tocsin::net::test
