#include "bot/slack/api.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

using namespace tocsin;
using namespace tocsin::slack;

namespace {

Call call_of(std::string method) { return {std::move(method), {}}; }

ApiResult judged(int status, std::string body, net::Fields headers = {}, std::string method = "chat.postMessage") {
  net::ClientAnswer answer;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  return verdict(call_of(std::move(method)), answer);
}

Trouble trouble_in(ApiResult const& result) {
  REQUIRE(result.has_error());
  return result.error().trouble;
}

std::string refusal(std::string const& error) { return R"({"ok":false,"error":")" + error + "\"}"; }

}  // namespace

TEST_CASE("slack: every HTTP status has a verdict, and only 2xx with `ok` is a success") {
  for (int status = 200; status <= 599; ++status) {
    CAPTURE(status);
    auto const said_ok = judged(status, R"({"ok":true,"ts":"1.000100"})");
    CHECK(said_ok.has_value() == (status < 300));
    auto const page = judged(status, "<html>blocked</html>");
    auto const expected = status == 429                    ? Trouble::too_often
                          : status == 502 || status == 503 ? Trouble::passing
                                                           : Trouble::unknown;
    CHECK(trouble_in(page) == expected);
    // Of a failed call it is never forgotten what Slack, or the network, said.
    CHECK_FALSE(page.error().error.empty());
    if (status >= 300) CHECK(trouble_in(said_ok) == expected);
  }
}

TEST_CASE("slack: what an address that Slack gave out answers has a verdict, too") {
  auto const said = [](int status, std::string body) {
    net::ClientAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    return address_verdict(answer);
  };
  for (auto const* fine : {"ok", "", "OK - 123", R"({"ok":true})", R"({"text":"\"ok\":false"})"})
    CHECK(said(200, fine).has_value());
  CHECK(trouble_in(said(200, R"({"ok": false, "error": "invalid_blocks"})")) == Trouble::refused);
  CHECK(trouble_in(said(200, R"({"ok":false,"error":"ratelimited"})")) == Trouble::too_often);
  CHECK(trouble_in(said(404, "used_url")) == Trouble::gone);
  CHECK(trouble_in(said(410, "")) == Trouble::gone);
  CHECK(trouble_in(said(429, "")) == Trouble::too_often);
  CHECK(trouble_in(said(500, "")) == Trouble::unknown);
  CHECK(trouble_in(said(400, "no_text")) == Trouble::refused);
  net::FetchFailure cut;
  cut.sent = true;
  CHECK(trouble_in(address_verdict(cut)) == Trouble::unknown);
  cut.sent = false;
  CHECK(trouble_in(address_verdict(cut)) == Trouble::passing);
}

TEST_CASE("slack: each error of the reference is classed by what is to be done") {
  struct Row {
    Trouble trouble;
    std::vector<std::string> errors;
  };
  std::vector<Row> const rows{
      {Trouble::credential,
       {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "user_removed_from_team",
        "team_disabled", "not_allowed_token_type", "org_login_required", "ekm_access_denied",
        "two_factor_setup_required"}},
      {Trouble::scope, {"missing_scope"}},
      {Trouble::too_often, {"ratelimited", "rate_limited", "message_limit_exceeded"}},
      {Trouble::passing, {"service_unavailable", "team_added_to_org", "accesslimited"}},
      {Trouble::unknown, {"internal_error", "fatal_error", "request_timeout"}},
      {Trouble::gone,
       {"channel_not_found", "is_archived", "is_inactive", "not_in_channel", "message_not_found", "thread_not_found",
        "cannot_reply_to_message", "user_not_found", "users_not_found", "user_not_visible", "user_disabled",
        "user_not_in_channel", "edit_window_closed", "cant_update_message", "not_found"}},
      {Trouble::refused,
       {"invalid_arguments",
        "invalid_arg_name",
        "invalid_array_arg",
        "invalid_charset",
        "invalid_form_data",
        "invalid_post_type",
        "missing_post_type",
        "deprecated_endpoint",
        "method_deprecated",
        "no_permission",
        "access_denied",
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "too_many_attachments",
        "restricted_action",
        "markdown_text_conflict",
        "metadata_too_large",
        "invalid_metadata_format",
        "messages_tab_disabled",
        "block_mismatch",
        "update_failed",
        "name_taken",
        "invalid_name",
        "invalid_name_maxlength",
        "invalid_name_punctuation",
        "invalid_name_required",
        "invalid_name_specials",
        "cannot_create_channel",
        "too_long",
        "cant_invite_self",
        "cant_invite",
        "user_is_restricted",
        "ura_max_channels",
        "org_user_not_in_team",
        "cant_archive_general",
        "method_not_supported_for_channel_type",
        "not_enough_users",
        "too_many_users",
        "invalid_cursor",
        "limit_required",
        "not_pinnable",
        "bad_timestamp",
        "too_many_emoji",
        "too_many_reactions",
        "too_many_bookmarks",
        "invalid_link",
        "expired_trigger_id",
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "push_limit_reached",
        "hash_conflict",
        "view_too_large",
        "file_uploads_disabled",
        "storage_limit_reached",
        "file_not_found",
        "posting_to_channel_denied",
        "an_error_of_tomorrow"}},
  };
  for (auto const& row : rows) {
    for (auto const& error : row.errors) {
      CAPTURE(error);
      CHECK(trouble_of(error) == row.trouble);
      auto const result = judged(200, refusal(error));
      CHECK(trouble_in(result) == row.trouble);
      CHECK(result.error().error == error);
    }
  }
  auto const scope = judged(200, R"({"ok":false,"error":"missing_scope","needed":"pins:write","provided":"x"})");
  CHECK(trouble_in(scope) == Trouble::scope);
  CHECK(scope.error().needed == "pins:write");
}

TEST_CASE("slack: what has nothing left to do is done, of its own method alone") {
  std::vector<std::pair<std::string, std::string>> const done{{"pins.add", "already_pinned"},
                                                              {"reactions.add", "already_reacted"},
                                                              {"conversations.archive", "already_archived"},
                                                              {"conversations.invite", "already_in_channel"}};
  for (auto const& [method, error] : done) {
    for (auto const& [other, unused] : done) {
      CAPTURE(error);
      CAPTURE(other);
      CHECK(judged(200, refusal(error), {}, other).has_value() == (other == method));
    }
  }
}

TEST_CASE("slack: Retry-After is whole seconds, at most an hour; anything else is as if it were not there") {
  struct Row {
    std::string text;
    std::optional<Millis> expected;
  };
  using std::chrono::seconds;
  std::vector<Row> const rows{{"0", Millis{0}},
                              {"30", seconds{30}},
                              {"3600", seconds{3600}},
                              {"3601", seconds{3600}},
                              {"9223372036854775807", seconds{3600}},
                              {"9223372036854775808", std::nullopt},
                              {"", std::nullopt},
                              {"-1", std::nullopt},
                              {"1.5", std::nullopt},
                              {"+5", std::nullopt},
                              {"5 s", std::nullopt},
                              {"Mon, 23 Nov 2026 03:10:00 GMT", std::nullopt}};
  for (auto const& row : rows) {
    CAPTURE(row.text);
    for (int const status : {200, 429, 503}) {
      auto const result = judged(status, refusal("ratelimited"), {{"retry-after", row.text}});
      REQUIRE(result.has_error());
      CHECK(result.error().retry_after == row.expected);
    }
  }
  CHECK_FALSE(judged(429, "").error().retry_after);
}

TEST_CASE("slack: of a broken answer nobody knows whether it was done") {
  for (auto const* body : {"", "[]", "null", "true", "{", "ok", R"({"ok":"true"})", R"({"ok":1})", R"({})",
                           R"({"ok":false})", R"({"ok":false,"error":7})", R"({"ok":false,"error":""})", "\xFF\xFE"}) {
    CAPTURE(body);
    CHECK(trouble_in(judged(200, body)) == Trouble::unknown);
  }
  net::ClientAnswer cut;
  cut.status = 200;
  cut.body = R"({"ok":true})";
  cut.truncated = true;
  CHECK(trouble_in(verdict(call_of("chat.postMessage"), cut)) == Trouble::unknown);
  net::FetchFailure lost;
  CHECK(trouble_in(verdict(call_of("chat.postMessage"), lost)) == Trouble::passing);
  lost.sent = true;
  CHECK(trouble_in(verdict(call_of("chat.postMessage"), lost)) == Trouble::unknown);
}

TEST_CASE("slack: every method that the sources call stands in the table, and nothing that doubles is repeated") {
  std::set<std::string> known;
  for (auto const& method : methods()) CHECK(known.insert(std::string(method.name)).second);
  std::regex const literal(R"re("((apps|auth|bookmarks|chat|conversations|files|pins|)re"
                           R"re(reactions|team|usergroups|users|views)\.[a-zA-Z.]+)")re");
  std::set<std::string> used;
  for (auto const& entry : std::filesystem::directory_iterator(TOCSIN_SOURCE_DIR "/bot/slack")) {
    // The manifest names scopes, and api.cpp is the table itself.
    auto const name = entry.path().filename().string();
    if (!name.ends_with(".cpp") || name == "api.cpp" || name == "manifest.cpp") continue;
    std::ifstream file(entry.path());
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at) used.insert((*at)[1].str());
  }
  CHECK(used.count("chat.postMessage") == 1);
  CHECK(used.size() > 15);
  for (auto const& name : used) {
    CAPTURE(name);
    CHECK(known.count(name) == 1);
  }
  for (auto const* name : {"chat.postMessage", "chat.postEphemeral", "conversations.create", "bookmarks.add",
                           "files.completeUploadExternal", "views.open"}) {
    CAPTURE(name);
    CHECK_FALSE(method_of(name).repeatable);
  }
  CHECK_FALSE(method_of("of.tomorrow").repeatable);
  CHECK(method_of("of.tomorrow").per_minute == 20);
}

TEST_CASE("slack: a text is found by its path, and nothing else is one") {
  constexpr auto kAnswer = R"({"channel":{"id":"C1","n":7},"ts":"1.000100"})";
  CHECK(text_in(kAnswer, "/channel/id") == "C1");
  CHECK(text_in(kAnswer, "/ts") == "1.000100");
  for (auto const* path : {"/channel", "/channel/n", "/channel/id/x", "/nothing"})
    CHECK(text_in(kAnswer, path).empty());
  CHECK(text_in("{", "/ts").empty());
  CHECK(text_in("[]", "/ts").empty());
}
