// The one way an adapter of this folder stops waiting. Included by .cpp files only: it brings Asio with it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace tocsin::net::detail {

/// Calls `on_expiry` once when an armed limit passes, unless it is armed anew or disarmed before. The owner makes
/// `on_expiry` cancel or close the stream it guards; the cut-short operation then ends with an error and the owner
/// asks `expired()` for the reason. A stream whose read or write was cut short is not used for another message.
///
/// For one thread. It may die at any moment: an expiry already queued then does nothing, hence the shared state.
class Deadline {
 public:
  using Duration = std::chrono::steady_clock::duration;

  template <class Executor>
  Deadline(Executor const& executor, std::function<void()> on_expiry)
      : state_(std::make_shared<State>(executor, std::move(on_expiry))) {}
  ~Deadline() { disarm(); }
  Deadline(Deadline const&) = delete;
  Deadline& operator=(Deadline const&) = delete;

  /// From now; a running limit is replaced.
  void arm(Duration limit) {
    auto const round = ++state_->round;
    state_->expired = false;
    state_->timer.expires_after(limit);
    state_->timer.async_wait([state = state_, round](boost::system::error_code) {
      // The round, not the error code, tells: a timer that fired just before it was cancelled still reports success.
      if (state->round != round) return;
      state->expired = true;
      state->on_expiry();
    });
  }

  void disarm() noexcept {
    ++state_->round;
    try {
      state_->timer.cancel();
    } catch (std::exception const&) {  // cancelling a timer can't fail on Linux; the round alone is enough anyway
    }
  }

  /// True from the expiry until the next `arm`.
  [[nodiscard]] bool expired() const noexcept { return state_->expired; }

 private:
  struct State {
    template <class Executor>
    State(Executor const& executor, std::function<void()> act) : timer(executor), on_expiry(std::move(act)) {}
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    unsigned long round = 0;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::net::detail
