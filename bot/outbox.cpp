#include "bot/outbox.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

#include "incidents/store/inbox.hpp"

namespace tocsin {

std::vector<Platform*> Outbox::platforms_for(Post const& post) const {
  std::vector<Platform*> found;
  for (auto* platform : platforms_) {
    bool const its_own = post.person.empty() ? platform->name() == post.room.platform : platform->reaches(post.person);
    if (its_own && found.empty()) found.push_back(platform);
  }
  for (auto* platform : platforms_) {
    if (post.person.empty() && platform->name() != post.room.platform && platform->also_tells(post))
      found.push_back(platform);
  }
  return found;
}

void Outbox::say(std::vector<Post> posts) {
  for (auto const& post : posts) {
    auto const platforms = platforms_for(post);
    /// Over once all have it; if one has not, its lease ends by itself and all are told again, which says nothing
    /// twice.
    struct Saying {
      std::atomic<std::size_t> left;
      std::atomic<bool> missed{false};
    };
    auto const saying = std::make_shared<Saying>();
    saying->left = std::max<std::size_t>(platforms.size(), 1);
    auto const said = [this, id = post.id, saying](bool done) {
      if (!done) saying->missed = true;
      if (--saying->left > 0 || saying->missed) return;
      lane_.submit([id](Database& database, Instant) { store::drop_outbox(database, id); }, [](std::exception_ptr) {});
    };
    // Nobody can ever take it: a room of a platform that is no longer configured.
    if (platforms.empty()) said(true);
    for (auto* platform : platforms) platform->post(post, said);
  }
}

}  // namespace tocsin
