// Connections that the client keeps from one fetch to the next.
#include <atomic>
#include <future>
#include <vector>

#include "integrations/net/http_client.hpp"
#include "tests/integrations/https_server.hpp"
#include "tests/integrations/net_fixture.hpp"
#include "tests/integrations/scripted_server.hpp"

namespace tocsin::net {
namespace {

using namespace test;

struct Keeping {
  explicit Keeping(std::size_t connections = 2, std::chrono::milliseconds kept_for = 30s, std::string ca_file = {}) {
    HttpClientOptions options;
    options.ca_file = std::move(ca_file);
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

TEST_CASE("https connections are kept too, but not one with a rest inside TLS") {
  HttpsServer const server("good");
  Keeping keeping(2, 30s, fakes::Certificates::shared().ca());
  for (int i = 0; i < 3; ++i) {
    auto const got = keeping.fetch(server.url("/ok"));
    REQUIRE(got.has_value());
    CHECK(got->body == "hello");
    CHECK((i == 0) == (got->timings.connect.count() > 0));
  }
  auto const more = keeping.fetch(server.url("/more"));
  REQUIRE(more.has_value());
  CHECK(more->body == std::string(440, 'm'));
  auto const next = keeping.fetch(server.url("/ok"));
  REQUIRE(next.has_value());
  CHECK(next->body == "hello");
  CHECK(next->timings.connect.count() > 0);
}

TEST_CASE("a connection on which more has come is not used, even if nobody has looked yet") {
  std::promise<void> speak;
  std::promise<void> spoken;
  auto const asked = speak.get_future().share();
  std::atomic<bool> first{true};
  Counting counting(1, [&](ScriptedPeer& peer) {
    if (!first.exchange(false)) return;
    asked.wait();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale");
    spoken.set_value();
    peer.hold();
  });
  Keeping keeping;
  REQUIRE(keeping.fetch(counting.server.url()).has_value());
  Awaited<FetchResult> answer;
  keeping.thread.run([&] {  // the client's thread sees nothing of the socket while it is in here
    speak.set_value();
    spoken.get_future().wait();
    ClientRequest request;
    request.method = "POST";
    request.url = counting.server.url();
    keeping.client->fetch(std::move(request), [&](FetchResult result) { answer.bring(std::move(result)); });
  });
  auto const got = answer.take();
  REQUIRE(got.has_value());
  CHECK(got->body == "ok");
  CHECK(counting.connections == 2);
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
  CHECK(keeping.fetch(counting.server.url(), "HEAD").has_value());
  CHECK(counting.connections == 4);
}

TEST_CASE("many at once open more, and no more are kept than was said") {
  ServerFixture server([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "ok")); });
  Keeping keeping(2);
  // How many of eight fetches that start together went over a kept connection.
  auto const kept_of_eight = [&] {
    std::atomic<int> done{0};
    std::atomic<int> kept{0};
    Awaited<bool> all;
    keeping.thread.run([&] {
      for (int i = 0; i < 8; ++i) {
        ClientRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(server.port) + "/";
        keeping.client->fetch(std::move(request), [&](FetchResult result) {
          if (result && result->timings.connect.count() == 0) ++kept;
          if (++done == 8) all.bring(result.has_value());
        });
      }
    });
    CHECK(all.take());
    return kept.load();
  };
  CHECK(kept_of_eight() == 0);
  CHECK(kept_of_eight() == 2);
}

TEST_CASE("a connection that nobody uses is ended after its time") {
  Awaited<bool> ended;
  Counting counting(1, [&](ScriptedPeer& peer) {
    peer.hold();
    ended.bring(true);
  });
  Keeping keeping(2, 50ms);
  REQUIRE(keeping.fetch(counting.server.url()).has_value());
  CHECK(ended.take());
}

}  // namespace
}  // namespace tocsin::net
