// The recorded frames of Slack, and what is read from one, as JSON: for comparing with what a file expects.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bot/slack/gesture.hpp"

namespace tocsin::test {

/// Keeps the order of members as the file has it: what can be dug out of a broken text depends on it.
using Ordered = nlohmann::ordered_json;

struct Recorded {
  std::string file;
  Ordered content;
};
/// All of tests/bot/slack/payloads, by name. A file that is no JSON fails the test.
[[nodiscard]] std::vector<Recorded> recorded_slack();

/// What parse_frame and gesture_of make of a text. Members that are empty, zero or false are left out.
[[nodiscard]] nlohmann::json read_of(std::string_view text);

/// The bot of the recorded frames.
[[nodiscard]] slack::Self const& recorded_self();

}  // namespace tocsin::test
