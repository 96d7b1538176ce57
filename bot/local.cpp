#include "bot/local.hpp"

#include <algorithm>

namespace tocsin {

void Local::post(Post const& post, std::function<void(bool)> done) {
  LocalEntry entry;
  entry.key = post.key;
  entry.audience = post.audience;
  if (!post.person.empty()) entry.audience = std::vector{post.person};
  entry.message = post.message;
  say(std::move(entry));
  done(true);
}

void Local::say(LocalEntry entry) {
  entry.id = next_++;
  entry.at = clock_.now();
  if (entry.key.empty()) {
    entry.key = "entry:" + std::to_string(entry.id);
  } else {
    auto const old =
        std::find_if(entries_.begin(), entries_.end(), [&](auto const& each) { return each.key == entry.key; });
    if (old != entries_.end()) {
      entry.at = old->at;
      entries_.erase(old);
    }
  }
  entries_.push_back(entry);
  if (entries_.size() > kKeptEntries) entries_.pop_front();
  // A listener may go away while it is called.
  auto const listeners = listeners_;
  for (auto const& [number, listener] : listeners) listener(entry);
}

std::shared_ptr<void> Local::listen(Listener listener) {
  auto const number = next_listener_++;
  listeners_.emplace(number, std::move(listener));
  return {nullptr, [this, number](void*) { listeners_.erase(number); }};
}

std::vector<LocalEntry> Local::since(std::int64_t since) const {
  std::vector<LocalEntry> found;
  for (auto const& entry : entries_) {
    if (entry.id > since) found.push_back(entry);
  }
  return found;
}

bool visible_to(LocalEntry const& entry, PersonId const& person) {
  if (!entry.audience) return true;
  return std::find(entry.audience->begin(), entry.audience->end(), person) != entry.audience->end();
}

}  // namespace tocsin
