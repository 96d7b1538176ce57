// The one place that writes: units of work, each in its own savepoint, several of them in one commit.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "incidents/base/ports.hpp"
#include "incidents/store/database.hpp"

namespace tocsin {

/// Reads, decides, writes; no waiting inside. `now` is the instant of the unit itself, so that of an acknowledgement
/// and a lapse only one can win. What it throws undoes its own savepoint and nothing else.
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
  Writer(std::unique_ptr<Database> database, Clock const& clock);
  ~Writer() override;
  void submit(Unit unit, Committed committed) override;

 private:
  struct Job {
    Unit unit;
    Committed committed;
    std::exception_ptr error;
  };
  void serve();
  void commit(std::vector<Job>& batch);

  std::unique_ptr<Database> database_;
  Clock const& clock_;
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
