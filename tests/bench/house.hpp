// A bot above the sockets for the benchmarks: the real store on the real disk, dispatcher, scheduler, pager and outbox,
// put together as bot/app does it, with a carrier that takes every page at once.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bot/clock.hpp"
#include "bot/dispatcher.hpp"
#include "bot/local.hpp"
#include "bot/outbox.hpp"
#include "bot/pager.hpp"
#include "bot/scheduler.hpp"
#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/paging/carrier.hpp"
#include "tests/bench/report.hpp"

namespace tocsin::bench {

/// False: to see what the copy in memory costs.
inline bool with_lifeboat = true;

/// A folder on the disk that the benchmark runs on; removed with everything in it.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path const& below);
  ~Scratch();
  Scratch(Scratch const&) = delete;
  Scratch& operator=(Scratch const&) = delete;
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Three people, a chain, no rate limit, mail to this machine. `port` 0 for a bot without sockets.
[[nodiscard]] std::string yaml_of(std::filesystem::path const& workdir, unsigned port);
[[nodiscard]] std::shared_ptr<Setup const> make_setup(std::filesystem::path const& workdir);

/// Hands units on and notes when each commit that holds one was over.
class TimedLane final : public Lane {
 public:
  explicit TimedLane(Lane& lane) : lane_(lane) {}
  void submit(Unit unit, Committed committed) override;

  struct Commit {
    Instant unit{};       ///< the instant of the unit
    Instant committed{};  ///< by the wall clock
  };
  [[nodiscard]] std::vector<Commit> commits() const;

 private:
  Lane& lane_;
  mutable std::mutex mutex_;
  std::vector<Commit> commits_;
};

/// Takes every page at once and counts.
class CountingCarrier final : public paging::Carrier {
 public:
  paging::DeliveryOutcome send(paging::PageEnvelope const& page, std::stop_token stop) override;
  paging::DeliveryOutcome probe() override { return {}; }
  /// Seconds from `since` until the nth page was handed over; gives up after `limit`.
  [[nodiscard]] double wait_for(std::size_t pages, Monotonic::time_point since, Seconds limit);

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t taken_ = 0;
  Monotonic::time_point last_{};
};

inline constexpr char const* kInMemory = ":memory:";

class House {
 public:
  /// `file` kInMemory for a database without durability.
  House(std::filesystem::path const& file, std::shared_ptr<Setup const> setup);
  ~House();
  House(House const&) = delete;
  House& operator=(House const&) = delete;

  /// Starts what runs by time: looks at once, as a restart does.
  void start_scheduler();
  /// Types a line as Alice in the web's channel; `done` on the writer's thread.
  void take(std::string id, std::string text, ReplySink done);
  /// The same, waiting for the final answer.
  Reply say(std::string id, std::string text);
  void unit(std::function<void(Database&, Instant)> const& body) { run_and_wait(*writer_, body); }

  [[nodiscard]] TimedLane& timed() { return *timed_; }
  [[nodiscard]] CountingCarrier& carrier() { return *carrier_; }
  [[nodiscard]] Setup const& setup() const { return *setup_; }
  [[nodiscard]] BotClock const& clock() const { return *clock_; }
  Tools tools;

 private:
  void committed();

  std::shared_ptr<Setup const> setup_;
  std::unique_ptr<BotClock> clock_;
  std::unique_ptr<Chance> chance_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::unique_ptr<Workers> workers_;
  std::shared_ptr<CountingCarrier> carrier_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Pager> pager_;
  std::unique_ptr<Scheduler> scheduler_;
  std::atomic<Scheduler*> poked_{nullptr};
  std::unique_ptr<Writer> writer_;
  Local local_;
  std::unique_ptr<TimedLane> timed_;
  std::thread loop_;
};

/// Sends `count` lines with at most `in_flight` of them unanswered; returns the seconds until the last answer.
double drive(House& house, std::size_t in_flight, std::size_t count,
             std::function<std::string(std::size_t)> const& line, std::string const& prefix);

}  // namespace tocsin::bench
