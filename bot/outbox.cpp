#include "bot/outbox.hpp"

#include "incidents/store/inbox.hpp"

namespace tocsin {

Platform* Outbox::platform_for(Post const& post) const {
  for (auto* platform : platforms_) {
    if (post.person.empty() ? platform->name() == post.room.platform : platform->reaches(post.person)) return platform;
  }
  return nullptr;
}

void Outbox::say(std::vector<Post> posts) {
  for (auto const& post : posts) {
    auto const said = [this, id = post.id](bool done) {
      // Not said: its lease ends by itself and it is taken again.
      if (!done) return;
      lane_.submit([id](Database& database, Instant) { store::drop_outbox(database, id); }, [](std::exception_ptr) {});
    };
    if (auto* platform = platform_for(post)) {
      platform->post(post, said);
    } else {
      // Nobody can ever take it: a room of a platform that is no longer configured.
      said(true);
    }
  }
}

}  // namespace tocsin
