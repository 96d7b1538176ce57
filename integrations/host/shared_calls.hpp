// System calls that know no deadline (statvfs on a dead network disk, getaddrinfo): they wait on a thread of their own,
// and whoever asked does not.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace tocsin::host {

/// Calls under way, by key. A call that hangs keeps its one thread until it returns, and everybody who asks for the
/// same key meanwhile waits for that one: however often it is asked, a dead disk costs one thread. Used from any
/// thread. It may die before its calls do.
template <class T>
class SharedCalls {
 public:
  /// At most so many threads at once, hung ones among them.
  static constexpr std::size_t kMaxThreads = 64;

  /// One call; keep it to wait for its result.
  class Call {
   public:
    /// The result; nothing when the deadline, a stop or a failure of the call came first.
    [[nodiscard]] std::optional<T> wait(std::chrono::steady_clock::time_point deadline, std::stop_token stop) {
      std::unique_lock lock(mutex_);
      ended_.wait_until(lock, stop, deadline, [this] { return over_; });
      return result_;
    }

   private:
    friend class SharedCalls;
    void end(std::optional<T> result) {
      std::lock_guard const lock(mutex_);
      result_ = std::move(result);
      over_ = true;
      ended_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable_any ended_;
    std::optional<T> result_;
    bool over_ = false;
  };

  /// Starts `work`, or joins the call of that key which is still under way. `work` owns all it needs: it may outlive
  /// whoever asked. Null when there are kMaxThreads already, or the system has no thread to give.
  [[nodiscard]] std::shared_ptr<Call> begin(std::string const& key, std::function<T()> work) {
    std::lock_guard const lock(table_->mutex);
    if (auto const found = table_->calls.find(key); found != table_->calls.end()) return found->second;
    if (table_->calls.size() >= kMaxThreads) return nullptr;
    auto call = std::make_shared<Call>();
    table_->calls.emplace(key, call);
    try {
      std::thread([table = table_, call, key, work = std::move(work)] { perform(*table, *call, key, work); }).detach();
    } catch (std::system_error const&) {
      table_->calls.erase(key);
      return nullptr;
    }
    return call;
  }

 private:
  struct Table {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Call>> calls;
  };

  static void perform(Table& table, Call& call, std::string const& key, std::function<T()> const& work) {
    std::optional<T> result;
    try {
      result = work();
    } catch (std::exception const&) {
      // Out of memory, most likely: the waiting side reports that there is no result.
    }
    {
      // First out of the table, so that nobody joins a call whose answer is already old.
      std::lock_guard const lock(table.mutex);
      table.calls.erase(key);
    }
    call.end(std::move(result));
  }

  std::shared_ptr<Table> table_ = std::make_shared<Table>();
};

}  // namespace tocsin::host
