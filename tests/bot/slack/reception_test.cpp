// What comes is acknowledged with its answer once that is stored, and bare when the store takes its time.
#include "bot/slack/reception.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "integrations/net/http_server.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::slack;

namespace {

/// A disk that may stand still.
class Gate final : public Lane {
 public:
  explicit Gate(Lane& behind) : behind_(behind) {}
  void submit(Unit unit, Committed committed) override {
    std::lock_guard const lock(mutex_);
    if (!closed_) return behind_.submit(std::move(unit), std::move(committed));
    waiting_.emplace_back(std::move(unit), std::move(committed));
  }
  void close() {
    std::lock_guard const lock(mutex_);
    closed_ = true;
  }
  void open() {
    std::lock_guard const lock(mutex_);
    closed_ = false;
    for (auto& [unit, committed] : waiting_) behind_.submit(std::move(unit), std::move(committed));
    waiting_.clear();
  }

 private:
  Lane& behind_;
  std::mutex mutex_;
  bool closed_ = false;
  std::vector<std::pair<Unit, Committed>> waiting_;
};

net::HttpClientOptions impatient() {
  net::HttpClientOptions options;
  options.total_deadline = std::chrono::milliseconds{200};
  return options;
}

/// All of what people do in Slack, without Slack: nobody answers calls.
struct Counter {
  slack::Moment now() const {
    return std::chrono::duration_cast<slack::Moment>(std::chrono::steady_clock::now().time_since_epoch()) + ahead;
  }

  void type(std::string const& envelope, std::string const& text) {
    Envelope typed;
    typed.id = envelope;
    typed.type = "slash_commands";
    typed.takes_payload = true;
    typed.payload = R"({"command":"/ops","text":")" + text +
                    R"(","user_id":"U0ALICE","channel_id":"C0OPS","channel_name":"ops","trigger_id":")" + envelope +
                    R"(","response_url":")" + response_url + R"("})";
    reception.take(1, typed);
  }

  /// Until so many acknowledgements are sent.
  void run_until(std::size_t count) {
    run_until([&] { return acknowledged.size() >= count; });
  }
  void run_until(std::function<bool()> const& reached) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    io.restart();
    while (!reached() && std::chrono::steady_clock::now() < end) io.run_one_for(std::chrono::milliseconds{50});
  }

  test::Stage stage{test::shipped_config("demo.yaml")};
  slack::Moment ahead{};  ///< of the clock of the machine
  std::string response_url = "http://127.0.0.1:1/response";
  boost::asio::io_context io;
  Gate gate{*stage.writer};
  std::vector<std::string> acknowledged;
  CurrentSetup setup = [this] { return stage.setup; };
  Dispatcher dispatcher{{gate, *stage.workers, stage.clock, stage.tools, setup, [] {}}};
  WebApi api{{io, "http://127.0.0.1:1/api/", Secret("xapp"), Secret("xoxb"), impatient(), [this] { return now(); },
              [] { return 0.5; }}};
  People people{{api, setup, [this] { return now(); }}};
  Posting posting{{io, api, gate, stage.clock, [](std::string const&, std::string const&) { return Rendered{}; }}};
  Homes homes{{io, api, gate, stage.clock, setup, posting, people,
               [] {
                 return Self{"U0BOT", "B0BOT"};
               },
               [](Message const&, IncidentId, std::vector<std::string> const&) { return Rendered{}; },
               [](Message const&) { return std::string(); }}};
  Answering answering{{io, gate, stage.clock, [this] { return now(); }, setup, api, posting, people, homes,
                       [this](ConnectionId, std::string text) { acknowledged.push_back(std::move(text)); },
                       [] { return false; },
                       [] {
                         return Self{"U0BOT", "B0BOT"};
                       }}};
  Marking marking{{api, io, gate, setup, [] {}}};
  Reception reception{{io, dispatcher, gate, stage.clock, [this] { return now(); }, setup, api, people, homes,
                       answering, marking,
                       [] {
                         return Self{"U0BOT", "B0BOT"};
                       },
                       [] {}}};
};

}  // namespace

TEST_CASE("slack: a command is acknowledged with its answer, and bare within moments when the disk stands still") {
  Counter counter;
  counter.type("e1", "help");
  counter.run_until(1);
  REQUIRE(counter.acknowledged.size() == 1);
  CHECK(counter.acknowledged[0].find(R"("envelope_id":"e1")") != std::string::npos);
  CHECK(counter.acknowledged[0].find(R"("payload")") != std::string::npos);

  counter.gate.close();
  auto const began = std::chrono::steady_clock::now();
  counter.type("e2", "help");
  counter.type("e3", "help");
  counter.run_until(3);
  auto const took = std::chrono::steady_clock::now() - began;
  REQUIRE(counter.acknowledged.size() == 3);
  CHECK(counter.acknowledged[1] == R"({"envelope_id":"e2"})");
  CHECK(counter.acknowledged[2] == R"({"envelope_id":"e3"})");
  CHECK(took >= std::chrono::milliseconds{900});
  CHECK(took < std::chrono::milliseconds{2'500});
  // What waited is done once the disk goes on, and Slack hears of each only once.
  counter.gate.open();
  counter.type("e4", "help");
  counter.run_until(4);
  REQUIRE(counter.acknowledged.size() == 4);
  CHECK(counter.acknowledged[3].find(R"("envelope_id":"e4")") != std::string::npos);
}

TEST_CASE(
    "slack: what is not stored after five seconds is said to whoever typed it, once, and is answered in the end") {
  Counter counter;
  std::vector<std::string> told;
  net::HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  net::HttpServer slack(counter.io, options, [&](net::HttpRequest const& request, net::HttpReply const& reply) {
    told.push_back(request.body);
    reply({});
  });
  counter.response_url = "http://127.0.0.1:" + std::to_string(slack.listen().value()) + "/response";
  auto const told_of = [&told](std::string const& words) {
    return std::count_if(told.begin(), told.end(),
                         [&](std::string const& body) { return body.find(words) != std::string::npos; });
  };
  std::string const unstored = "还没存好";

  counter.gate.close();
  counter.type("e1", "help");
  counter.run_until(1);
  CHECK(told.empty());
  counter.ahead += std::chrono::seconds{5};
  counter.type("e2", "help");
  counter.run_until([&] { return !told.empty(); });
  CHECK(told_of(unstored) == 1);
  counter.gate.open();
  counter.run_until([&] { return told.size() >= 2 && counter.acknowledged.size() >= 2; });
  CHECK(told_of(unstored) == 1);
  CHECK(told.size() == 2);
  CHECK(counter.acknowledged.at(1).find(R"("payload")") != std::string::npos);
}
