// The recorded frames of Slack, and what is read from one, as JSON: for comparing with what a file expects.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bot/slack/gesture.hpp"
#include "tests/bot/chat/recorded.hpp"

namespace tocsin::test {

/// All of tests/bot/slack/payloads.
[[nodiscard]] std::vector<Recorded> recorded_slack();

/// What parse_frame and gesture_of make of a text. Members that are empty, zero or false are left out.
[[nodiscard]] nlohmann::json read_of(std::string_view text);

/// The bot of the recorded frames.
[[nodiscard]] slack::Self const& recorded_self();

}  // namespace tocsin::test
