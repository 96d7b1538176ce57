// Says what must be said: each post to the platform of its room, or quietly to a person on whatever reaches them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bot/platform.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin {

class Outbox {
 public:
  explicit Outbox(Lane& lane) : lane_(lane) {}
  /// The first that reaches a person is used for them, so the order counts. Before anything is said.
  void add(Platform& platform) { platforms_.push_back(&platform); }
  /// On the io_context's thread.
  void say(std::vector<Post> posts);

 private:
  /// Its own, then those that tell of it, too.
  [[nodiscard]] std::vector<Platform*> platforms_for(Post const& post) const;

  Lane& lane_;
  std::vector<Platform*> platforms_;
};

}  // namespace tocsin
