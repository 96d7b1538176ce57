#include "bot/slack/echo.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::slack {

void Echo::heard(ConnectionId id, bool own) {
  fresh_.insert(id);
  silent_.erase(id);
  spoke_.reset();
  if (own) proven_ = true;
}

void Echo::spoken(Moment now) {
  if (!std::exchange(speaking_, false)) return;
  // What comes back may be there before its sender is told that it was said.
  if (fresh_.empty()) spoke_ = now;
}

void Echo::not_spoken(Moment now) {
  speaking_ = false;
  end(now + limits_.quiet);
}

bool Echo::is_asked(Socket const& socket, Moment now) const {
  return now - socket.brought >= limits_.quiet || (confirm_ && !socket.heard);
}

void Echo::begin(Moment now) {
  round_ = now;
  words_ = 0;
  silent_.clear();
  for (auto const& [id, socket] : sockets_) {
    if (is_asked(socket, now)) silent_.insert(id);
  }
}

void Echo::end(Moment rest) {
  round_.reset();
  spoke_.reset();
  silent_.clear();
  rests_until_ = rest;
}

Listen Echo::lost(Moment now) {
  Listen listen;
  ++fruitless_;
  auto wait = limits_.quiet;
  for (int i = 1; i < fruitless_ && wait < limits_.longest; ++i) wait *= 2;
  wait = std::min(wait, limits_.longest);
  if (proven_) {
    listen.deaf.assign(silent_.begin(), silent_.end());
    confirm_ = !listen.deaf.empty();
  } else {
    listen.never_heard = true;
  }
  // The first time those that come in their place are asked at once.
  end(now + (confirm_ && fruitless_ == 1 ? limits_.patience : wait));
  return listen;
}

Listen Echo::look(std::vector<ConnectionId> const& ready, Moment now) {
  for (auto const id : ready) {
    auto& socket = sockets_.emplace(id, Socket{now}).first->second;
    if (fresh_.contains(id)) socket = {now, true};
  }
  auto const gone = [&ready](ConnectionId id) { return std::find(ready.begin(), ready.end(), id) == ready.end(); };
  // One that has gone may have taken the words with it.
  if (std::erase_if(sockets_, [&](auto const& each) { return gone(each.first); }) > 0) spoke_.reset();
  std::erase_if(silent_, gone);
  fresh_.clear();
  if (speaking_) return {};
  if (spoke_) return now - *spoke_ < limits_.patience ? Listen{} : lost(now);
  if (!round_) {
    bool const asked =
        std::any_of(sockets_.begin(), sockets_.end(), [&](auto const& each) { return is_asked(each.second, now); });
    if (!asked || now < rests_until_) return {};
    begin(now);
  }
  if (silent_.empty()) {
    fruitless_ = 0;
    confirm_ = false;
    end(now);
    return {};
  }
  if (words_ == limits_.most) {
    Listen listen;
    listen.deaf.assign(silent_.begin(), silent_.end());
    end(now + limits_.quiet);
    return listen;
  }
  ++words_;
  speaking_ = true;
  Listen listen;
  listen.speak = true;
  return listen;
}

}  // namespace tocsin::slack
