#include <atomic>
#include <mutex>
#include <vector>

#include "integrations/net/websocket.hpp"
#include "tests/integrations/net_fixture.hpp"

namespace tocsin::net {
namespace {

using namespace test;

/// The client's side of RFC 6455, by hand, so that it can also be wrong on purpose.
class RawWebSocket {
 public:
  explicit RawWebSocket(std::uint16_t port, int receive_buffer = 0, std::string const& more = "")
      : socket(port, receive_buffer) {
    socket.send(
        "GET /chat?room=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        more + "\r\n");
    answer = socket.until("\r\n\r\n");
  }
  static std::string frame(unsigned first, std::string_view payload) {
    std::string text{static_cast<char>(first)};
    if (payload.size() < 126) {
      text += static_cast<char>(0x80U | payload.size());
    } else if (payload.size() < 65536) {
      text += static_cast<char>(0x80U | 126U);
      text += static_cast<char>(payload.size() >> 8U);
      text += static_cast<char>(payload.size() & 255U);
    } else {
      text += static_cast<char>(0x80U | 127U);
      for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>((payload.size() >> shift) & 255U);
    }
    text += std::string(4, '\0');  // a mask of zeroes masks nothing and is legal
    return text.append(payload);
  }
  void send_text(std::string_view payload) { socket.send(frame(0x81, payload)); }

  struct Frame {
    unsigned first = 0;  ///< FIN and opcode; 0 when the connection ended
    std::string payload;
  };
  Frame read() {
    auto const head = socket.exactly(2);
    if (head.size() < 2) return {};
    auto const byte = [](char c) { return static_cast<unsigned char>(c); };
    std::size_t size = byte(head[1]) & 127U;
    if (size >= 126) {
      auto const more = socket.exactly(size == 126 ? 2 : 8);
      size = 0;
      for (char const c : more) size = size << 8U | byte(c);
    }
    return {byte(head[0]), socket.exactly(size)};
  }
  [[nodiscard]] bool open() const { return answer.starts_with("HTTP/1.1 101"); }

  RawSocket socket;
  std::string answer;
};

constexpr unsigned kText = 0x81;
constexpr unsigned kClose = 0x88;
constexpr unsigned kPing = 0x89;
constexpr unsigned kPong = 0x8A;

unsigned close_code(RawWebSocket::Frame const& frame) {
  if (frame.first != kClose || frame.payload.size() < 2) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(frame.payload[0]) << 8U |
                               static_cast<unsigned char>(frame.payload[1]));
}

std::string close_frame(unsigned code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 255U)};
  return RawWebSocket::frame(kClose, payload.append(reason));
}

/// A server with one kind of socket; keeps the last one and how it ended.
struct SocketServer {
  explicit SocketServer(HttpServerOptions options = {},
                        std::function<void(WebSocket&, std::string_view)> on_text = {}) {
    WebSocketHandler handler;
    handler.refuse = [](HttpRequest const& request) -> std::optional<HttpResponse> {
      if (request.header("origin") == "http://evil") return plain_response(403, "not from there\n");
      return std::nullopt;
    };
    handler.open = [this, on_text](HttpRequest request, std::shared_ptr<WebSocket> socket) {
      if (on_text) {
        socket->on_text([raw = socket.get(), on_text](std::string_view text) { on_text(*raw, text); });
      }
      socket->on_closed([this](WebSocketEnd const& end) { ended.bring(end); });
      opened.bring({std::move(request), std::move(socket)});
    };
    fixture = std::make_unique<ServerFixture>(
        [](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "plain")); }, std::move(options),
        std::move(handler));
  }
  Awaited<std::pair<HttpRequest, std::shared_ptr<WebSocket>>> opened;
  Awaited<WebSocketEnd> ended;
  std::unique_ptr<ServerFixture> fixture;
};

void echo(WebSocket& socket, std::string_view text) { socket.send(std::string(text)); }

TEST_CASE("ten thousand messages come back in order, each in one frame") {
  SocketServer server({}, echo);
  RawWebSocket client(server.fixture->port);
  REQUIRE(client.open());
  CHECK(client.answer.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);  // RFC 6455 section 1.3
  std::thread writer([&] {
    for (int i = 0; i < 10'000; ++i) client.send_text("message " + std::to_string(i));
  });
  int wrong = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto const frame = client.read();
    if (frame.first != kText || frame.payload != "message " + std::to_string(i)) ++wrong;
  }
  writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("the open handler sees the request, and a large message travels in one frame") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  auto const [request, socket] = server.opened.take();
  CHECK(request.path == "/chat");
  CHECK(request.param("room") == "1");
  std::string const large(300'000, 'x');
  CHECK(socket->send(large));
  auto const frame = client.read();
  CHECK(frame.first == kText);
  CHECK(frame.payload == large);
}

TEST_CASE("an upgrade is refused with the handler's answer, and the connection goes on") {
  SocketServer server;
  RawWebSocket client(server.fixture->port, 0, "Origin: http://evil\r\n");
  CHECK(client.answer.starts_with("HTTP/1.1 403"));
  CHECK(client.socket.exactly(15) == "not from there\n");
  client.socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.socket.response().ends_with("plain"));
}

TEST_CASE("an upgrade that is none is answered, not accepted") {
  SocketServer server;
  RawSocket without_key(server.fixture->port);
  without_key.send("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  CHECK(without_key.all().starts_with("HTTP/1.1 4"));
  RawSocket early(server.fixture->port);
  early.send(
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      RawWebSocket::frame(kText, "too early"));
  CHECK(early.all().starts_with("HTTP/1.1 400"));
}

TEST_CASE("without an open handler an upgrade is a plain request") {
  ServerFixture fixture([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "plain")); });
  RawWebSocket client(fixture.port);
  CHECK(client.answer.starts_with("HTTP/1.1 200"));
}

TEST_CASE("messages sent from several threads all arrive, each thread's in its order") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  auto const socket = server.opened.take().second;
  std::vector<std::thread> threads;
  for (char name = 'a'; name < 'e'; ++name) {
    threads.emplace_back([&, name] {
      for (int i = 0; i < 500; ++i) socket->send(name + std::to_string(i));
    });
  }
  std::vector<int> next(4, 0);
  int wrong = 0;
  for (int i = 0; i < 2'000; ++i) {
    auto const text = client.read().payload;
    if (text.empty() || text != text[0] + std::to_string(next.at(static_cast<std::size_t>(text[0] - 'a'))++)) ++wrong;
  }
  for (auto& each : threads) each.join();
  CHECK(wrong == 0);
}

TEST_CASE("a reader too slow for its queue is ended, and only it") {
  HttpServerOptions options;
  options.websocket.queue_bytes = 1024 * 1024;
  SocketServer server(options);
  RawWebSocket slow(server.fixture->port, 4096);
  auto const socket = server.opened.take().second;
  std::string const message(64 * 1024, 'x');
  int taken = 0;
  while (socket->send(message)) ++taken;
  CHECK(taken >= 15);     // the queue itself, less what is being written
  CHECK(taken < 10'000);  // and what the kernel took
  CHECK(server.ended.take().why == WebSocketEnd::Why::too_slow);
  CHECK_FALSE(socket->send("more"));
  RawSocket other(server.fixture->port);
  other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(other.response().ends_with("plain"));
}

TEST_CASE("the queue's limits hold on both sides") {
  HttpServerOptions options;
  options.websocket.queue_messages = 10;
  options.websocket.queue_bytes = 1000;
  SocketServer server(options);
  RawWebSocket client(server.fixture->port);
  auto const socket = server.opened.take().second;
  bool taken = false;
  SUBCASE("the number of messages") {
    server.fixture->thread.run([&] {
      // On the one thread nothing is written in between, but for the first, which leaves the queue at once.
      for (int i = 0; i < 11; ++i) CHECK(socket->send("x"));
      taken = socket->send("x");
    });
  }
  SUBCASE("their bytes") {
    server.fixture->thread.run([&] {
      CHECK(socket->send(std::string(1000, 'x')));
      CHECK(socket->send(std::string(1000, 'x')));
      taken = socket->send("x");
    });
  }
  CHECK_FALSE(taken);
  CHECK(server.ended.take().why == WebSocketEnd::Why::too_slow);
}

TEST_CASE("a reader that stops reading is ended by the write deadline") {
  HttpServerOptions options;
  options.websocket.write = 200ms;
  SocketServer server(options);
  RawWebSocket slow(server.fixture->port, 4096);
  auto const socket = server.opened.take().second;
  CHECK(socket->send(std::string(4 * 1024 * 1024, 'x')));
  CHECK(server.ended.take().why == WebSocketEnd::Why::too_slow);
}

TEST_CASE("close sends what is queued, then a close frame with a reason cut on a character") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  auto const socket = server.opened.take().second;
  std::string reason;
  for (int i = 0; i < 50; ++i) reason += "网";
  server.fixture->thread.run([&] {
    for (int i = 0; i < 100; ++i) socket->send(std::to_string(i));
    socket->close(4001, reason);
    CHECK_FALSE(socket->send("too late"));
    socket->close(4002, "again");
  });
  for (int i = 0; i < 100; ++i) CHECK(client.read().payload == std::to_string(i));
  auto const end = client.read();
  CHECK(close_code(end) == 4001);
  CHECK(end.payload.substr(2) == reason.substr(0, 123));
  client.socket.send(close_frame(4001, ""));
  client.socket.finish_sending();
  auto const seen = server.ended.take();
  CHECK(seen.why == WebSocketEnd::Why::by_us);
  CHECK(seen.code == 4001);
  CHECK(client.read().first == 0);
}

TEST_CASE("a peer that never answers a close is cut") {
  HttpServerOptions options;
  options.websocket.close = 200ms;
  SocketServer server(options);
  RawWebSocket client(server.fixture->port);
  server.opened.take().second->close(1000, "bye");
  CHECK(close_code(client.read()) == 1000);
  CHECK(server.ended.take().why == WebSocketEnd::Why::by_us);
  CHECK(client.read().first == 0);
}

TEST_CASE("a socket ends for the reason its peer gives") {
  using Why = WebSocketEnd::Why;
  struct Row {
    std::string name;
    std::string sent;
    unsigned answered;  ///< close code, 0 when the connection just ends
    Why why;
    std::uint16_t code;
  };
  HttpServerOptions options;
  options.websocket.message_bytes = 1000;
  for (Row const& row : {
           Row{"a close frame", close_frame(4321, "done"), 4321, Why::by_peer, 4321},
           Row{"no close frame", "", 0, Why::lost, 1006},
           Row{"a message over the limit", RawWebSocket::frame(kText, std::string(1001, 'x')), 1009, Why::broken, 1009},
           Row{"fragments over the limit",
               RawWebSocket::frame(0x01, std::string(600, 'x')) + RawWebSocket::frame(0x80, std::string(600, 'x')),
               1009, Why::broken, 1009},
           Row{"binary", RawWebSocket::frame(0x82, "abc"), 1003, Why::by_us, 1003},
           Row{"broken UTF-8", RawWebSocket::frame(kText, "\xff\xfe"), 1007, Why::broken, 1002},
           Row{"an unmasked frame", std::string("\x81\x01x", 3), 1002, Why::broken, 1002},
           Row{"a reserved opcode", RawWebSocket::frame(0x83, "x"), 1002, Why::broken, 1002},
           Row{"a claim of 2^62 bytes", std::string("\x81\xff\x40\0\0\0\0\0\0\0\0\0\0\0", 14), 1009, Why::broken, 1009},
       }) {
    CAPTURE(row.name);
    SocketServer server(options);
    RawWebSocket client(server.fixture->port);
    client.socket.send(row.sent);
    client.socket.finish_sending();
    CHECK(close_code(client.read()) == row.answered);
    auto const end = server.ended.take();
    CHECK(end.why == row.why);
    CHECK(end.code == row.code);
  }
}

TEST_CASE("a message of exactly the limit is taken") {
  HttpServerOptions options;
  options.websocket.message_bytes = 1000;
  SocketServer server(options, echo);
  RawWebSocket client(server.fixture->port);
  client.send_text(std::string(1000, 'x'));
  CHECK(client.read().payload.size() == 1000);
}

TEST_CASE("a silent peer is pinged, and ended when it does not answer") {
  HttpServerOptions options;
  options.websocket.idle = 400ms;
  SocketServer server(options);
  RawWebSocket client(server.fixture->port);
  for (int i = 0; i < 3; ++i) {
    auto const ping = client.read();
    CHECK(ping.first == kPing);
    client.socket.send(RawWebSocket::frame(kPong, ping.payload));
  }
  CHECK(client.read().first == kPing);
  auto const end = server.ended.take();
  CHECK(end.why == WebSocketEnd::Why::idle);
}

TEST_CASE("a ping is answered") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  client.socket.send(RawWebSocket::frame(kPing, "are you there"));
  auto const pong = client.read();
  CHECK(pong.first == kPong);
  CHECK(pong.payload == "are you there");
}

TEST_CASE("a text handler that throws ends its socket with 1011") {
  SocketServer server({}, [](WebSocket&, std::string_view) { throw std::runtime_error("secret"); });
  RawWebSocket client(server.fixture->port);
  client.send_text("x");
  auto const end = client.read();
  CHECK(close_code(end) == 1011);
  CHECK(end.payload.find("secret") == std::string::npos);
}

TEST_CASE("stop closes sockets with 1001 and waits for them") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  auto const socket = server.opened.take().second;
  Awaited<bool> stopped;
  server.fixture->thread.run([&] { server.fixture->server->stop(10s, [&] { stopped.bring(true); }); });
  CHECK(close_code(client.read()) == 1001);
  client.socket.send(close_frame(1001, ""));
  client.socket.finish_sending();
  CHECK(stopped.take());
  CHECK(server.ended.take().code == 1001);
}

TEST_CASE("a destroyed server calls no handler of its sockets") {
  SocketServer server;
  RawWebSocket client(server.fixture->port);
  auto const socket = server.opened.take().second;
  std::atomic<bool> called = false;
  server.fixture->thread.run([&] {
    socket->on_closed([&](WebSocketEnd const&) { called = true; });
    server.fixture->server.reset();
  });
  CHECK(client.read().first == 0);
  server.fixture->thread.run([] {});
  CHECK_FALSE(called);
  CHECK_FALSE(socket->send("x"));
}

TEST_CASE("sockets count against the connection limits, and give their place back") {
  HttpServerOptions options;
  options.connections = 1;
  SocketServer server(options);
  {
    RawWebSocket client(server.fixture->port);
    CHECK(client.open());
    RawSocket second(server.fixture->port);
    second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(second.all().starts_with("HTTP/1.1 503"));
  }
  server.ended.take();
  RawSocket third(server.fixture->port);
  third.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(third.response().ends_with("plain"));
}

}  // namespace
}  // namespace tocsin::net
