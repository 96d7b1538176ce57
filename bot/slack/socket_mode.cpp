#include "bot/slack/socket_mode.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tocsin::slack {
namespace {

constexpr Millis kMinute{60'000};
/// Whoever is told to wait for longer asks again all the same.
constexpr Millis kLongestRetry{3'600'000};

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
        rest(now + std::min(refusal.retry_after.value_or(limits_.default_retry), kLongestRetry));
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
    ++found->second.owed;
    deaf_ = false;
    actions.emplace_back(Deliver{id, std::move(*envelope)});
  } else if (auto const* unreadable = std::get_if<Unreadable>(&frame)) {
    deaf_ = false;
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
    auto gone = std::move(found->second);
    connections_.erase(found);
    strand(gone, now);
    lost(gone, why, now);
  }
  settle(actions, now);
  return actions;
}

Actions SocketMode::acknowledge(ConnectionId id, std::string text, Moment now) {
  Actions actions;
  auto const carrier = connections_.find(id);
  if (carrier != connections_.end() && carrier->second.owed > 0) --carrier->second.owed;
  bool const open = carrier != connections_.end() && !carrier->second.mute &&
                    (carrier->second.stage == Stage::greeting || carrier->second.stage == Stage::ready);
  if (open) {
    send(actions, id, {now, std::move(text)}, now);
  } else {
    stranded_.push_back({now, std::move(text)});
    hand_on(actions, now);
  }
  return actions;
}

Actions SocketMode::unsent(ConnectionId id, std::string text, Moment now) {
  Actions actions;
  if (auto const carrier = connections_.find(id); carrier != connections_.end()) carrier->second.mute = true;
  stranded_.push_back({now, std::move(text)});
  hand_on(actions, now);
  return actions;
}

/// Remembers it for a moment: what is on its way when the peer ends the connection is read by nobody.
void SocketMode::send(Actions& actions, ConnectionId id, Ack ack, Moment now) {
  actions.emplace_back(Send{id, ack.text});
  auto& connection = connections_.at(id);
  connection.sent_bytes += ack.text.size();
  connection.sent.push_back(std::move(ack));
  while (!connection.sent.empty() &&
         (connection.sent.front().at + limits_.overtaken < now || connection.sent_bytes > limits_.kept_bytes)) {
    connection.sent_bytes -= connection.sent.front().text.size();
    connection.sent.pop_front();
  }
}

void SocketMode::strand(Connection& gone, Moment now) {
  for (auto& ack : gone.sent) {
    if (ack.at + limits_.overtaken >= now) stranded_.push_back(std::move(ack));
  }
  gone.sent.clear();
}

/// By the best way that there is, if there is one; one acknowledgement too many does no harm.
void SocketMode::hand_on(Actions& actions, Moment now) {
  auto const writer = stranded_.empty() ? std::nullopt : best_writer();
  while (!stranded_.empty()) {
    bool const late = stranded_.front().at + limits_.late < now;
    if (!late && !writer) return;
    if (!late) send(actions, *writer, std::move(stranded_.front()), now);
    stranded_.pop_front();
  }
}

/// The newest that stays; else one that leaves.
std::optional<ConnectionId> SocketMode::best_writer() const {
  std::optional<ConnectionId> best;
  bool leaves = true;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage != Stage::ready || connection.mute || (connection.leaving && !leaves)) continue;
    best = id;
    leaves = connection.leaving;
  }
  return best;
}

Actions SocketMode::deaf(std::vector<ConnectionId> const& ids, Moment now) {
  Actions actions;
  for (auto const id : ids) {
    auto const found = connections_.find(id);
    if (found == connections_.end() || found->second.stage != Stage::ready) continue;
    found->second.leaving = true;
  }
  // One that hears is enough to be well.
  auto const hears = [](auto const& each) { return each.second.stage == Stage::ready && !each.second.leaving; };
  deaf_ = deaf_ || (ready() > 0 && std::none_of(connections_.begin(), connections_.end(), hears));
  settle(actions, now);
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
  connection.host = hello.host;
  if (hello.life) {
    // Not all at once when they were opened at once.
    auto const early = limits_.renew_at - 0.05 * chance_();
    connection.renew = now + Millis{static_cast<std::int64_t>(static_cast<double>(hello.life->count()) * early)};
  }
  if (hello.sockets) {
    // One that is being dialled may be there already, as Slack sees it.
    auto const ours = std::count_if(connections_.begin(), connections_.end(),
                                    [](auto const& each) { return each.second.stage != Stage::asking; });
    health_.strangers = std::max<std::int64_t>(0, *hello.sockets - ours);
    // Ghosts go by themselves, and only a hello counts.
    if (health_.strangers > 0) connection.renew = sooner(connection.renew, now + limits_.recount);
  }
  // The token is good: others need not wait for an operator.
  if (refused_) rests_until_ = now;
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
    if (!connection.leaving) continue;
    if (kept < limits_.sockets) {
      ++kept;  // still needed
      connection.drained.reset();
    } else if (!connection.drained) {
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
    ++crowds_;
    rest(now + std::min(limits_.crowded * crowds_, limits_.refused));
  } else {
    failed(disconnect.reason, now);
  }
}

/// A connection that has ended: who was asked to leave did as it was told, and who did its work may be missed at once.
void SocketMode::lost(Connection const& connection, std::string const& why, Moment now) {
  bool const proven = proves_itself(connection, now);
  if (proven && !connection.proven) failures_ = 0;
  if (connection.leaving) return;
  if (!proven) return failed(why, now);
  if (!refused_) error_ = why;
}

bool SocketMode::proves_itself(Connection const& connection, Moment now) const {
  return connection.stage == Stage::ready && (connection.useful || now - connection.since >= limits_.proven);
}

/// A row of failures is over when a connection has proven itself, but each ends one row only: beside one that is well
/// another can fail for hours.
void SocketMode::prove(Moment now) {
  for (auto& [id, connection] : connections_) {
    if (connection.proven || !proves_itself(connection, now)) continue;
    connection.proven = true;
    failures_ = 0;
  }
}

/// The first failure is tried again at once; from the second on with full jitter.
void SocketMode::failed(std::string const& why, Moment now) {
  prove(now);
  if (!refused_) error_ = why;  // what an operator must mend stays said
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
  hand_on(actions, now);
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
      lost(connection, "silent", now);
    } else if (connection.drained && closes_at(connection) <= now) {
      over = true;
    } else if (now - connection.heard >= limits_.suspicious || (connection.renew && *connection.renew <= now)) {
      connection.leaving = true;
      connection.renew.reset();
    }
    if (over && !politely) strand(connection, now);
    if (over) actions.emplace_back(Close{id, politely});
    it = over ? connections_.erase(it) : std::next(it);
  }
  replace_leavers(now);
}

/// What it owes can only be paid on it.
Moment SocketMode::closes_at(Connection const& connection) const {
  auto const longer = std::max(limits_.owing - limits_.drain, Millis{0});
  return *connection.drained + (connection.owed > 0 ? longer : Millis{0});
}

std::size_t SocketMode::missing() const {
  auto const staying = static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](auto const& each) { return !each.second.leaving; }));
  return limits_.sockets > staying ? limits_.sockets - staying : 0;
}

/// Not while it rests, and not above the budget of a minute. As long as all that is wanted serves or is on its way, a
/// part of that is kept for losses.
Moment SocketMode::earliest_ask(Moment now) const {
  auto const kept = connections_.size() >= limits_.sockets ? limits_.sockets : 0;
  auto const budget = limits_.opens_per_minute > kept ? limits_.opens_per_minute - kept : 1;
  auto earliest = std::max(now, rests_until_);
  if (asked_.size() >= budget) earliest = std::max(earliest, asked_[asked_.size() - budget] + kMinute);
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

std::vector<ConnectionId> SocketMode::ready_ids() const {
  std::vector<ConnectionId> ids;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage == Stage::ready) ids.push_back(id);
  }
  return ids;
}

std::vector<Standing> SocketMode::standing() const {
  std::vector<Standing> standing;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage == Stage::ready) standing.push_back({connection.host, connection.since, connection.renew});
  }
  return standing;
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
  if (ready == 0) {
    health_.strangers = 0;
    deaf_ = false;
  }
  health_.deaf = deaf_;
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
    if (connection.drained) next = sooner(next, closes_at(connection));
    if (connection.renew) next = sooner(next, *connection.renew);
  }
  if (missing() > 0) next = sooner(next, earliest_ask(now_));
  return next;
}

}  // namespace tocsin::slack
