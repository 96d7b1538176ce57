// The heartbeat against a real HTTP server: it beats while the bot can work and falls silent when it can't.
#include "bot/heartbeat.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "tests/bot/stage.hpp"
#include "tests/integrations/net_fixture.hpp"

namespace tocsin {
namespace {

using namespace std::chrono_literals;
using net::test::IoThread;
using net::test::ServerFixture;

/// What came, for a thread that waits for it.
template <class T>
class Arrivals {
 public:
  void put(T value) {
    {
      std::lock_guard const lock(mutex_);
      waiting_.push_back(std::move(value));
    }
    wake_.notify_one();
  }
  std::optional<T> take(std::chrono::milliseconds patience = 20s) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, patience, [this] { return !waiting_.empty(); })) return std::nullopt;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<T> waiting_;
};

/// A writer that can be made to hang or to fail.
class MoodyLane final : public Lane {
 public:
  enum class Mood : std::uint8_t { well, hangs, fails };
  std::atomic<Mood> mood{Mood::well};
  Arrivals<int> asked;

  void submit(Unit, Committed committed) override {
    asked.put(1);
    if (mood == Mood::hangs) return;
    committed(mood == Mood::fails ? std::make_exception_ptr(StoreUnavailable(StoreUnavailable::Why::full, "full"))
                                  : nullptr);
  }
};

std::shared_ptr<Setup const> setup_with(std::string const& url) {
  auto config = test::shipped_config("demo.yaml");
  config.heartbeat = HeartbeatSettings{url, 20ms};
  return std::make_shared<Setup const>(std::move(config), std::make_shared<Catalogue const>(Catalogue::shipped()));
}

struct Beating {
  explicit Beating(std::string const& url)
      : setup(setup_with(url)),
        heart(std::make_unique<Heartbeat>(Heartbeat::Parts{thread.io, lane, [this] { return setup; },
                                                           [this](std::string const& text) { changes.put(text); }})) {
    thread.run([this] { return heart->start(), 0; });
  }
  ~Beating() {
    thread.run([this] { return heart.reset(), 0; });
  }
  std::shared_ptr<Setup const> setup;
  MoodyLane lane;
  Arrivals<std::string> changes;
  IoThread thread;
  std::unique_ptr<Heartbeat> heart;
};

struct Outside {
  std::atomic<int> status{200};
  Arrivals<std::string> beats;
  ServerFixture server{[this](net::HttpRequest const& request, net::HttpReply const& reply) {
    beats.put(request.target);
    net::HttpResponse response;
    response.status = status;
    reply(std::move(response));
  }};
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server.port) + "/beat/token"; }
};

TEST_CASE("a heartbeat goes on while the bot is well, and says once that it arrives") {
  Outside outside;
  Beating bot(outside.url());
  for (int i = 0; i < 3; ++i) CHECK(outside.beats.take() == "/beat/token");
  CHECK(bot.changes.take() == "");
  CHECK_FALSE(bot.changes.take(0ms).has_value());
}

TEST_CASE("a writer that hangs or fails makes the heart stop") {
  for (auto const mood : {MoodyLane::Mood::hangs, MoodyLane::Mood::fails}) {
    Outside outside;
    Beating bot(outside.url());
    REQUIRE(outside.beats.take().has_value());
    bot.lane.mood = mood;
    // What was under way before may still arrive: after two more questions to the writer nothing can.
    auto const questions = mood == MoodyLane::Mood::hangs ? 1 : 3;
    while (bot.lane.asked.take(0ms)) continue;
    for (int i = 0; i < questions; ++i) REQUIRE(bot.lane.asked.take().has_value());
    while (outside.beats.take(0ms)) continue;
    CHECK_FALSE(outside.beats.take(200ms).has_value());
    if (mood == MoodyLane::Mood::fails) {
      CHECK(bot.changes.take() == "");
      CHECK(bot.changes.take().value_or("").find("written") != std::string::npos);
    }
  }
}

TEST_CASE("a beat that is refused is told once, and its return too, without the address that may hold a token") {
  Outside outside;
  outside.status = 503;
  Beating bot(outside.url());
  CHECK(bot.changes.take() == "status 503");
  REQUIRE(outside.beats.take().has_value());
  outside.status = 200;
  CHECK(bot.changes.take() == "");
}

TEST_CASE("nobody is there: said without the path") {
  Beating bot("http://127.0.0.1:1/beat/token");
  auto const trouble = bot.changes.take().value_or("");
  CHECK_FALSE(trouble.empty());
  CHECK(trouble.find("token") == std::string::npos);
}

}  // namespace
}  // namespace tocsin
