// Calls that follow from the settings, for the running bot and for `doctor`.
#pragma once

#include <string>
#include <vector>

#include "bot/dingtalk/api.hpp"
#include "config/config.hpp"

namespace tocsin::dingtalk {

[[nodiscard]] Hosts hosts_of(DingTalkOptions const& options);

/// The call for an access token of the new API; `old`: of the older one.
[[nodiscard]] Call token_call(std::string const& client_id, Secret const& secret, bool old);

/// Calls that need the rights that the bot needs, and ask for nothing: DingTalk looks at the right first, and refuses
/// what is empty.
[[nodiscard]] std::vector<Call> questions_of_right(DingTalkOptions const& options);

}  // namespace tocsin::dingtalk
