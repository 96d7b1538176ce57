// Threads for what blocks: programs, mail, probes. Bounded; each ends when it has been idle for a while, so that a
// quiet bot is small.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace tocsin {

class Workers {
 public:
  /// At most `threads` at once; at most `waiting` jobs more are kept.
  Workers(std::size_t threads, std::size_t waiting) : max_threads_(threads), max_waiting_(waiting) {}
  /// Asks running jobs to stop (their token) and waits for them; waiting jobs are dropped.
  ~Workers();
  Workers(Workers const&) = delete;
  Workers& operator=(Workers const&) = delete;

  using Job = std::function<void(std::stop_token)>;
  /// From any thread. False: the queue is full or the pool ends; the job will not run. A job must not throw.
  [[nodiscard]] bool run(Job job);

 private:
  using Threads = std::list<std::thread>;
  void serve(Threads::iterator own);

  std::size_t const max_threads_;
  std::size_t const max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable gone_;
  std::deque<Job> waiting_;
  Threads threads_;
  Threads ended_;  ///< have left `serve`, or are about to; joined by whoever comes next
  std::size_t idle_ = 0;
  std::stop_source stop_;
  bool ending_ = false;
};

}  // namespace tocsin
