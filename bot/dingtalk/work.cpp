#include "bot/dingtalk/work.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "bot/chat/trips.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/carrier.hpp"
#include "bot/dingtalk/companion.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/recalls.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::written;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

constexpr char const* kChannel = "dingtalk_work";
constexpr char const* kShelf = "notices";
constexpr Millis kNoticeLimit{25'000};
constexpr Millis kNoticeDeadline{15'000};
/// What arrived is known a moment later.
constexpr Millis kLook{1'000};
constexpr int kLooks = 4;
constexpr std::size_t kNoticeText = 2'000;  // characters

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string work_body(paging::PageEnvelope const& page, std::int64_t agent, std::int64_t number) {
  auto body = page.body.empty() ? page.subject : page.body;
  while (body.ends_with('\n')) body.pop_back();
  auto all = pieces(markdown(body), kNoticeText);
  auto text = all.empty() ? markdown(page.subject) : std::move(all.front());
  text += "\n\n" + markdown(page_name(page) + (page.may_repeat ? " + " : " ") + std::to_string(number));
  return written({{"agent_id", agent},
                  {"userid_list", page.contact},
                  {"msg", {{"msgtype", "markdown"}, {"markdown", {{"title", page.subject}, {"text", text}}}}}});
}

std::optional<DeliveryOutcome> work_result(std::string_view body, std::string_view staff, std::string const& task) {
  auto const answer = parsed(body);
  auto const& result = at(answer, "send_result");
  auto const in = [&](char const* list) {
    auto const& all = list_at(result, list);
    return std::any_of(all.begin(), all.end(), [&](Json const& each) { return each == staff; });
  };
  for (auto const* list : {"invalid_user_id_list", "forbidden_user_id_list", "failed_user_id_list"}) {
    if (in(list)) return DeliveryOutcome{Kind::rejected, {}, std::string("DingTalk: ") + list, {}};
  }
  if (in("read_user_id_list") || in("unread_user_id_list"))
    return DeliveryOutcome{Kind::accepted, {}, "DingTalk notification", task};
  return std::nullopt;
}

struct WorkCarrier::Shared : std::enable_shared_from_this<Shared> {
  explicit Shared(Parts its_parts)
      : parts(std::move(its_parts)),
        trips(parts.io, "DingTalk", kNoticeLimit),
        notices(
            {parts.io, parts.lane, kChannel, kShelf, [this](std::string const& task, std::function<void(bool)> over) {
               if (!trips.has_ended()) take_back(task, over);
             }}) {}

  // All of it on the io_context's thread.

  void carry(chat::TripPtr const& trip) {
    if (!trips.begin(trip)) return;
    Call call{"corpconversation/asyncsend_v2", {}};
    call.urgency = trip->page.urgent ? Urgency::urgent : Urgency::page;
    call.deadline = kNoticeDeadline;
    call.body = work_body(trip->page, parts.agent, ++sent);
    parts.api.call(std::move(call), [self = shared_from_this(), trip](ApiResult const& got) {
      if (self->trips.has_ended()) return;
      if (!got) return self->trips.finish(trip, ding_outcome(got, trip->page.contact));
      auto const answer = parsed(*got);
      auto const& id = at(answer, "task_id");
      auto const task = id.is_number_integer() ? id.dump() : id.is_string() ? id.get<std::string>() : std::string();
      self->notices.keep(page_name(trip->page), task);
      self->look(trip, task, 1);
    });
  }

  /// Over its limits the call succeeds all the same, and nothing arrives: only the result says so.
  void look(chat::TripPtr const& trip, std::string const& task, int times) {
    auto const timer = std::make_shared<boost::asio::steady_timer>(parts.io, kLook);
    timer->async_wait([self = weak_from_this(), trip, task, times, timer](boost::system::error_code cancelled) {
      if (auto const shared = self.lock(); shared && !cancelled && !shared->trips.has_ended())
        shared->ask_result(trip, task, times);
    });
  }

  void ask_result(chat::TripPtr const& trip, std::string const& task, int times) {
    Call call{"corpconversation/getsendresult", {}};
    call.urgency = Urgency::page;
    call.body = written({{"agent_id", parts.agent}, {"task_id", number_of(task)}});
    call.once = true;
    parts.api.call(std::move(call), [self = shared_from_this(), trip, task, times](ApiResult const& got) {
      if (self->trips.has_ended()) return;
      auto const outcome = got ? work_result(*got, trip->page.contact, task) : std::nullopt;
      if (!outcome && times < kLooks) return self->look(trip, task, times + 1);
      self->trips.finish(trip, outcome.value_or(DeliveryOutcome{Kind::unknown, {}, "DingTalk: no result", task}));
    });
  }

  void take_back(std::string const& task, std::function<void(bool)> const& over) {
    Call call{"corpconversation/recall", {}};
    call.urgency = Urgency::page;
    call.body = written({{"agent_id", parts.agent}, {"msg_task_id", number_of(task)}});
    parts.api.call(std::move(call), [over](ApiResult const& got) {
      if (!got) log_warn("DingTalk: a work notification could not be recalled: {}", got.error().error);
      over(got || is_over(said_of(got.error())));
    });
  }

  Parts parts;
  chat::Trips trips;
  Recalls notices;
  std::int64_t sent = 0;
};

WorkCarrier::WorkCarrier(Parts parts) : shared_(std::make_shared<Shared>(std::move(parts))) {}
WorkCarrier::~WorkCarrier() { end(); }

DeliveryOutcome WorkCarrier::send(paging::PageEnvelope const& page, std::stop_token stop) {
  return shared_->trips.wait_for(
      page, [shared = shared_](chat::TripPtr const& trip) { shared->carry(trip); }, stop);
}

/// The app is the agent's, and may ask for results; that a notice arrives only a notice tells.
DeliveryOutcome WorkCarrier::probe() {
  auto const ask = [shared = shared_](chat::TripPtr const& trip) {
    if (!shared->trips.begin(trip)) return;
    Call call{"corpconversation/getsendresult", {}};
    call.body = written({{"agent_id", shared->parts.agent}, {"task_id", 1}});
    call.once = true;
    shared->parts.api.call(std::move(call), [shared, trip](ApiResult const& got) {
      shared->trips.finish(trip, probe_outcome(got, "DingTalk notification"));
    });
  };
  return shared_->trips.wait_for({}, ask, {});
}

void WorkCarrier::recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
  shared_->notices.recall(pages, std::move(done));
}

void WorkCarrier::end() { shared_->trips.end(); }

}  // namespace tocsin::dingtalk
