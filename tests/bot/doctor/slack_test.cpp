// What Slack's answers mean for `doctor`.
#include "bot/doctor/slack.hpp"

#include <doctest/doctest.h>

#include "bot/slack/manifest.hpp"

using namespace tocsin;
using namespace tocsin::doctor;
using slack::ApiFailure;
using slack::ApiResult;
using slack::Trouble;

namespace {

ApiResult refused(std::string error, std::string needed = {}) {
  auto const trouble = slack::trouble_of(error);
  return ApiFailure{trouble, std::move(error), std::move(needed)};
}

ApiResult unreachable() { return ApiFailure{Trouble::passing, "Connection refused"}; }

std::string all_scopes() {
  std::string all;
  for (auto const scope : slack::bot_scopes()) all += (all.empty() ? "" : ", ") + std::string(scope);
  return all;
}

void is(Finding const& finding, Verdict verdict, char const* value, char const* cure) {
  CHECK(finding.verdict == verdict);
  CHECK(finding.value.key == value);
  CHECK(finding.cure.key == cure);
}

}  // namespace

TEST_CASE("doctor, Slack: the bot's token") {
  is(judge_slack_bot(R"({"ok":true,"user":"tocsin","team":"Acme"})"), Verdict::good, "doctor.slack_bot", "");
  for (auto const* error : {"invalid_auth", "token_revoked", "account_inactive", "not_authed"})
    is(judge_slack_bot(refused(error)), Verdict::bad, "doctor.failed", "doctor.cure_slack_bot_token");
  is(judge_slack_bot(unreachable()), Verdict::bad, "doctor.failed", "doctor.cure_host");
  is(judge_slack_bot(refused("ratelimited")), Verdict::warning, "doctor.failed", "doctor.cure_slack_later");
  is(judge_slack_bot(refused("some_new_error")), Verdict::bad, "doctor.failed", "doctor.cure_slack_refused");
}

TEST_CASE("doctor, Slack: each scope that is missing is named, others do no harm") {
  is(judge_slack_scopes("{}", all_scopes()), Verdict::good, "doctor.slack_scopes", "");
  is(judge_slack_scopes("{}", all_scopes() + ",admin"), Verdict::good, "doctor.slack_scopes", "");
  for (auto const scope : slack::bot_scopes()) {
    std::string others;
    for (auto const each : slack::bot_scopes()) {
      if (each != scope) others += "," + std::string(each);
    }
    auto const finding = judge_slack_scopes("{}", others);
    is(finding, Verdict::bad, "doctor.slack_scopes_missing", "doctor.cure_slack_scopes");
    auto const& missing = std::get<std::vector<Notice>>(*finding.value.find("missing"));
    REQUIRE(missing.size() == 1);
    CHECK(std::get<std::string>(*missing.front().find("text")) == scope);
  }
  is(judge_slack_scopes("{}", ""), Verdict::bad, "doctor.slack_scopes_missing", "doctor.cure_slack_scopes");
  is(judge_slack_scopes(refused("token_revoked"), ""), Verdict::bad, "doctor.failed", "doctor.cure_slack_bot_token");
}

TEST_CASE("doctor, Slack: the app's token and Socket Mode, each with what is to be done") {
  is(judge_slack_app(R"({"ok":true,"url":"wss://x"})"), Verdict::good, "doctor.slack_app", "");
  is(judge_slack_app(refused("invalid_auth")), Verdict::bad, "doctor.failed", "doctor.cure_slack_app_token");
  is(judge_slack_app(refused("not_allowed_token_type")), Verdict::bad, "doctor.failed", "doctor.cure_slack_app_token");
  is(judge_slack_app(refused("missing_scope", "connections:write")), Verdict::bad, "doctor.failed",
     "doctor.cure_slack_connections");
  is(judge_slack_hello(slack::parse_frame(R"({"type":"hello"})")), Verdict::good, "doctor.slack_hello", "");
  auto const left = [](char const* reason) {
    return judge_slack_hello(slack::parse_frame(R"({"type":"disconnect","reason":")" + std::string(reason) + R"("})"));
  };
  is(left("link_disabled"), Verdict::bad, "doctor.failed", "doctor.cure_slack_socket_mode");
  is(left("too_many_websockets"), Verdict::bad, "doctor.failed", "doctor.cure_slack_crowded");
  is(left("refresh_requested"), Verdict::bad, "doctor.failed", "doctor.cure_host");
  is(judge_slack_hello(slack::parse_frame("<html>")), Verdict::bad, "doctor.failed", "doctor.cure_host");
}

TEST_CASE("doctor, Slack: what the running bot says of itself") {
  is(judge_slack_running(2), Verdict::good, "doctor.slack_running", "");
  is(judge_slack_running(0), Verdict::bad, "doctor.slack_running", "doctor.cure_slack_not_connected");
  is(judge_slack_running({}), Verdict::bad, "doctor.slack_not_started", "doctor.cure_slack_restart");
}

TEST_CASE("doctor, Slack: the channel") {
  auto const channel = [](char const* more) {
    return judge_slack_channel(R"({"ok":true,"channel":{"id":"C1","name":"ops",)" + std::string(more) + "}}");
  };
  is(channel(R"("is_member":true,"is_archived":false)"), Verdict::good, "doctor.slack_member", "");
  is(channel(R"("is_member":false)"), Verdict::bad, "doctor.slack_not_member", "doctor.cure_slack_invite");
  is(channel(R"("is_member":true,"is_archived":true)"), Verdict::bad, "doctor.slack_archived",
     "doctor.cure_slack_channel");
  is(judge_slack_channel(refused("channel_not_found")), Verdict::bad, "doctor.failed", "doctor.cure_slack_channel");
  is(judge_slack_channel(refused("missing_scope", "channels:read")), Verdict::bad, "doctor.failed",
     "doctor.cure_slack_scopes");
  is(judge_slack_channel("not json"), Verdict::bad, "doctor.slack_not_member", "doctor.cure_slack_invite");
}

TEST_CASE("doctor, Slack: whoever can't be reached there is named") {
  ApiResult const fine = R"({"ok":true,"user":{"id":"U1","deleted":false}})";
  ApiResult const left = R"({"ok":true,"user":{"id":"U2","deleted":true}})";
  is(judge_slack_people({{{"li"}, fine}, {{"wang"}, fine}}, 0), Verdict::good, "doctor.slack_people", "");
  auto const finding = judge_slack_people({{{"li"}, fine}, {{"wang"}, left}, {{"zhao"}, refused("user_not_found")}}, 0);
  is(finding, Verdict::warning, "doctor.slack_people_unknown", "doctor.cure_slack_people");
  CHECK(std::get<std::vector<Notice>>(*finding.value.find("people")).size() == 2);
  is(judge_slack_people({{{"li"}, left}}, 0), Verdict::bad, "doctor.slack_people_unknown", "doctor.cure_slack_people");
  is(judge_slack_people({{{"li"}, fine}}, 7), Verdict::good, "doctor.slack_people_some", "");
  is(judge_slack_people({{{"li"}, unreachable()}}, 0), Verdict::bad, "doctor.failed", "doctor.cure_host");
}

TEST_CASE("doctor, Slack: user groups that nobody knows are a warning") {
  ApiResult const groups = R"({"ok":true,"usergroups":[{"handle":"sre"},{"handle":7},null]})";
  is(judge_slack_groups(groups, {"sre"}), Verdict::good, "doctor.slack_groups", "");
  is(judge_slack_groups(groups, {"sre", "dba"}), Verdict::warning, "doctor.slack_groups_unknown",
     "doctor.cure_slack_groups");
  is(judge_slack_groups("[]", {"sre"}), Verdict::warning, "doctor.slack_groups_unknown", "doctor.cure_slack_groups");
}
