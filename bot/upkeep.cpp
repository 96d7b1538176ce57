#include "bot/upkeep.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <vector>

namespace tocsin {
namespace {

/// The wall clock may jump while the timer sleeps, and a clock of tests may run ten thousand times as fast.
constexpr Millis kLongestSleep{30'000};
constexpr Millis kShortestSleep{50};

struct Entry {
  Chore chore;
  Instant begun{};
  std::optional<Instant> turn;  ///< nothing: it runs
  bool once_more = false;       ///< asked for while it ran
};

}  // namespace

Instant next_turn(Instant begun, Millis every, std::optional<Millis> again, Instant now) {
  auto const wanted = again ? now + *again : begun + every;
  return std::min(wanted, now + every);
}

class Upkeep::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, BotClock const& clock) : io_(io), clock_(clock), timer_(io) {}

  void add(Chore chore) { entries_.push_back({std::move(chore), {}, std::nullopt, false}); }

  void start() {
    for (auto& entry : entries_) entry.turn = clock_.now();
    look();
  }

  void soon(std::string const& name) {
    boost::asio::post(io_, [self = shared_from_this(), name] {
      for (auto& entry : self->entries_) {
        if (entry.chore.name != name) continue;
        if (entry.turn) {
          entry.turn = self->clock_.now();
        } else {
          entry.once_more = true;
        }
      }
      self->look();
    });
  }

  void stop() {
    stopped_ = true;  // the entries stay: a chore may say stop while it is being begun
    timer_.cancel();
  }

 private:
  void look() {
    if (stopped_) return;
    auto const now = clock_.now();
    std::optional<Instant> next;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      auto& entry = entries_[i];
      if (entry.turn) entry.turn = std::min(*entry.turn, now + entry.chore.every);
      if (entry.turn && *entry.turn <= now) begin(i, now);
      if (stopped_) return;
      next = earlier(next, entry.turn);
    }
    auto const wait = next ? clock_.real_time_until(*next) : kLongestSleep;
    timer_.expires_after(std::clamp(wait, kShortestSleep, kLongestSleep));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->look();
    });
  }

  void begin(std::size_t index, Instant now) {
    auto& entry = entries_[index];
    entry.turn.reset();
    entry.begun = now;
    entry.chore.run([self = shared_from_this(), index](std::optional<Millis> again) {
      boost::asio::post(self->io_, [self, index, again] { self->ended(index, again); });
    });
  }

  void ended(std::size_t index, std::optional<Millis> again) {
    if (stopped_) return;
    auto& entry = entries_[index];
    if (std::exchange(entry.once_more, false)) again = Millis{0};
    entry.turn = next_turn(entry.begun, entry.chore.every, again, clock_.now());
    look();
  }

  boost::asio::io_context& io_;
  BotClock const& clock_;
  boost::asio::steady_timer timer_;
  std::vector<Entry> entries_;
  bool stopped_ = false;
};

Upkeep::Upkeep(boost::asio::io_context& io, BotClock const& clock) : state_(std::make_shared<State>(io, clock)) {}
Upkeep::~Upkeep() { state_->stop(); }
void Upkeep::add(Chore chore) { state_->add(std::move(chore)); }
void Upkeep::start() { state_->start(); }
void Upkeep::soon(std::string const& name) { state_->soon(name); }
void Upkeep::stop() { state_->stop(); }

}  // namespace tocsin
