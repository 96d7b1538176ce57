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
  gone_.wait(lock, [this] { return threads_.empty(); });
  lock.unlock();
  for (auto& thread : ended_) thread.join();
}

bool Workers::run(Job job) {
  Threads ended;
  std::unique_lock lock(mutex_);
  if (ending_) return false;
  if (idle_ <= waiting_.size() && threads_.size() < max_threads_) {
    Threads begun(1);
    auto const own = begun.begin();
    // It can't begin to work before this has let go of the mutex.
    *own = std::thread([this, own] { serve(own); });
    threads_.splice(threads_.end(), begun);
  } else if (waiting_.size() >= max_waiting_ + idle_) {
    return false;
  }
  waiting_.push_back(std::move(job));
  wake_.notify_one();
  ended.swap(ended_);
  lock.unlock();
  for (auto& thread : ended) thread.join();
  return true;
}

void Workers::serve(Threads::iterator own) {
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
  ended_.splice(ended_.end(), threads_, own);
  gone_.notify_all();
}

}  // namespace tocsin
