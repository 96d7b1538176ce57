#include "bot/slack/watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "bot/log.hpp"

namespace tocsin::slack {

class Watch::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
  }

  void token_refused(ApiFailure const& failure) {
    if (stopped_ || !std::exchange(refusal_, failure.error).empty()) return;
    since_ = parts_.clock.now();
    log_warn("Slack lets the bot say nothing: {}", failure.error);
    parts_.tell(Notice("slack.token").with("detail", failure.error), true);
    ask_later();
  }

  bool token_good() const { return refusal_.empty(); }

  void look(bool missing, std::string const& trouble) {
    auto const now = parts_.clock.now();
    if (!missing) {
      thin_since_.reset();
      told_thin_ = false;
      return;
    }
    if (!thin_since_) thin_since_ = now;
    if (now - *thin_since_ < parts_.thin || std::exchange(told_thin_, true)) return;
    log_warn("Slack: one connection is missing: {}", trouble);
    parts_.tell(Notice("slack.thin").with("since", *thin_since_).with("detail", trouble), true);
  }

 private:
  void ask_later() {
    timer_.expires_after(parts_.again);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled && !self->stopped_) self->ask();
    });
  }

  void ask() {
    parts_.api.call({"auth.test", {}}, [self = shared_from_this()](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return self->ask_later();
      self->refusal_.clear();
      auto const now = self->parts_.clock.now();
      self->parts_.tell(Notice("slack.back").with("at", now).with("length", now - self->since_), false);
    });
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  std::string refusal_;  ///< of the token; empty: it is taken
  Instant since_{};
  std::optional<Instant> thin_since_;
  bool told_thin_ = false;
  bool stopped_ = false;
};

Watch::Watch(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Watch::~Watch() { state_->stop(); }
void Watch::token_refused(ApiFailure const& failure) { state_->token_refused(failure); }
bool Watch::token_good() const { return state_->token_good(); }
void Watch::look(bool missing, std::string const& trouble) { state_->look(missing, trouble); }

}  // namespace tocsin::slack
