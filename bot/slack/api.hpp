// Calls of Slack's Web API as values, and what became of one. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "incidents/base/time.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin::slack {

/// Who waits for it: in a jam what wakes somebody goes first.
enum class Urgency : std::uint8_t {
  urgent,  ///< P0 and P1, and what somebody holds open a form for: has a share of its own
  page,    ///< the others' pages
  normal,
  slow,
};

struct Call {
  std::string method;     ///< "chat.postMessage"
  net::Fields arguments;  ///< sent as a form; what is no text is JSON in it
  std::string channel{};  ///< posts are paced by it and keep their order in it; empty: it is no post
  Urgency urgency = Urgency::normal;
  Millis deadline{60'000};      ///< from the call to its end, waiting and repeating included
  bool with_app_token = false;  ///< `apps.connections.open` alone
  bool once = false;            ///< not repeated, whatever comes of it
};

/// What went wrong, as far as it matters for what is done next.
enum class Trouble : std::uint8_t {
  passing,     ///< certainly not done, and may work later
  too_often,   ///< certainly not done: it must wait
  unknown,     ///< it may have been done
  credential,  ///< the token is no good any more: an operator must act
  scope,       ///< a right is missing; `needed` names it
  gone,        ///< the channel, message or person is not there, or not any more
  refused,     ///< Slack won't: our request is wrong, or the workspace forbids it
};

struct ApiFailure {
  Trouble trouble = Trouble::unknown;
  std::string error;     ///< as Slack names it ("channel_not_found"), or what the network said
  std::string needed{};  ///< the missing scope
  std::optional<Millis> retry_after{};
};

/// The body of an answer that says `ok`: a JSON object.
using ApiResult = boost::system::result<std::string, ApiFailure>;

[[noreturn]] void throw_exception_from_error(ApiFailure const& failure, boost::source_location const& where);

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

/// The text at `path` ("/channel/id") of a JSON text; empty where there is none.
[[nodiscard]] std::string text_in(std::string_view json, char const* path);

/// "ratelimited" and its like without being one of ours: what a method's refusal means for the token as a whole.
[[nodiscard]] Trouble trouble_of(std::string_view error) noexcept;

}  // namespace tocsin::slack
