// The real bot without sockets, in one thread of simulated time: store on a file, dispatcher, looks of the scheduler,
// words of pages. It can die before a commit, after it, or between any two calls; then only the file is left.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/dispatcher.hpp"
#include "bot/scheduler.hpp"
#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "incidents/store/writer.hpp"
#include "tests/simulation/house.hpp"

namespace tocsin::simulation {

/// The wall clock of the simulated machine: true time and how far the clock is off.
class WallClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return from_millis(true_time + off); }
  [[nodiscard]] Time wall() const { return true_time + off; }
  Time true_time = kMonday;
  Time off = 0;
};

/// Runs units at once; when told so, the process dies with the unit done and its commit still to come.
class MortalLane final : public Lane {
 public:
  MortalLane(Database& database, Clock const& clock) : lane_(database, clock) {}
  void submit(Unit unit, Committed committed) override;

  bool dies = false;  ///< at the next unit
  bool dead = false;  ///< it did: nobody is told

 private:
  InlineLane lane_;
};

class Bot {
 public:
  Bot(std::filesystem::path file, WallClock const& clock);
  ~Bot();

  /// Opens the file, sorts out what the last run left behind.
  void start();
  /// Drops everything in memory.
  void kill();
  [[nodiscard]] bool alive() const { return lane_ != nullptr; }
  /// The next unit of work is done and never committed: the call that runs it comes back with nothing.
  void die_before_commit() { lane_->dies = true; }

  struct Answer {
    std::string key;
    std::string code;  ///< of a request for consent
  };
  [[nodiscard]] std::optional<Answer> say(std::string const& person, std::string const& text, std::string const& id);
  [[nodiscard]] std::optional<Agenda> look();
  /// False: it died of it.
  [[nodiscard]] bool report(PageJob const& job, Outcome const& outcome, double jitter);
  /// When the next look is due, by the wall clock.
  [[nodiscard]] std::optional<Time> next_due();
  /// The room has these.
  void said(std::vector<Post> const& posts);

  /// The page as its reader gets it.
  [[nodiscard]] std::string subject_of(PageJob const& job) const;
  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }

 private:
  std::filesystem::path file_;
  WallClock const& clock_;
  std::shared_ptr<Setup const> setup_;
  Tools tools_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<MortalLane> lane_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace tocsin::simulation
