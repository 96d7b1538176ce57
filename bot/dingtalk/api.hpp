// Calls of DingTalk's two APIs: how they look, what their answers say, how fast they may go. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/call.hpp"
#include "bot/chat/pace.hpp"
#include "bot/chat/supervisor.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin::dingtalk {

using chat::ApiFailure;
using chat::ApiResult;
using chat::Call;
using chat::Moment;
using chat::text_in;
using chat::Trouble;
using chat::Urgency;

/// Where a call goes and how it is paced. A call's `method` is its name here.
struct Method {
  std::string_view name;
  std::string_view verb;    ///< "POST"
  std::string_view path;    ///< begins with '/'
  bool old = false;         ///< on the older host, whose token is part of the address and whose failures are 200s
  bool repeatable = false;  ///< doing it twice is doing it once
  double per_second = 10;   ///< what DingTalk is asked by it at most
};
/// Throws std::logic_error for a name that the table doesn't know: a fault of ours.
[[nodiscard]] Method const& method_of(std::string_view name);
[[nodiscard]] std::vector<Method> const& methods();

/// The addresses of both APIs, without a slash at the end.
struct Hosts {
  std::string api;
  std::string old;
};

/// `call.body` goes as JSON, `call.arguments` into the address.
[[nodiscard]] net::ClientRequest request_of(Call const& call, Hosts const& hosts, Secret const& token);

/// What an exchange came to. "Errors, limits, scopes": decided by code, never by message; of the older API by `errcode`
/// in a 200. Where a token is refused, `Trouble::credential`.
[[nodiscard]] ApiResult verdict(Call const& call, net::FetchResult const& fetched);

/// What a post to a sessionWebhook came to: `errcode` in a 200, too. A session that is over is Trouble::gone.
[[nodiscard]] ApiResult hook_verdict(net::FetchResult const& fetched);

/// The app's own rate, the method's, and for a post the conversation's.
[[nodiscard]] chat::Budgets budgets_of(Call const& call);

/// What a refused opening of a connection means for asking again.
[[nodiscard]] chat::Refusal refusal_of(ApiFailure const& failure);

}  // namespace tocsin::dingtalk
