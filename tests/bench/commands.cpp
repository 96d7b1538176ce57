// Commands on their way from envelope to durable acknowledgement.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "tests/bench/bare.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/house.hpp"

namespace tocsin::bench {
namespace {

constexpr std::size_t kInFlight = 64;

/// Both halves of a comparison, measured in turns so that a moment of a busy disk meets both.
struct Samples {
  std::vector<double> bare;
  std::vector<double> ours;
};

void bare_commits(Bare& bare, int count, std::int64_t& id, std::vector<double>& into) {
  auto due = Monotonic::now();
  for (int i = 0; i < count; ++i) {
    due += std::chrono::milliseconds{2};
    wait_until(due);
    auto const name = std::to_string(++id);
    auto const begun = Monotonic::now();
    bare.begin();
    bare.keep(name);
    bare.commit();
    into.push_back(Seconds(Monotonic::now() - begun).count());
  }
}

void our_commands(House& house, int count, std::int64_t& id, std::vector<double>& into) {
  std::mutex mutex;
  std::condition_variable wake;
  int open = 0;
  auto due = Monotonic::now();
  for (int i = 0; i < count; ++i) {
    due += std::chrono::milliseconds{2};
    wait_until(due);
    {
      std::lock_guard const lock(mutex);
      ++open;
    }
    auto const begun = Monotonic::now();
    house.take(std::to_string(++id), "/ping", [&, begun](Reply const&) {
      auto const took = Seconds(Monotonic::now() - begun).count();
      std::lock_guard const lock(mutex);
      into.push_back(took);
      if (--open == 0) wake.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return open == 0; });
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto const seconds = [](timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double drive(House& house, std::size_t in_flight, std::size_t count,
             std::function<std::string(std::size_t)> const& line, std::string const& prefix) {
  std::mutex mutex;
  std::condition_variable wake;
  std::size_t open = 0;
  auto const begun = Monotonic::now();
  for (std::size_t i = 0; i < count; ++i) {
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return open < in_flight; });
      ++open;
    }
    house.take(prefix + std::to_string(i), line(i), [&](Reply const& reply) {
      if (reply.state == Reply::State::accepted || reply.state == Reply::State::progress) return;
      std::lock_guard const lock(mutex);
      --open;
      // Woken for a good part of the window, as a socket's reader finds several frames at once.
      if (open == in_flight / 2 || open == 0) wake.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return open == 0; });
  return Seconds(Monotonic::now() - begun).count();
}

void measure_acknowledgement(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  make_store(scratch / "bare.db");
  Bare bare(scratch / "bare.db");
  House house(scratch / "ours.db", make_setup(scratch.path()));
  Samples samples;
  std::int64_t id = 0;
  constexpr int kTurn = 250;  // half a second at 500/s
  for (int turn = 0; turn < (plan.quick ? 2 : 20); ++turn) {
    bare_commits(bare, kTurn, id, samples.bare);
    our_commands(house, kTurn, id, samples.ours);
  }
  struct Row {
    std::string name;
    double part;
    double more;  // seconds above the bare commit that the design grants; 0: shown only
  };
  for (auto const& row : {Row{"p50", 0.5, 0}, Row{"p99", 0.99, 0.3e-3}, Row{"p99.9", 0.999, 1e-3}}) {
    auto const bare_at = percentile(samples.bare, row.part);
    auto const ours_at = percentile(samples.ours, row.part);
    report.add({"acknowledged durably at 500/s, " + row.name,
                row.more == 0 ? "" : fmt::format("<= bare + {:.1f} ms", row.more * 1e3), in_millis(bare_at),
                in_millis(ours_at), ours_at / bare_at, row.more == 0 ? 0 : (bare_at + row.more) / ours_at, false});
  }
}

void measure_in_flight(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  make_store(scratch / "bare.db");
  Bare bare(scratch / "bare.db");
  House house(scratch / "ours.db", make_setup(scratch.path()));
  double bare_seconds = 0;
  double our_seconds = 0;
  std::size_t commands = 0;
  constexpr std::size_t kTurn = kInFlight * 50;
  for (int turn = 0; turn < (plan.quick ? 2 : 20); ++turn) {
    auto const begun = Monotonic::now();
    for (std::size_t i = 0; i < kTurn; ++i) {
      if (i % kInFlight == 0) bare.begin();
      bare.keep("b" + std::to_string(commands + i));
      if (i % kInFlight == kInFlight - 1) bare.commit();
    }
    bare_seconds += Seconds(Monotonic::now() - begun).count();
    our_seconds += drive(
        house, kInFlight, kTurn, [](std::size_t) { return "/ping"; }, "c" + std::to_string(commands) + ".");
    commands += kTurn;
  }
  auto const bare_rate = static_cast<double>(commands) / bare_seconds;
  auto const our_rate = static_cast<double>(commands) / our_seconds;
  report.add({"64 in flight, durable", ">= 20000 /s", per_second(bare_rate), per_second(our_rate), our_rate / bare_rate,
              our_rate / 20'000, false});
}

void measure_without_durability(Plan const& plan, Report& report) {
  House house(kInMemory, make_setup(plan.folder));
  std::size_t const commands = plan.quick ? 20'000 : 200'000;
  drive(
      house, kInFlight, 2'000, [](std::size_t) { return "/ping"; }, "warm");
  auto const processor = processor_seconds();
  auto const seconds = drive(
      house, 256, commands, [](std::size_t) { return "/ping"; }, "c");
  auto const used = (processor_seconds() - processor) / static_cast<double>(commands) * 10'000;
  auto const rate = static_cast<double>(commands) / seconds;
  report.add({"in flight, durability off", ">= 100000 /s", "", per_second(rate), 0, rate / 100'000, true});
  report.add({"processor time for 10,000 of them", "<= 0.1 s", "", fmt::format("{:.3f} s", used), 0, 0.1 / used, true});
}

void measure_redelivery(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  std::size_t const count = plan.quick ? 500 : 5'000;
  auto const line = [](std::size_t i) { return "/incident open P3 number " + std::to_string(i); };
  std::int64_t incidents = 0;
  for (int start = 0; start < 2; ++start) {
    House house(scratch / "ours.db", make_setup(scratch.path()));
    for (int again = 0; again < 2; ++again) drive(house, kInFlight, count, line, "same");
    house.unit([&](Database& database, Instant) {
      incidents = database.number("SELECT count(*) FROM incidents").value_or(0);
    });
  }
  auto const twice = incidents - static_cast<std::int64_t>(count);
  report.add({fmt::format("{} envelopes four times, a restart between", count), "0 run twice", "",
              fmt::format("{} run twice", twice), 0, twice == 0 ? 1.0 : 0.0001, true});
}

void measure_opening(Plan const& plan, Report& report) {
  int const turns = plan.quick ? 2 : 8;
  constexpr std::size_t kTurn = 1'500;
  double our_seconds = 0;
  double bare_seconds = 0;
  std::size_t rows = 0;
  for (int turn = 0; turn < turns; ++turn) {
    Scratch const scratch(plan.folder);
    {
      House house(scratch / "ours.db", make_setup(scratch.path()));
      our_seconds += drive(
          house, kInFlight, kTurn, [](std::size_t) { return "/incident open P0 网站无法访问"; }, "open");
    }
    Copy const copy(scratch / "ours.db");
    bare_seconds += copy.write(scratch / "bare.db", kTurn, kInFlight);
    rows = copy.rows() / kTurn;
  }
  auto const commands = static_cast<double>(kTurn) * turns;
  auto const bare = commands / bare_seconds;
  auto const ours = commands / our_seconds;
  report.add({fmt::format("/incident open, {} durable rows each", rows), ">= 6000 /s", per_second(bare),
              per_second(ours), ours / bare, ours / 6'000, false});
  report.add(
      {"/incident open, part of bare", ">= 0.6", "", fmt::format("{:.2f}", ours / bare), 0, ours / bare / 0.6, true});
}

}  // namespace tocsin::bench
