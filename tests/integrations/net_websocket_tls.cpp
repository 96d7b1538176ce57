// Sockets behind TLS and proxies.
#include <map>

#include "tests/integrations/https_server.hpp"
#include "tests/integrations/websocket_client.hpp"

namespace tocsin::net {
namespace {

using namespace test;

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
