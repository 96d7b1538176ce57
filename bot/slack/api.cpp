#include "bot/slack/api.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "bot/detail/json.hpp"

namespace tocsin::slack {
namespace {

using chat::failure_of;
using chat::retry_after;
using detail::at;
using detail::Json;
using detail::parsed;
using detail::text_at;

constexpr int kPacedElsewhere = 6'000;  // `SocketLimits::opens_per_minute`
constexpr int kTier2 = 20;
constexpr int kTier3 = 50;
constexpr int kTier4 = 100;
constexpr int kSpecial = 240;  // "hundreds per minute"
constexpr std::size_t kErrorLength = 100;
constexpr double kSecondsPerMinute = 60;
/// "Short bursts are tolerated."
constexpr double kChannelBurst = 4;
constexpr double kMethodBurst = 0.5;  // of a minute's worth

struct Class {
  std::string_view error;
  Trouble trouble;
};
/// Slack's reference, section on the errors common to all methods, and those of our methods that mean "not there".
constexpr std::array kClasses{
    Class{"not_authed", Trouble::credential},
    Class{"invalid_auth", Trouble::credential},
    Class{"account_inactive", Trouble::credential},
    Class{"token_revoked", Trouble::credential},
    Class{"token_expired", Trouble::credential},
    Class{"user_removed_from_team", Trouble::credential},
    Class{"team_disabled", Trouble::credential},
    Class{"not_allowed_token_type", Trouble::credential},
    Class{"org_login_required", Trouble::credential},
    Class{"ekm_access_denied", Trouble::credential},
    Class{"two_factor_setup_required", Trouble::credential},
    Class{"missing_scope", Trouble::scope},
    Class{"ratelimited", Trouble::too_often},
    Class{"rate_limited", Trouble::too_often},
    Class{"message_limit_exceeded", Trouble::too_often},
    Class{"service_unavailable", Trouble::passing},
    Class{"team_added_to_org", Trouble::passing},
    Class{"accesslimited", Trouble::passing},
    // After a part of it may have been done.
    Class{"internal_error", Trouble::unknown},
    Class{"fatal_error", Trouble::unknown},
    Class{"request_timeout", Trouble::unknown},
    Class{"channel_not_found", Trouble::gone},
    Class{"is_archived", Trouble::gone},
    Class{"is_inactive", Trouble::gone},
    Class{"not_in_channel", Trouble::gone},
    Class{"message_not_found", Trouble::gone},
    Class{"thread_not_found", Trouble::gone},
    Class{"cannot_reply_to_message", Trouble::gone},
    Class{"user_not_found", Trouble::gone},
    Class{"users_not_found", Trouble::gone},
    Class{"user_not_visible", Trouble::gone},
    Class{"user_disabled", Trouble::gone},
    Class{"user_not_in_channel", Trouble::gone},
    Class{"edit_window_closed", Trouble::gone},
    Class{"cant_update_message", Trouble::gone},
    Class{"not_found", Trouble::gone},
};

/// Of a method that has nothing left to do.
struct Fulfilled {
  std::string_view method;
  std::string_view error;
};
constexpr std::array kFulfilled{
    Fulfilled{"pins.add", "already_pinned"},
    Fulfilled{"reactions.add", "already_reacted"},
    Fulfilled{"conversations.archive", "already_archived"},
    Fulfilled{"conversations.invite", "already_in_channel"},
};

}  // namespace

Trouble trouble_of(std::string_view error) noexcept {
  auto const found =
      std::find_if(kClasses.begin(), kClasses.end(), [error](Class const& each) { return each.error == error; });
  return found == kClasses.end() ? Trouble::refused : found->trouble;
}

ApiResult verdict(Call const& call, net::FetchResult const& fetched) {
  if (!fetched) return failure_of(fetched.error());
  auto const& answer = *fetched;
  if (answer.status == 429) return ApiFailure{Trouble::too_often, "ratelimited", {}, retry_after(answer)};
  if (answer.status >= 500) {
    bool const turned_away = answer.status == 502 || answer.status == 503;
    return ApiFailure{turned_away ? Trouble::passing : Trouble::unknown,
                      "status " + std::to_string(answer.status),
                      {},
                      retry_after(answer)};
  }
  auto const body = answer.truncated ? Json() : parsed(answer.body);
  if (!body.is_object()) {
    // Of a proxy, as a rule: whether Slack saw the request nobody knows.
    return ApiFailure{Trouble::unknown, "no readable answer (status " + std::to_string(answer.status) + ")"};
  }
  auto const ok = body.find("ok");
  // Slack says so with a status of success alone: anything else is of somebody in between.
  bool const through = answer.status < 300;
  if (through && ok != body.end() && ok->is_boolean() && ok->get<bool>()) return answer.body;
  auto error = text_at(body, "error").substr(0, kErrorLength);
  auto const done = std::any_of(kFulfilled.begin(), kFulfilled.end(), [&](Fulfilled const& each) {
    return each.method == call.method && each.error == error;
  });
  if (done) return answer.body;
  if (error.empty())
    return ApiFailure{Trouble::unknown, "status " + std::to_string(answer.status) + " without a reason"};
  auto const trouble = trouble_of(error);
  return ApiFailure{trouble, std::move(error), text_at(body, "needed").substr(0, kErrorLength), retry_after(answer)};
}

ApiResult address_verdict(net::FetchResult const& fetched) {
  if (!fetched) return failure_of(fetched.error());
  auto const& answer = *fetched;
  auto const body = parsed(answer.body);
  auto const& ok = at(body, "ok");
  bool const said_no = ok.is_boolean() && !ok.get<bool>();
  if (answer.status / 100 == 2 && !said_no) return answer.body;
  auto error = text_at(body, "error").substr(0, kErrorLength);
  if (error.empty()) error = "status " + std::to_string(answer.status);
  auto const trouble = answer.status == 429                           ? Trouble::too_often
                       : answer.status >= 500                         ? Trouble::unknown
                       : answer.status == 404 || answer.status == 410 ? Trouble::gone
                                                                      : trouble_of(error);
  return ApiFailure{trouble, std::move(error), {}, retry_after(answer)};
}

std::vector<Method> const& methods() {
  static std::vector<Method> const kMethods{
      {"apps.connections.open", kPacedElsewhere, true},
      {"auth.test", kSpecial, true},
      {"bookmarks.add", kTier2, false},
      {"bookmarks.list", kTier3, true},
      {"chat.delete", kTier3, true},
      {"chat.getPermalink", kSpecial, true},
      {"chat.postEphemeral", kTier4, false},
      {"chat.postMessage", kSpecial, false},
      {"chat.update", kTier3, true},
      {"conversations.archive", kTier2, true},
      {"conversations.create", kTier2, false},
      {"conversations.history", kTier3, true},
      {"conversations.info", kTier3, true},
      {"conversations.invite", kTier3, true},
      {"conversations.join", kTier3, true},
      {"conversations.list", kTier2, true},
      {"conversations.open", kTier3, true},
      {"conversations.replies", kTier3, true},
      {"conversations.setTopic", kTier2, true},
      {"files.completeUploadExternal", kTier4, false},
      {"files.getUploadURLExternal", kTier4, true},
      {"pins.add", kTier2, true},
      {"reactions.add", kTier3, true},
      {"usergroups.list", kTier2, true},
      {"users.info", kTier4, true},
      {"users.lookupByEmail", kTier3, true},
      {"views.open", kTier4, false},
      {"views.publish", kTier4, true},
      {"views.update", kTier4, true},
  };
  return kMethods;
}

Method method_of(std::string_view name) noexcept {
  auto const& all = methods();
  auto const found = std::find_if(all.begin(), all.end(), [name](Method const& each) { return each.name == name; });
  return found == all.end() ? Method{name, kTier2, false} : *found;
}

chat::Budgets budgets_of(Call const& call) {
  auto const per_minute = static_cast<double>(method_of(call.method).per_minute);
  // Below what is allowed over any minute that begins with a full bucket.
  auto const burst = std::max(1.0, std::floor(per_minute * kMethodBurst));
  chat::Budgets budgets{{call.method, burst, std::max(1.0, per_minute - burst) / kSecondsPerMinute}};
  if (!call.channel.empty()) budgets.push_back({"in " + call.channel, kChannelBurst, 1});
  return budgets;
}

}  // namespace tocsin::slack
