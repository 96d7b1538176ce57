#include "bot/chat/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tocsin::chat {
namespace {

constexpr Millis kMinute{60'000};
/// Whoever is told to wait for longer asks again all the same.
constexpr Millis kLongestRetry{3'600'000};

std::optional<Moment> sooner(std::optional<Moment> a, Moment b) { return a ? std::min(*a, b) : b; }

}  // namespace

Supervisor::Supervisor(SocketLimits limits, std::function<double()> chance)
    : limits_(limits), chance_(std::move(chance)) {}

Actions Supervisor::look(Moment now) {
  Actions actions;
  settle(actions, now);
  return actions;
}

Actions Supervisor::address_came(ConnectionId id, std::string url, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end() && found->second.stage == Stage::asking) {
    found->second.stage = Stage::dialling;
    actions.emplace_back(Dial{id, std::move(url)});
  }
  settle(actions, now);
  return actions;
}

Actions Supervisor::address_refused(ConnectionId id, Refusal const& refusal, Moment now) {
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

Actions Supervisor::opened(ConnectionId id, Moment now) {
  Actions actions;
  if (auto const found = connections_.find(id); found != connections_.end() && found->second.stage == Stage::dialling) {
    found->second.stage = Stage::greeting;
    found->second.by = now + limits_.hello;
    if (!limits_.greeted) {
      found->second.heard = now;
      greeted(id, {}, now);
    }
  }
  settle(actions, now);
  return actions;
}

Actions Supervisor::came(ConnectionId id, Meaning meaning, Moment now) {
  Actions actions;
  auto const found = connections_.find(id);
  if (found == connections_.end()) return actions;
  found->second.heard = now;
  found->second.spoke = now;
  if (auto const* greeting = std::get_if<Greeting>(&meaning)) {
    greeted(id, *greeting, now);
  } else if (auto const* farewell = std::get_if<Farewell>(&meaning)) {
    asked_to_leave(actions, id, *farewell, now);
  } else if (auto* item = std::get_if<Item>(&meaning)) {
    found->second.useful = true;
    ++found->second.owed;
    deaf_ = false;
    actions.emplace_back(Deliver{id, std::move(*item)});
  } else if (auto* reply = std::get_if<Reply>(&meaning)) {
    deaf_ = deaf_ && !reply->happened;
    actions.emplace_back(Send{id, std::move(reply->text)});
  }
  settle(actions, now);
  return actions;
}

void Supervisor::heard(ConnectionId id, Moment now) {
  if (auto const found = connections_.find(id); found != connections_.end()) found->second.heard = now;
}

Actions Supervisor::ended(ConnectionId id, std::string const& why, Moment now) {
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

Actions Supervisor::acknowledge(ConnectionId id, std::string text, Moment now) {
  Actions actions;
  auto const carrier = connections_.find(id);
  if (carrier != connections_.end() && carrier->second.owed > 0) --carrier->second.owed;
  bool const open = carrier != connections_.end() && !carrier->second.mute &&
                    (carrier->second.stage == Stage::greeting || carrier->second.stage == Stage::ready);
  if (open) {
    send(actions, id, {now, std::move(text)}, now);
  } else {
    keep_for_another({now, std::move(text)});
    hand_on(actions, now);
  }
  return actions;
}

Actions Supervisor::unsent(ConnectionId id, std::string text, Moment now) {
  Actions actions;
  if (auto const carrier = connections_.find(id); carrier != connections_.end()) carrier->second.mute = true;
  keep_for_another({now, std::move(text)});
  hand_on(actions, now);
  return actions;
}

/// Remembers it for a moment: what is on its way when the peer ends the connection is read by nobody.
void Supervisor::send(Actions& actions, ConnectionId id, Ack ack, Moment now) {
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

void Supervisor::strand(Connection& gone, Moment now) {
  for (auto& ack : gone.sent) {
    if (ack.at + limits_.overtaken >= now) keep_for_another(std::move(ack));
  }
  gone.sent.clear();
}

void Supervisor::keep_for_another(Ack ack) {
  if (limits_.anywhere) stranded_.push_back(std::move(ack));
}

/// By the best way that there is, if there is one; one acknowledgement too many does no harm.
void Supervisor::hand_on(Actions& actions, Moment now) {
  auto const writer = stranded_.empty() ? std::nullopt : best_writer();
  while (!stranded_.empty()) {
    bool const late = stranded_.front().at + limits_.late < now;
    if (!late && !writer) return;
    if (!late) send(actions, *writer, std::move(stranded_.front()), now);
    stranded_.pop_front();
  }
}

/// The newest that stays; else one that leaves.
std::optional<ConnectionId> Supervisor::best_writer() const {
  std::optional<ConnectionId> best;
  bool leaves = true;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage != Stage::ready || connection.mute || (connection.leaving && !leaves)) continue;
    best = id;
    leaves = connection.leaving;
  }
  return best;
}

Actions Supervisor::deaf(std::vector<ConnectionId> const& ids, Moment now) {
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

Actions Supervisor::stop() {
  Actions actions;
  stopped_ = true;
  for (auto const& [id, connection] : connections_) actions.emplace_back(Close{id, true});
  connections_.clear();
  return actions;
}

void Supervisor::greeted(ConnectionId id, Greeting const& greeting, Moment now) {
  auto& connection = connections_.at(id);
  if (connection.stage != Stage::greeting) return;
  connection.stage = Stage::ready;
  connection.since = now;
  connection.spoke = now;
  connection.host = greeting.host;
  if (auto const life = greeting.life ? greeting.life : limits_.life) {
    // Not all at once when they were opened at once.
    auto const early = limits_.renew_at - 0.05 * chance_();
    connection.renew = now + Millis{static_cast<std::int64_t>(static_cast<double>(life->count()) * early)};
  }
  if (greeting.sockets) {
    // One that is being dialled may be there already, as the platform sees it.
    auto const ours = std::count_if(connections_.begin(), connections_.end(),
                                    [](auto const& each) { return each.second.stage != Stage::asking; });
    health_.strangers = std::max<std::int64_t>(0, *greeting.sockets - ours);
    // Ghosts go by themselves, and only a greeting counts them.
    if (health_.strangers > 0) connection.renew = sooner(connection.renew, now + limits_.recount);
  }
  // The token is good: others need not wait for an operator.
  if (refused_) rests_until_ = now;
  refused_ = false;
  crowds_ = 0;
  error_.clear();
}

/// The oldest that were asked to leave may go for each that stays; without a replacement they serve on.
void Supervisor::replace_leavers(Moment now) {
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

void Supervisor::asked_to_leave(Actions& actions, ConnectionId id, Farewell const& farewell, Moment now) {
  auto& connection = connections_.at(id);
  if (farewell.why == Farewell::Why::recycled && connection.stage == Stage::ready) {
    connection.leaving = true;
    return;
  }
  connections_.erase(id);
  actions.emplace_back(Close{id, true});
  if (farewell.why == Farewell::Why::disabled) {
    refused_ = true;
    error_ = farewell.reason;
    rest(now + limits_.refused);
  } else if (farewell.why == Farewell::Why::crowded) {
    error_ = farewell.reason;
    ++crowds_;
    rest(now + std::min(limits_.crowded * crowds_, limits_.refused));
  } else {
    failed(farewell.reason, now);
  }
}

/// A connection that has ended: who was asked to leave did as it was told, and who did its work may be missed at once.
void Supervisor::lost(Connection const& connection, std::string const& why, Moment now) {
  bool const proven = proves_itself(connection, now);
  if (proven && !connection.proven) failures_ = 0;
  if (connection.leaving) return;
  if (!proven) return failed(why, now);
  if (!refused_) error_ = why;
}

bool Supervisor::proves_itself(Connection const& connection, Moment now) const {
  return connection.stage == Stage::ready && (connection.useful || now - connection.since >= limits_.proven);
}

/// A row of failures is over when a connection has proven itself, but each ends one row only: beside one that is well
/// another can fail for hours.
void Supervisor::prove(Moment now) {
  for (auto& [id, connection] : connections_) {
    if (connection.proven || !proves_itself(connection, now)) continue;
    connection.proven = true;
    failures_ = 0;
  }
}

/// The first failure is tried again at once; from the second on with full jitter.
void Supervisor::failed(std::string const& why, Moment now) {
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

void Supervisor::rest(Moment until) { rests_until_ = std::max(rests_until_, until); }

void Supervisor::settle(Actions& actions, Moment now) {
  now_ = std::max(now_, now);
  if (stopped_) return;
  close_what_is_over(actions, now);
  open_missing(actions, now);
  hand_on(actions, now);
  tell(actions);
}

void Supervisor::close_what_is_over(Actions& actions, Moment now) {
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
    } else if (suspicious_at(connection) <= now || (connection.renew && *connection.renew <= now)) {
      connection.leaving = true;
      connection.renew.reset();
    }
    if (over && !politely) strand(connection, now);
    if (over) actions.emplace_back(Close{id, politely});
    it = over ? connections_.erase(it) : std::next(it);
  }
  replace_leavers(now);
}

/// Nothing came, or signs of life alone: who answers pings may bring nothing else any more.
Moment Supervisor::suspicious_at(Connection const& connection) const {
  auto const quiet = connection.heard + limits_.suspicious;
  return limits_.wordless ? std::min(quiet, connection.spoke + *limits_.wordless) : quiet;
}

/// What it owes can only be paid on it.
Moment Supervisor::closes_at(Connection const& connection) const {
  auto const longer = std::max(limits_.owing - limits_.drain, Millis{0});
  return *connection.drained + (connection.owed > 0 ? longer : Millis{0});
}

std::size_t Supervisor::missing() const {
  auto const staying = static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](auto const& each) { return !each.second.leaving; }));
  return limits_.sockets > staying ? limits_.sockets - staying : 0;
}

/// Not while it rests, and not above the budget of a minute. As long as all that is wanted serves or is on its way, a
/// part of that is kept for losses.
Moment Supervisor::earliest_ask(Moment now) const {
  auto const kept = connections_.size() >= limits_.sockets ? limits_.sockets : 0;
  auto const budget = limits_.opens_per_minute > kept ? limits_.opens_per_minute - kept : 1;
  auto earliest = std::max(now, rests_until_);
  if (asked_.size() >= budget) earliest = std::max(earliest, asked_[asked_.size() - budget] + kMinute);
  return earliest;
}

void Supervisor::open_missing(Actions& actions, Moment now) {
  while (!asked_.empty() && asked_.front() + kMinute <= now) asked_.pop_front();
  for (auto count = missing(); count > 0 && earliest_ask(now) <= now; --count) {
    Connection connection;
    connection.by = now + limits_.dial;
    connections_.emplace(next_id_, connection);
    actions.emplace_back(Ask{next_id_++});
    asked_.push_back(now);
  }
}

std::size_t Supervisor::ready() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](auto const& each) { return each.second.stage == Stage::ready; }));
}

std::vector<ConnectionId> Supervisor::ready_ids() const {
  std::vector<ConnectionId> ids;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage == Stage::ready) ids.push_back(id);
  }
  return ids;
}

std::vector<Standing> Supervisor::standing() const {
  std::vector<Standing> standing;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage == Stage::ready) standing.push_back({connection.host, connection.since, connection.renew});
  }
  return standing;
}

void Supervisor::tell(Actions& actions) {
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

std::optional<Moment> Supervisor::next() const {
  if (stopped_) return std::nullopt;
  std::optional<Moment> next;
  for (auto const& [id, connection] : connections_) {
    if (connection.stage != Stage::ready) {
      next = sooner(next, connection.by);
      continue;
    }
    next = sooner(next, connection.leaving ? connection.heard + limits_.silent : suspicious_at(connection));
    if (connection.drained) next = sooner(next, closes_at(connection));
    if (connection.renew) next = sooner(next, *connection.renew);
  }
  if (missing() > 0) next = sooner(next, earliest_ask(now_));
  return next;
}

}  // namespace tocsin::chat
