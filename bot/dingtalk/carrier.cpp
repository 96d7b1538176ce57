#include "bot/dingtalk/carrier.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "bot/chat/trips.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/dingtalk/recalls.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::parsed;
using detail::written;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

/// Where the other rows of `posted` have a conversation: from a page to its DING.
constexpr char const* kDings = "dings";
constexpr Millis kDingLimit{25'000};
/// Below it: what could not be sent in time was certainly not sent.
constexpr Millis kDingDeadline{15'000};
constexpr std::size_t kDingText = 500;  // characters

}  // namespace

int remind_type(paging::PageEnvelope const& page) noexcept {
  using Loudness = paging::PageEnvelope::Loudness;
  return page.loudness == Loudness::call ? 3 : page.loudness == Loudness::loud ? 2 : 1;
}

std::string ding_text(paging::PageEnvelope const& page) {
  auto body = page.body;
  // How to answer stands below an empty line; with a link that nobody can press there.
  if (!page.answers.empty()) body.resize(std::min(body.size(), body.find("\n\n")));
  while (body.ends_with('\n')) body.pop_back();
  auto all = pieces(unmarked(body.empty() ? page.subject : body), kDingText);
  return all.empty() ? unmarked(page.subject) : std::move(all.front());
}

DeliveryOutcome ding_outcome(ApiResult const& got, std::string const& staff) {
  if (!got) {
    auto const& failure = got.error();
    auto const detail = "DingTalk: " + failure.error + (failure.needed.empty() ? "" : " (" + failure.needed + ")");
    switch (failure.trouble) {
      case Trouble::passing:
      case Trouble::too_often:
        return {Kind::retry_later, failure.retry_after, detail, {}};
      case Trouble::unknown:
        return {Kind::unknown, {}, detail, {}};
      case Trouble::gone:
        return {Kind::rejected, {}, detail, {}};
      // A token, a right, a quota: it is the same for everybody until an operator acts, and a page does not wait.
      case Trouble::credential:
      case Trouble::scope:
      case Trouble::refused:
        return {Kind::misconfigured, {}, detail, {}};
    }
  }
  auto const body = parsed(*got);
  auto const& failed = at(body, "failedList");
  auto const names = [&] {
    if (failed.is_object()) return failed.contains(staff);
    return failed.is_array() && std::find(failed.begin(), failed.end(), Json(staff)) != failed.end();
  };
  if (names()) return {Kind::rejected, {}, "DingTalk: this person can't be reached by DING", {}};
  return {Kind::accepted, {}, "DingTalk DING", text_in(*got, "/openDingId")};
}

DeliveryOutcome probe_outcome(ApiResult const& got, std::string const& carrier) {
  bool const reached = got || got.error().trouble == Trouble::refused || got.error().trouble == Trouble::gone;
  return reached ? DeliveryOutcome{Kind::accepted, {}, carrier, {}} : ding_outcome(got, {});
}

struct DingCarrier::Shared : std::enable_shared_from_this<Shared> {
  explicit Shared(Parts its_parts)
      : parts(std::move(its_parts)),
        trips(parts.io, "DingTalk", kDingLimit),
        dings(
            {parts.io, parts.lane, kPlatform, kDings, [this](std::string const& ding, std::function<void(bool)> over) {
               if (!trips.has_ended()) take_back(ding, over);
             }}) {}

  // What follows is of the io_context's thread.

  void carry(chat::TripPtr const& trip) {
    if (!trips.begin(trip)) return;
    auto const& page = trip->page;
    Call call{"robot/ding/send", {}};
    call.urgency = page.urgent ? Urgency::urgent : Urgency::page;
    call.deadline = kDingDeadline;
    call.body = written({{"robotCode", parts.robot},
                         {"remindType", remind_type(page)},
                         {"receiverUserIdList", Json::array({page.contact})},
                         {"content", ding_text(page)}});
    parts.api.call(std::move(call), [self = shared_from_this(), trip](ApiResult const& got) {
      if (self->trips.has_ended()) return;
      auto outcome = ding_outcome(got, trip->page.contact);
      if (outcome.kind == Kind::accepted) self->dings.keep(page_name(trip->page), outcome.provider_reference);
      self->trips.finish(trip, std::move(outcome));
    });
    // It arrives also where DING has no quota.
    if (!page.answers.empty() && !page.may_repeat) parts.companion.say(page);
  }

  void take_back(std::string const& ding, std::function<void(bool)> const& over) {
    Call call{"robot/ding/recall", {}};
    call.urgency = Urgency::page;
    call.body = written({{"robotCode", parts.robot}, {"openDingId", ding}});
    parts.api.call(std::move(call), [over](ApiResult const& got) {
      if (!got) log_warn("DingTalk: a DING could not be recalled: {}", got.error().error);
      over(got || is_over(said_of(got.error())));
    });
  }

  Parts parts;
  chat::Trips trips;
  Recalls dings;
};

DingCarrier::DingCarrier(Parts parts) : shared_(std::make_shared<Shared>(std::move(parts))) {}
DingCarrier::~DingCarrier() { end(); }

DeliveryOutcome DingCarrier::send(paging::PageEnvelope const& page, std::stop_token stop) {
  return shared_->trips.wait_for(
      page, [shared = shared_](chat::TripPtr const& trip) { shared->carry(trip); }, stop);
}

/// A token can be had: what else a DING needs only a DING tells.
DeliveryOutcome DingCarrier::probe() {
  auto const ask = [shared = shared_](chat::TripPtr const& trip) {
    if (!shared->trips.begin(trip)) return;
    Call call{"robot/ding/readStatuses/query", {}};
    call.body = written({{"robotCode", shared->parts.robot}, {"openDingId", "none"}});
    call.once = true;
    shared->parts.api.call(std::move(call), [shared, trip](ApiResult const& got) {
      shared->trips.finish(trip, probe_outcome(got, "DingTalk DING"));
    });
  };
  return shared_->trips.wait_for({}, ask, {});
}

void DingCarrier::recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
  shared_->dings.recall(pages, [shared = shared_, pages, done = std::move(done)](bool all) {
    shared->parts.companion.settle(pages, [all, done](bool rest) { done(all && rest); });
  });
}

void DingCarrier::end() { shared_->trips.end(); }

}  // namespace tocsin::dingtalk
