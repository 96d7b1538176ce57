#include "bot/dingtalk/carrier.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/log.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::parsed;
using detail::written;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

constexpr char const* kPlatform = "dingtalk";
/// Where the other rows of `posted` have a conversation: from a page to its DING.
constexpr char const* kDings = "dings";
constexpr Millis kLimit{25'000};
/// Below it: what could not be sent in time was certainly not sent.
constexpr Millis kCall{15'000};
constexpr std::size_t kText = 500;  // characters
constexpr std::size_t kRemembered = 1'000;

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
  auto all = pieces(unmarked(body.empty() ? page.subject : body), kText);
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

struct DingCarrier::Shared : std::enable_shared_from_this<Shared> {
  struct Trip {
    paging::PageEnvelope page;
    std::optional<DeliveryOutcome> outcome{};
    bool begun = false;
    bool given_up = false;
  };
  using TripPtr = std::shared_ptr<Trip>;

  explicit Shared(Parts its_parts) : parts(std::move(its_parts)) {}

  DeliveryOutcome wait_for(TripPtr const& trip, std::function<void()> begin, std::stop_token const& stop) {
    std::unique_lock lock(mutex);
    if (!ended) {
      boost::asio::post(parts.io, [self = shared_from_this(), begin = std::move(begin)] {
        if (!self->has_ended()) begin();
      });
      changed.wait_for(lock, stop, kLimit, [&] { return trip->outcome.has_value() || ended; });
    }
    if (trip->outcome) return *trip->outcome;
    trip->given_up = true;
    if (!trip->begun)
      return {Kind::retry_later, {}, ended ? "DingTalk: the bot is ending" : "DingTalk: no time left", {}};
    return {Kind::unknown, {}, "DingTalk: no answer in time", {}};
  }

  void finish(TripPtr const& trip, DeliveryOutcome outcome) {
    std::lock_guard const held(mutex);
    trip->outcome = std::move(outcome);
    changed.notify_all();
  }

  bool has_ended() {
    std::lock_guard const held(mutex);
    return ended;
  }

  bool begin(TripPtr const& trip) {
    std::lock_guard const held(mutex);
    if (ended || trip->given_up) return false;
    trip->begun = true;
    return true;
  }

  // What follows is of the io_context's thread.

  void carry(TripPtr const& trip) {
    if (!begin(trip)) return;
    auto const& page = trip->page;
    Call call{"robot/ding/send", {}};
    call.urgency = page.urgent ? Urgency::urgent : Urgency::page;
    call.deadline = kCall;
    call.body = written({{"robotCode", parts.robot},
                         {"remindType", remind_type(page)},
                         {"receiverUserIdList", Json::array({page.contact})},
                         {"content", ding_text(page)}});
    parts.api.call(std::move(call), [self = shared_from_this(), trip](ApiResult const& got) {
      if (self->has_ended()) return;
      auto outcome = ding_outcome(got, trip->page.contact);
      if (outcome.kind == Kind::accepted) self->keep(trip->page, outcome.provider_reference);
      self->finish(trip, std::move(outcome));
    });
    // It arrives also where DING has no quota.
    if (!page.answers.empty() && !page.may_repeat) parts.companion.say(page);
  }

  void keep(paging::PageEnvelope const& page, std::string const& ding) {
    if (ding.empty()) return;
    auto const key = page_name(page);
    if (settled.contains(key)) return take_back(key, ding, [](bool) {});
    if (dings.size() > kRemembered) dings.clear();
    dings[key] = ding;
    parts.lane.submit(
        [key, ding](Database& database, Instant now) {
          store::put_posted(database, {kPlatform, kDings, key, ding, "", ""}, now);
        },
        [](std::exception_ptr) {});
  }

  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> const& done) {
    auto const keys = std::make_shared<std::vector<std::string>>();
    for (auto const& page : pages) {
      if (page.channel != kPlatform) continue;
      keys->push_back(page.key);
      if (settled.size() > kRemembered) settled.clear();
      settled.insert(page.key);
    }
    if (keys->empty()) return done(true);
    auto const found = std::make_shared<std::map<std::string, std::string>>();
    parts.lane.submit(
        [keys, found](Database& database, Instant) {
          for (auto const& key : *keys) {
            if (auto const row = store::posted(database, kPlatform, kDings, key)) (*found)[key] = row->message;
          }
        },
        [self = shared_from_this(), keys, found, done](std::exception_ptr) {
          boost::asio::post(self->parts.io, [self, keys, found, done] {
            if (self->has_ended()) return;
            for (auto const& key : *keys) {
              if (auto const known = self->dings.find(key); known != self->dings.end()) (*found)[key] = known->second;
            }
            self->take_back_all(*found, done);
          });
        });
  }

  void take_back_all(std::map<std::string, std::string> const& found, std::function<void(bool)> const& done) {
    if (found.empty()) return done(true);
    auto const left = std::make_shared<std::size_t>(found.size());
    auto const all = std::make_shared<bool>(true);
    for (auto const& [key, ding] : found) {
      take_back(key, ding, [left, all, done](bool over) {
        *all = *all && over;
        if (--*left == 0) done(*all);
      });
    }
  }

  void take_back(std::string const& key, std::string const& ding, std::function<void(bool)> const& done) {
    Call call{"robot/ding/recall", {}};
    call.urgency = Urgency::page;
    call.body = written({{"robotCode", parts.robot}, {"openDingId", ding}});
    parts.api.call(std::move(call), [self = shared_from_this(), key, done](ApiResult const& got) {
      if (self->has_ended()) return;
      bool const over = got || is_over(said_of(got.error()));
      if (!got) log_warn("DingTalk: a DING could not be recalled: {}", got.error().error);
      if (over) {
        self->dings.erase(key);
        self->parts.lane.submit(
            [key](Database& database, Instant) { store::drop_posted(database, kPlatform, kDings, key); },
            [](std::exception_ptr) {});
      }
      done(over);
    });
  }

  Parts parts;
  std::mutex mutex;
  std::condition_variable_any changed;
  bool ended = false;
  std::map<std::string, std::string> dings;  ///< of pages that wait for an answer
  std::set<std::string> settled;             ///< what is still on its way is recalled when it arrives
};

DingCarrier::DingCarrier(Parts parts) : shared_(std::make_shared<Shared>(std::move(parts))) {}
DingCarrier::~DingCarrier() { end(); }

DeliveryOutcome DingCarrier::send(paging::PageEnvelope const& page, std::stop_token stop) {
  auto const trip = std::make_shared<Shared::Trip>();
  trip->page = page;
  return shared_->wait_for(
      trip, [shared = shared_, trip] { shared->carry(trip); }, stop);
}

/// A token can be had: what else a DING needs only a DING tells.
DeliveryOutcome DingCarrier::probe() {
  auto const trip = std::make_shared<Shared::Trip>();
  return shared_->wait_for(trip,
                           [shared = shared_, trip] {
                             if (!shared->begin(trip)) return;
                             Call call{"robot/ding/readStatuses/query", {}};
                             call.body = written({{"robotCode", shared->parts.robot}, {"openDingId", "none"}});
                             call.once = true;
                             shared->parts.api.call(std::move(call), [shared, trip](ApiResult const& got) {
                               bool const reached = got || got.error().trouble == Trouble::refused ||
                                                    got.error().trouble == Trouble::gone;
                               shared->finish(trip, reached ? DeliveryOutcome{Kind::accepted, {}, "DingTalk DING", {}}
                                                            : ding_outcome(got, {}));
                             });
                           },
                           {});
}

void DingCarrier::recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
  shared_->recall(pages, [shared = shared_, pages, done = std::move(done)](bool all) {
    shared->parts.companion.settle(pages, [all, done](bool rest) { done(all && rest); });
  });
}

void DingCarrier::end() {
  std::lock_guard const held(shared_->mutex);
  shared_->ended = true;
  shared_->changed.notify_all();
}

}  // namespace tocsin::dingtalk
