// What DingTalk's answers mean for `doctor`. Pure: each is a row of a test.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bot/chat/sockets.hpp"
#include "bot/dingtalk/api.hpp"
#include "bot/doctor/side_by_side.hpp"
#include "incidents/base/ids.hpp"

namespace tocsin::doctor {

/// Of the call for an access token: is the app's credential right?
[[nodiscard]] Finding judge_dingtalk_app(dingtalk::ApiResult const& answer);
/// Of the call for a connection: is the app published, its robot on, its mode Stream?
[[nodiscard]] Finding judge_dingtalk_stream(chat::Address const& address);
/// Of each of `questions_of_right`.
[[nodiscard]] Finding judge_dingtalk_rights(std::vector<dingtalk::ApiResult> const& answers);
/// Of an undelivered card made by the configured template.
[[nodiscard]] Finding judge_dingtalk_template(dingtalk::ApiResult const& answer);
/// Of `groups/baseInfos/query` for the configured group.
[[nodiscard]] Finding judge_dingtalk_group(dingtalk::ApiResult const& answer);
/// Of `user/get` or `user/getbymobile` for each person who has an account there or may be found; `left`: how many more
/// were not asked for.
[[nodiscard]] Finding judge_dingtalk_people(std::vector<std::pair<PersonId, dingtalk::ApiResult>> const& answers,
                                            std::int64_t left);

}  // namespace tocsin::doctor
