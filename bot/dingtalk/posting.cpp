#include "bot/dingtalk/posting.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "bot/chat/pace.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/files.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::written;

constexpr std::size_t kLines = 2'000;
constexpr std::size_t kRememberedSayings = 2'000;
/// Before its end: what is sent then still arrives.
constexpr Millis kHookMargin{60'000};
/// In one message: more than that nobody reads.
constexpr std::size_t kTogether = 40;
constexpr std::size_t kTogetherBytes = 7'000;
constexpr std::size_t kTogetherUnits = 3'000;
/// What a session bears is nowhere written; a robot of a group that says more than twenty in a minute is throttled for
/// ten, and what waits is said together.
constexpr double kHookBurst = 10;
constexpr double kHookPerSecond = 1;

std::string hook_body(std::string const& title, std::string const& text, std::vector<std::string> const& calls) {
  return written({{"msgtype", "markdown"},
                  {"markdown", {{"title", title}, {"text", text}}},
                  {"at", {{"atUserIds", calls}, {"isAtAll", false}}}});
}

bool names(Json const& body, char const* list, std::string_view staff) {
  auto const& all = list_at(body, list);
  return std::any_of(all.begin(), all.end(),
                     [&](Json const& each) { return each.is_string() && each.get<std::string>() == staff; });
}

/// A 200 may be a failure for the only one it was for.
Said said_in(std::string const& answer, std::string_view staff) {
  if (staff.empty()) return {};
  auto const body = parsed(answer);
  if (names(body, "invalidStaffIdList", staff)) return {Said::Kind::nowhere, {}, "invalidStaffIdList"};
  if (names(body, "flowControlledStaffIdList", staff)) return {Said::Kind::later, {}, "flowControlledStaffIdList"};
  if (names(body, "filteredStaffIdList", staff)) return {Said::Kind::refused, {}, "filteredStaffIdList"};
  return {};
}

}  // namespace

class Posting::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
    lines_.clear();
  }

  void remember(std::string const& conversation, std::string const& webhook, Instant until) {
    if (webhook.empty() || lines_.size() > kLines) return;
    auto& line = lines_[conversation];
    if (until < line.until) return;
    line.hook = webhook;
    line.until = until;
  }

  void say(Saying saying, Done done) {
    if (was_said(saying)) return boost::asio::post(parts_.io, [done = std::move(done)] { done({}); });
    auto& line = lines_[saying.conversation];
    auto const conversation = saying.conversation;
    auto const at = std::find_if(line.waiting.begin(), line.waiting.end(),
                                 [&](Waiting const& each) { return each.saying.urgency > saying.urgency; });
    line.waiting.insert(at, Waiting{std::move(saying), std::move(done)});
    go_on(conversation);
  }

  void recall(std::string const& conversation, std::string const& message, Done done) {
    auto const staff = staff_of(conversation);
    Call call{staff.empty() ? "robot/groupMessages/recall" : "robot/otoMessages/batchRecall", {}};
    call.urgency = Urgency::page;
    Json body{{"robotCode", parts_.robot(conversation)}, {"processQueryKeys", Json::array({message})}};
    if (staff.empty()) body["openConversationId"] = conversation;
    call.body = written(body);
    parts_.api.call(std::move(call), [self = shared_from_this(), done = std::move(done)](ApiResult const& got) {
      if (!self->stopped_) done(got ? Said{} : said_of(got.error()));
    });
  }

 private:
  struct Waiting {
    Saying saying;
    Done done;
  };
  /// What is sent as one.
  struct Trip {
    std::string conversation;
    std::vector<Waiting> all;
    std::string title;
    std::vector<std::string> parts;
    std::vector<std::string> calls;
    std::size_t sent = 0;
    bool by_hook = true;
    std::string message{};  ///< the name of the last
  };
  using TripPtr = std::shared_ptr<Trip>;
  struct Line {
    std::deque<Waiting> waiting;
    bool busy = false;
    std::string hook;
    Instant until{};
  };

  /// What is lent out for long may be handed over once more, though nothing about it is new; here nothing can be
  /// edited.
  bool was_said(Saying const& saying) const {
    auto const found = said_.find(saying.conversation + '\n' + saying.key);
    return found != said_.end() && (saying.once || found->second == saying.content.digest);
  }

  void note_said(Saying const& saying) {
    auto name = saying.conversation + '\n' + saying.key;
    if (said_.insert_or_assign(name, saying.content.digest).second) said_order_.push_back(std::move(name));
    if (said_order_.size() <= kRememberedSayings) return;
    said_.erase(said_order_.front());
    said_order_.pop_front();
  }

  void go_on(std::string const& conversation) {
    if (stopped_) return;
    auto& line = lines_[conversation];
    if (line.busy || line.waiting.empty()) return;
    auto const now = parts_.now();
    auto const budgets = chat::Budgets{{"hook " + conversation, kHookBurst, kHookPerSecond}};
    auto const at = pace_.earliest("hook", budgets, line.waiting.front().saying.urgency, now);
    if (at > now) return look_at(conversation, at);
    pace_.spend(budgets, now);
    line.busy = true;
    send(gather(conversation, line));
  }

  void look_at(std::string const& conversation, Moment at) {
    due_[conversation] = at;
    auto const next =
        std::min_element(due_.begin(), due_.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
    timer_.expires_after(std::max<Millis>(next->second - parts_.now(), Millis{1}));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (cancelled || self->stopped_) return;
      auto const due = std::exchange(self->due_, {});
      for (auto const& [each, when] : due) self->go_on(each);
    });
  }

  /// The first, and what waits behind it and is as short: what had to wait comes together.
  TripPtr gather(std::string const& conversation, Line& line) {
    auto trip = std::make_shared<Trip>();
    trip->conversation = conversation;
    take(*trip, line);
    auto const& first = trip->all.front().saying;
    bool const alone = first.urgency == Urgency::urgent || first.recallable || first.content.parts.size() != 1;
    while (!alone && !line.waiting.empty() && trip->all.size() < kTogether && fits(*trip, line.waiting.front().saying))
      take(*trip, line);
    if (trip->all.size() > 1) trip->title += " +" + std::to_string(trip->all.size() - 1);
    return trip;
  }

  static bool fits(Trip const& trip, Saying const& next) {
    if (next.urgency == Urgency::urgent || next.recallable || next.content.parts.size() != 1) return false;
    auto const bytes = trip.parts.front().size() + next.content.parts.front().size();
    return bytes < kTogetherBytes && bytes < kTogetherUnits * 2;
  }

  void take(Trip& trip, Line& line) {
    auto next = std::move(line.waiting.front());
    line.waiting.pop_front();
    auto const& content = next.saying.content;
    auto parts = content.parts;
    // Whoever reads it twice must know that it happened once.
    bool const marked = next.saying.may_repeat && !certain_.contains(next.saying.key);
    if (marked && !parts.empty()) parts.front() = parts_.repeated + "  \n" + parts.front();
    if (trip.all.empty()) {
      trip.title = content.title;
      trip.parts = std::move(parts);
      if (auto const half = halves_.find(next.saying.key); half != halves_.end()) {
        if (half->second.first == content.digest) trip.sent = half->second.second;
        halves_.erase(half);
      }
    } else {
      trip.parts.front() += "\n\n---\n\n" + parts.front();
    }
    trip.calls.insert(trip.calls.end(), content.calls.begin(), content.calls.end());
    certain_.erase(next.saying.key);
    trip.all.push_back(std::move(next));
  }

  void send(TripPtr const& trip) {
    if (stopped_) return;
    if (trip->sent >= trip->parts.size()) return files(trip, 0, 0);
    auto const& line = lines_[trip->conversation];
    bool const named = trip->all.front().saying.recallable;
    bool const hook = trip->by_hook && !named && !line.hook.empty() && parts_.clock.now() + kHookMargin < line.until;
    if (!hook) return send_by_api(trip);
    auto const url = line.hook;
    bool const last = trip->sent + 1 == trip->parts.size();
    parts_.api.post_to(url,
                       hook_body(trip->title, trip->parts[trip->sent], last ? trip->calls : std::vector<std::string>{}),
                       [self = shared_from_this(), trip, url](ApiResult const& got) {
                         if (self->stopped_) return;
                         if (got) return self->next(trip);
                         auto const& failure = got.error();
                         log_info("DingTalk: a webhook: {}", failure.error);
                         if (failure.trouble == Trouble::unknown) return self->end(trip, said_of(failure));
                         // Certainly not said: the other way is tried at once, and this one no more.
                         auto& there = self->lines_[trip->conversation];
                         if (failure.trouble == Trouble::gone && there.hook == url) there.hook.clear();
                         trip->by_hook = false;
                         self->send_by_api(trip);
                       });
  }

  void send_by_api(TripPtr const& trip) {
    auto const staff = staff_of(trip->conversation);
    auto call = message_to(trip->conversation, "sampleMarkdown",
                           written({{"title", trip->title}, {"text", trip->parts[trip->sent]}}));
    call.urgency = trip->all.front().saying.urgency;
    parts_.api.call(std::move(call),
                    [self = shared_from_this(), trip, staff = std::string(staff)](ApiResult const& got) {
                      if (self->stopped_) return;
                      auto const said = got ? said_in(*got, staff) : said_of(got.error());
                      if (got) trip->message = text_in(*got, "/processQueryKey");
                      if (said.kind == Said::Kind::said) return self->next(trip);
                      self->end(trip, said);
                    });
  }

  Call message_to(std::string const& conversation, char const* kind, std::string const& parameters) const {
    auto const staff = std::string(staff_of(conversation));
    Call call{staff.empty() ? "robot/groupMessages/send" : "robot/oToMessages/batchSend", {}};
    call.channel = conversation;
    Json body{{"robotCode", parts_.robot(conversation)}, {"msgKey", kind}, {"msgParam", parameters}};
    if (staff.empty()) {
      body["openConversationId"] = conversation;
    } else {
      body["userIds"] = Json::array({staff});
    }
    call.body = written(body);
    return call;
  }

  void next(TripPtr const& trip) {
    ++trip->sent;
    send(trip);
  }

  /// Of each thing said its files, one after the other. A lost file does not unsay the words, but it is told.
  void files(TripPtr const& trip, std::size_t which, std::size_t file) {
    while (which < trip->all.size() && file >= trip->all[which].saying.content.uploads.size()) {
      ++which;
      file = 0;
    }
    if (which >= trip->all.size()) return end(trip, {Said::Kind::said, trip->message});
    auto const& upload = trip->all[which].saying.content.uploads[file];
    parts_.api.call(upload_call(upload), [self = shared_from_this(), trip, which, file](ApiResult const& got) {
      if (self->stopped_) return;
      auto const& up = self->upload_of(trip, which, file);
      auto const media = got ? text_in(*got, "/media_id") : std::string();
      if (media.empty()) return self->lose(trip, which, file, got ? "no media_id" : got.error().error);
      auto call = up.picture ? self->message_to(trip->conversation, "sampleImageMsg", picture_parameters(media))
                             : self->message_to(trip->conversation, "sampleFile", file_parameters(media, up.name));
      self->parts_.api.call(std::move(call), [self, trip, which, file](ApiResult const& sent) {
        if (self->stopped_) return;
        if (!sent) return self->lose(trip, which, file, sent.error().error);
        self->files(trip, which, file + 1);
      });
    });
  }

  void lose(TripPtr const& trip, std::size_t which, std::size_t file, std::string const& why) {
    auto const& name = upload_of(trip, which, file).name;
    log_warn("DingTalk: the file {} could not be handed over: {}", name, why);
    auto const words = parts_.file_lost(name);
    parts_.api.call(message_to(trip->conversation, "sampleMarkdown", written({{"title", words}, {"text", words}})),
                    [self = shared_from_this(), trip, which, file](ApiResult const&) {
                      if (!self->stopped_) self->files(trip, which, file + 1);
                    });
  }

  static Upload const& upload_of(TripPtr const& trip, std::size_t which, std::size_t file) {
    return trip->all[which].saying.content.uploads[file];
  }

  void end(TripPtr const& trip, Said const& said) {
    if (said.kind == Said::Kind::later) {
      for (auto const& each : trip->all) {
        if (trip->all.size() == 1 && trip->sent > 0)
          halves_[each.saying.key] = {each.saying.content.digest, trip->sent};
        if (!said.perhaps && certain_.size() < kRememberedSayings) certain_[each.saying.key] = true;
      }
      if (halves_.size() > kRememberedSayings) halves_.clear();
    }
    lines_[trip->conversation].busy = false;
    if (said.kind == Said::Kind::said) {
      for (auto const& each : trip->all) note_said(each.saying);
    }
    for (auto const& each : trip->all) each.done(said);
    go_on(trip->conversation);
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  chat::Pace pace_;
  std::map<std::string, Line> lines_;
  std::map<std::string, Moment> due_;
  std::map<std::string, std::pair<std::string, std::size_t>> halves_;  ///< how much of it was said
  std::map<std::string, bool> certain_;                                ///< certainly not said
  std::map<std::string, std::string> said_;                            ///< the newest, with their digests
  std::deque<std::string> said_order_;
  bool stopped_ = false;
};

Posting::Posting(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Posting::~Posting() { state_->stop(); }
void Posting::remember(std::string const& conversation, std::string const& webhook, Instant until) {
  state_->remember(conversation, webhook, until);
}
void Posting::recall(std::string const& conversation, std::string const& message, Done done) {
  state_->recall(conversation, message, std::move(done));
}
void Posting::say(Saying saying, Done done) { state_->say(std::move(saying), std::move(done)); }

}  // namespace tocsin::dingtalk
