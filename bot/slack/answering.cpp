#include "bot/slack/answering.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <set>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/late_answer.hpp"
#include "bot/log.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/worded.hpp"
#include "incidents/store/posted.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::parsed;
using detail::written;

/// Of Slack's three seconds: what comes later in an acknowledgement is seen by nobody.
constexpr Moment kInTime{2'500};
/// What comes again sooner than Slack's limit is the same once more, and not a second try.
constexpr Moment kSooner{900};
/// Worth a line in the log, well before Slack gives up.
constexpr Moment kLate{1'000};
/// Without a commit by then the acknowledgement goes out bare,
constexpr Moment kBare{1'000};
/// and whoever asked is told that nothing is stored yet.
constexpr Moment kUnstored{5'000};
// Of a response_url (interactivity/handling-user-interaction).
constexpr int kResponses = 5;
constexpr Moment kResponseLife{1'750'000};
constexpr std::size_t kRememberedAnswers = 2'000;
constexpr std::size_t kAtWork = 200;
constexpr char const* kByAddress = "response_url";  // in place of a conversation: no answer there can be edited

Json content_of(Rendered const& content) {
  Json body{{"text", content.text}};
  auto blocks = parsed(content.blocks);
  if (blocks.is_array() && !blocks.empty()) body["blocks"] = std::move(blocks);
  auto attachments = parsed(content.attachments);
  if (attachments.is_array() && !attachments.empty()) body["attachments"] = std::move(attachments);
  return body;
}

std::string ephemeral(Rendered const& content) {
  auto body = content_of(content);
  body["response_type"] = "ephemeral";
  return written(body);
}

/// By its address, which may be that of a message with a button: that one stays.
std::string response(Rendered const& content) {
  auto body = content_of(content);
  body["response_type"] = "ephemeral";
  body["replace_original"] = false;
  return written(body);
}

}  // namespace

class Answering::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
    bare_.clear();
    unstored_.clear();
    addresses_.clear();
  }

  void expect(TicketPtr const& ticket, AskedPtr const& asked) {
    if (ticket->acknowledged) return;
    bare_.push_back({ticket, asked});
    if (bare_.size() == 1) watch();
  }

  bool instead(std::string const& answer, Message const& message, PersonId const& asker) {
    auto const found = std::find_if(addresses_.rbegin(), addresses_.rend(),
                                    [&](AskedPtr const& each) { return answer_key(each->key) == answer; });
    if (found == addresses_.rend() || !may_respond(**found)) return false;
    auto const content = worded_for_person(message, *parts_.setup(), parts_.clock.now(), asker, {},
                                           (*found)->direct ? std::string() : parts_.self().user);
    respond(*found, content);
    return true;
  }

  void acknowledge(TicketPtr const& ticket, std::string_view payload) {
    if (!ticket->acknowledged) hand_back(ticket, acknowledgement(ticket->envelope, payload).text);
  }

  Histogram const& pace() const { return pace_; }
  std::int64_t late() const { return static_cast<std::int64_t>(late_.size()); }
  void forget_late() { late_.clear(); }

  void answer(AskedPtr const& asked, Reply const& reply) {
    if (stopped_) return;
    auto const& ticket = asked->ticket;
    asked->answered = true;
    if (is_too_late(reply.message) && late_.size() < kRememberedAnswers) late_.insert(asked->key);
    bool const begun = reply.state == Reply::State::accepted || reply.state == Reply::State::progress;
    if (begun && !std::exchange(asked->working, true) && !asked->response_url.empty()) {
      addresses_.push_back(asked);
      if (addresses_.size() > kAtWork) addresses_.pop_front();
    }
    if (reply.state == Reply::State::nothing) return acknowledge(ticket, {});
    if (asked->response_url.empty()) {
      acknowledge(ticket, {});
    } else if (!asked->inside && (!ticket->acknowledged || ticket->bare) &&
               (!begun || reply.state == Reply::State::accepted)) {
      asked->inside = true;
      answer_inside(asked, reply);
      if (!asked->working || reply.state == Reply::State::accepted) return;
    }
    if (reply.stored || (reply.message.announced && !asked->working)) return;
    if (reply.state == Reply::State::accepted) return;
    say(asked, reply, !begun);
  }

 private:
  struct Waiting {
    TicketPtr ticket;
    AskedPtr asked;  ///< may be null
  };
  struct Answered {
    std::string key;
    Moment came{};            ///< for the first time
    bool by_address = false;  ///< by its response_url: that arrives, whatever becomes of connections
  };

  void hand_back(TicketPtr const& ticket, std::string const& text) {
    ticket->acknowledged = true;
    auto const took = parts_.now() - ticket->came;
    pace_.add(std::chrono::duration<double>(took).count());
    if (took > kLate) log_warn("Slack: something was acknowledged only after {} ms", took.count());
    parts_.acknowledge(ticket->connection, text);
  }

  Rendered worded(AskedPtr const& asked, Message const& message, Caller const& caller, bool for_all) const {
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    return for_all ? worded_for_channel(message, *setup, now, parts_.self().user)
                   : worded_for_person(message, *setup, now, caller.person, {},
                                       asked->direct ? std::string() : parts_.self().user);
  }

  /// What a command says at once is part of its acknowledgement, for whoever typed it.
  void answer_inside(AskedPtr const& asked, Reply const& reply) {
    auto const content = worded(asked, reply.message, reply.caller, false);
    // What Slack sends again after its limit, or after a time when nobody was connected, it took for unanswered:
    // whoever typed it saw a failure, and what is inside an acknowledgement would reach them no more. The answer
    // address does, and it comes first: what was acknowledged is never sent again.
    if (reply.repeated) return answer_again(asked, content);
    if (parts_.after_a_gap() || asked->ticket->acknowledged) {
      respond(asked, content);
      acknowledge(asked->ticket, {});
    } else {
      bool const in_time = parts_.now() - asked->ticket->came < kInTime;
      auto const inside =
          acknowledgement(asked->ticket->envelope, asked->ticket->takes_payload && in_time ? ephemeral(content) : "");
      hand_back(asked->ticket, inside.text);
      note_answered(asked->key, asked->ticket->came, false);
      if (!inside.with_payload) respond(asked, content);
    }
    if (!content.uploads.empty() && reply.state == Reply::State::done) send_files(asked, content, reply.confidential);
  }

  /// Unless they saw it: what this process knows, and what an earlier one wrote down.
  void answer_again(AskedPtr const& asked, Rendered const& content) {
    if (was_answered(asked->key)) return acknowledge(asked->ticket, {});
    auto const seen = std::make_shared<bool>(false);
    parts_.lane.submit(
        [seen, key = asked->key](Database& database, Instant) {
          *seen = store::posted(database, kPlatform, kByAddress, key).has_value();
        },
        [self = shared_from_this(), asked, content, seen](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, asked, content, seen] {
            if (self->stopped_) return;
            if (!*seen) self->respond(asked, content);
            self->acknowledge(asked->ticket, {});
          });
        });
  }

  void note_answered(std::string const& key, Moment came, bool by_address) {
    answered_.push_back({key, came, by_address});
    if (answered_.size() > kRememberedAnswers) answered_.pop_front();
  }

  /// True: once more would be once too often.
  bool was_answered(std::string const& key) const {
    auto const last =
        std::find_if(answered_.rbegin(), answered_.rend(), [&](Answered const& each) { return each.key == key; });
    return last != answered_.rend() && (last->by_address || parts_.now() - last->came < kSooner);
  }

  bool may_respond(Asked const& asked) const {
    return !asked.response_url.empty() && asked.responses < kResponses &&
           parts_.now() - asked.ticket->came < kResponseLife;
  }

  void respond(AskedPtr const& asked, Rendered const& content) {
    note_answered(asked->key, asked->ticket->came, true);
    if (!may_respond(*asked)) return whisper(asked, content);
    ++asked->responses;
    parts_.api.post_to(asked->response_url, "application/json; charset=utf-8", response(content),
                       [self = shared_from_this(), asked, content](ApiResult const& got) {
                         if (self->stopped_) return;
                         if (got) return self->write_down(asked->key);
                         self->whisper(asked, content);
                       });
  }

  /// In the room for them alone; where that can't be, in their own conversation with the bot.
  void whisper(AskedPtr const& asked, Rendered const& content) {
    parts_.posting.whisper(asked->alone, asked->user, content,
                           [self = shared_from_this(), asked, content](Said const& said) {
                             if (self->stopped_ || said.kind == Said::Kind::said) return;
                             self->say_directly(asked, content, false);
                           });
  }

  /// Where the room can't be told, whoever asked is.
  void otherwise(AskedPtr const& asked, Rendered const& content, bool last) {
    if (!may_respond(*asked)) return say_directly(asked, content, last);
    respond(asked, content);
    if (last && !content.uploads.empty()) send_files_alone(asked, content);
  }

  void watch() {
    auto const over = [](Waiting const& each) { return each.ticket->acknowledged; };
    while (!bare_.empty() && over(bare_.front())) bare_.pop_front();
    std::optional<Moment> next;
    if (!bare_.empty()) next = bare_.front().ticket->came + kBare;
    if (!unstored_.empty()) {
      auto const at = unstored_.front()->ticket->came + kUnstored;
      next = next ? std::min(*next, at) : at;
    }
    if (!next) return;
    timer_.expires_after(std::max<Millis>(*next - parts_.now(), Millis{1}));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (cancelled || self->stopped_) return;
      self->out_of_time();
      self->watch();
    });
  }

  void out_of_time() {
    auto const now = parts_.now();
    while (!bare_.empty() && (bare_.front().ticket->acknowledged || bare_.front().ticket->came + kBare <= now)) {
      auto const each = std::move(bare_.front());
      bare_.pop_front();
      if (each.ticket->acknowledged) continue;
      each.ticket->bare = true;
      hand_back(each.ticket, acknowledgement(each.ticket->envelope, {}).text);
      if (each.asked) unstored_.push_back(each.asked);
    }
    while (!unstored_.empty() && (unstored_.front()->answered || unstored_.front()->ticket->came + kUnstored <= now)) {
      auto const asked = std::move(unstored_.front());
      unstored_.pop_front();
      if (asked->answered) continue;
      auto const caller = parts_.setup()->caller_of(kPlatform, asked->user);
      Message const message(Notice("slack.unstored"));
      otherwise(asked, worded(asked, message, caller, false), false);
    }
  }

  /// For the next process, if this one ends before Slack knows that it was acknowledged. Not before it was said: twice
  /// is better than never.
  void write_down(std::string const& key) {
    parts_.lane.submit(
        [key](Database& database, Instant now) {
          store::put_posted(database, {kPlatform, kByAddress, key, "", "", ""}, now);
        },
        [](std::exception_ptr) {});
  }

  /// Where the incident's output is; elsewhere with whoever asked, for the answer is for them alone, too.
  void send_files(AskedPtr const& asked, Rendered const& content, bool confidential) {
    if (confidential && !asked->direct) return send_files_alone(asked, content);
    parts_.homes.thread_for(asked->where, [self = shared_from_this(), asked, content](Where const& where) {
      if (!asked->direct && where.thread.empty()) return self->send_files_alone(asked, content);
      self->upload(asked, where, content, true);
    });
  }

  void send_files_alone(AskedPtr const& asked, Rendered const& content) {
    parts_.people.direct(asked->user, [self = shared_from_this(), asked, content](std::string const& channel,
                                                                                  ApiFailure const& failure) {
      if (self->stopped_) return;
      if (!channel.empty()) return self->upload(asked, {channel, ""}, content, false);
      self->no_file(asked, content.uploads.front().name, failure.error);
    });
  }

  /// `else_alone`: where the bot may not be, such as with two people.
  void upload(AskedPtr const& asked, Where const& where, Rendered const& content, bool else_alone) {
    Uploading::Files files{where, content.uploads};
    files.over = [self = shared_from_this(), asked, content, else_alone](Said const& said, std::string const& file) {
      if (said.kind == Said::Kind::said || self->stopped_) return;
      if (else_alone && said.kind == Said::Kind::nowhere) return self->send_files_alone(asked, content);
      self->no_file(asked, file, said.error);
    };
    parts_.posting.upload(std::move(files));
  }

  /// The answer speaks of a file that nobody will find.
  void no_file(AskedPtr const& asked, std::string const& file, std::string const& error) {
    auto const caller = parts_.setup()->caller_of(kPlatform, asked->user);
    auto const content = worded(asked, slack::no_file(file, error), caller, false);
    auto const directly = [self = shared_from_this(), asked, content] {
      self->parts_.people.direct(
          asked->user, [self, key = "no-file:" + asked->key, content](std::string const& channel, ApiFailure const&) {
            if (!channel.empty() && !self->stopped_)
              self->parts_.posting.say({{channel, ""}, key, content}, [](Said const&) {});
          });
    };
    if (asked->direct || asked->alone.channel.empty()) return directly();
    parts_.posting.whisper(asked->alone, asked->user, content, [self = shared_from_this(), directly](Said const& said) {
      if (!self->stopped_ && said.kind != Said::Kind::said) directly();
    });
  }

  void say(AskedPtr const& asked, Reply const& reply, bool last) {
    bool const private_answer = (reply.state == Reply::State::refused || reply.confidential) && !asked->direct;
    auto const content = worded(asked, reply.message, reply.caller, !private_answer && !asked->direct);
    if (asked->where.channel.empty()) return say_directly(asked, content, last);
    if (private_answer) {
      // Of a mention there are two events, and a whisper can't be taken back.
      if (reply.repeated && was_answered(asked->key)) return;
      note_answered(asked->key, asked->ticket->came, true);
      whisper(asked, content);
      if (last && !content.uploads.empty()) send_files_alone(asked, content);
      return;
    }
    auto const put = [self = shared_from_this(), asked, content, last](Where const& where) {
      self->parts_.posting.say({where, answer_key(asked->key), content, Urgency::normal, false, last},
                               [self, asked, content, last](Said const& said) {
                                 if (self->stopped_) return;
                                 if (said.kind == Said::Kind::said) return;
                                 log_warn("an answer in Slack: {}", said.error);
                                 if (last) self->otherwise(asked, content, true);
                               });
    };
    if (asked->direct) return put(asked->where);
    parts_.homes.thread_for(asked->where, put);
  }

  void say_directly(AskedPtr const& asked, Rendered const& content, bool last) {
    parts_.people.direct(
        asked->user, [self = shared_from_this(), asked, content, last](std::string const& channel, ApiFailure const&) {
          if (self->stopped_ || channel.empty()) return;
          self->parts_.posting.say({{channel, ""}, answer_key(asked->key), content, Urgency::normal, false, last},
                                   [](Said const&) {});
        });
  }

  Parts parts_;
  std::deque<Answered> answered_;  ///< the newest commands
  Histogram pace_;
  std::set<std::string> late_;       ///< their keys: a mention comes twice
  std::deque<Waiting> bare_;         ///< acknowledged or not yet, as they came
  std::deque<AskedPtr> unstored_;    ///< acknowledged bare, and not answered
  std::deque<AskedPtr> addresses_;   ///< of the newest that take time
  boost::asio::steady_timer timer_;  ///< for both
  bool stopped_ = false;
};

Answering::Answering(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Answering::~Answering() { state_->stop(); }
std::int64_t Answering::late() const { return state_->late(); }
void Answering::forget_late() { state_->forget_late(); }
Histogram const& Answering::pace() const { return state_->pace(); }
void Answering::acknowledge(TicketPtr const& ticket, std::string_view payload) { state_->acknowledge(ticket, payload); }
void Answering::expect(TicketPtr const& ticket, AskedPtr const& asked) { state_->expect(ticket, asked); }
bool Answering::instead(std::string const& answer, Message const& message, PersonId const& asker) {
  return state_->instead(answer, message, asker);
}
void Answering::answer(AskedPtr const& asked, Reply const& reply) { state_->answer(asked, reply); }

}  // namespace tocsin::slack
