#include "bot/dingtalk/dingtalk.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "bot/all_said.hpp"
#include "bot/chat/outside.hpp"
#include "bot/dingtalk/cards.hpp"
#include "bot/dingtalk/carrier.hpp"
#include "bot/dingtalk/directory.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/outside.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/dingtalk/posting.hpp"
#include "bot/dingtalk/reception.hpp"
#include "bot/dingtalk/rooms.hpp"
#include "bot/dingtalk/speaking.hpp"
#include "bot/dingtalk/stream.hpp"
#include "bot/dingtalk/work.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

/// A gap that short is nobody's news.
constexpr Millis kWorthTelling{30'000};
constexpr Millis kWorthTellingAtLeast{2'000};
/// What is pushed again, because nobody took it, has come by then.
constexpr Millis kCounting{3'000};
/// Rights that the app lacks are told again after a day, if they are still missing.
constexpr Moment kSameRefusal = std::chrono::hours{24};

SocketLimits limits_of(DingTalkOptions const& options, BotClock const& clock) {
  auto limits = stream_limits();
  limits.opens_per_minute = static_cast<std::size_t>(options.opens_per_minute);
  limits.silent = options.silence;
  limits.suspicious = options.silence * 2 / 3;
  limits.refused = by_clock(limits.refused, clock);
  limits.wordless = std::max(by_clock(*limits.wordless, clock), Millis{2'000});
  limits.life = std::max(by_clock(*limits.life, clock), Millis{2'000});
  return limits;
}

}  // namespace

class DingTalk::Body : public std::enable_shared_from_this<Body> {
 public:
  explicit Body(Parts parts)
      : parts_(std::move(parts)),
        options_(*parts_.setup()->config.chat.dingtalk),
        proxy_(chat::proxy_of(parts_.environment)),
        api_({parts_.io, hosts_of(options_), options_.client_id, options_.client_secret.value,
              chat::http_options(options_.ca_file, parts_.workdir, proxy_), [this] { return moment(); },
              [this] { return chance(); }, [this](ApiFailure const& failure) { refused(failure); }}),
        rooms_({parts_.io, api_, parts_.lane, parts_.setup, [this] { return moment(); }}),
        posting_({parts_.io, api_, parts_.clock, [this] { return moment(); },
                  [this](std::string const& conversation) { return rooms_.robot_in(conversation); },
                  repeated(*parts_.setup(), parts_.clock.now()),
                  [this](std::string const& name) { return file_lost(name); }}),
        cards_({parts_.io, api_, parts_.lane, parts_.setup, [this] { return parts_.chance.bits(); },
                [this](std::string const& conversation) { return rooms_.robot_in(conversation); }}),
        sockets_({parts_.io, "DingTalk", chat::socket_options(options_.ca_file, parts_.workdir, proxy_),
                  limits_of(options_, parts_.clock), [this] { return moment(); }, [this] { return chance(); },
                  [this](std::function<void(chat::Address)> done) { ask(std::move(done)); },
                  [this](std::string_view text) {
                    return meaning_of(text, [this](ConnectionId id, Push const& push) { reception_.take(id, push); });
                  },
                  [this](Health const& health) { changed(health); }}),
        directory_(
            {parts_.io, api_, parts_.lane, parts_.setup, [this] { return moment(); }, parts_.known, parts_.learned}),
        reception_({parts_.io, parts_.dispatcher, parts_.lane, parts_.clock, parts_.setup, posting_, cards_, directory_,
                    [this](ConnectionId id, std::string text) { sockets_.acknowledge(id, std::move(text)); }}),
        companion_({parts_.io, parts_.lane, parts_.clock, parts_.setup, posting_, cards_}),
        carrier_(std::make_shared<DingCarrier>(
            DingCarrier::Parts{parts_.io, api_, companion_, parts_.lane, options_.robot()})),
        work_(options_.agent_id == 0
                  ? nullptr
                  : std::make_shared<WorkCarrier>(WorkCarrier::Parts{parts_.io, api_, parts_.lane, options_.agent_id})),
        speaking_({parts_.clock, parts_.setup, posting_, cards_, rooms_,
                   [this](std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
                     recall(pages, std::move(done));
                   }}),
        timer_(parts_.io) {}

  ~Body() { end_carriers(); }

  void start() {
    sockets_.start();
    directory_.start();
    rooms_.start();
    // A right that is missing is better known now than at the first P0.
    for (auto& call : questions_of_right(options_)) api_.call(std::move(call), [](ApiResult const&) {});
  }

  void look_again() {
    if (!stopping_) directory_.look_again();
  }

  void stop(std::function<void()> done) {
    stopping_ = true;
    timer_.cancel();
    end_carriers();
    sockets_.stop(std::move(done));
  }

  void post(Post const& post, std::function<void(bool)> const& done) { speaking_.say(post, done); }
  void settle(Post const& post) {
    recall(post.settled, [](bool) {});
  }

  bool reaches(PersonId const& person) const {
    auto const setup = parts_.setup();
    auto const* known = setup->config.person(person);
    return known != nullptr && !known->identities.dingtalk.empty();
  }

  bool also_tells(Post const& post) const {
    if (!post.settled.empty()) return true;
    return post.about && !post.answer && !post.audience && !parts_.setup()->config.chat.dingtalk->group.empty();
  }

  std::shared_ptr<paging::Carrier> carrier() const { return carrier_; }
  std::shared_ptr<paging::Carrier> work_carrier() const { return work_; }
  bool hears() const { return health_.state == Health::State::well; }

  ChatFacts facts() const {
    ChatFacts facts{kPlatform, hears(), {}, 0, {}};
    facts.connections = chat::connections_of(sockets_.standing(), parts_.clock.now(), moment());
    return facts;
  }

 private:
  void end_carriers() {
    carrier_->end();
    if (work_) work_->end();
  }

  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
    auto const over = all_said(work_ ? 2 : 1, std::move(done));
    carrier_->recall(pages, over);
    if (work_) work_->recall(pages, over);
  }

  Moment moment() const { return parts_.clock.awake() + parts_.clock.asleep(); }
  double chance() { return share_of(parts_.chance); }

  static std::string repeated(Setup const& setup, Instant now) {
    return setup.catalogue->render(Notice("dingtalk.repeated"), setup.reader_of({}, now, Medium::chat));
  }

  std::string file_lost(std::string const& name) const {
    auto const setup = parts_.setup();
    auto const reader = setup->reader_of({}, parts_.clock.now(), Medium::chat);
    return markdown(setup->catalogue->render(Notice("dingtalk.file_lost").with("file", name), reader));
  }

  void ask(std::function<void(chat::Address)> done) {
    api_.fetch(open_request(hosts_of(options_).api, options_.client_id, options_.client_secret.value),
               [done = std::move(done)](net::FetchResult const& got) { done(address_of(got)); });
  }

  /// A right that is missing is told once, wherever people are; a connection that is refused tells of itself.
  void refused(ApiFailure const& failure) {
    auto const what =
        failure.needed.empty() ? failure.error.substr(0, failure.error.find(" (request")) : failure.needed;
    auto const now = moment();
    if (auto const told = told_.find(what); told != told_.end() && now - told->second < kSameRefusal) return;
    told_[what] = now;
    log_warn("DingTalk refuses: {}", failure.error);
    parts_.tell(Notice("dingtalk.no_right").with("detail", what), true);
  }

  void again_in(Millis wait, std::function<void()> what) {
    timer_.expires_after(wait);
    timer_.async_wait([self = weak_from_this(), what = std::move(what)](boost::system::error_code cancelled) {
      auto const body = self.lock();
      if (!cancelled && body && !body->stopping_) what();
    });
  }

  void well() {
    timer_.cancel();
    if (!told_hurt_) return;
    auto const now = parts_.clock.now();
    again_in(kCounting, [this, now] {
      if (!hears() || !std::exchange(told_hurt_, false)) return;
      parts_.tell(Notice("dingtalk.back").with("at", now).with("length", now - since_), false);
    });
  }

  /// A refusal is told at once, for it lasts; a gap only once it is long enough to matter.
  void changed(Health const& health) {
    auto const before = std::exchange(health_, health);
    if (health.state == before.state && health.error == before.error) return;
    if (health.state == Health::State::well) {
      if (before.state != Health::State::well) log_info("DingTalk is connected");
      return well();
    }
    if (before.state == Health::State::well || before.state == Health::State::starting) {
      if (!told_hurt_) since_ = parts_.clock.now();
    }
    log_warn("DingTalk: {}", health.error.empty() ? "no connection" : health.error);
    if (health.state == Health::State::refused) {
      told_hurt_ = true;
      return parts_.tell(Notice("dingtalk.refused").with("detail", health.error), true);
    }
    if (told_hurt_ || health.state == Health::State::starting) return;
    again_in(std::max(by_clock(kWorthTelling, parts_.clock), kWorthTellingAtLeast), [this] {
      if (health_.state != Health::State::cut_off || std::exchange(told_hurt_, true)) return;
      parts_.tell(Notice("dingtalk.cut_off").with("since", since_).with("detail", health_.error), true);
    });
  }

  Parts parts_;
  DingTalkOptions const options_;
  std::optional<net::Proxy> const proxy_;
  OpenApi api_;
  Rooms rooms_;
  Posting posting_;
  Cards cards_;
  chat::Sockets sockets_;
  DingDirectory directory_;
  Reception reception_;
  Companion companion_;
  std::shared_ptr<DingCarrier> carrier_;
  std::shared_ptr<WorkCarrier> work_;
  Speaking speaking_;
  boost::asio::steady_timer timer_;
  Health health_;
  std::map<std::string, Moment> told_;  ///< what is refused
  Instant since_{};
  bool told_hurt_ = false;
  bool stopping_ = false;
};

DingTalk::DingTalk(Parts parts) : body_(std::make_shared<Body>(std::move(parts))) {}
DingTalk::~DingTalk() = default;
void DingTalk::start() { body_->start(); }
void DingTalk::look_again() { body_->look_again(); }
void DingTalk::stop(std::function<void()> done) { body_->stop(std::move(done)); }
void DingTalk::post(Post const& post, std::function<void(bool)> done) { body_->post(post, done); }
void DingTalk::settle(Post const& post) { body_->settle(post); }
bool DingTalk::reaches(PersonId const& person) const { return body_->reaches(person); }
bool DingTalk::also_tells(Post const& post) const { return body_->also_tells(post); }
std::shared_ptr<paging::Carrier> DingTalk::carrier() const { return body_->carrier(); }
std::shared_ptr<paging::Carrier> DingTalk::work_carrier() const { return body_->work_carrier(); }
ChatFacts DingTalk::facts() const { return body_->facts(); }
bool DingTalk::hears() const { return body_->hears(); }

}  // namespace tocsin::dingtalk
