// The one place that writes: units of work, several of them in one commit. When one of them fails, all are run again,
// each in its own savepoint.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "incidents/base/ports.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

class Lifeboat;

/// Reads, decides, writes; no waiting inside. `now` is the instant of the unit itself, so that of an acknowledgement
/// and a lapse only one can win. What it throws undoes what it wrote and nothing else; a StoreUnavailable, though,
/// means that the database is gone: with a lifeboat all units of the commit are run again there. A unit may be run
/// again, from the beginning, whenever its commit fails: it leaves what it captured as it was, or sets it anew.
using Unit = std::function<void(Database&, Instant now)>;

/// Called after the commit that holds the unit, on the writer's thread; with the exception if the unit did not happen.
using Committed = std::function<void(std::exception_ptr)>;

class Lane {
 public:
  virtual ~Lane() = default;
  /// From any thread. Units run in the order they are handed over.
  virtual void submit(Unit unit, Committed committed) = 0;
};

/// A thread of its own with group commit: whatever waits when the last commit ends shares the next one.
/// Owns the database. Ends by finishing what was handed over.
class Writer final : public Lane {
 public:
  /// Without a lifeboat: units fail when the database does.
  Writer(std::unique_ptr<Database> database, Clock const& clock);
  /// With one that has been boarded units are committed whatever happens to the database, which may be null while the
  /// boat is afloat.
  Writer(std::unique_ptr<Database> database, Clock const& clock, std::unique_ptr<Lifeboat> lifeboat);
  ~Writer() override;
  void submit(Unit unit, Committed committed) override;

 private:
  struct Job {
    Unit unit;
    Committed committed;
    std::exception_ptr error;
  };
  void serve();
  bool take(std::vector<Job>& batch);
  void take_waiting(std::vector<Job>& batch);
  void commit(std::vector<Job>& batch);
  std::optional<StoreUnavailable> commit_to_database(std::vector<Job>& batch);
  enum class Manner : std::uint8_t { together, apart };  ///< apart: each in its own savepoint
  std::exception_ptr run_batch(std::vector<Job>& batch, Manner manner);
  void commit_afloat(std::vector<Job>& batch);
  void look_after_lifeboat();
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_look() const;

  std::unique_ptr<Database> database_;
  Clock const& clock_;
  std::unique_ptr<Lifeboat> lifeboat_;  // ends before the database that it listens to
  std::chrono::steady_clock::time_point looked_at_{};
  bool more_to_copy_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

/// Runs each unit at once in the caller's thread: for simulated time and for the command line.
class InlineLane final : public Lane {
 public:
  InlineLane(Database& database, Clock const& clock) : database_(database), clock_(clock) {}
  void submit(Unit unit, Committed committed) override;

 private:
  Database& database_;
  Clock const& clock_;
};

/// Hands a unit over and waits for its commit; throws what the unit threw. Not from the writer's own thread.
void run_and_wait(Lane& lane, Unit unit);

}  // namespace tocsin
