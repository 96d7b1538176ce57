// What a chat platform's refusal means for `doctor`, whichever platform it is. Pure.
#pragma once

#include "bot/chat/call.hpp"
#include "bot/doctor/side_by_side.hpp"

namespace tocsin::doctor {

/// Keys of messages: what to do about a credential, a right, a limit, anything else that was refused.
struct Cures {
  char const* credential;
  char const* scope;
  char const* later;
  char const* refused;
};

[[nodiscard]] Notice told(chat::ApiFailure const& failure);

/// What is to be done about a call that failed for none of the reasons that are its own.
[[nodiscard]] Finding failed(chat::ApiFailure const& failure, Cures const& cures);

}  // namespace tocsin::doctor
