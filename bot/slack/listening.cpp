#include "bot/slack/listening.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cctype>
#include <utility>

#include "bot/log.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin::slack {
namespace {

constexpr char const* kChannelFact = "slack echo channel";
constexpr char const* kProvenFact = "slack echo heard";
constexpr Millis kShortestLook{200};
constexpr Millis kLongestLook{5'000};
constexpr int kLooks = 8;  ///< while it waits for its words

/// What the facts of an earlier run say.
struct Remembered {
  std::string channel;
  bool proven = false;
};

}  // namespace

class Listening::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)),
        echo_(parts_.limits),
        furnishing_({parts_.api, parts_.people, parts_.clock, parts_.setup, [] { return Self{}; }}),
        timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
  }

  void start(Self const& self) {
    self_ = self;
    if (std::exchange(started_, true)) return;
    auto const before = std::make_shared<Remembered>();
    parts_.lane.submit(
        [before](Database& database, Instant) {
          before->channel = store::fact(database, kChannelFact).value_or("");
          before->proven = store::fact(database, kProvenFact).has_value();
        },
        [self = shared_from_this(), before](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, before] {
            if (self->stopped_) return;
            self->channel_ = before->channel;
            self->echo_ = Echo(self->parts_.limits, before->proven);
            self->look();
          });
        });
  }

  void heard(ConnectionId id, Envelope const& envelope) {
    bool const own = waiting_ && !channel_.empty() && envelope.payload.find(channel_) != std::string::npos;
    bool const news = own && !echo_.proven();
    echo_.heard(id, own);
    if (own) waiting_ = false;
    if (news) remember(kProvenFact, "yes");
  }

 private:
  void remember(std::string name, std::string value) {
    parts_.lane.submit([name = std::move(name), value = std::move(value)](
                           Database& database, Instant now) { store::put_fact(database, name, value, now); },
                       [](std::exception_ptr) {});
  }

  void look() {
    auto const listen = echo_.look(parts_.ready(), parts_.now());
    if (listen.never_heard && !std::exchange(warned_, true))
      log_warn(
          "Slack: the bot's own words do not come back; does the app hear message.groups? Deaf sockets go unnoticed");
    if (!listen.deaf.empty()) {
      log_warn("Slack: {} sockets bring nothing, and are replaced", listen.deaf.size());
      parts_.deaf(listen.deaf);
    }
    if (listen.speak) speak();
    timer_.expires_after(std::clamp(parts_.limits.patience / kLooks, kShortestLook, kLongestLook));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled && !self->stopped_) self->look();
    });
  }

  void speak() {
    if (!channel_.empty()) return say();
    // Names are given once: one that was taken away is not used again.
    auto name = "tocsin-echo-" + (self_.bot.empty() ? self_.user : self_.bot) + std::exchange(suffix_, "");
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    furnishing_.create(name, true, [self = shared_from_this(), name](ApiResult const& made) {
      if (self->stopped_) return;
      if (!made) return self->could_not("make the channel " + name, made.error());
      self->channel_ = *made;
      self->remember(kChannelFact, self->channel_);
      self->say();
    });
  }

  void say() {
    auto const setup = parts_.setup();
    auto const reader = setup->reader_of({}, {}, Medium::plain);
    Call call{"chat.postMessage", {{"channel", channel_}}};
    call.arguments.emplace_back("text", setup->catalogue->render(Notice("slack.echo"), reader));
    call.channel = channel_;
    call.deadline = parts_.limits.patience;
    waiting_ = true;
    parts_.api.call(std::move(call), [self = shared_from_this()](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return self->could_not("speak", got.error());
      self->echo_.spoken(self->parts_.now());
      self->parts_.api.call({"chat.delete", {{"channel", self->channel_}, {"ts", text_in(*got, "/ts")}}},
                            [](ApiResult const&) {});
    });
  }

  void could_not(std::string const& what, ApiFailure const& failure) {
    waiting_ = false;
    echo_.not_spoken(parts_.now());
    if (failure.trouble == Trouble::gone) {
      channel_.clear();
      suffix_ = "-" + std::to_string(parts_.now().count() / 1000);
    }
    if (failure.error != std::exchange(could_not_, failure.error))
      log_warn("Slack: whether its sockets hear can't be tried; could not {}: {}", what, failure.error);
  }

  Parts parts_;
  Echo echo_;
  Furnishing furnishing_;
  boost::asio::steady_timer timer_;
  Self self_;
  std::string channel_;
  std::string suffix_;
  std::string could_not_;
  bool waiting_ = false;  ///< for its words
  bool warned_ = false;
  bool started_ = false;
  bool stopped_ = false;
};

Listening::Listening(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Listening::~Listening() { state_->stop(); }
void Listening::start(Self const& self) { state_->start(self); }
void Listening::heard(ConnectionId id, Envelope const& envelope) { state_->heard(id, envelope); }

}  // namespace tocsin::slack
