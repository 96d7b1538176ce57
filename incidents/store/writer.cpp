#include "incidents/store/writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "incidents/store/lifeboat.hpp"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

/// How old the copy in memory may get, how long a refresh rests when there is more to copy, how often a landing is
/// tried.
constexpr milliseconds kRefreshAfter{200};
constexpr milliseconds kRefreshAgain{20};
constexpr milliseconds kLandAfter{2'000};
/// Keeps a burst from making its first unit wait for its last.
constexpr std::size_t kMaxBatch = 512;
constexpr milliseconds kLongestGathering{5};

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

/// A unit that has the transaction for itself needs no savepoint. False: it failed, and the transaction is to go.
bool run_alone(Database& database, Unit const& unit, Instant now, std::exception_ptr& error) {
  try {
    unit(database, now);
    return true;
  } catch (...) {
    error = std::current_exception();
    return false;
  }
}

/// The reason if the database itself failed; nothing for a mistake of the unit's own.
std::optional<StoreUnavailable> failure_of_database(std::exception_ptr const& error) {
  if (!error) return std::nullopt;
  try {
    std::rethrow_exception(error);
  } catch (StoreUnavailable const& unavailable) {
    return unavailable;
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, Clock const& clock) : Writer(std::move(database), clock, nullptr) {}

Writer::Writer(std::unique_ptr<Database> database, Clock const& clock, std::unique_ptr<Lifeboat> lifeboat)
    : database_(std::move(database)), clock_(clock), lifeboat_(std::move(lifeboat)) {
  if (lifeboat_ && !lifeboat_->afloat()) lifeboat_->watch(*database_);
  thread_ = std::thread([this] { serve(); });
}

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
  std::vector<Job> batch;
  while (take(batch)) {
    if (!batch.empty()) commit(batch);
    for (auto& job : batch) job.committed(std::move(job.error));
    batch.clear();
    look_after_lifeboat();
  }
  // The next start would do the same; it is better done now than found missing by whoever looks at the file.
  if (lifeboat_ && lifeboat_->afloat()) static_cast<void>(lifeboat_->land(database_));
}

/// Waits for work, or until the lifeboat wants to be looked after. False: there is none and none will come.
bool Writer::take(std::vector<Job>& batch) {
  auto const look = next_look();
  std::unique_lock lock(mutex_);
  auto const something = [this] { return ending_ || !waiting_.empty(); };
  if (look) {
    wake_.wait_for(lock, *look, something);
  } else {
    wake_.wait(lock, something);
  }
  if (ending_ && waiting_.empty()) return false;
  take_waiting(batch);
  return true;
}

/// What waits joins the batch, as far as there is room. Under the lock.
void Writer::take_waiting(std::vector<Job>& batch) {
  if (batch.empty() && waiting_.size() <= kMaxBatch) return batch.swap(waiting_);
  auto const room = std::min(waiting_.size(), kMaxBatch - std::min(kMaxBatch, batch.size()));
  auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(room);
  batch.insert(batch.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
}

std::optional<milliseconds> Writer::next_look() const {
  if (!lifeboat_) return std::nullopt;
  if (lifeboat_->afloat()) return kLandAfter;
  if (lifeboat_->fresh()) return std::nullopt;
  return more_to_copy_ ? kRefreshAgain : kRefreshAfter;
}

void Writer::look_after_lifeboat() {
  if (!lifeboat_) return;
  auto const now = std::chrono::steady_clock::now();
  if (lifeboat_->afloat()) {
    if (now - looked_at_ < kLandAfter && !lifeboat_->room_appeared()) return;
    looked_at_ = now;
    static_cast<void>(lifeboat_->land(database_));
    return;
  }
  auto const look = next_look();
  if (!look || now - looked_at_ < *look) return;
  looked_at_ = now;
  try {
    more_to_copy_ = !lifeboat_->refresh();
  } catch (StoreUnavailable const& error) {
    lifeboat_->launch(database_.get(), error);
  }
}

void Writer::commit(std::vector<Job>& batch) {
  if (lifeboat_ && lifeboat_->afloat()) return commit_afloat(batch);
  auto const failure = commit_to_database(batch);
  if (!failure || !lifeboat_) return;
  lifeboat_->launch(database_.get(), *failure);
  for (auto& job : batch) job.error = nullptr;
  commit_afloat(batch);
}

/// Returns the failure if there is a lifeboat to go to and the batch, which did not happen, is to be run there.
std::optional<StoreUnavailable> Writer::commit_to_database(std::vector<Job>& batch) {
  // A savepoint copies every page that its unit touches, and hardly any unit fails: only then each gets one.
  auto all = run_batch(batch, Manner::together);
  if (all && batch.size() > 1 && !(lifeboat_ && failure_of_database(all))) all = run_batch(batch, Manner::apart);
  if (!all) return std::nullopt;
  for (auto& job : batch) job.error = all;
  return failure_of_database(all);
}

/// Returns what undid the whole batch, if anything did.
std::exception_ptr Writer::run_batch(std::vector<Job>& batch, Manner manner) {
  auto const run = manner == Manner::together ? run_alone : run_in_savepoint;
  auto const begun = std::chrono::steady_clock::now();
  std::exception_ptr all;
  try {
    database_->run("BEGIN IMMEDIATE", {});
    for (std::size_t i = 0; i < batch.size(); ++i) {
      auto& job = batch[i];
      job.error = nullptr;
      bool const goes_on = run(*database_, job.unit, clock_.now(), job.error);
      if (!goes_on || (lifeboat_ && failure_of_database(job.error))) {
        all = job.error;
        break;
      }
      // Who comes meanwhile shares the commit: half of a burst arrives while its first units run.
      if (i + 1 < batch.size() || manner == Manner::apart) continue;
      if (std::chrono::steady_clock::now() - begun > kLongestGathering) continue;
      std::lock_guard const lock(mutex_);
      take_waiting(batch);
    }
    if (!all) database_->run("COMMIT", {});
  } catch (...) {
    all = std::current_exception();
  }
  if (all) roll_back(*database_);
  return all;
}

void Writer::commit_afloat(std::vector<Job>& batch) {
  auto& database = lifeboat_->database();
  std::exception_ptr all;
  try {
    lifeboat_->begin();
    for (auto& job : batch) {
      if (run_in_savepoint(database, job.unit, clock_.now(), job.error)) continue;
      all = job.error;
      break;
    }
    if (!all) {
      lifeboat_->record();
      database.run("COMMIT", {});
    }
  } catch (...) {
    all = std::current_exception();
  }
  if (!all) return;
  roll_back(database);
  for (auto& job : batch) job.error = all;
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
  // The exception goes from one thread to the other and is nobody's twice: its count of owners is kept inside the
  // library, where ThreadSanitizer does not see it.
  struct Result {
    std::mutex mutex;
    std::condition_variable wake;
    bool done = false;
    std::exception_ptr error;
  };
  auto const result = std::make_shared<Result>();
  lane.submit(std::move(unit), [result](std::exception_ptr error) {
    std::lock_guard const lock(result->mutex);
    result->error = std::move(error);
    result->done = true;
    result->wake.notify_one();
  });
  std::unique_lock lock(result->mutex);
  result->wake.wait(lock, [&] { return result->done; });
  if (auto error = std::exchange(result->error, nullptr)) std::rethrow_exception(std::move(error));
}

}  // namespace tocsin
