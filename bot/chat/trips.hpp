// Pages on their way by a chat platform: a worker waits for what happens on the thread of the platform.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "incidents/base/time.hpp"
#include "integrations/paging/carrier.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::chat {

/// One page. What stands below it is its trips'.
struct Trip {
  paging::PageEnvelope page{};
  std::optional<paging::DeliveryOutcome> outcome{};
  bool begun = false;     ///< it may arrive
  bool given_up = false;  ///< nobody waits for it: it must not begin any more
};
using TripPtr = std::shared_ptr<Trip>;

/// Any thread. `name`: of the platform, in what is said of an outcome.
class Trips {
 public:
  Trips(boost::asio::io_context& io, std::string name, Millis limit);
  Trips(Trips const&) = delete;
  Trips& operator=(Trips const&) = delete;

  /// Has `begin` called on the io_context's thread with a trip of this page, unless it has ended, and waits for the
  /// outcome; `begin` keeps alive whatever these are part of. Nothing happened in time: unknown if it was begun, else
  /// to be tried again.
  paging::DeliveryOutcome wait_for(paging::PageEnvelope page, std::function<void(TripPtr const&)> begin,
                                   std::stop_token const& stop);
  void finish(TripPtr const& trip, paging::DeliveryOutcome outcome);
  /// False: nobody waits for it.
  [[nodiscard]] bool begin(TripPtr const& trip);
  [[nodiscard]] bool is_wanted(TripPtr const& trip) const;
  /// Nothing is begun any more, and nobody waits longer.
  void end();
  [[nodiscard]] bool has_ended() const;

 private:
  boost::asio::io_context& io_;
  std::string const name_;
  Millis const limit_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool ended_ = false;
};

}  // namespace tocsin::chat
