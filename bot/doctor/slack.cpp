#include "bot/doctor/slack.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "bot/doctor/failed.hpp"
#include "bot/slack/manifest.hpp"

namespace tocsin::doctor {
namespace {

using slack::ApiFailure;
using slack::ApiResult;
using slack::Trouble;
using Json = nlohmann::json;

/// `cure`: of a token that is none.
Finding refused_by_slack(ApiFailure const& failure, char const* cure) {
  return failed(failure, {cure, "doctor.cure_slack_scopes", "doctor.cure_slack_later", "doctor.cure_slack_refused"});
}

std::set<std::string> words_of(std::string_view list) {
  std::set<std::string> words;
  std::string word;
  for (char const c : list) {
    if (c == ' ') continue;
    if (c != ',') {
      word += c;
      continue;
    }
    words.insert(std::exchange(word, {}));
  }
  words.insert(word);
  words.erase("");
  return words;
}

std::vector<Notice> items(std::vector<std::string> const& names) {
  std::vector<Notice> notices;
  for (auto const& name : names) notices.push_back(Notice("doctor.item").with("text", name));
  return notices;
}

bool flag_at(Json const& body, char const* pointer) {
  Json::json_pointer const at(pointer);
  return body.contains(at) && body.at(at).is_boolean() && body.at(at).get<bool>();
}

}  // namespace

Finding judge_slack_bot(ApiResult const& answer) {
  if (!answer) return refused_by_slack(answer.error(), "doctor.cure_slack_bot_token");
  return {Verdict::good,
          Notice("doctor.slack_bot")
              .with("user", slack::text_in(*answer, "/user"))
              .with("team", slack::text_in(*answer, "/team")),
          {}};
}

Finding judge_slack_scopes(ApiResult const& answer, std::string_view granted) {
  if (!answer) return refused_by_slack(answer.error(), "doctor.cure_slack_bot_token");
  auto const has = words_of(granted);
  std::vector<std::string> missing;
  for (auto const scope : slack::bot_scopes()) {
    if (!has.contains(std::string(scope))) missing.emplace_back(scope);
  }
  if (missing.empty())
    return {Verdict::good, Notice("doctor.slack_scopes").with("count", static_cast<std::int64_t>(has.size())), {}};
  return {Verdict::bad, Notice("doctor.slack_scopes_missing").with("missing", items(missing)),
          Notice("doctor.cure_slack_scopes")};
}

Finding judge_slack_app(ApiResult const& answer) {
  if (answer) return {Verdict::good, Notice("doctor.slack_app"), {}};
  if (answer.error().trouble == Trouble::scope)
    return {Verdict::bad, told(answer.error()), Notice("doctor.cure_slack_connections")};
  return refused_by_slack(answer.error(), "doctor.cure_slack_app_token");
}

Finding judge_slack_hello(slack::Frame const& first) {
  if (std::holds_alternative<slack::Hello>(first)) return {Verdict::good, Notice("doctor.slack_hello"), {}};
  auto const* farewell = std::get_if<slack::Disconnect>(&first);
  auto const reason = farewell == nullptr ? std::string("no hello") : farewell->reason;
  bool const off = farewell != nullptr && farewell->why == slack::Farewell::disabled;
  bool const crowded = farewell != nullptr && farewell->why == slack::Farewell::crowded;
  return {Verdict::bad, told(reason),
          Notice(off       ? "doctor.cure_slack_socket_mode"
                 : crowded ? "doctor.cure_slack_crowded"
                           : "doctor.cure_host")};
}

Finding judge_slack_running(std::optional<std::int64_t> connections) {
  // It was started before the configuration was written.
  if (!connections) return {Verdict::bad, Notice("doctor.slack_not_started"), Notice("doctor.cure_slack_restart")};
  auto value = Notice("doctor.slack_running").with("count", *connections);
  if (*connections > 0) return {Verdict::good, std::move(value), {}};
  return {Verdict::bad, std::move(value), Notice("doctor.cure_slack_not_connected")};
}

Finding judge_slack_channel(ApiResult const& answer) {
  if (!answer) {
    if (answer.error().trouble == Trouble::gone)
      return {Verdict::bad, told(answer.error()), Notice("doctor.cure_slack_channel")};
    return refused_by_slack(answer.error(), "doctor.cure_slack_bot_token");
  }
  auto const body = Json::parse(*answer, nullptr, false);
  auto const name = "#" + slack::text_in(*answer, "/channel/name");
  if (flag_at(body, "/channel/is_archived"))
    return {Verdict::bad, Notice("doctor.slack_archived").with("name", name), Notice("doctor.cure_slack_channel")};
  if (!flag_at(body, "/channel/is_member"))
    return {Verdict::bad, Notice("doctor.slack_not_member").with("name", name), Notice("doctor.cure_slack_invite")};
  return {Verdict::good, Notice("doctor.slack_member").with("name", name), {}};
}

Finding judge_slack_people(std::vector<std::pair<PersonId, ApiResult>> const& answers, std::int64_t left) {
  std::vector<Notice> wrong;
  for (auto const& [person, answer] : answers) {
    if (!answer && answer.error().trouble != Trouble::gone)
      return refused_by_slack(answer.error(), "doctor.cure_slack_bot_token");
    auto const body = answer ? Json::parse(*answer, nullptr, false) : Json();
    if (!answer || flag_at(body, "/user/deleted")) wrong.push_back(Notice("person").with("who", person));
  }
  auto const known = static_cast<std::int64_t>(answers.size() - wrong.size());
  if (wrong.empty() && left > 0)
    return {Verdict::good, Notice("doctor.slack_people_some").with("count", known).with("left", left), {}};
  if (wrong.empty()) return {Verdict::good, Notice("doctor.slack_people").with("count", known), {}};
  // Whoever has left is reached by nobody any more; that the rest can be is what counts.
  return {known > 0 ? Verdict::warning : Verdict::bad, Notice("doctor.slack_people_unknown").with("people", wrong),
          Notice("doctor.cure_slack_people")};
}

Finding judge_slack_groups(ApiResult const& answer, std::vector<std::string> const& handles) {
  if (!answer) return refused_by_slack(answer.error(), "doctor.cure_slack_bot_token");
  std::set<std::string> known;
  auto const body = Json::parse(*answer, nullptr, false);
  if (body.is_object() && body.contains("usergroups") && body["usergroups"].is_array()) {
    for (auto const& group : body["usergroups"]) {
      if (group.is_object() && group.contains("handle") && group["handle"].is_string())
        known.insert(group["handle"].get<std::string>());
    }
  }
  std::vector<std::string> missing;
  for (auto const& handle : handles) {
    if (!known.contains(handle)) missing.push_back("@" + handle);
  }
  if (missing.empty())
    return {Verdict::good, Notice("doctor.slack_groups").with("count", static_cast<std::int64_t>(handles.size())), {}};
  return {Verdict::warning, Notice("doctor.slack_groups_unknown").with("missing", items(missing)),
          Notice("doctor.cure_slack_groups")};
}

}  // namespace tocsin::doctor
