#include "bot/dingtalk/progress.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <utility>

#include "bot/dingtalk/worded.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr Millis kShownAfter{2'000};
/// DingTalk takes one change of a card in 0.8 s.
constexpr Millis kBetween{1'000};
constexpr Millis kLater{5'000};
constexpr int kTriesAtTheEnd = 5;

/// How far it is, without what it found: the answer alone knows whether a room may read that.
Message without_output(Message const& message) {
  Message bare;
  for (auto const& block : message.blocks) {
    if (std::holds_alternative<Say>(block) || std::holds_alternative<Progress>(block)) bare.blocks.push_back(block);
  }
  return bare;
}

/// The first thing that it says.
Message headline_of(Message const& message) {
  Message headline;
  if (!message.blocks.empty()) headline.blocks.push_back(message.blocks.front());
  return headline;
}

}  // namespace

class ProgressCards::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void stop() {
    stopped_ = true;
    for (auto& [id, work] : works_) work.timer->cancel();
    works_.clear();
  }

  void begun(Inbound const& inbound, Reply const& reply) {
    Work work{inbound, reply, reply, std::make_shared<boost::asio::steady_timer>(parts_.io)};
    works_.insert_or_assign(inbound.id, std::move(work));
    wait(inbound.id, kShownAfter);
  }

  void is_so_far(Inbound const& inbound, Reply const& reply) {
    auto const found = works_.find(inbound.id);
    if (found == works_.end()) return;
    found->second.newest = reply;
    found->second.fresh = true;
    if (found->second.shown) go_on(found);
  }

  void over(Inbound const& inbound, Reply const& reply) {
    auto const found = works_.find(inbound.id);
    if (found == works_.end()) return;
    auto& work = found->second;
    if (!work.shown && !work.busy) return static_cast<void>(take(found));
    work.newest = reply;
    // What a room must not read is told to whoever asked alone.
    bool const hushed = reply.confidential && !inbound.direct;
    work.newest.message = hushed ? Message(Notice("progress.over")) : headline_of(reply.message);
    work.fresh = true;
    work.over = true;
    go_on(found);
  }

 private:
  struct Work {
    Inbound inbound;
    Reply accepted;  ///< that it was begun
    Reply newest;
    std::shared_ptr<boost::asio::steady_timer> timer;
    bool fresh = true;  ///< `newest` is not shown yet
    bool shown = false;
    bool busy = false;  ///< being shown, or it was just now
    bool over = false;
    int tries = 0;  ///< to show that
  };
  using Works = std::map<std::string, Work>;

  Work take(Works::iterator found) {
    auto work = std::move(found->second);
    works_.erase(found);
    work.timer->cancel();
    return work;
  }

  void wait(std::string const& id, Millis length) {
    auto const timer = works_.at(id).timer;
    timer->expires_after(length);
    timer->async_wait([self = weak_from_this(), id, timer](boost::system::error_code cancelled) {
      auto const state = self.lock();
      if (cancelled || !state || state->stopped_) return;
      auto const found = state->works_.find(id);
      if (found == state->works_.end() || found->second.timer != timer) return;
      found->second.busy = false;
      state->go_on(found);
    });
  }

  bool has_cards() const { return !parts_.setup()->config.chat.dingtalk->card_template.empty(); }

  void go_on(Works::iterator found) {
    auto& work = found->second;
    if (work.busy) return;
    if (!work.fresh && work.over) return static_cast<void>(take(found));
    if (!work.fresh) return;
    if (!has_cards()) {
      auto const gone = take(found);
      if (!gone.shown) parts_.say(gone.inbound, gone.accepted);
      return;
    }
    work.fresh = false;
    work.busy = true;
    show(work);
  }

  void show(Work const& work) {
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    Saying saying;
    saying.conversation = work.inbound.room.conversation;
    saying.key = "progress:" + work.inbound.id;
    saying.urgency = Urgency::slow;
    bool const group = staff_of(saying.conversation).empty();
    auto const bare = group ? without_output(work.newest.message) : work.newest.message;
    saying.content = group ? worded_for_group(bare, *setup, now, setup->config.chat.dingtalk->name)
                           : worded_for_person(work.newest.message, *setup, now, work.newest.caller.person);
    parts_.cards.show(std::move(saying), [self = shared_from_this(), id = work.inbound.id](Said const& said) {
      if (!self->stopped_) self->was_shown(id, said);
    });
  }

  void was_shown(std::string const& id, Said const& said) {
    auto const found = works_.find(id);
    if (found == works_.end()) return;
    auto& work = found->second;
    bool const first = !std::exchange(work.shown, true);
    if (said.kind == Said::Kind::said) return wait(id, kBetween);
    if (said.kind == Said::Kind::later && work.over && ++work.tries < kTriesAtTheEnd) {
      work.fresh = true;
      return wait(id, kLater);
    }
    log_warn("DingTalk: how far something is could not be shown: {}", said.error);
    auto const gone = take(found);
    if (first && !gone.over) parts_.say(gone.inbound, gone.accepted);
  }

  Parts parts_;
  Works works_;
  bool stopped_ = false;
};

ProgressCards::ProgressCards(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
ProgressCards::~ProgressCards() { state_->stop(); }
void ProgressCards::begun(Inbound const& inbound, Reply const& reply) { state_->begun(inbound, reply); }
void ProgressCards::is_so_far(Inbound const& inbound, Reply const& reply) { state_->is_so_far(inbound, reply); }
void ProgressCards::over(Inbound const& inbound, Reply const& reply) { state_->over(inbound, reply); }

}  // namespace tocsin::dingtalk
