#include "bot/outbox.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bot/all_said.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin {
namespace {

using Said = std::function<void(bool)>;

/// Its lease, and a little: it comes again, unless it was dropped.
constexpr std::chrono::seconds kRefusedFor{45};

/// Called once, whatever a platform does: what it forgets was not said.
Said called_once(Said said) {
  struct Call {
    explicit Call(Said its) : said(std::move(its)) {}
    Call(Call const&) = delete;
    Call& operator=(Call const&) = delete;
    ~Call() {
      if (said) said(false);
    }
    Said said;
  };
  auto const call = std::make_shared<Call>(std::move(said));
  return [call](bool done) {
    if (auto const first = std::exchange(call->said, nullptr)) first(done);
  };
}

/// What is said under the same name takes the other's place.
std::string name_of(Post const& post) {
  if (post.key.empty()) return "row " + std::to_string(post.id.value);
  return post.key + '\n' + post.room.platform + '\n' + post.room.conversation + '\n' + post.room.thread + '\n' +
         post.person.value;
}

/// What a platform makes of it is the same, too: whom it asks in, who may read it.
bool says_the_same(Post const& one, Post const& other) {
  if (one.audience != other.audience || one.about.has_value() != other.about.has_value()) return false;
  if (one.about && (one.about->incident != other.about->incident || one.about->people != other.about->people))
    return false;
  auto const same = [](SettledPage const& a, SettledPage const& b) {
    return a.key == b.key && encode(a.message) == encode(b.message);
  };
  return one.settled.size() == other.settled.size() && encode(one.message) == encode(other.message) &&
         std::equal(one.settled.begin(), one.settled.end(), other.settled.begin(), same);
}

}  // namespace

class Outbox::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, Lane& lane, Clock const& clock) : io_(io), lane_(lane), clock_(clock) {}

  void add(Platform& platform) { platforms_.push_back({&platform, {}, {}}); }

  void say(Post const& post) {
    auto const those = those_for(post);
    // If one has not, its lease ends by itself and all are told again, which says nothing twice. Nobody can ever take
    // it (a room of a platform that is no longer configured): it is over.
    auto const said = all_said(those.size(), [this, id = post.id, lending = post.lending](bool all) {
      if (all) settle(id, lending);
    });
    for (auto* each : those) hand(*each, post, said);
  }

 private:
  struct UnderWay {
    Post post;
    std::vector<Said> said;
    std::optional<Post> next;  ///< the newest that came meanwhile
    /// Of each row its last lending: it is over with no other.
    std::map<std::int64_t, Said> next_said;
  };
  /// The first of a room that there was no place for.
  struct Refused {
    std::int64_t row = 0;
    Instant until{};
  };
  struct One {
    Platform* platform;
    std::map<std::string, UnderWay> under_way;
    std::map<std::string, Refused> refused{};  ///< by room
  };

  /// Its own, then those that tell of it, too. What is for one person goes where it was asked, if that reaches them.
  std::vector<One*> those_for(Post const& post) {
    std::vector<One*> found;
    auto const add_first = [&](auto const& its_own) {
      auto const at = std::find_if(platforms_.begin(), platforms_.end(), its_own);
      if (found.empty() && at != platforms_.end()) found.push_back(&*at);
    };
    auto const there = [&](One const& each) { return each.platform->name() == post.room.platform; };
    auto const reached = [&](One const& each) { return each.platform->reaches(post.person); };
    if (post.person.empty()) {
      add_first(there);
    } else {
      add_first([&](One const& each) { return there(each) && reached(each); });
      add_first(reached);
    }
    for (auto& each : platforms_) {
      if (post.person.empty() && each.platform->name() != post.room.platform && each.platform->also_tells(post))
        found.push_back(&each);
    }
    return found;
  }

  void hand(One& one, Post const& post, Said said) {
    auto const name = name_of(post);
    // What says nothing else is over when that is done.
    if (!post.message.blocks.empty()) one.platform->settle(post);
    if (auto const found = one.under_way.find(name); found != one.under_way.end()) {
      found->second.next = post;
      found->second.next_said[post.id.value] = std::move(said);
      return;
    }
    if (!has_room(one, post)) return said(false);
    auto& mine = one.under_way[name];
    mine.post = post;
    mine.said.push_back(std::move(said));
    begin(one, name, post);
  }

  /// What is refused comes again with its lease; what belongs into the same room must not overtake it meanwhile.
  bool has_room(One& one, Post const& post) {
    bool const urgent = post.about && is_urgent(post.about->incident);
    bool const full = one.under_way.size() >= kWithOne + (urgent ? kUrgentToo : 0);
    auto const room = post.room.platform + '\n' + post.room.conversation;
    auto const now = clock_.now();
    auto const first = one.refused.find(room);
    bool const behind = first != one.refused.end() && first->second.row != post.id.value && now < first->second.until;
    if (full && !behind) one.refused[room] = {post.id.value, now + kRefusedFor};
    if (full || (behind && !urgent)) return false;
    if (!behind && first != one.refused.end()) one.refused.erase(first);
    return true;
  }

  void begin(One& one, std::string const& name, Post const& post) {
    // Platforms answer on any thread, and some from inside.
    one.platform->post(post, called_once([self = weak_from_this(), &one, name, &io = io_](bool done) {
                         if (self.expired()) return;
                         boost::asio::post(io, [self, &one, name, done] {
                           if (auto const state = self.lock()) state->ended(one, name, done);
                         });
                       }));
  }

  void ended(One& one, std::string const& name, bool done) {
    auto const found = one.under_way.find(name);
    if (found == one.under_way.end()) return;
    auto& mine = found->second;
    auto said = std::exchange(mine.said, {});
    auto const next = std::exchange(mine.next, std::nullopt);
    if (next && done && says_the_same(mine.post, *next)) {
      // Its lease ended while it was being said: that was it.
      for (auto& [row, each] : mine.next_said) said.push_back(std::move(each));
      one.under_way.erase(found);
    } else if (next) {
      mine.post = *next;
      for (auto& [row, each] : std::exchange(mine.next_said, {})) mine.said.push_back(std::move(each));
      begin(one, name, *next);
    } else {
      one.under_way.erase(found);
    }
    for (auto const& each : said) each(done);
  }

  void settle(OutboxId id, std::int32_t lending) {
    lane_.submit([id, lending](Database& database, Instant) { store::settle_outbox(database, id, lending); },
                 [](std::exception_ptr) {});
  }

  boost::asio::io_context& io_;
  Lane& lane_;
  Clock const& clock_;
  std::list<One> platforms_;  ///< which stay where they are
};

Outbox::Outbox(boost::asio::io_context& io, Lane& lane, Clock const& clock)
    : state_(std::make_shared<State>(io, lane, clock)) {}
Outbox::~Outbox() = default;
void Outbox::add(Platform& platform) { state_->add(platform); }
void Outbox::say(std::vector<Post> posts) {
  for (auto const& post : posts) state_->say(post);
}

}  // namespace tocsin
