#include "tests/integrations/websocket_client.hpp"

namespace tocsin::net {
namespace {

using namespace test;

TEST_CASE("the path goes out as it was given, and texts go both ways in one frame each") {
  Awaited<std::string> request;
  Awaited<Frame> frame;
  ScriptedServer server([&](ScriptedPeer& peer) {
    auto const asked = peer.until("\r\n\r\n");
    // The first message comes with the answer, in one segment.
    peer.send(switching(asked) + std::string("\x81\x05hello", 7));
    frame.bring(read_frame(peer));
    request.bring(asked);
    peer.hold();
  });
  Client client;
  auto const opening = client.open(url_of(server.port));
  REQUIRE(opening.has_value());
  CHECK(client.texts.take() == "hello");
  std::string const large(19'000, 'y');
  CHECK((*opening)->send(large));
  auto const sent = frame.take();
  CHECK(sent.first == 0x81);
  CHECK(sent.payload == large);
  auto const asked = request.take();
  CHECK(asked.starts_with("GET /link/?ticket=a%2Fb&app_id=c HTTP/1.1\r\n"));
  CHECK(asked.find("Sec-WebSocket-Extensions") == std::string::npos);
  CHECK(asked.find("Sec-WebSocket-Protocol") == std::string::npos);
  CHECK(asked.find("Origin") == std::string::npos);
}

TEST_CASE("pings are answered and heard, binary is passed over, fragments are joined") {
  Awaited<Frame> pong;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    peer.send(
        std::string("\x89\x03"
                    "abc",
                    5));
    pong.bring(read_frame(peer));
    peer.send(
        std::string("\x82\x02"
                    "xx",
                    4));
    peer.send(std::string("\x01\x02"
                          "he",
                          4) +
              std::string("\x00\x01"
                          "l",
                          3) +
              std::string("\x80\x02"
                          "lo",
                          4));
    peer.hold();
  });
  Client client;
  REQUIRE(client.open(url_of(server.port)).has_value());
  auto const answer = pong.take();
  CHECK(answer.first == 0x8A);
  CHECK(answer.payload == "abc");
  CHECK(client.texts.take() == "hello");
  CHECK(client.heard >= 1);
}

TEST_CASE("a message of a megabyte in many fragments comes as one") {
  constexpr std::size_t kPieces = 128;
  std::string const piece(8192, 'p');
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    for (std::size_t i = 0; i < kPieces; ++i) {
      std::string frame;
      frame += static_cast<char>((i == 0 ? 0x01 : 0x00) | (i + 1 == kPieces ? 0x80 : 0x00));
      frame += std::string("\x7e\x20\x00", 3);
      peer.send(frame + piece);
    }
    peer.hold();
  });
  Client client;
  REQUIRE(client.open(url_of(server.port)).has_value());
  auto const text = client.texts.take();
  CHECK(text.size() == kPieces * piece.size());
  CHECK(text.find_first_not_of('p') == std::string::npos);
}

TEST_CASE("silence is pinged, and ends it when nothing answers") {
  Awaited<Frame> ping;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    ping.bring(read_frame(peer));
    peer.ignore();
  });
  WebSocketClientOptions options;
  options.ping = 50ms;
  options.limits.idle = 400ms;
  Client client(options);
  REQUIRE(client.open(url_of(server.port)).has_value());
  CHECK(ping.take().first == 0x89);
  CHECK(client.ended.take().why == WebSocketEnd::Why::idle);
}

TEST_CASE("how it ends is told: by the peer, by its going away, by a message over the limit, by us") {
  struct Row {
    char const* name;
    std::string bytes;
    WebSocketEnd::Why why;
    unsigned code;
  };
  for (auto const& row :
       {Row{"closed",
            std::string("\x88\x08\x03\xe9"
                        "moving",
                        10),
            WebSocketEnd::Why::by_peer, 1001},
        Row{"cut", "", WebSocketEnd::Why::lost, 1006},
        Row{"too large", std::string("\x81\x7e\x10\x00", 4) + std::string(4096, 'x'), WebSocketEnd::Why::broken, 1009},
        Row{"no UTF-8", std::string("\x81\x02\xc3\x28", 4), WebSocketEnd::Why::broken, 1002}}) {
    CAPTURE(std::string(row.name));
    ScriptedServer server([&](ScriptedPeer& peer) {
      peer.send(switching(peer.until("\r\n\r\n")));
      peer.send(row.bytes);
      if (!row.bytes.empty()) peer.hold();
    });
    WebSocketClientOptions options;
    options.limits.message_bytes = 1'000;
    options.limits.close = 300ms;  // the peer does not go by itself
    Client client(options);
    REQUIRE(client.open(url_of(server.port)).has_value());
    auto const end = client.ended.take();
    CHECK(end.why == row.why);
    CHECK(end.code == row.code);
  }
  Awaited<Frame> close;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    close.bring(read_frame(peer));
    peer.ignore();  // no close frame comes back
  });
  WebSocketClientOptions options;
  options.limits.close = 200ms;
  Client client(options);
  auto const opening = client.open(url_of(server.port));
  REQUIRE(opening.has_value());
  (*opening)->close(1000, "bye");
  CHECK(close.take().payload == std::string("\x03\xe8"
                                            "bye",
                                            5));
  CHECK(client.ended.take().why == WebSocketEnd::Why::by_us);
}

TEST_CASE("what the holder throws when it opens ends the socket, not the thread") {
  Awaited<Frame> close;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    close.bring(read_frame(peer));
    peer.hold();
  });
  Client client;
  client.thread.run([&] {
    client.client->open(url_of(server.port), [](Opening const&) { throw std::runtime_error("from the holder"); });
    client.client->open("ws://127.0.0.1:1/", [](Opening const&) { throw std::runtime_error("from the holder"); });
  });
  CHECK(close.take().payload.substr(0, 2) == "\x03\xf3");
  CHECK(client.failure("ws://127.0.0.1:1/").cause == FetchCause::refused);
}

TEST_CASE("cut ends at once, without a close frame") {
  Awaited<std::string> rest;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(switching(peer.until("\r\n\r\n")));
    rest.bring(peer.until(std::string_view("\0never\0", 7)));
  });
  Client client;
  auto const opening = client.open(url_of(server.port));
  REQUIRE(opening.has_value());
  (*opening)->cut();
  CHECK(client.ended.take().why == WebSocketEnd::Why::by_us);
  CHECK(rest.take() == "");
  CHECK_FALSE((*opening)->send("late"));
}

TEST_CASE("what is no WebSocket is a failure with its status and its first words, never with the ticket") {
  struct Row {
    char const* answer;
    int status;
    std::string body;
  };
  for (auto const& row :
       {Row{"HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nslow", 408, "slow"},
        Row{"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n<html>filtered</html>", 200, "<html>filtered</html>"}}) {
    CAPTURE(row.status);
    ScriptedServer server([&](ScriptedPeer& peer) {
      peer.until("\r\n\r\n");
      peer.send(row.answer);
      peer.hold();
    });
    Client client;
    auto const failure = client.failure(url_of(server.port, "/?ticket=secret-ticket"));
    CHECK(failure.status == row.status);
    CHECK(failure.cause == FetchCause::protocol);
    CHECK(failure.body == row.body);
    CHECK(failure.detail.find("secret-ticket") == std::string::npos);
  }
  ScriptedServer silent([](ScriptedPeer& peer) { peer.hold(); });
  WebSocketClientOptions options;
  options.open_deadline = 200ms;
  Client client(options);
  CHECK(client.failure(url_of(silent.port)).cause == FetchCause::timed_out);
  CHECK(client.failure("http://127.0.0.1:1/").cause == FetchCause::invalid);
  CHECK(client.failure("ws://127.0.0.1:1/").cause == FetchCause::refused);
}

}  // namespace
}  // namespace tocsin::net
