#include "bot/chat/trips.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace tocsin::chat {

using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

Trips::Trips(boost::asio::io_context& io, std::string name, Millis limit)
    : io_(io), name_(std::move(name)), limit_(limit) {}

DeliveryOutcome Trips::wait_for(paging::PageEnvelope page, std::function<void(TripPtr const&)> begin,
                                std::stop_token const& stop) {
  auto const trip = std::make_shared<Trip>();
  trip->page = std::move(page);
  std::unique_lock lock(mutex_);
  if (!ended_) {
    boost::asio::post(io_, [this, trip, begin = std::move(begin)] {
      if (!has_ended()) begin(trip);
    });
    changed_.wait_for(lock, stop, limit_, [&] { return trip->outcome.has_value() || ended_; });
  }
  if (trip->outcome) return *trip->outcome;
  trip->given_up = true;
  if (!trip->begun) return {Kind::retry_later, {}, name_ + (ended_ ? ": the bot is ending" : ": no time left"), {}};
  // It is on its way: whether it arrives nobody can say yet.
  return {Kind::unknown, {}, name_ + ": no answer in time", {}};
}

void Trips::finish(TripPtr const& trip, DeliveryOutcome outcome) {
  std::lock_guard const held(mutex_);
  trip->outcome = std::move(outcome);
  changed_.notify_all();
}

bool Trips::begin(TripPtr const& trip) {
  std::lock_guard const held(mutex_);
  if (ended_ || trip->given_up) return false;
  trip->begun = true;
  return true;
}

bool Trips::is_wanted(TripPtr const& trip) const {
  std::lock_guard const held(mutex_);
  return !ended_ && !trip->given_up;
}

void Trips::end() {
  std::lock_guard const held(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Trips::has_ended() const {
  std::lock_guard const held(mutex_);
  return ended_;
}

}  // namespace tocsin::chat
