#include "bot/chat/calls.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <optional>
#include <set>
#include <utility>

namespace tocsin::chat {
namespace {

constexpr std::size_t kInFlight = 16;
constexpr std::size_t kWaiting = 5'000;
// What nobody but the urgent may use.
constexpr std::size_t kInFlightKept = 4;
constexpr std::size_t kWaitingKept = 1'000;
constexpr Millis kOneTry{15'000};
constexpr Millis kFirstBackoff{500};
constexpr Millis kLongestBackoff{15'000};
constexpr std::size_t kConnections = 4;
constexpr Millis kKept{120'000};
constexpr std::size_t kAnswer = 4 * 1024 * 1024;

}  // namespace

class Calls::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {
    parts_.http.total_deadline = kOneTry;
    parts_.http.max_body = kAnswer;
    parts_.http.kept_connections = kConnections;
    parts_.http.kept_for = kKept;
    client_.emplace(parts_.io, parts_.http);
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
    client_.reset();
    waiting_.clear();
  }

  void call(Call call, Done done) {
    auto const now = parts_.now();
    auto const at = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&](Entry const& each) { return each.call.urgency > call.urgency; });
    if (waiting_.size() >= kWaiting + (call.urgency == Urgency::urgent ? kWaitingKept : 0)) {
      return boost::asio::post(parts_.io, [done = std::move(done)] {
        done(ApiFailure{Trouble::passing, "too many calls are waiting"});
      });
    }
    auto const by = now + call.deadline;
    auto budgets = parts_.budgets(call);
    waiting_.insert(at, Entry{std::move(call), std::move(done), std::move(budgets), by, now, 0});
    poke();
  }

  Moment last() const { return last_; }

  void fetch(net::ClientRequest request, net::HttpClient::Callback done) {
    client_->fetch(std::move(request), [self = shared_from_this(), done = std::move(done)](auto got) {
      if (!self->stopped_) done(std::move(got));
    });
  }

 private:
  struct Entry {
    Call call;
    Done done;
    Budgets budgets;
    Moment by{};
    Moment not_before{};
    int tries = 0;
  };

  /// Sends what may go, from the loop: never from inside a caller.
  void poke() {
    if (std::exchange(poked_, true)) return;
    boost::asio::post(parts_.io, [self = shared_from_this()] {
      self->poked_ = false;
      self->pump();
    });
  }

  void pump() {
    if (stopped_) return;
    auto const now = parts_.now();
    std::optional<Moment> next;
    std::set<std::string> held;  // channels in which an earlier post waits: the later one must not overtake it
    for (auto each = waiting_.begin(); each != waiting_.end();) {
      if (each->by <= now) {
        auto const done = std::move(each->done);
        each = waiting_.erase(each);
        done(ApiFailure{Trouble::passing, "no time left"});
        continue;
      }
      auto const& channel = each->call.channel;
      auto const at = std::max(each->not_before, earliest(*each, now));
      bool const behind = !channel.empty() && (held.contains(channel) || posting_.contains(channel));
      bool const full = in_flight_ >= kInFlight - (each->call.urgency == Urgency::urgent ? 0 : kInFlightKept);
      if (at > now || behind || full) {
        if (!channel.empty()) held.insert(channel);
        if (!behind && at > now) next = next ? std::min(*next, at) : at;
        next = next ? std::min(*next, each->by) : each->by;
        ++each;
        continue;
      }
      auto entry = std::move(*each);
      each = waiting_.erase(each);
      send(std::move(entry), now);
    }
    if (!next) return;
    timer_.expires_after(std::max<Millis>(*next - now, Millis{1}));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->pump();
    });
  }

  void send(Entry entry, Moment now) {
    pace_.spend(entry.budgets, now);
    last_ = now;
    ++in_flight_;
    ++entry.tries;
    if (!entry.call.channel.empty()) posting_.insert(entry.call.channel);
    auto request = parts_.request(entry.call);
    request.deadline = std::min(kOneTry, entry.by - now);
    client_->fetch(std::move(request), [self = shared_from_this(), entry = std::move(entry)](auto const& got) mutable {
      if (!self->stopped_) self->came(std::move(entry), got);
    });
  }

  void came(Entry entry, net::FetchResult const& got) {
    --in_flight_;
    posting_.erase(entry.call.channel);
    poke();
    auto result = parts_.verdict(entry.call, got);
    if (parts_.heard) parts_.heard(entry.call, result);
    if (result || entry.call.once) return entry.done(std::move(result));
    auto const now = parts_.now();
    auto const& failure = result.error();
    if (failure.trouble == Trouble::too_often) {
      // Jittered, so that what waited together does not come together.
      auto const rest = failure.retry_after.value_or(parts_.default_retry);
      pace_.wait(entry.call.method, now + rest + Millis{static_cast<std::int64_t>(parts_.chance() * 250)});
      entry.not_before = now;
    } else if (failure.trouble == Trouble::passing ||
               (failure.trouble == Trouble::unknown && parts_.repeatable(entry.call))) {
      auto const doubled = std::min(kLongestBackoff, kFirstBackoff * (1 << std::min(entry.tries - 1, 6)));
      entry.not_before =
          now + Millis{static_cast<std::int64_t>(static_cast<double>(doubled.count()) * (0.5 + parts_.chance() / 2))};
    } else {
      return entry.done(std::move(result));
    }
    if (std::max(entry.not_before, earliest(entry, now)) >= entry.by) return entry.done(std::move(result));
    // Before those of its urgency that came after it: posts of a channel keep their order.
    auto const at = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&](Entry const& each) { return each.call.urgency >= entry.call.urgency; });
    waiting_.insert(at, std::move(entry));
  }

  Moment earliest(Entry const& entry, Moment now) const {
    return pace_.earliest(entry.call.method, entry.budgets, entry.call.urgency, now);
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  std::optional<net::HttpClient> client_;
  Pace pace_;
  std::list<Entry> waiting_;  ///< by urgency, then as they came
  std::set<std::string> posting_;
  std::size_t in_flight_ = 0;
  Moment last_{};  ///< when something was last sent
  bool poked_ = false;
  bool stopped_ = false;
};

Calls::Calls(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Calls::~Calls() { state_->stop(); }
void Calls::call(Call call, Done done) { state_->call(std::move(call), std::move(done)); }
Moment Calls::last() const { return state_->last(); }
void Calls::fetch(net::ClientRequest request, net::HttpClient::Callback done) {
  state_->fetch(std::move(request), std::move(done));
}

}  // namespace tocsin::chat
