#include "bot/slack/settling.hpp"

#include <utility>

#include "bot/slack/carrier.hpp"
#include "bot/slack/worded.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kRemembered = 5'000;

}  // namespace

class Settling::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void settle(Post const& post) {
    for (auto const& page : post.settled) {
      if (page.channel != "slack") continue;
      auto const content =
          worded_for_person(page.message, *parts_.setup(), parts_.clock.now(), page.person, post.incident);
      // A card changes often, and this seldom: what it looked like is remembered.
      if (done_.size() > kRemembered) done_.clear();
      if (!done_.insert(page.key + content.digest).second) continue;
      say(page, content);
    }
  }

 private:
  void say(SettledPage const& page, Rendered const& content) {
    parts_.people.direct(page.contact, [self = shared_from_this(), key = page.key, content](std::string const& channel,
                                                                                            ApiFailure const&) {
      if (self->stopped_) return;
      if (channel.empty()) return self->forget(key, content);
      Saying saying{{channel, ""}, saying_key(key), content, Urgency::slow};
      saying.only_edit = true;
      self->parts_.posting.say(std::move(saying), [self, key, content](Said const& said) {
        if (said.kind == Said::Kind::later) self->forget(key, content);
      });
    });
  }

  void forget(std::string const& key, Rendered const& content) { done_.erase(key + content.digest); }

  Parts parts_;
  std::set<std::string> done_;
  bool stopped_ = false;
};

Settling::Settling(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Settling::~Settling() { state_->stop(); }
void Settling::settle(Post const& post) { state_->settle(post); }

}  // namespace tocsin::slack
