// Messages for a place in Slack: whose language and zone, which prefix printed commands need.
#pragma once

#include <string>
#include <vector>

#include "bot/slack/render.hpp"

namespace tocsin::slack {

/// In the channel's language; `bot`: its member id, which printed commands are addressed to. `calls`: members
/// who must act.
[[nodiscard]] Rendered worded_for_channel(Message const& message, Setup const& setup, Instant now,
                                          std::string const& bot, IncidentId about = {},
                                          std::vector<std::string> const& calls = {});
/// In the person's language. `bot`: as above, for what only they see in a channel; empty: with the bot alone, where no
/// command needs an address.
[[nodiscard]] Rendered worded_for_person(Message const& message, Setup const& setup, Instant now,
                                         PersonId const& person, IncidentId about = {}, std::string const& bot = {});
/// That a file of an answer was given up.
[[nodiscard]] Message no_file(std::string const& file, std::string const& error);
/// The first line without emoji, at most 250 characters: a channel's topic.
[[nodiscard]] std::string topic_of(Message const& message, Setup const& setup, Instant now);

}  // namespace tocsin::slack
