// Calls as Slack takes them, for the running bot and for `doctor`.
#pragma once

#include <string>

#include "bot/slack/api.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin::slack {

/// The call to `url`, the base of the Web API, as Slack takes it.
[[nodiscard]] net::ClientRequest request_of(Call const& call, std::string const& url, Secret const& token);

}  // namespace tocsin::slack
