// Connections that the client keeps from one fetch to the next.
#include <atomic>
#include <vector>

#include "integrations/net/http_client.hpp"
#include "tests/integrations/net_fixture.hpp"
#include "tests/integrations/scripted_server.hpp"

namespace tocsin::net {
namespace {

using namespace test;

struct Keeping {
  explicit Keeping(std::size_t connections = 2, std::chrono::milliseconds kept_for = 30s) {
    HttpClientOptions options;
    options.kept_connections = connections;
    options.kept_for = kept_for;
    thread.run([&] { client = std::make_unique<HttpClient>(thread.io, std::move(options)); });
  }
  ~Keeping() {
    thread.run([this] { client.reset(); });
  }
  FetchResult fetch(std::string const& url, std::string method = "GET") {
    Awaited<FetchResult> answer;
    ClientRequest request;
    request.method = std::move(method);
    request.url = url;
    client->fetch(std::move(request), [&](FetchResult result) { answer.bring(std::move(result)); });
    return answer.take();
  }
  IoThread thread;
  std::unique_ptr<HttpClient> client;
};

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Counts connections; on each it answers `answers` requests, then does what `after` says.
struct Counting {
  explicit Counting(int answers, std::function<void(ScriptedPeer&)> after = {},
                    std::string answer = std::string(kAnswer))
      : server([this, answers, after, answer](ScriptedPeer& peer) {
          ++connections;
          for (int i = 0; i < answers; ++i) {
            if (peer.until("\r\n\r\n").empty()) return;
            peer.send(answer);
          }
          if (after) after(peer);
        }) {}
  std::atomic<int> connections{0};
  ScriptedServer server;
};

TEST_CASE("one connection serves one fetch after the other") {
  Counting counting(1'000);
  Keeping keeping;
  for (int i = 0; i < 20; ++i) {
    auto const got = keeping.fetch(counting.server.url(), i % 2 == 0 ? "GET" : "POST");
    REQUIRE(got.has_value());
    CHECK(got->body == "ok");
    CHECK((i == 0) == (got->timings.connect.count() > 0));
  }
  CHECK(counting.connections == 1);
}

TEST_CASE("a kept connection that ended, or on which more came than was asked for, is not used again") {
  struct Row {
    char const* name;
    std::string answer;
  };
  for (auto const& row : {Row{"ends", std::string(kAnswer)}, Row{"says more", std::string(kAnswer) + "garbage"},
                          Row{"says it ends", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
                          Row{"old", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}}) {
    CAPTURE(std::string(row.name));
    Counting counting(1, {}, row.answer);
    Keeping keeping;
    for (int i = 0; i < 3; ++i) {
      auto const got = keeping.fetch(counting.server.url());
      REQUIRE(got.has_value());
      CHECK(got->body == "ok");
    }
    CHECK(counting.connections == 3);
  }
}

TEST_CASE("what the server ends in the middle is asked again only if asking twice is asking once") {
  // Answers once, takes the next request and goes away without a word.
  Counting counting(1, [](ScriptedPeer& peer) { peer.until("\r\n\r\n"); });
  Keeping keeping;
  REQUIRE(keeping.fetch(counting.server.url()).has_value());
  auto const post = keeping.fetch(counting.server.url(), "POST");
  REQUIRE(post.has_error());
  CHECK(post.error().sent);
  CHECK(post.error().code == Errc::unknown);
  REQUIRE(keeping.fetch(counting.server.url()).has_value());
  CHECK(keeping.fetch(counting.server.url()).has_value());
  CHECK(counting.connections == 3);
}

TEST_CASE("many at once open more, and no more are kept than was said, nor longer") {
  ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "ok")); });
  auto const url = "http://127.0.0.1:" + std::to_string(server.port) + "/";
  Keeping keeping(2, 50ms);
  std::atomic<int> done{0};
  Awaited<bool> all;
  for (int i = 0; i < 8; ++i) {
    ClientRequest request;
    request.url = url;
    keeping.client->fetch(std::move(request), [&](FetchResult result) {
      if (result && ++done == 8) all.bring(true);
    });
  }
  CHECK(all.take());
  auto const kept_then = keeping.fetch(url);
  REQUIRE(kept_then.has_value());
  CHECK(kept_then->timings.connect.count() == 0);
}

}  // namespace
}  // namespace tocsin::net
