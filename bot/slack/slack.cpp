#include "bot/slack/slack.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "bot/chat/outside.hpp"
#include "bot/log.hpp"
#include "bot/slack/answering.hpp"
#include "bot/slack/carrier.hpp"
#include "bot/slack/catch_up.hpp"
#include "bot/slack/homes.hpp"
#include "bot/slack/listening.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/reception.hpp"
#include "bot/slack/settling.hpp"
#include "bot/slack/socket_mode.hpp"
#include "bot/slack/speaking.hpp"
#include "bot/slack/watch.hpp"
#include "bot/slack/worded.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {
namespace {

constexpr Millis kIntroduced{10'000};  // from then on it is said that nobody answers
constexpr Millis kAskAgain{5'000};
constexpr Millis kAskMuchLater{300'000};
/// A gap that short is nobody's news.
constexpr Millis kWorthTelling{30'000};
constexpr Millis kWorthTellingAtLeast{2'000};
/// What was typed meanwhile has come by then: Slack's second tries, and what is read from the history.
constexpr Millis kCounting{3'000};
constexpr Millis kCountingFor{60'000};  // if that takes longer
/// What nobody took comes again about so long.
constexpr Moment kSecondTries{10'000};
/// A connection may be dead for so long before it is noticed.
constexpr Millis kUnnoticed{35'000};
/// It may have been deaf since it was last asked.
constexpr Millis kDeafAtMost = std::chrono::minutes{15};
constexpr Millis kWatch{20'000};
constexpr Millis kWatchAtLeast{1'000};
constexpr Moment kIdle{40'000};
/// With one connection left the next loss is a gap.
constexpr Millis kThin = std::chrono::minutes{5};
constexpr char const* kConnectedFact = "slack connected";

SocketLimits limits_of(SlackOptions const& options, BotClock const& clock) {
  SocketLimits limits;
  limits.opens_per_minute = static_cast<std::size_t>(options.opens_per_minute);
  limits.silent = options.silence;
  limits.suspicious = options.silence * 2 / 3;
  limits.crowded = by_clock(limits.crowded, clock);
  limits.refused = by_clock(limits.refused, clock);
  return limits;
}

/// Slack and the network between keep real time, however fast the clock is.
EchoLimits echo_limits(BotClock const& clock) {
  constexpr Millis kShortest{2'000};
  EchoLimits limits;
  limits.quiet = std::max(by_clock(limits.quiet, clock), kShortest);
  limits.patience = std::max(by_clock(limits.patience, clock), kShortest);
  limits.longest = std::max(by_clock(limits.longest, clock), kShortest);
  return limits;
}

}  // namespace

class Slack::Body : public std::enable_shared_from_this<Body> {
 public:
  explicit Body(Parts parts)
      : parts_(std::move(parts)),
        options_(*parts_.setup()->config.chat.slack),
        proxy_(chat::proxy_of(parts_.environment)),
        api_({parts_.io, options_.api_url, options_.app_token.value, options_.bot_token.value,
              chat::http_options(options_.ca_file, parts_.workdir, proxy_), [this] { return moment(); },
              [this] { return chance(); },
              [this](ApiFailure const& failure) {
                // Before it is known who the bot is, that is the whole news.
                if (!self_.user.empty()) watch_.token_refused(failure);
              }}),
        people_({api_, parts_.setup, [this] { return moment(); }}),
        posting_({parts_.io, api_, parts_.lane, parts_.clock,
                  [this](std::string const& file, std::string const& error) {
                    return worded_for_channel(slack::no_file(file, error), *parts_.setup(), parts_.clock.now(),
                                              self_.user, {});
                  }}),
        homes_({parts_.io, api_, parts_.lane, parts_.clock, parts_.setup, posting_, people_, [this] { return self_; },
                [this](Message const& message, IncidentId about, std::vector<std::string> const& calls) {
                  return worded_for_channel(message, *parts_.setup(), parts_.clock.now(), self_.user, about, calls);
                },
                [this](Message const& message) { return topic_of(message, *parts_.setup(), parts_.clock.now()); }}),
        settling_({parts_.io, posting_, people_, parts_.clock, parts_.setup}),
        sockets_({parts_.io, "Slack", chat::socket_options(options_.ca_file, parts_.workdir, proxy_),
                  limits_of(options_, parts_.clock), [this] { return moment(); }, [this] { return chance(); },
                  [this](std::function<void(chat::Address)> done) { ask_for_address(api_, std::move(done)); },
                  [this](std::string_view text) {
                    return meaning_of(text, [this](ConnectionId id, Envelope const& envelope) {
                      listening_.heard(id, envelope);
                      reception_.take(id, envelope);
                    });
                  },
                  [this](Health const& health) { changed(health); }}),
        listening_({parts_.io, api_, people_, parts_.lane, parts_.clock, parts_.setup, echo_limits(parts_.clock),
                    [this] { return moment(); }, [this] { return sockets_.ready_ids(); },
                    [this](std::vector<ConnectionId> const& ids) {
                      sockets_.deaf(ids);
                      catch_up_.read(parts_.clock.now() - kDeafAtMost);
                    }}),
        answering_({parts_.io, parts_.lane, parts_.clock, [this] { return moment(); }, parts_.setup, api_, posting_,
                    people_, homes_,
                    [this](ConnectionId id, std::string text) { sockets_.acknowledge(id, std::move(text)); },
                    [this] { return moment() < gap_until_; }, [this] { return self_; }}),
        marking_({api_, parts_.io, parts_.lane, parts_.setup, parts_.committed}),
        speaking_({parts_.clock, parts_.setup, people_, posting_, homes_, settling_, answering_, marking_,
                   [this] { return self_; }}),
        reception_({parts_.io, parts_.dispatcher, parts_.lane, parts_.clock, [this] { return moment(); }, parts_.setup,
                    api_, people_, homes_, answering_, marking_, [this] { return self_; }, parts_.committed}),
        catch_up_({parts_.io, api_, people_, parts_.lane, parts_.clock, parts_.setup, [this] { return self_; },
                   [this](std::string const& event) { reception_.missed(event); },
                   [this](std::string const& channel) { homes_.lost(channel); }}),
        carrier_(std::make_shared<DirectCarrier>(parts_.io, people_, posting_, api_)),
        timer_(parts_.io),
        introduction_(parts_.io),
        minute_(parts_.io),
        watch_({parts_.io, api_, parts_.clock, by_clock(kAskMuchLater, parts_.clock), kThin, parts_.tell}) {}

  ~Body() { carrier_->end(); }

  void start() {
    remember();
    introduce();
  }

  void stop(std::function<void()> done) {
    stopping_ = true;
    timer_.cancel();
    introduction_.cancel();
    minute_.cancel();
    if (hears()) catch_up_.well();
    carrier_->end();
    sockets_.stop(std::move(done));
  }

  void post(Post const& post, std::function<void(bool)> const& done) { speaking_.say(post, done); }

  void settle(Post const& post) {
    settling_.settle(post, [](bool) {});
  }

  bool reaches(PersonId const& person) const {
    auto const setup = parts_.setup();
    auto const* known = setup->config.person(person);
    return known != nullptr && !known->identities.slack.empty();
  }

  bool also_tells(Post const& post) const {
    if (!post.settled.empty()) return true;
    return post.about && !post.answer && !parts_.setup()->config.chat.slack->channel.empty();
  }

  std::shared_ptr<paging::Carrier> carrier() const { return carrier_; }

  bool hears() const { return health_.state == Health::State::well && !health_.deaf; }

  ChatFacts facts() const {
    ChatFacts facts{kPlatform, hears() && watch_.token_good(), {}, health_.strangers, answering_.pace()};
    facts.connections = chat::connections_of(sockets_.standing(), parts_.clock.now(), moment());
    return facts;
  }

 private:
  /// Who the bot is must be known before anything is taken: what it says itself comes back to it.
  void introduce() {
    Call call{"auth.test", {}};
    call.urgency = Urgency::urgent;
    call.deadline = kIntroduced;
    api_.call(std::move(call), [self = weak_from_this()](ApiResult const& got) {
      if (auto const body = self.lock()) body->introduced(got);
    });
  }

  Moment moment() const { return parts_.clock.awake() + parts_.clock.asleep(); }
  double chance() { return share_of(parts_.chance); }

  void introduced(ApiResult const& got) {
    if (stopping_) return;
    if (got) {
      self_ = {text_in(*got, "/user_id"), text_in(*got, "/bot_id")};
      log_info("Slack: {} in {}", text_in(*got, "/user"), text_in(*got, "/team"));
      return connect();
    }
    auto const& failure = got.error();
    bool const lasting = failure.trouble == Trouble::credential || failure.trouble == Trouble::scope ||
                         failure.trouble == Trouble::refused;
    Health health;
    health.state = lasting ? Health::State::refused : Health::State::cut_off;
    health.error = refusal_of(failure).error;
    changed(health);
    // By a timer of its own: that of `changed` tells of the outage.
    introduction_.expires_after(lasting ? by_clock(kAskMuchLater, parts_.clock) : kAskAgain);
    introduction_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
      auto const body = self.lock();
      if (!cancelled && body && !body->stopping_) body->introduce();
    });
  }

  /// Was there a run before this one, in whose end something may have been on its way?
  void remember() {
    auto const before = std::make_shared<bool>(false);
    parts_.lane.submit(
        [before](Database& database, Instant now) {
          *before = store::fact(database, kConnectedFact).has_value();
          store::put_fact(database, kConnectedFact, "yes", now);
        },
        [self = weak_from_this(), before, &io = parts_.io](std::exception_ptr failed) {
          boost::asio::post(io, [self, before, failed] {
            auto const body = self.lock();
            if (!body || body->stopping_) return;
            body->was_here_ = *before || failed;
            body->remembers_ = true;
            body->connect();
          });
        });
  }

  void connect() {
    if (self_.user.empty() || !remembers_) return;
    sockets_.start();
    listening_.start(self_);
    keep_watch();
  }

  void again_in(Millis wait, std::function<void()> what) {
    timer_.expires_after(wait);
    timer_.async_wait([self = weak_from_this(), what = std::move(what)](boost::system::error_code cancelled) {
      auto const body = self.lock();
      if (!cancelled && body && !body->stopping_) what();
    });
  }

  void after_a_gap() {
    gap_until_ = moment() + kSecondTries;
    if (!connected_) return catch_up_.read_since_last_run();
    catch_up_.read(since_ - kUnnoticed);
  }

  void keep_watch() {
    minute_.expires_after(std::max(by_clock(kWatch, parts_.clock), kWatchAtLeast));
    minute_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
      auto const body = self.lock();
      if (cancelled || !body || body->stopping_) return;
      body->look_around();
      body->keep_watch();
    });
  }

  void look_around() {
    if (hears()) catch_up_.well();
    auto const ready = sockets_.standing().size();
    watch_.look(ready > 0 && ready < SocketLimits{}.sockets, sockets_.trouble());
    // A form must open within three seconds: its connection is there already. And a token that is taken no more is
    // known before it is needed.
    if (moment() - api_.last() < std::max(by_clock(kIdle, parts_.clock), kWatchAtLeast)) return;
    Call call{"auth.test", {}};
    call.urgency = Urgency::slow;
    call.once = true;
    api_.call(std::move(call), [](ApiResult const&) {});
  }

  void told_well() {
    timer_.cancel();
    if (!told_hurt_) return;
    well_since_ = parts_.clock.now();
    tell_back_soon(kCountingFor);
  }

  void tell_back_soon(Millis patience) {
    again_in(kCounting, [this, patience] {
      if (!hears()) return;
      // Of a long gap there is much to read.
      if (catch_up_.is_reading() && patience > kCounting) return tell_back_soon(patience - kCounting);
      if (std::exchange(told_hurt_, false)) tell_back();
    });
  }

  void tell_back() {
    auto const events = std::make_shared<std::int64_t>(0);
    auto const now = well_since_;
    parts_.lane.submit(
        [events, since = since_](Database& database, Instant) {
          *events = store::happened_since(database, kPlatform, since);
        },
        [self = weak_from_this(), events, now, since = since_, &io = parts_.io](std::exception_ptr) {
          boost::asio::post(io, [self, events, now, since] {
            auto const body = self.lock();
            if (!body || body->stopping_) return;
            auto back = Notice("slack.back").with("at", now).with("length", now - since);
            if (*events > 0) back.with("events", *events);
            if (auto const late = body->answering_.late(); late > 0) back.with("commands", late);
            body->parts_.tell(back, false);
          });
        });
  }

  /// Unless it was told of already, and the end of it not yet: then it goes on.
  void hurts() {
    if (told_hurt_) return;
    since_ = parts_.clock.now();
    answering_.forget_late();
  }

  Millis worth_telling() const { return std::max(by_clock(kWorthTelling, parts_.clock), kWorthTellingAtLeast); }

  /// As a rule those that come instead hear again; only if not, it is told.
  void deaf_changed(bool deaf) {
    if (health_.state != Health::State::well) return;
    if (!deaf) return told_well();
    hurts();
    again_in(worth_telling(), [this] {
      if (!health_.deaf || std::exchange(told_hurt_, true)) return;
      parts_.tell(Notice("slack.deaf").with("since", since_), true);
    });
  }

  /// A refusal is told at once, for it lasts; a gap only once it is long enough to matter.
  void changed(Health const& health) {
    auto const before = std::exchange(health_, health);
    if (health.strangers > 0 && health.strangers != before.strangers)
      log_warn("Slack counts {} more sockets of this app than are ours: another bot, or ghosts, take their share",
               health.strangers);
    if (health.deaf != before.deaf) deaf_changed(health.deaf);
    if (health.state == before.state && health.error == before.error) return;
    if (health.state == Health::State::well) {
      if (before.state != Health::State::well) {
        log_info("Slack is connected");
        was_here_ ? after_a_gap() : catch_up_.well();
        was_here_ = true;
        connected_ = true;
      }
      return told_well();
    }
    if (before.state == Health::State::well || before.state == Health::State::starting) hurts();
    log_warn("Slack: {}", health.error.empty() ? "no connection" : health.error);
    if (health.state == Health::State::refused) {
      told_hurt_ = true;
      return parts_.tell(Notice("slack.refused").with("detail", health.error), true);
    }
    if (told_hurt_ || health.state == Health::State::starting) return;
    again_in(worth_telling(), [this] {
      if (health_.state != Health::State::cut_off || std::exchange(told_hurt_, true)) return;
      parts_.tell(Notice("slack.cut_off").with("since", since_).with("detail", health_.error), true);
    });
  }

  Parts parts_;
  SlackOptions const options_;
  std::optional<net::Proxy> const proxy_;
  Self self_;
  WebApi api_;
  People people_;
  Posting posting_;
  Homes homes_;
  Settling settling_;
  chat::Sockets sockets_;
  Listening listening_;
  Answering answering_;
  Marking marking_;
  Speaking speaking_;
  Reception reception_;
  CatchUp catch_up_;
  std::shared_ptr<DirectCarrier> carrier_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer introduction_;
  boost::asio::steady_timer minute_;
  Watch watch_;
  Health health_;
  Moment gap_until_{};
  bool remembers_ = false;  ///< what follows is known
  bool was_here_ = false;   ///< connected before: in this run or an earlier one
  bool connected_ = false;  ///< in this run
  Instant since_{};
  Instant well_since_{};  ///< again, which is not told yet
  bool told_hurt_ = false;
  bool stopping_ = false;
};

Slack::Slack(Parts parts) : body_(std::make_shared<Body>(std::move(parts))) {}
Slack::~Slack() = default;
void Slack::start() { body_->start(); }
void Slack::stop(std::function<void()> done) { body_->stop(std::move(done)); }
void Slack::post(Post const& post, std::function<void(bool)> done) { body_->post(post, done); }
void Slack::settle(Post const& post) { body_->settle(post); }
bool Slack::reaches(PersonId const& person) const { return body_->reaches(person); }
bool Slack::also_tells(Post const& post) const { return body_->also_tells(post); }
std::shared_ptr<paging::Carrier> Slack::carrier() const { return body_->carrier(); }
ChatFacts Slack::facts() const { return body_->facts(); }
bool Slack::hears() const { return body_->hears(); }

}  // namespace tocsin::slack
