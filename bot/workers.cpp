#include "bot/workers.hpp"

#include <utility>

namespace tocsin {
namespace {
constexpr std::chrono::seconds kIdleLife{10};
}

Workers::~Workers() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  waiting_.clear();
  stop_.request_stop();
  wake_.notify_all();
  gone_.wait(lock, [this] { return threads_ == 0; });
}

bool Workers::run(Job job) {
  std::lock_guard const lock(mutex_);
  if (ending_) return false;
  if (idle_ <= waiting_.size() && threads_ < max_threads_) {
    // Detached, but counted: the destructor waits until the last one has left.
    std::thread([this] { serve(); }).detach();
    ++threads_;
  } else if (waiting_.size() >= max_waiting_ + idle_) {
    return false;
  }
  waiting_.push_back(std::move(job));
  wake_.notify_one();
  return true;
}

void Workers::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    bool const woken = wake_.wait_for(lock, kIdleLife, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (!woken || waiting_.empty()) break;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job(stop_.get_token());
    job = nullptr;
    lock.lock();
  }
  --threads_;
  // Notified under the lock: the destructor can't be gone before this thread has let go of the mutex for the last time.
  std::notify_all_at_thread_exit(gone_, std::move(lock));
}

}  // namespace tocsin
