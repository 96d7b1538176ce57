// Calls of a chat platform's web interface as values, and what became of one. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "incidents/base/time.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin::chat {

/// Who waits for it: in a jam what wakes somebody goes first.
enum class Urgency : std::uint8_t {
  urgent,  ///< P0 and P1, and what somebody holds open a form for: has a share of its own
  page,    ///< the others' pages
  normal,
  slow,
};

struct Call {
  std::string method;     ///< "chat.postMessage"
  net::Fields arguments;  ///< by name, as far as the platform takes them so; what is no text is JSON in it
  std::string channel{};  ///< posts are paced by it and keep their order in it; empty: it is no post
  Urgency urgency = Urgency::normal;
  Millis deadline{60'000};      ///< from the call to its end, waiting and repeating included
  bool with_app_token = false;  ///< Slack's `apps.connections.open` alone
  bool once = false;            ///< not repeated, whatever comes of it
  std::string body{};           ///< JSON, for a platform that takes that
};

/// What went wrong, as far as it matters for what is done next.
enum class Trouble : std::uint8_t {
  passing,     ///< certainly not done, and may work later
  too_often,   ///< certainly not done: it must wait
  unknown,     ///< it may have been done
  credential,  ///< the token is no good any more: an operator must act
  scope,       ///< a right is missing; `needed` names it
  gone,        ///< the channel, message or person is not there, or not any more
  refused,     ///< the platform won't: our request is wrong, or its rules forbid it
};

struct ApiFailure {
  Trouble trouble = Trouble::unknown;
  std::string error;     ///< as the platform names it ("channel_not_found"), or what the network said
  std::string needed{};  ///< the missing scope
  std::optional<Millis> retry_after{};
};

/// The body of an answer that says that it was done: a JSON object.
using ApiResult = boost::system::result<std::string, ApiFailure>;

[[noreturn]] void throw_exception_from_error(ApiFailure const& failure, boost::source_location const& where);

/// A request that failed on the network: what never left can't have been done.
[[nodiscard]] ApiFailure failure_of(net::FetchFailure const& failed);

/// Whole seconds (RFC 9110 section 10.2.3), an hour at most; platforms write no dates.
[[nodiscard]] std::optional<Millis> retry_after(net::ClientAnswer const& answer);

/// The text at `path` ("/channel/id") of a JSON text; empty where there is none.
[[nodiscard]] std::string text_in(std::string_view json, char const* path);

}  // namespace tocsin::chat
