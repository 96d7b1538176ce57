// No link before it is proven that the bot itself answers at its public address: question and answer, the proof, the
// one who keeps it, against a real server.
#include "bot/public_address.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <set>

#include "bot/clock.hpp"
#include "bot/web/self_test.hpp"
#include "incidents/store/inbox.hpp"
#include "integrations/net/http_server.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

Secret const kKey{"a key"};
Secret const kOtherKey{"another key"};

net::HttpRequest get(std::string path) {
  net::HttpRequest request;
  request.method = "GET";
  request.path = std::move(path);
  return request;
}

Config with_public_url(std::string const& url) {
  auto const http = url.empty() ? std::string() : "http: {public_url: \"" + url + "\"}\n";
  return test::config_of(http + R"(mode: production
people: [{id: ops, name: Ops, role: admin, identities: {web: ops}}]
roles: {tech-lead: [ops], cto: [ops], security: [ops], product: [ops]}
duty: {backups: [ops]}
)");
}

/// A server that answers questions signed by `key`, on a free port.
class Answering {
 public:
  Answering(boost::asio::io_context& io, Secret const& key)
      : server_(io, options(), [key, this](net::HttpRequest const& request, net::HttpReply const& reply) {
          ++asked;
          reply(request.path.starts_with(kSelfTestPath) ? serve_self_test(request, key)
                                                        : net::plain_response(404, "not found\n"));
        }) {
    REQUIRE(server_.listen().has_value());
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  void stop() {
    server_.stop(Millis{100}, [] {});
  }
  int asked = 0;

 private:
  static net::HttpServerOptions options() {
    net::HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    return options;
  }
  net::HttpServer server_;
};

/// Somebody who proves, and what came of it.
struct Prover {
  explicit Prover(test::Stage& stage_, boost::asio::io_context& io_, Secret const& key = kKey)
      : io(io_),
        chance(make_system_chance()),
        address({io, *stage_.writer, stage_.clock, *chance, [&stage_] { return stage_.setup; }, key, stage_.folder,
                 [this](Notice const& what) { said.push_back(what.key); }}) {}

  std::string prove() {
    std::string problem = "no answer";
    bool answered = false;
    address.prove([&](std::string const& found) {
      problem = found;
      answered = true;
    });
    io.restart();
    while (!answered && io.run_one() > 0) {
    }
    return problem;
  }
  boost::asio::io_context& io;
  std::unique_ptr<Chance> chance;
  std::vector<std::string> said;
  PublicAddress address;
};

}  // namespace

TEST_CASE("only the bot's own question is answered; everybody else sees what every unknown path shows") {
  auto const unknown = net::plain_response(404, "not found\n");
  auto const question = "/" + self_test_question("5eed", kKey);
  auto const answer = serve_self_test(get(question), kKey);
  CHECK(answer.status == 200);
  CHECK(answer.body == self_test_answer("5eed", kKey) + "\n");
  auto post = get(question);
  post.method = "POST";
  for (auto const& request :
       {get("/self-test/"), get("/self-test/5eed"), get("/self-test/5eed-"), get("/self-test/-" + question.substr(16)),
        get("/self-test/other" + question.substr(15)), get("/" + self_test_question("5eed", kOtherKey)),
        get(question + "0"), get(question.substr(0, question.size() - 1)), post}) {
    CAPTURE(request.path);
    auto const response = serve_self_test(request, kKey);
    CHECK(response.status == unknown.status);
    CHECK(response.headers == unknown.headers);
    CHECK(response.body == unknown.body);
  }
}

TEST_CASE("the answer to one question is not the answer to another, nor of another bot, nor the question itself") {
  std::set<std::string> const different{self_test_answer("a", kKey), self_test_answer("b", kKey),
                                        self_test_answer("a", kOtherKey), self_test_question("a", kKey)};
  CHECK(different.size() == 4);
}

TEST_CASE("a proof holds for its very URL and for a day") {
  Instant const at = from_millis(1'000'000'000'000);
  AddressProof const proof{"https://ops.example.org", at};
  struct Row {
    std::string name;
    std::optional<AddressProof> proof;
    std::string url;
    Instant now;
    bool proven;
  };
  for (Row const& row : {
           Row{"at once", proof, proof.url, at, true},
           Row{"just before a day is over", proof, proof.url, at + 24h - 1ms, true},
           Row{"a day later", proof, proof.url, at + 24h, false},
           Row{"the clock was set back", proof, proof.url, at - 1ms, false},
           Row{"another address", proof, "https://ops.example.org:8443", at, false},
           Row{"the same with a slash is another", proof, proof.url + "/", at, false},
           Row{"no address", AddressProof{"", at}, "", at, false},
           Row{"never proven", std::nullopt, proof.url, at, false},
       }) {
    CAPTURE(row.name);
    CHECK(proves(row.proof, row.url, row.now) == row.proven);
  }
  CHECK(decode_proof(encode(proof)) == proof);
  for (char const* text : {"", "12", "x https://a", "12x https://a"}) CHECK_FALSE(decode_proof(text).has_value());
}

TEST_CASE("the bot proves its address, remembers it over a restart, and forgets it after a day") {
  boost::asio::io_context io;
  Answering server(io, kKey);
  test::Stage stage(with_public_url(server.url()));
  {
    Prover prover(stage, io);
    CHECK_FALSE(prover.address.proven(server.url()));
    CHECK(prover.prove() == "");
    CHECK(prover.address.proven(server.url()));
    CHECK_FALSE(prover.address.proven(server.url() + "/"));
    CHECK(prover.said.empty());
  }
  Prover again(stage, io);
  CHECK(again.address.proven(server.url()));
  stage.clock.move(24h);
  CHECK_FALSE(again.address.proven(server.url()));
  server.stop();
  io.restart();
  io.run();
}

TEST_CASE("somebody else, an error, or nobody at the address is no proof, and the room hears it once") {
  boost::asio::io_context io;
  Answering stranger(io, kOtherKey);
  test::Stage stage(with_public_url(stranger.url()));
  Prover prover(stage, io);
  CHECK(prover.prove() == "HTTP 404");
  CHECK_FALSE(prover.address.proven(stranger.url()));
  CHECK(prover.prove() == "HTTP 404");
  CHECK(prover.said == std::vector<std::string>{"health.public_unproven"});
  stranger.stop();
  io.restart();
  io.run();
  CHECK(prover.prove().find("refused") != std::string::npos);

  // The configuration changes to where the bot really is.
  Answering own(io, kKey);
  stage.use(with_public_url(own.url()));
  CHECK_FALSE(prover.address.proven(own.url()));
  CHECK(prover.prove() == "");
  CHECK(prover.address.proven(own.url()));
  CHECK(prover.said == std::vector<std::string>{"health.public_unproven", "health.public_proven"});

  // Without a public address there is nothing to prove.
  stage.use(with_public_url(""));
  auto const asked = own.asked;
  CHECK(prover.prove() == "");
  CHECK(own.asked == asked);
  own.stop();
  io.restart();
  io.run();
}
