// Calls of Slack's Web API as values, and what became of one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/chat/call.hpp"
#include "bot/chat/pace.hpp"

namespace tocsin::slack {

using chat::ApiFailure;
using chat::ApiResult;
using chat::Call;
using chat::Moment;
using chat::text_in;
using chat::Trouble;
using chat::Urgency;

/// What an exchange came to. Slack's reference, "Errors" of each method; what a method calls a success in words of
/// failure (`already_pinned`) is one.
[[nodiscard]] ApiResult verdict(Call const& call, net::FetchResult const& fetched);

/// What became of a post to an address that Slack gave out (a response_url, an upload): it answers in plain words, in
/// JSON with `ok`, or with nothing but its status.
[[nodiscard]] ApiResult address_verdict(net::FetchResult const& fetched);

struct Method {
  std::string_view name;
  int per_minute = 50;      ///< what its tier allows
  bool repeatable = false;  ///< doing it twice is doing it once
};
/// A method that the table doesn't know is paced by tier 2 and not repeated.
[[nodiscard]] Method method_of(std::string_view name) noexcept;
[[nodiscard]] std::vector<Method> const& methods();

/// What a call spends: its method by its tier, and a post the channel's second.
[[nodiscard]] chat::Budgets budgets_of(Call const& call);

/// "ratelimited" and its like without being one of ours: what a method's refusal means for the token as a whole.
[[nodiscard]] Trouble trouble_of(std::string_view error) noexcept;

}  // namespace tocsin::slack
