#include "bot/slack/settling.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

#include "bot/all_said.hpp"
#include "bot/slack/carrier.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/worded.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kMostSettled = 5'000;
constexpr std::chrono::seconds kAgain{30};
constexpr int kTriesToSettle = 10;

}  // namespace

class Settling::State : public std::enable_shared_from_this<State> {
 public:
  using Done = std::function<void(bool)>;

  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void settle(Post const& post, Done const& done) {
    auto const one = all_said(post.settled.size(), done);
    for (auto const& page : post.settled)
      page.channel == kPlatform ? settle(page, post.incident, kTriesToSettle, one) : one(true);
  }

 private:
  struct Job {
    SettledPage page;
    IncidentId incident;
    Rendered content;
    int tries = 0;
  };

  void settle(SettledPage const& page, IncidentId incident, int tries, Done const& done) {
    auto const content = worded_for_person(page.message, *parts_.setup(), parts_.clock.now(), page.person, incident);
    // A card changes often, and this seldom: what it looked like is remembered.
    if (done_.size() > kMostSettled) done_.clear();
    auto const [known, is_new] = done_.try_emplace(page.key, content.digest);
    if (!is_new && known->second == content.digest) return done(true);
    known->second = content.digest;
    say({page, incident, content, tries}, done);
  }

  void say(Job const& job, Done const& done) {
    parts_.people.direct(
        job.page.contact,
        [self = shared_from_this(), job, done](std::string const& channel, ApiFailure const&) {
          if (self->stopped_) return;
          if (channel.empty()) return self->failed(job, done);
          Saying saying{{channel, ""}, saying_key(job.page.key), job.content, Urgency::slow};
          saying.only_edit = true;
          self->parts_.posting.say(std::move(saying), [self, job, done](Said const& said) {
            if (said.kind == Said::Kind::later) return self->failed(job, done);
            done(true);
          });
        },
        Urgency::slow);
  }

  /// It may be named again only when something else happens.
  void failed(Job const& job, Done const& done) {
    auto const known = done_.find(job.page.key);
    bool const newest = known != done_.end() && known->second == job.content.digest;
    if (newest) done_.erase(known);
    done(false);
    if (!newest || job.tries <= 1) return;
    auto const timer = std::make_shared<boost::asio::steady_timer>(parts_.io, kAgain);
    timer->async_wait([self = weak_from_this(), job, timer](boost::system::error_code cancelled) {
      auto const state = self.lock();
      // Unless something newer was said there meanwhile.
      if (!cancelled && state && !state->stopped_ && !state->done_.contains(job.page.key))
        state->settle(job.page, job.incident, job.tries - 1, [](bool) {});
    });
  }

  Parts parts_;
  std::map<std::string, std::string> done_;  ///< by key: what it looks like, or is about to
  bool stopped_ = false;
};

Settling::Settling(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Settling::~Settling() { state_->stop(); }
void Settling::settle(Post const& post, std::function<void(bool)> const& done) { state_->settle(post, done); }

}  // namespace tocsin::slack
