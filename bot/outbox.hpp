// Says what must be said: each post to the platform of its room, or quietly to a person on whatever reaches them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bot/platform.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

class Outbox {
 public:
  Outbox(boost::asio::io_context& io, Lane& lane, Clock const& clock);
  ~Outbox();
  Outbox(Outbox const&) = delete;
  Outbox& operator=(Outbox const&) = delete;

  /// The first that reaches a person is used for them, so the order counts. Before anything is said.
  void add(Platform& platform);
  /// On the io_context's thread. What a platform still has on its hands it is not given once more: the newest under a
  /// key waits until that is over. At most so many are with a platform at once; the others come again with their lease.
  void say(std::vector<Post> posts);

  static constexpr std::size_t kWithOne = 1'000;
  static constexpr std::size_t kUrgentToo = 1'000;  ///< more, for P0 and P1

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
