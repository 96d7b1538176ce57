// The link of a page: what it says in each state, and that it takes an incident once.
#include "bot/web/acknowledge.hpp"

#include <doctest/doctest.h>

#include <future>

#include "bot/scheduler.hpp"
#include "bot/web/web.hpp"
#include "integrations/net/http.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

Secret const kKey("secret");

struct Linked {
  Stage stage{shipped_config("demo.yaml")};

  /// The newest page of this person.
  PageId page_of(std::string const& person) {
    PageId page;
    stage.unit([&](Database& database, Instant now) {
      static_cast<void>(look(Desk{database, stage.setup->directory, now}, *stage.setup));
      page.value = database.number("SELECT max(id) FROM pages WHERE person = ?1", {person}).value_or(0);
    });
    REQUIRE(page.value > 0);
    return page;
  }

  net::HttpResponse ask(std::string const& token, std::string const& method) {
    net::HttpRequest request;
    request.method = method;
    request.path = "/ack/" + token;
    std::promise<net::HttpResponse> promise;
    serve_acknowledge({*stage.writer, stage.setup, kKey, [] {}}, request,
                      [&promise](net::HttpResponse response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  std::string taken_by() {
    std::string who;
    stage.unit([&](Database& database, Instant) {
      database.each("SELECT acknowledged_by FROM incidents WHERE id = 1 AND response_met_at IS NOT NULL", {},
                    [&](Row const& row) { who = row.string(0); });
    });
    return who;
  }
};

}  // namespace

TEST_CASE("a link takes its incident by the tap, not by being looked at, and once") {
  Linked bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  auto const token = ack_token(bot.page_of("bob"), kKey);
  CHECK(bot.ask(token, "GET").body.find("<form") != std::string::npos);
  CHECK(bot.taken_by().empty());
  CHECK(bot.ask(token, "POST").body.find("<form") == std::string::npos);
  CHECK(bot.taken_by() == "bob");
  CHECK(bot.ask(token, "POST").status == 200);
  CHECK(bot.ask(token + "0", "POST").status == 404);
  CHECK(bot.ask("1-" + std::string(32, '0'), "POST").status == 404);
}

TEST_CASE("after a reopening the link of before takes nothing; the new page has its own") {
  Linked bot;
  bot.stage.say("alice", "新建 P0 网站无法访问");
  auto const old = ack_token(bot.page_of("bob"), kKey);
  bot.ask(old, "POST");
  bot.stage.say("bob", "解决");
  bot.stage.clock.move(40min);
  CHECK(Stage::key(bot.stage.say("alice", "重开")) == "incident.reopened");
  CHECK(bot.ask(old, "GET").status == 410);
  CHECK(bot.ask(old, "POST").status == 410);
  CHECK(bot.taken_by().empty());
  auto const fresh = ack_token(bot.page_of("bob"), kKey);
  CHECK(fresh != old);
  CHECK(bot.ask(fresh, "POST").status == 200);
  CHECK(bot.taken_by() == "bob");
}

TEST_CASE("a change of severity doesn't end the links that are out; a day does") {
  Linked bot;
  bot.stage.say("alice", "新建 P1 登录慢");
  auto const token = ack_token(bot.page_of("bob"), kKey);
  bot.stage.clock.move(1min);
  bot.stage.say("alice", "改级 P0");
  CHECK(bot.ask(token, "GET").status == 200);
  bot.stage.clock.move(24h);
  CHECK(bot.ask(token, "POST").status == 410);
  CHECK(bot.taken_by().empty());
}
