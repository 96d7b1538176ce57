#include "bot/slack/socket_mode.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tocsin::slack {
namespace {

constexpr Millis kMinute{60'000};

std::optional<Moment> sooner(std::optional<Moment> a, Moment b) { return a ? std::min(*a, b) : b; }

}  // namespace

SocketMode::SocketMode(SocketLimits limits, std::function<double()> chance)
    : limits_(limits), chance_(std::move(chance)) {}

Actions SocketMode::look(Moment now) {
  Actions actions;
  settle(actions, now);
  return actions;
}

Actions SocketMode::address_came(ConnectionId id, std::string url, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end() && found->second.stage == Stage::asking) {
    found->second.stage = Stage::dialling;
    actions.emplace_back(Dial{id, std::move(url)});
  }
  settle(actions, now);
  return actions;
}

Actions SocketMode::address_refused(ConnectionId id, Refusal const& refusal, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end() && found->second.stage == Stage::asking) {
    connections_.erase(found);
    switch (refusal.kind) {
      case Refusal::Kind::passing:
        failed(refusal.error, now);
        break;
      case Refusal::Kind::too_often:
        error_ = refusal.error;
        rest(now + refusal.retry_after.value_or(limits_.default_retry));
        break;
      case Refusal::Kind::lasting:
        refused_ = true;
        error_ = refusal.error;
        rest(now + limits_.refused);
        break;
    }
  }
  settle(actions, now);
  return actions;
}

Actions SocketMode::opened(ConnectionId id, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end() && found->second.stage == Stage::dialling) {
    found->second.stage = Stage::greeting;
    found->second.by = now + limits_.hello;
  }
  settle(actions, now);
  return actions;
}

Actions SocketMode::text(ConnectionId id, std::string_view text, Moment now) {
  Actions actions;
  auto const found = connections_.find(id);
  if (found == connections_.end()) return actions;
  found->second.heard = now;
  auto frame = parse_frame(text);
  if (auto const* hello = std::get_if<Hello>(&frame)) {
    hello_came(id, *hello, now);
  } else if (auto const* disconnect = std::get_if<Disconnect>(&frame)) {
    asked_to_leave(actions, id, *disconnect, now);
  } else if (auto* envelope = std::get_if<Envelope>(&frame)) {
    found->second.useful = true;
    actions.emplace_back(Deliver{id, std::move(*envelope)});
  } else if (auto const* unreadable = std::get_if<Unreadable>(&frame)) {
    actions.emplace_back(Send{id, acknowledgement(unreadable->id, {}).text});
  }
  settle(actions, now);
  return actions;
}

void SocketMode::heard(ConnectionId id, Moment now) {
  if (auto const found = connections_.find(id); found != connections_.end()) found->second.heard = now;
}

Actions SocketMode::ended(ConnectionId id, std::string const& why, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end()) {
    auto const gone = found->second;
    connections_.erase(found);
    bool const proven = gone.stage == Stage::ready && (gone.useful || now - gone.since >= limits_.proven);
    if (proven) failures_ = 0;
    // Who was asked to leave did as it was told, and who did its work may be missed at once.
    if (!gone.leaving && !proven) failed(why, now);
    if (!gone.leaving && proven) error_ = why;
  }
  settle(actions, now);
  return actions;
}

Actions SocketMode::acknowledge(ConnectionId id, std::string text) {
  Actions actions;
  auto carrier = connections_.find(id);
  if (carrier == connections_.end() || carrier->second.stage != Stage::ready) {
    carrier = std::find_if(connections_.begin(), connections_.end(),
                           [](auto const& each) { return each.second.stage == Stage::ready; });
  }
  if (carrier != connections_.end()) actions.emplace_back(Send{carrier->first, std::move(text)});
  return actions;
}

Actions SocketMode::stop() {
  Actions actions;
  stopped_ = true;
  for (auto const& [id, connection] : connections_) actions.emplace_back(Close{id, true});
  connections_.clear();
  return actions;
}

void SocketMode::hello_came(ConnectionId id, Hello const& hello, Moment now) {
  auto& connection = connections_.at(id);
  if (connection.stage != Stage::greeting) return;
  connection.stage = Stage::ready;
  connection.since = now;
  if (hello.life) {
    // Not all at once when they were opened at once.
    auto const early = limits_.renew_at - 0.05 * chance_();
    connection.renew = now + Millis{static_cast<std::int64_t>(static_cast<double>(hello.life->count()) * early)};
  }
  auto const ours =
      static_cast<std::int64_t>(std::count_if(connections_.begin(), connections_.end(), [](auto const& each) {
        return each.second.stage == Stage::greeting || each.second.stage == Stage::ready;
      }));
  health_.strangers = std::max<std::int64_t>(0, hello.sockets.value_or(ours) - ours);
  refused_ = false;
  crowds_ = 0;
  error_.clear();
}

/// The oldest that were asked to leave may go for each that stays; without a replacement they serve on.
void SocketMode::replace_leavers(Moment now) {
  auto const staying =
      static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](auto const& each) {
        return each.second.stage == Stage::ready && !each.second.leaving;
      }));
  auto kept = staying;
  for (auto it = connections_.rbegin(); it != connections_.rend(); ++it) {
    auto& connection = it->second;
    if (!connection.leaving || connection.drained) continue;
    if (kept < limits_.sockets) {
      ++kept;  // still needed
    } else {
      connection.drained = now + limits_.drain;
    }
  }
}

void SocketMode::asked_to_leave(Actions& actions, ConnectionId id, Disconnect const& disconnect, Moment now) {
  auto& connection = connections_.at(id);
  if (disconnect.why == Farewell::recycled && connection.stage == Stage::ready) {
    connection.leaving = true;
    return;
  }
  connections_.erase(id);
  actions.emplace_back(Close{id, true});
  if (disconnect.why == Farewell::disabled) {
    refused_ = true;
    error_ = disconnect.reason;
    rest(now + limits_.refused);
  } else if (disconnect.why == Farewell::crowded) {
    error_ = disconnect.reason;
    rest(now + limits_.crowded * ++crowds_);
  } else {
    failed(disconnect.reason, now);
  }
}

/// The first failure is tried again at once; from the second on with full jitter.
void SocketMode::failed(std::string const& why, Moment now) {
  error_ = why;
  ++failures_;
  if (failures_ == 1) return;
  auto wait = limits_.first_backoff;
  for (int i = 2; i < failures_ && wait < limits_.longest_backoff; ++i) wait *= 2;
  wait = std::min(wait, limits_.longest_backoff);
  // At least half of it: no chance makes a tight loop.
  rest(now + wait / 2 + Millis{static_cast<std::int64_t>(static_cast<double>(wait.count()) / 2 * chance_())});
}

void SocketMode::rest(Moment until) { rests_until_ = std::max(rests_until_, until); }

void SocketMode::settle(Actions& actions, Moment now) {
  now_ = std::max(now_, now);
  if (stopped_) return;
  close_what_is_over(actions, now);
  open_missing(actions, now);
  tell(actions);
}

void SocketMode::close_what_is_over(Actions& actions, Moment now) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    auto& [id, connection] = *it;
    bool over = false;
    bool politely = true;
    if (connection.stage != Stage::ready) {
      over = connection.by <= now;
      politely = false;
      if (over) failed(connection.stage == Stage::greeting ? "no hello" : "no answer", now);
    } else if (now - connection.heard >= limits_.silent) {
      over = true;
      politely = false;
      if (!connection.leaving) failed("silent", now);
    } else if (connection.drained && *connection.drained <= now) {
      over = true;
    } else if (now - connection.heard >= limits_.suspicious || (connection.renew && *connection.renew <= now)) {
      connection.leaving = true;
      connection.renew.reset();
    }
    if (over) actions.emplace_back(Close{id, politely});
    it = over ? connections_.erase(it) : std::next(it);
  }
  replace_leavers(now);
}

std::size_t SocketMode::missing() const {
  auto const staying = static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](auto const& each) { return !each.second.leaving; }));
  return limits_.sockets > staying ? limits_.sockets - staying : 0;
}

/// Not while it rests, and not above the budget of a minute.
Moment SocketMode::earliest_ask(Moment now) const {
  auto earliest = std::max(now, rests_until_);
  if (asked_.size() >= limits_.opens_per_minute)
    earliest = std::max(earliest, asked_[asked_.size() - limits_.opens_per_minute] + kMinute);
  return earliest;
}

void SocketMode::open_missing(Actions& actions, Moment now) {
  while (!asked_.empty() && asked_.front() + kMinute <= now) asked_.pop_front();
  for (auto count = missing(); count > 0 && earliest_ask(now) <= now; --count) {
    Connection connection;
    connection.by = now + limits_.dial;
    connections_.emplace(next_id_, connection);
    actions.emplace_back(Ask{next_id_++});
    asked_.push_back(now);
  }
}

std::size_t SocketMode::ready() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](auto const& each) { return each.second.stage == Stage::ready; }));
}

void SocketMode::tell(Actions& actions) {
  auto const ready = this->ready();
  if (ready > 0) {
    health_.state = Health::State::well;
    health_.error.clear();
  } else {
    health_.state = refused_                                   ? Health::State::refused
                    : health_.state == Health::State::starting ? Health::State::starting
                                                               : Health::State::cut_off;
    health_.error = error_;
  }
  if (ready == 0) health_.strangers = 0;
  if (told_ == health_) return;
  told_ = health_;
  actions.emplace_back(Report{health_});
}

std::optional<Moment> SocketMode::next() const {
  if (stopped_) return std::nullopt;
  std::optional<Moment> next;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage != Stage::ready) {
      next = sooner(next, connection.by);
      continue;
    }
    next = sooner(next, connection.heard + (connection.leaving ? limits_.silent : limits_.suspicious));
    if (connection.drained) next = sooner(next, *connection.drained);
    if (connection.renew) next = sooner(next, *connection.renew);
  }
  if (missing() > 0) next = sooner(next, earliest_ask(now_));
  return next;
}

}  // namespace tocsin::slack
