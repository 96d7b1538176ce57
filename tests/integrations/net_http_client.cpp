#include <atomic>
#include <vector>

#include "integrations/net/http_client.hpp"
#include "tests/integrations/https_server.hpp"
#include "tests/integrations/net_fixture.hpp"
#include "tests/integrations/scripted_server.hpp"
#include "tests/integrations/slow_names.hpp"

namespace tocsin::net {
namespace {

using namespace test;

/// A client with its own thread; `fetch` waits for the answer.
struct ClientFixture {
  explicit ClientFixture(HttpClientOptions options = {}) {
    thread.run([&] { client = std::make_unique<HttpClient>(thread.io, std::move(options)); });
  }
  ~ClientFixture() {
    thread.run([this] { client.reset(); });
  }
  FetchResult fetch(ClientRequest request) {
    Awaited<FetchResult> answer;
    client->fetch(std::move(request), [&](FetchResult result) { answer.bring(std::move(result)); });
    return answer.take();
  }
  FetchResult fetch_url(std::string url) {
    ClientRequest request;
    request.url = std::move(url);
    return fetch(std::move(request));
  }
  IoThread thread;
  std::unique_ptr<HttpClient> client;
};

HttpClientOptions trusting_ca() {
  HttpClientOptions options;
  options.ca_file = fakes::Certificates::shared().ca();
  return options;
}

/// The cause, or an answer's status as a failure of the test.
FetchCause cause_of(FetchResult const& result) {
  REQUIRE_MESSAGE(result.has_error(), "an answer came");
  return result.error().cause;
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("a request arrives as it was meant and the answer comes back whole") {
  ServerFixture server([](HttpRequest request, HttpReply const& reply) {
    reply({207,
           {{"X-Answer", "yes"}},
           request.method + ' ' + request.target + ' ' + std::string(request.header("x-test")) + ' ' +
               std::string(request.header("host")) + ' ' + request.body});
  });
  ClientFixture client;
  ClientRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(server.port) + "/a%20b?x=1%262#fragment";
  request.headers = {{"X-Test", "值"}};
  request.body = "body";
  auto const answer = client.fetch(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 207);
  CHECK(field(answer->headers, "x-answer") == "yes");
  CHECK(answer->body == "POST /a%20b?x=1%262 值 127.0.0.1:" + std::to_string(server.port) + " body");
  CHECK_FALSE(answer->truncated);
  CHECK_FALSE(answer->certificate);
  CHECK(answer->timings.total >= answer->timings.connect + answer->timings.first_byte);
  CHECK(answer->timings.first_byte.count() > 0);
}

TEST_CASE("a name is resolved and every address of it tried") {
  ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "here")); });
  ClientFixture client;
  // The server listens on 127.0.0.1 only; "localhost" may also be ::1.
  auto const answer = client.fetch_url("http://localhost:" + std::to_string(server.port));
  REQUIRE(answer.has_value());
  CHECK(answer->body == "here");
  CHECK(answer->timings.resolve.count() > 0);
}

TEST_CASE("a HEAD has no body to wait for") {
  ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "0123456789")); });
  ClientFixture client;
  ClientRequest request;
  request.method = "HEAD";
  request.url = "http://127.0.0.1:" + std::to_string(server.port);
  auto const answer = client.fetch(request);
  REQUIRE(answer.has_value());
  CHECK(field(answer->headers, "content-length") == "10");
  CHECK(answer->body.empty());
}

TEST_CASE("answers are read however they are framed") {
  struct Row {
    std::string name;
    std::string answer;
    int status;
    std::string body;
  };
  for (Row const& row : {
           Row{"with a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab"},
           Row{"more than the length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcdef", 200, "ab"},
           Row{"in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200,
               "abc"},
           Row{"to the end", "HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end"},
           Row{"none", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
           Row{"after early hints",
               "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"},
           Row{"a status nobody knows", "HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n", 799, ""},
       }) {
    CAPTURE(row.name);
    ScriptedServer server([&](ScriptedPeer& peer) {
      peer.until("\r\n\r\n");
      peer.send(row.answer);
    });
    ClientFixture client;
    auto const answer = client.fetch_url(server.url());
    REQUIRE(answer.has_value());
    CHECK(answer->status == row.status);
    CHECK(answer->body == row.body);
  }
}

TEST_CASE("a body is kept up to the limit and no further") {
  ServerFixture server([](HttpRequest request, HttpReply const& reply) {
    reply(plain_response(200, std::string(std::stoul(std::string(request.param("size"))), 'x')));
  });
  HttpClientOptions options;
  options.max_body = 1000;
  ClientFixture client(options);
  std::string const url = "http://127.0.0.1:" + std::to_string(server.port) + "/?size=";
  for (auto const& [size, truncated] : {std::pair{999, false}, {1000, false}, {1001, true}, {5'000'000, true}}) {
    CAPTURE(size);
    auto const answer = client.fetch_url(url + std::to_string(size));
    REQUIRE(answer.has_value());
    CHECK(answer->truncated == truncated);
    CHECK(answer->body.size() == (truncated ? 1000 : static_cast<std::size_t>(size)));
  }
}

TEST_CASE("an endless body costs no more than its limit") {
  ScriptedServer server([](ScriptedPeer& peer) {
    peer.until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4611686018427387904\r\n\r\n");
    std::string const piece(65536, 'x');
    while (peer.send(piece)) {
    }
  });
  ClientFixture client;
  auto const answer = client.fetch_url(server.url());
  REQUIRE(answer.has_value());
  CHECK(answer->truncated);
  CHECK(answer->body.size() == 1024 * 1024);
}

TEST_CASE("what is no HTTP answer is told from a connection that just ended") {
  struct Row {
    std::string name;
    std::string answer;
    FetchCause cause;
  };
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  for (Row const& row : {
           Row{"nothing", "", FetchCause::closed},
           Row{"half a header", "HTTP/1.1 200 OK\r\nContent-", FetchCause::closed},
           Row{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", FetchCause::closed},
           Row{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", FetchCause::closed},
           Row{"another protocol", "220 mail.example.com ESMTP\r\n", FetchCause::protocol},
           Row{"a TLS alert, which has no line", std::string("\x15\x03\x01\x00\x02\x02\x46", 7), FetchCause::closed},
           Row{"random bytes", "\x80\xff what\n\n\n\n", FetchCause::protocol},
           Row{"an endless header", "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), FetchCause::protocol},
           Row{"only interim answers", interim, FetchCause::protocol},
           Row{"a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", FetchCause::protocol},
           Row{"an upgrade nobody asked for", "HTTP/1.1 101 Switching\r\n\r\n", FetchCause::protocol},
       }) {
    CAPTURE(row.name);
    ScriptedServer server([&](ScriptedPeer& peer) {
      peer.until("\r\n\r\n");
      peer.send(row.answer);
    });
    ClientFixture client;
    auto const result = client.fetch_url(server.url());
    CHECK(cause_of(result) == row.cause);
    CHECK(result.error().sent);
    CHECK(result.error().code == Errc::unknown);
  }
}

TEST_CASE("an answer that comes before the whole request was taken counts") {
  ScriptedServer server([](ScriptedPeer& peer) {
    peer.until("\r\n\r\n");
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.hold();
  });
  ClientFixture client;
  ClientRequest request;
  request.method = "POST";
  request.url = server.url();
  request.body = std::string(100'000, 'x');
  auto const answer = client.fetch(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 413);
}

TEST_CASE("the deadline ends a fetch in every phase, and says which") {
  HttpClientOptions options;
  options.total_deadline = 300ms;
  options.connect_deadline = 10s;
  auto const expect_time_out = [](ClientFixture& client, std::string const& url, char const* says) {
    auto const began = std::chrono::steady_clock::now();
    auto const result = client.fetch_url(url);
    CHECK(cause_of(result) == FetchCause::timed_out);
    CHECK(result.error().code == Errc::timed_out);
    CHECK(has(result.error().detail, says));
    auto const took = std::chrono::steady_clock::now() - began;
    CHECK(took >= 300ms);
    CHECK(took < 5s);
  };
  SUBCASE("while a name hangs in the resolver") {
    ClientFixture client(options);
    tocsin::test::SlowNames const slow;  // ends first: an io_context waits for its resolver when it dies
    expect_time_out(client, "http://hang.invalid/", "resolving");
    // An address does not wait behind the hanging name.
    ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "x")); });
    CHECK(client.fetch_url("http://127.0.0.1:" + std::to_string(server.port)).has_value());
  }
  SUBCASE("while nobody accepts") {
    // A listening queue that is full: the kernel drops our SYN, as a firewall would.
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 0) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    std::vector<int> fillers;
    for (int i = 0; i < 4; ++i) {
      fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), size);
    }
    ClientFixture client(options);
    expect_time_out(client, "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "connecting");
    for (int const each : fillers) ::close(each);
    ::close(listener);
  }
  SUBCASE("while TLS hangs") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.hold(); });
    ClientFixture client(options);
    expect_time_out(client, "https://127.0.0.1:" + std::to_string(server.port), "TLS");
  }
  SUBCASE("while the request is not taken") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.ignore(); });
    ClientFixture client(options);
    ClientRequest request;
    request.method = "POST";
    request.url = server.url();
    request.body = std::string(32 * 1024 * 1024, 'x');
    auto const result = client.fetch(request);
    CHECK(cause_of(result) == FetchCause::timed_out);
    CHECK(has(result.error().detail, "sending"));
    CHECK(result.error().sent);
  }
  SUBCASE("while no answer comes") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.hold(); });
    ClientFixture client(options);
    expect_time_out(client, server.url(), "waiting");
  }
  SUBCASE("while the header trickles") {
    ScriptedServer server([](ScriptedPeer& peer) {
      peer.until("\r\n\r\n");
      peer.send("HTTP/1.1 200 OK\r\nX: ");
      while (peer.send("x") && peer.pause(20)) {
      }
    });
    ClientFixture client(options);
    expect_time_out(client, server.url(), "waiting");
  }
  SUBCASE("while the body trickles") {
    ScriptedServer server([](ScriptedPeer& peer) {
      peer.until("\r\n\r\n");
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      while (peer.send("x") && peer.pause(20)) {
      }
    });
    ClientFixture client(options);
    expect_time_out(client, server.url(), "reading");
  }
}

TEST_CASE("the connect deadline is its own, and a request may bring its own total") {
  HttpClientOptions options;
  options.connect_deadline = 200ms;
  options.total_deadline = 1h;
  ScriptedServer server([](ScriptedPeer& peer) { peer.hold(); });
  ClientFixture client(options);
  auto const tls = client.fetch_url("https://127.0.0.1:" + std::to_string(server.port));
  CHECK(cause_of(tls) == FetchCause::timed_out);
  CHECK_FALSE(tls.error().sent);
  ClientRequest request;
  request.url = server.url();
  request.deadline = 200ms;
  CHECK(cause_of(client.fetch(request)) == FetchCause::timed_out);
}

TEST_CASE("nobody there, no such name, and nonsense are three different things") {
  ClientFixture client;
  auto const refused = client.fetch_url("http://127.0.0.1:" + std::to_string(unused_port()) + "/?token=secret");
  CHECK(cause_of(refused) == FetchCause::refused);
  CHECK(refused.error().code == Errc::unavailable);
  CHECK_FALSE(refused.error().sent);
  CHECK_FALSE(has(refused.error().detail, "secret"));
  // Without SlowNames this one fails at once, whatever the machine's resolver would do.
  CHECK(cause_of(client.fetch_url("http://hang.invalid/")) == FetchCause::unresolved);
  struct Row {
    std::string name;
    ClientRequest request;
  };
  auto const with = [](std::string method, std::string url, Fields headers = {}) {
    ClientRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.headers = std::move(headers);
    return request;
  };
  for (Row const& row : {
           Row{"no URL", with("GET", "")},
           Row{"no scheme", with("GET", "example.com/")},
           Row{"another scheme", with("GET", "ftp://example.com/")},
           Row{"a password in the URL", with("GET", "http://u:hunter2@127.0.0.1/")},
           Row{"no host", with("GET", "http:///x")},
           Row{"port zero", with("GET", "http://127.0.0.1:0/")},
           Row{"a port too high", with("GET", "http://127.0.0.1:65536/")},
           Row{"a blank in the path", with("GET", "http://127.0.0.1/a b")},
           Row{"a line break in the path", with("GET", "http://127.0.0.1/a\r\nX: y")},
           Row{"a host with an escape", with("GET", "http://exa%0dmple.com/")},
           Row{"a split header", with("GET", "http://127.0.0.1/", {{"a", "b\r\nc: d"}})},
           Row{"a split method", with("GET / HTTP/1.1\r\nX:", "http://127.0.0.1/")},
           Row{"CONNECT", with("CONNECT", "http://127.0.0.1/")},
           Row{"its own length", with("POST", "http://127.0.0.1/", {{"Content-Length", "3"}})},
           Row{"its own framing", with("POST", "http://127.0.0.1/", {{"transfer-encoding", "chunked"}})},
       }) {
    CAPTURE(row.name);
    auto const result = client.fetch(row.request);
    CHECK(cause_of(result) == FetchCause::invalid);
    CHECK(result.error().code == Errc::invalid);
    CHECK_FALSE(has(result.error().detail, "hunter2"));
  }
}

TEST_CASE("a good certificate of a private authority is accepted, by name and by address") {
  HttpsServer const server("good");
  ClientFixture client(trusting_ca());
  auto const answer = client.fetch_url(server.url("/ok"));
  REQUIRE(answer.has_value());
  CHECK(answer->body == "hello");
  CHECK(answer->timings.tls.count() > 0);
  REQUIRE(answer->certificate);
  CHECK(answer->certificate->verify_code == 0);
  CHECK(has(answer->certificate->subject, "good"));
  REQUIRE(answer->certificate->not_after);
  auto const left = *answer->certificate->not_after - std::chrono::floor<Millis>(std::chrono::system_clock::now());
  CHECK(left > std::chrono::hours(24 * 29));
  CHECK(left < std::chrono::hours(24 * 31));
  auto const by_name = client.fetch_url(server.url("/sni", "localhost"));
  REQUIRE(by_name.has_value());
  CHECK(by_name->body == "localhost");
}

TEST_CASE("a bad certificate is told from a server that is down") {
  struct Row {
    std::string certificate;
    bool trust;
    int verify_code;
    char const* says;
  };
  for (Row const& row : {
           Row{"expired", true, 10, "expired"},
           Row{"wrong_name", true, 64, "address mismatch"},
           Row{"stranger", true, 20, "unable to get local issuer"},
           Row{"good", false, 20, "unable to get local issuer"},
       }) {
    CAPTURE(row.certificate);
    HttpsServer const server(row.certificate);
    ClientFixture client(row.trust ? trusting_ca() : HttpClientOptions{});
    auto const result = client.fetch_url(server.url("/ok"));
    CHECK(cause_of(result) == FetchCause::certificate);
    CHECK(result.error().code == Errc::refused);
    CHECK_FALSE(result.error().sent);
    CHECK(has(result.error().detail, row.says));
    REQUIRE(result.error().certificate);
    CHECK(result.error().certificate->verify_code == row.verify_code);
    CHECK(result.error().certificate->not_after);
  }
  HttpsServer const server("wrong_name");
  ClientFixture client(trusting_ca());
  auto const by_name = client.fetch_url(server.url("/ok", "localhost"));
  CHECK(cause_of(by_name) == FetchCause::certificate);
  CHECK(by_name.error().certificate->verify_code == 62);
}

TEST_CASE("old TLS, no TLS and a missing ca_file are not certificate problems") {
  {
    HttpsServer const old("good", {"--old-tls"});
    ClientFixture client(trusting_ca());
    CHECK(cause_of(client.fetch_url(old.url("/ok"))) == FetchCause::tls);
  }
  ServerFixture plain([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "x")); });
  ClientFixture client(trusting_ca());
  CHECK(cause_of(client.fetch_url("https://127.0.0.1:" + std::to_string(plain.port))) == FetchCause::tls);
  HttpClientOptions missing;
  missing.ca_file = "/nowhere/ca.pem";
  ClientFixture without(missing);
  auto const result = without.fetch_url("https://127.0.0.1:" + std::to_string(plain.port));
  CHECK(cause_of(result) == FetchCause::invalid);
  CHECK(has(result.error().detail, "/nowhere/ca.pem"));
}

TEST_CASE("a TLS body that ends without a goodbye is kept and marked") {
  HttpsServer const server("good");
  ClientFixture client(trusting_ca());
  auto const answer = client.fetch_url(server.url("/unclosed"));
  REQUIRE(answer.has_value());
  CHECK(answer->body == "to the end");
  CHECK(answer->truncated);
}

TEST_CASE("redirects are followed only when asked, and never into harm") {
  ServerFixture other([](HttpRequest request, HttpReply const& reply) {
    reply(plain_response(200, request.method + " other auth=" + std::string(request.header("authorization"))));
  });
  ServerFixture server([&](HttpRequest request, HttpReply const& reply) {
    auto const to = [&](int status, std::string location) {
      reply({status, {{"location", std::move(location)}}, "moved"});
    };
    if (request.path == "/relative") return to(302, "target?x=1");
    if (request.path == "/other") return to(307, "http://127.0.0.1:" + std::to_string(other.port) + "/");
    if (request.path == "/see") return to(303, "/target");
    if (request.path == "/keep") return to(308, "/target");
    if (request.path == "/loop") return to(302, "/loop");
    if (request.path == "/file") return to(302, "file:///etc/passwd");
    if (request.path == "/bare") return reply({302, {}, "no location"});
    reply(plain_response(200, request.method + ' ' + request.target +
                                  " auth=" + std::string(request.header("authorization")) + " body=" + request.body));
  });
  ClientFixture client;
  auto const fetch = [&](std::string const& path, bool follow = true) {
    ClientRequest request;
    request.method = "POST";
    request.body = "b";
    request.url = "http://127.0.0.1:" + std::to_string(server.port) + path;
    request.headers = {{"Authorization", "Bearer t"}};
    request.follow_redirects = follow;
    return client.fetch(request);
  };
  CHECK(fetch("/relative", false)->status == 302);
  CHECK(fetch("/relative")->body == "GET /target?x=1 auth=Bearer t body=");
  CHECK(fetch("/see")->body == "GET /target auth=Bearer t body=");
  CHECK(fetch("/keep")->body == "POST /target auth=Bearer t body=b");
  CHECK(fetch("/other")->body == "POST other auth=");
  CHECK(fetch("/bare")->status == 302);
  CHECK(cause_of(fetch("/loop")) == FetchCause::redirected);
  CHECK(cause_of(fetch("/file")) == FetchCause::redirected);
}

TEST_CASE("many fetches run side by side, and those over the limit are refused at once") {
  std::vector<HttpReply> kept;
  Awaited<bool> all_here;
  ServerFixture server([&](HttpRequest, HttpReply reply) {
    kept.push_back(std::move(reply));
    if (kept.size() == 20) all_here.bring(true);
  });
  HttpClientOptions options;
  options.max_in_flight = 20;
  ClientFixture client(options);
  std::atomic<int> fine = 0;
  Awaited<bool> done;
  ClientRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port);
  for (int i = 0; i < 20; ++i) {
    client.client->fetch(request, [&](FetchResult const& result) {
      if (result && ++fine == 20) done.bring(true);
    });
  }
  all_here.take();
  CHECK(cause_of(client.fetch(request)) == FetchCause::busy);
  server.thread.run([&] {
    for (auto& reply : kept) reply(plain_response(200, "x"));
  });
  CHECK(done.take());
  CHECK(fine == 20);
}

TEST_CASE("a destroyed client calls nobody back") {
  Awaited<HttpReply> asked;
  ServerFixture server([&](HttpRequest, HttpReply reply) { asked.bring(std::move(reply)); });
  std::atomic<bool> called = false;
  {
    ClientFixture client;
    ClientRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(server.port);
    client.client->fetch(request, [&](FetchResult const&) { called = true; });
    auto const reply = asked.take();
    client.thread.run([&] { client.client.reset(); });
    reply(plain_response(200, "too late"));
    client.thread.run([] {});
  }
  CHECK_FALSE(called);
}

TEST_CASE("a fetch that ends while it connects leaves nothing behind") {
  Awaited<bool> connected;
  ScriptedServer server([&](ScriptedPeer& peer) {
    connected.bring(true);
    peer.hold();
  });
  HttpClientOptions options;
  std::weak_ptr<int> kept;
  ClientRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server.port);
  auto const start = [&](ClientFixture& client, std::function<void()> done) {
    auto const held = std::make_shared<int>(1);
    kept = held;
    client.client->fetch(request, [held, done = std::move(done)](FetchResult const&) { done(); });
    CHECK(connected.take());
  };
  SUBCASE("by its deadline") {
    request.deadline = 200ms;
    ClientFixture client(options);
    Awaited<bool> ended;
    start(client, [&] { ended.bring(true); });
    CHECK(ended.take());
    client.thread.run([] {});  // what was cancelled ends before this
    client.thread.run([] {});
    CHECK(kept.expired());
  }
  SUBCASE("with its client") {
    ClientFixture client(options);
    start(client, [] {});
    client.thread.run([&] { client.client.reset(); });
    client.thread.run([] {});
    client.thread.run([] {});
    CHECK(kept.expired());
  }
}

TEST_CASE("a callback may destroy its client") {
  ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "x")); });
  ClientFixture client;
  ClientRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port);
  Awaited<bool> called;
  client.client->fetch(request, [&](FetchResult const&) {
    client.client.reset();
    called.bring(true);
  });
  CHECK(called.take());
}

}  // namespace
}  // namespace tocsin::net
