#include <openssl/evp.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "integrations/net/base64.hpp"
#include "integrations/net/websocket_client.hpp"
#include "tests/integrations/https_server.hpp"
#include "tests/integrations/net_fixture.hpp"
#include "tests/integrations/scripted_server.hpp"

namespace tocsin::net {
namespace {

using namespace test;

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

std::string accept_of(std::string const& request) {
  auto const name = std::string("Sec-WebSocket-Key: ");
  auto const start = request.find(name) + name.size();
  auto const text = request.substr(start, request.find('\r', start) - start) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return base64({reinterpret_cast<char const*>(digest), size});
}

std::string switching(std::string const& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         accept_of(request) + "\r\n\r\n";
}

std::string url_of(std::uint16_t port, std::string const& rest = "/link/?ticket=a%2Fb&app_id=c") {
  return "ws://127.0.0.1:" + std::to_string(port) + rest;
}

/// What one frame of a client says, unmasked.
struct Frame {
  unsigned first = 0;
  std::string payload;
};
Frame read_frame(ScriptedPeer& peer) {
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

/// Our own server's sockets behind TLS with a certificate of the private authority.
struct TlsEcho {
  explicit TlsEcho(std::string const& certificate = "good")
      : inner([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "plain")); }, {}, handler()),
        proxy({"/usr/bin/python3", TOCSIN_SOURCE_DIR "/tests/fakes/tls_proxy.py", "--cert",
               fakes::Certificates::shared().certificate(certificate), "--key",
               fakes::Certificates::shared().key(certificate), "--to", std::to_string(inner.port)}),
        port(nlohmann::json::parse(proxy.must_say()).at("port").get<std::uint16_t>()) {}
  static WebSocketHandler handler() {
    WebSocketHandler sockets;
    sockets.open = [](HttpRequest const&, std::shared_ptr<WebSocket> const& socket) {
      socket->on_text([raw = socket.get()](std::string_view text) { raw->send("echo " + std::string(text)); });
    };
    return sockets;
  }
  [[nodiscard]] std::string url() const { return "wss://127.0.0.1:" + std::to_string(port) + "/?ticket=t"; }
  ServerFixture inner;
  fakes::ChildProcess proxy;
  std::uint16_t const port;
};

WebSocketClientOptions trusting_ca() {
  WebSocketClientOptions options;
  options.ca_file = fakes::Certificates::shared().ca();
  return options;
}

TEST_CASE("wss goes to whom a trusted certificate names, and to nobody else") {
  TlsEcho server;
  {
    Client client(trusting_ca());
    auto const opening = client.open(server.url());
    REQUIRE(opening.has_value());
    (*opening)->send("hello");
    CHECK(client.texts.take() == "echo hello");
    (*opening)->close(1000, "");
    CHECK(client.ended.take().code == 1000);
  }
  CHECK(Client().failure(server.url()).cause == FetchCause::certificate);
  TlsEcho const wrong("wrong_name");
  CHECK(Client(trusting_ca()).failure(wrong.url()).cause == FetchCause::certificate);
  HttpsServer const moving("good");
  Client moved(trusting_ca());
  REQUIRE(moved.open("wss" + moving.url("/moved-socket").substr(5)).has_value());
  auto const end = moved.ended.take();
  CHECK(end.why == WebSocketEnd::Why::by_peer);
  CHECK(end.code == 1012);
  CHECK(end.reason == "moved");
  TlsEcho const expired("expired");
  CHECK(Client(trusting_ca()).failure(expired.url()).cause == FetchCause::certificate);
}

TEST_CASE("the client may die while it opens and while it is open") {
  TlsEcho server;
  for (int round = 0; round < 20; ++round) {
    Client client(trusting_ca());
    std::atomic<bool> gone{false};
    std::atomic<int> late{0};
    client.thread.run([&] { client.client->open(server.url(), [&](Opening const&) { late += gone ? 1 : 0; }); });
    if (round % 2 == 0) CHECK(client.open(server.url()).has_value());
    client.thread.run([&] {
      client.client.reset();
      gone = true;
    });
    client.thread.run([] {});
    CHECK(late == 0);
  }
  CHECK(Client(trusting_ca()).open(server.url()).has_value());
}

struct ConnectProxy {
  explicit ConnectProxy(std::vector<std::string> const& more = {})
      : process(command(more)), port(nlohmann::json::parse(process.must_say()).at("port").get<std::uint16_t>()) {}
  static std::vector<std::string> command(std::vector<std::string> const& more) {
    std::vector<std::string> words{"/usr/bin/python3", TOCSIN_SOURCE_DIR "/tests/fakes/connect_proxy.py"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] Proxy as_proxy(std::string const& user = "") const { return {"127.0.0.1", port, Secret(user), {}}; }
  /// How many tunnels it opened.
  [[nodiscard]] int tunnels() const {
    RawSocket socket(port);
    socket.send("GET / HTTP/1.1\r\nHost: p\r\n\r\n");
    auto const answer = socket.all();
    auto const body = nlohmann::json::parse(answer.substr(answer.find('{')));
    int all = 0;
    for (auto const& [target, count] : body.at("tunnels").items()) all += count.get<int>();
    return all;
  }
  fakes::ChildProcess process;
  std::uint16_t const port;
};

TEST_CASE("a proxy carries sockets and fetches alike, with its password, and says why it does not") {
  TlsEcho server;
  ConnectProxy const proxy({"--user", "ops:s3cret"});
  auto options = trusting_ca();
  options.proxy = proxy.as_proxy("ops:s3cret");
  {
    Client client(options);
    auto const opening = client.open(server.url());
    REQUIRE_MESSAGE(opening.has_value(), (opening.has_error() ? opening.error().detail : ""));
    (*opening)->send("through");
    CHECK(client.texts.take() == "echo through");
  }
  options.proxy = proxy.as_proxy("ops:wrong-one");
  auto const failure = Client(options).failure(server.url());
  CHECK(failure.detail.find("407") != std::string::npos);
  CHECK(failure.detail.find("wrong-one") == std::string::npos);

  IoThread thread;
  HttpClientOptions http;
  http.ca_file = options.ca_file;
  http.proxy = proxy.as_proxy("ops:s3cret");
  std::unique_ptr<HttpClient> client;
  thread.run([&] { client = std::make_unique<HttpClient>(thread.io, http); });
  Awaited<FetchResult> fetched;
  ClientRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server.port) + "/";
  client->fetch(request, [&](FetchResult got) { fetched.bring(std::move(got)); });
  auto const got = fetched.take();
  REQUIRE(got.has_value());
  CHECK(got->body == "plain");
  CHECK(proxy.tunnels() == 2);
  thread.run([&] { client.reset(); });
}

TEST_CASE("a proxy that answers with a page, or is down, is named") {
  TlsEcho server;
  ConnectProxy const page({"--answer", "503"});
  auto options = trusting_ca();
  options.proxy = page.as_proxy();
  auto const named = [](ConnectProxy const& proxy) { return "the proxy 127.0.0.1:" + std::to_string(proxy.port); };
  CHECK(Client(options).failure(server.url()).detail.find(named(page) + " refused the tunnel: status 503") !=
        std::string::npos);
  ConnectProxy const filter({"--answer", "200"});  // its page comes where TLS should
  options.proxy = filter.as_proxy("ops:s3cret");
  auto const filtered = Client(options).failure(server.url());
  CHECK(filtered.cause == FetchCause::tls);
  CHECK(filtered.detail.find(named(filter) + " may have opened no tunnel") != std::string::npos);
  CHECK(filtered.detail.find("s3cret") == std::string::npos);
  ConnectProxy const odd({"--answer", "204"});
  options.proxy = odd.as_proxy();
  CHECK(Client(options).failure(server.url()).detail.find(named(odd) + " refused the tunnel: status 204") !=
        std::string::npos);
  options.proxy->port = 1;
  CHECK(Client(options).failure(server.url()).detail.find("the proxy 127.0.0.1:1: ") != std::string::npos);
  options.proxy->bypass = {"127.0.0.0/8"};
  CHECK(Client(options).open(server.url()).has_value());
}

TEST_CASE("the environment names a proxy and who is reached without it") {
  std::map<std::string, std::string> set;
  auto const environment = [&](std::string const& name) {
    auto const found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
  CHECK_FALSE(proxy_from(environment).value());
  set = {{"HTTPS_PROXY", ""}, {"https_proxy", "proxy.corp:3128"}};
  CHECK(proxy_from(environment).value()->host == "proxy.corp");
  CHECK(proxy_from(environment).value()->port == 3128);
  set = {{"HTTPS_PROXY", "http://us%40er:p%3Aw@Proxy.Corp/"}, {"NO_PROXY", "localhost, .corp.example,10.0.0.0/8"}};
  auto const proxy = *proxy_from(environment).value();
  CHECK(proxy.host == "proxy.corp");
  CHECK(proxy.port == 80);
  CHECK(proxy.authorization.reveal() == "us@er:p:w");
  for (auto const* host : {"localhost", "a.corp.example", "corp.example", "10.1.2.3"}) CHECK(bypasses(proxy, host));
  for (auto const* host : {"slack.com", "mycorp.example", "11.0.0.1", "localhost.evil"})
    CHECK_FALSE(bypasses(proxy, host));
  for (auto const* bad : {"socks5://p:1", "http://", "https://p"}) {
    set = {{"ALL_PROXY", bad}};
    CHECK(proxy_from(environment).has_error());
  }
}

}  // namespace
}  // namespace tocsin::net
