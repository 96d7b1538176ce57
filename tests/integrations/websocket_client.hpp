// A client with a thread of its own, and what a hand-made server needs to talk to it.
#pragma once

#include <openssl/evp.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "integrations/net/base64.hpp"
#include "integrations/net/websocket_client.hpp"
#include "tests/integrations/net_fixture.hpp"
#include "tests/integrations/scripted_server.hpp"

namespace tocsin::net::test {

using Opening = boost::system::result<std::shared_ptr<WebSocket>, OpenFailure>;

/// A client with its own thread; what comes over its newest socket is kept.
struct Client {
  explicit Client(WebSocketClientOptions options = {}) {
    thread.run([&] { client = std::make_unique<WebSocketClient>(thread.io, std::move(options)); });
  }
  ~Client() {
    thread.run([this] { client.reset(); });
  }
  Opening open(std::string const& url) {
    Awaited<Opening> opened;
    thread.run([&] {
      client->open(url, [this, &opened](Opening opening) {
        if (opening) {
          auto const& socket = *opening;
          socket->on_text([this](std::string_view text) { texts.bring(std::string(text)); });
          socket->on_heard([this] { ++heard; });
          socket->on_closed([this](WebSocketEnd const& end) { ended.bring(end); });
        }
        opened.bring(std::move(opening));
      });
    });
    return opened.take();
  }
  OpenFailure failure(std::string const& url) {
    auto opening = open(url);
    REQUIRE_MESSAGE(opening.has_error(), "it opened");
    return opening.error();
  }
  struct Queue {
    void bring(std::string text) {
      std::lock_guard const lock(mutex);
      all.push_back(std::move(text));
      changed.notify_all();
    }
    std::string take() {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, kPatience, [this] { return !all.empty(); })) throw std::runtime_error("no text came");
      auto text = std::move(all.front());
      all.erase(all.begin());
      return text;
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> all;
  };
  Queue texts;
  std::atomic<int> heard{0};
  Awaited<WebSocketEnd> ended;
  IoThread thread;
  std::unique_ptr<WebSocketClient> client;
};

inline std::string accept_of(std::string const& request) {
  auto const name = std::string("Sec-WebSocket-Key: ");
  auto const start = request.find(name) + name.size();
  auto const text = request.substr(start, request.find('\r', start) - start) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return base64({reinterpret_cast<char const*>(digest), size});
}

inline std::string switching(std::string const& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         accept_of(request) + "\r\n\r\n";
}

inline std::string url_of(std::uint16_t port, std::string const& rest = "/link/?ticket=a%2Fb&app_id=c") {
  return "ws://127.0.0.1:" + std::to_string(port) + rest;
}

/// What one frame of a client says, unmasked.
struct Frame {
  unsigned first = 0;
  std::string payload;
};
inline Frame read_frame(ScriptedPeer& peer) {
  std::string bytes;
  auto const need = [&](std::size_t size) {
    while (bytes.size() < size) {
      auto const more = peer.some();
      bytes += more.empty() ? std::string(size - bytes.size(), '\0') : more;  // the client went away: nothing
    }
  };
  auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  need(2);
  std::size_t size = byte(1) & 127U;
  std::size_t at = 2;
  if (size == 126) {
    need(4);
    size = static_cast<std::size_t>(byte(2) << 8U | byte(3));
    at = 4;
  }
  need(at + 4 + size);
  Frame frame{byte(0), {}};
  for (std::size_t i = 0; i < size; ++i) frame.payload += static_cast<char>(byte(at + 4 + i) ^ byte(at + i % 4));
  return frame;
}

}  // namespace tocsin::net::test
