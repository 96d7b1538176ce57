#include "bot/slack/settling.hpp"

#include <utility>

#include "bot/all_said.hpp"
#include "bot/slack/carrier.hpp"
#include "bot/slack/worded.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kRemembered = 5'000;

}  // namespace

class Settling::State : public std::enable_shared_from_this<State> {
 public:
  using Done = std::function<void(bool)>;

  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void settle(Post const& post, Done const& done) {
    auto const one = all_said(post.settled.size(), done);
    for (auto const& page : post.settled) page.channel == "slack" ? settle(page, post.incident, one) : one(true);
  }

 private:
  void settle(SettledPage const& page, IncidentId incident, Done const& done) {
    auto const content = worded_for_person(page.message, *parts_.setup(), parts_.clock.now(), page.person, incident);
    // A card changes often, and this seldom: what it looked like is remembered.
    if (done_.size() > kRemembered) done_.clear();
    if (!done_.insert(page.key + content.digest).second) return done(true);
    say(page, content, done);
  }

  void say(SettledPage const& page, Rendered const& content, Done const& done) {
    parts_.people.direct(
        page.contact,
        [self = shared_from_this(), key = page.key, content, done](std::string const& channel, ApiFailure const&) {
          if (self->stopped_) return;
          if (channel.empty()) return self->failed(key, content, done);
          Saying saying{{channel, ""}, saying_key(key), content, Urgency::slow};
          saying.only_edit = true;
          self->parts_.posting.say(std::move(saying), [self, key, content, done](Said const& said) {
            if (said.kind == Said::Kind::later) return self->failed(key, content, done);
            done(true);
          });
        },
        Urgency::slow);
  }

  void failed(std::string const& key, Rendered const& content, Done const& done) {
    done_.erase(key + content.digest);
    done(false);
  }

  Parts parts_;
  std::set<std::string> done_;
  bool stopped_ = false;
};

Settling::Settling(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Settling::~Settling() { state_->stop(); }
void Settling::settle(Post const& post, std::function<void(bool)> const& done) { state_->settle(post, done); }

}  // namespace tocsin::slack
