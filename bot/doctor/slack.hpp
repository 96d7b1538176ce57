// What Slack's answers mean for `doctor`. Pure: each is a row of a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/doctor/side_by_side.hpp"
#include "bot/slack/api.hpp"
#include "bot/slack/frame.hpp"
#include "incidents/base/ids.hpp"

namespace tocsin::doctor {

/// Of `auth.test` with the bot's token.
[[nodiscard]] Finding judge_slack_bot(slack::ApiResult const& answer);
/// `granted`: the header X-OAuth-Scopes of any answer.
[[nodiscard]] Finding judge_slack_scopes(slack::ApiResult const& answer, std::string_view granted);
/// Of `apps.connections.open`: what must be mended; without a cure: it gave an address.
[[nodiscard]] Finding judge_slack_app(slack::ApiResult const& answer);
/// The first thing that came over a socket.
[[nodiscard]] Finding judge_slack_hello(slack::Frame const& first);
/// Of `conversations.info` for the configured channel.
[[nodiscard]] Finding judge_slack_channel(slack::ApiResult const& answer);
/// Of the running bot: over how many connections things come to it; nothing where it runs without Slack.
[[nodiscard]] Finding judge_slack_running(std::optional<std::int64_t> connections);
/// Of `users.info` for each person who has an account there; `left`: how many more were not asked for.
[[nodiscard]] Finding judge_slack_people(std::vector<std::pair<PersonId, slack::ApiResult>> const& answers,
                                         std::int64_t left);
/// Of `usergroups.list`: are all the handles there?
[[nodiscard]] Finding judge_slack_groups(slack::ApiResult const& answer, std::vector<std::string> const& handles);

}  // namespace tocsin::doctor
