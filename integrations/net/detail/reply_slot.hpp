// The way of an answer from whoever makes it, on any thread, back to its connection. Private to integrations/net; for
// .cpp files.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "integrations/net/detail/connections.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::net::detail {

/// Where an answer waits for its connection, or learns that the connection is gone. Both sides hold it.
class ReplySlot : public std::enable_shared_from_this<ReplySlot> {
 public:
  ReplySlot(Connections::Executor executor, boost::asio::steady_timer& wake)
      : executor_(std::move(executor)), wake_(&wake) {}

  /// From any thread, once.
  void put(HttpResponse response) {
    std::unique_lock lock(mutex_);
    if (wake_ == nullptr) return;
    if (!executor_.running_in_this_thread()) {
      // Posted under the lock, so that the connection can't be gone, with its io_context, in between.
      boost::asio::post(executor_, [self = shared_from_this(), response = std::move(response)]() mutable {
        self->deliver(std::move(response));
      });
      return;
    }
    lock.unlock();
    deliver(std::move(response));
  }

  /// The connection no longer waits.
  void leave() {
    std::lock_guard const lock(mutex_);
    wake_ = nullptr;
  }

  [[nodiscard]] std::optional<HttpResponse>& response() noexcept { return response_; }

 private:
  void deliver(HttpResponse response) {
    if (wake_ == nullptr) return;  // changed on this thread only
    response_ = std::move(response);
    wake_->cancel();
  }

  Connections::Executor executor_;
  std::mutex mutex_;
  boost::asio::steady_timer* wake_;
  std::optional<HttpResponse> response_;  ///< the io_context's thread only
};

/// What the handler's `reply` shares between its copies: the last one to die unused says 500.
class ReplyOnce {
 public:
  explicit ReplyOnce(std::shared_ptr<ReplySlot> slot) : slot_(std::move(slot)) {}
  ReplyOnce(ReplyOnce const&) = delete;
  ReplyOnce& operator=(ReplyOnce const&) = delete;
  ~ReplyOnce() {
    if (!used_.test()) slot_->put(plain_response(500, "no answer was made\n"));
  }
  void put(HttpResponse response) {
    if (!used_.test_and_set()) slot_->put(std::move(response));
  }

 private:
  std::shared_ptr<ReplySlot> slot_;
  std::atomic_flag used_;
};

}  // namespace tocsin::net::detail
