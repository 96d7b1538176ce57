#include "bot/dingtalk/reception.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <set>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/dingtalk/gesture.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/dingtalk/progress.hpp"
#include "bot/dingtalk/worded.hpp"
#include "bot/log.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr std::string_view kRun = "run";
constexpr std::size_t kRememberedGestures = 2'000;
/// A push that nobody took comes again after sixteen seconds and after a minute. A press later than that is meant.
constexpr Millis kAgain{75'000};

constexpr std::size_t kFileName = 80;  // characters

std::string cut_name(std::string const& name) {
  return std::string(chat::first_characters(one_line(chat::plain_output(name)), kFileName));
}

bool is_final(Reply const& reply) {
  return reply.state != Reply::State::accepted && reply.state != Reply::State::progress;
}

}  // namespace

class Reception::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)),
        progress_({parts_.io, parts_.clock, parts_.setup, parts_.cards,
                   [this](Inbound const& inbound, Reply const& reply) { answer(inbound, reply); }}) {}

  void stop() { stopped_ = true; }

  void take(ConnectionId connection, Push const& push) {
    auto const gesture = gesture_of(push, parts_.setup()->config.chat.dingtalk->name);
    auto const ack = std::make_shared<Ack>(Ack{connection, push});
    std::visit([&](auto const& what) { act(ack, gesture.key, what); }, gesture.what);
  }

 private:
  struct Ack {
    ConnectionId connection;
    Push push;
    bool given = false;
  };
  using AckPtr = std::shared_ptr<Ack>;

  void acknowledge(AckPtr const& ack, Receipt receipt = Receipt::taken) {
    if (stopped_ || std::exchange(ack->given, true)) return;
    // A card stays as it is until it is updated: what a click changes is known once it is stored.
    bool const card = ack->push.topic == kCardTopic;
    parts_.acknowledge(ack->connection, card ? card_reply(ack->push.message, {}) : reply(ack->push, receipt));
  }

  /// Of an event that means nothing here DingTalk wants to know no more.
  void act(AckPtr const& ack, std::string const&, Nothing const&) {
    bool const known =
        ack->push.kind == Push::Kind::event || ack->push.topic == kBotTopic || ack->push.topic == kCardTopic;
    acknowledge(ack, known ? Receipt::taken : Receipt::unknown);
  }

  void act(AckPtr const& ack, std::string const& key, Typed const& typed) {
    if (typed.staff.empty()) return turn_away(ack, key, typed);
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.id = key;
    inbound.account = typed.staff;
    inbound.room = {kPlatform, typed.group ? typed.conversation : alone_with(typed.staff), ""};
    inbound.direct = !typed.group;
    // In a group only what mentions the robot comes at all.
    inbound.addressed = typed.group;
    inbound.from_speech = typed.spoken;
    inbound.text = typed.text;
    if (typed.at != Instant{}) inbound.sent = typed.at;
    inbound.post_answer = true;
    inbound.mentioned = typed.mentioned;
    inbound.attached = in_words(typed.attachments);
    parts_.posting.remember(inbound.room.conversation, typed.webhook, typed.webhook_until);
    parts_.directory.meet(typed.staff, [self = shared_from_this(), ack, inbound] { self->hand_over(ack, inbound); });
  }

  /// In the language of the bot: everybody reads the timeline.
  std::string in_words(std::vector<Attachment> const& attachments) const {
    using Kind = Attachment::Kind;
    auto const setup = parts_.setup();
    auto const reader = setup->reader_of({}, parts_.clock.now(), Medium::plain);
    std::string words;
    for (auto const& each : attachments) {
      if (each.kind == Kind::speech) continue;
      auto const what = each.kind == Kind::file      ? Notice("dingtalk.sent_file").with("file", cut_name(each.name))
                        : each.kind == Kind::picture ? Notice("dingtalk.sent_picture")
                                                     : Notice("dingtalk.sent_video");
      words += (words.empty() ? "" : " ") + setup->catalogue->render(what, reader);
    }
    return words;
  }

  /// Whoever has no staff id is not of the organization: not even a viewer, for they may share a group with some who
  /// are.
  void turn_away(AckPtr const& ack, std::string const& key, Typed const& typed) {
    acknowledge(ack);
    if (typed.webhook.empty() || !see(key)) return;
    parts_.posting.remember(typed.conversation, typed.webhook, typed.webhook_until);
    auto const setup = parts_.setup();
    Saying saying;
    saying.conversation = typed.conversation;
    saying.key = key;
    saying.urgency = Urgency::slow;
    saying.content = worded_for_group(Message(Notice("dingtalk.outside")), *setup, parts_.clock.now(),
                                      setup->config.chat.dingtalk->name);
    parts_.posting.say(std::move(saying), [](Said const&) {});
  }

  void act(AckPtr const& ack, std::string const& key, Clicked const& clicked) {
    if (!clicked.by_union) return meet(ack, key, clicked);
    parts_.directory.staff_of_union(clicked.staff,
                                    [self = shared_from_this(), ack, key, clicked](std::optional<std::string> staff) {
                                      // Without an answer whoever pressed sees that it failed, and may press again.
                                      if (!staff) return;
                                      if (staff->empty()) return self->acknowledge(ack);
                                      auto known = clicked;
                                      known.staff = std::move(*staff);
                                      self->meet(ack, key, known);
                                    });
  }

  void meet(AckPtr const& ack, std::string const& key, Clicked const& clicked) {
    parts_.directory.meet(clicked.staff, [self = shared_from_this(), ack, key, clicked] {
      if (!self->stopped_) self->press(ack, key, clicked);
    });
  }

  void press(AckPtr const& ack, std::string const& key, Clicked const& clicked) {
    auto const command = clicked.params.find("command");
    if (!clicked.action.starts_with(kRun) || command == clicked.params.end() || command->second.empty())
      return acknowledge(ack);
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.account = clicked.staff;
    inbound.addressed = true;
    inbound.text = command->second;
    inbound.post_answer = true;
    parts_.cards.place_of(clicked.card, [self = shared_from_this(), ack, key, inbound,
                                         staff = clicked.staff](std::string const& place) mutable {
      inbound.room = {kPlatform, place.empty() ? alone_with(staff) : place, ""};
      inbound.direct = inbound.room.conversation.starts_with('@');
      self->name_press(key, [self, ack, inbound](std::string const& name) mutable {
        inbound.id = name;
        self->hand_over(ack, inbound);
      });
    });
  }

  /// The same button pressed once more much later is another press, though nothing in it differs from a push that came
  /// again.
  void name_press(std::string const& key, std::function<void(std::string)> named) {
    auto const turn = parts_.clock.now().time_since_epoch() / kAgain;
    auto const name = [key](std::int64_t at) { return key + ':' + std::to_string(at); };
    auto const before = std::make_shared<bool>(false);
    parts_.lane.submit(
        [before, last = name(turn - 1)](Database& database, Instant) {
          *before = store::answer_to(database, kPlatform, last).has_value();
        },
        [self = shared_from_this(), before, name, turn, named = std::move(named)](std::exception_ptr failed) {
          boost::asio::post(self->parts_.io, [self, before, name, turn, named, failed] {
            if (!self->stopped_ && !failed) named(name(*before ? turn - 1 : turn));
          });
        });
  }

  void hand_over(AckPtr const& ack, Inbound const& inbound) {
    parts_.dispatcher.take(inbound, [self = shared_from_this(), ack, inbound](Reply const& reply) {
      boost::asio::post(self->parts_.io, [self, ack, inbound, reply] {
        if (self->stopped_) return;
        self->acknowledge(ack);
        self->follow(inbound, reply);
      });
    });
  }

  void follow(Inbound const& inbound, Reply const& reply) {
    if (reply.state == Reply::State::accepted) return progress_.begun(inbound, reply);
    if (reply.state == Reply::State::progress) return progress_.is_so_far(inbound, reply);
    // That it is still running is no end of it.
    if (!reply.repeated) progress_.over(inbound, reply);
    answer(inbound, reply);
  }

  /// What is stored is said by way of the outbox.
  void answer(Inbound const& inbound, Reply const& reply) {
    if (reply.stored || reply.state == Reply::State::nothing || reply.state == Reply::State::progress) return;
    if (reply.message.empty() || reply.message.announced) return;
    if (!see(inbound.id + (is_final(reply) ? "" : ":begun"))) return;
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    bool const alone = (reply.state == Reply::State::refused || reply.confidential) && !inbound.direct;
    Saying saying;
    saying.conversation = inbound.room.conversation;
    saying.key = inbound.id;
    // Of somebody whom the configuration does not name it is not known whether the robot may speak with them alone, and
    // what they are refused is nobody's secret.
    if (alone && !reply.caller.person.empty()) saying.conversation = alone_with(inbound.account);
    bool const group = staff_of(saying.conversation).empty();
    saying.content = group ? worded_for_group(reply.message, *setup, now, setup->config.chat.dingtalk->name)
                           : worded_for_person(reply.message, *setup, now, reply.caller.person);
    saying.may_repeat = reply.repeated;
    parts_.posting.say(std::move(saying), [](Said const& said) {
      if (said.kind != Said::Kind::said) log_warn("DingTalk: an answer: {}", said.error);
    });
  }

  /// False: it was answered before, in this run.
  bool see(std::string const& key) {
    if (!seen_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > kRememberedGestures) {
      seen_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

  Parts parts_;
  ProgressCards progress_;
  std::set<std::string> seen_;
  std::deque<std::string> order_;
  bool stopped_ = false;
};

Reception::Reception(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Reception::~Reception() { state_->stop(); }
void Reception::take(ConnectionId connection, Push const& push) { state_->take(connection, push); }

}  // namespace tocsin::dingtalk
