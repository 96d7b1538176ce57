#include "incidents/store/writer.hpp"

#include <future>
#include <iterator>

namespace tocsin {
namespace {

/// Runs a unit in a savepoint. False: the engine gave up the whole transaction, and every unit in it with it.
bool run_in_savepoint(Database& database, Unit const& unit, Instant now, std::exception_ptr& error) {
  try {
    database.run("SAVEPOINT unit", {});
    unit(database, now);
    database.run("RELEASE unit", {});
    return true;
  } catch (...) {
    error = std::current_exception();
  }
  if (!database.in_transaction()) return false;
  database.script("ROLLBACK TO unit; RELEASE unit");
  return true;
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, Clock const& clock)
    : database_(std::move(database)), clock_(clock), thread_([this] { serve(); }) {}

Writer::~Writer() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::submit(Unit unit, Committed committed) {
  {
    std::lock_guard const lock(mutex_);
    waiting_.push_back({std::move(unit), std::move(committed), nullptr});
  }
  wake_.notify_one();
}

void Writer::serve() {
  constexpr std::size_t kMaxBatch = 512;  // keeps a burst from making its first unit wait for its last
  std::vector<Job> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      if (waiting_.size() <= kMaxBatch) {
        batch.swap(waiting_);
      } else {
        auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(kMaxBatch);
        batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
        waiting_.erase(waiting_.begin(), end);
      }
    }
    commit(batch);
    for (auto& job : batch) job.committed(job.error);
    batch.clear();
  }
}

void Writer::commit(std::vector<Job>& batch) {
  auto const fail_all = [&batch](std::exception_ptr const& error) {
    for (auto& job : batch) job.error = error;
  };
  try {
    database_->run("BEGIN IMMEDIATE", {});
    for (auto& job : batch) {
      if (!run_in_savepoint(*database_, job.unit, clock_.now(), job.error)) return fail_all(job.error);
    }
    database_->run("COMMIT", {});
  } catch (...) {
    auto const error = std::current_exception();
    try {
      if (database_->in_transaction()) database_->script("ROLLBACK");
    } catch (StoreUnavailable const&) {
      // The batch is reported as failed either way; SQLite drops the transaction when the file is opened again.
    }
    fail_all(error);
  }
}

void InlineLane::submit(Unit unit, Committed committed) {
  std::exception_ptr error;
  try {
    database_.run("BEGIN IMMEDIATE", {});
    if (run_in_savepoint(database_, unit, clock_.now(), error)) database_.run("COMMIT", {});
  } catch (...) {
    error = std::current_exception();
    if (database_.in_transaction()) database_.script("ROLLBACK");
  }
  committed(error);
}

void run_and_wait(Lane& lane, Unit unit) {
  auto done = std::make_shared<std::promise<void>>();
  auto result = done->get_future();
  lane.submit(std::move(unit), [done](std::exception_ptr error) {
    if (error) {
      done->set_exception(error);
    } else {
      done->set_value();
    }
  });
  result.get();
}

}  // namespace tocsin
