// Messages for a place in DingTalk: whose language and zone, and whether printed commands need a mention.
#pragma once

#include <string>
#include <vector>

#include "bot/dingtalk/render.hpp"

namespace tocsin::dingtalk {

/// In the group's language. `bot`: its name there, which printed commands are addressed to. `calls`: staff ids of those
/// who must act.
[[nodiscard]] Rendered worded_for_group(Message const& message, Setup const& setup, Instant now, std::string const& bot,
                                        IncidentId about = {}, std::vector<std::string> const& calls = {});
/// In the person's language; with the bot alone no command needs an address.
[[nodiscard]] Rendered worded_for_person(Message const& message, Setup const& setup, Instant now,
                                         PersonId const& person, IncidentId about = {});

}  // namespace tocsin::dingtalk
