#include "bot/doctor/dingtalk.hpp"

#include <set>
#include <string>

#include "bot/doctor/failed.hpp"

namespace tocsin::doctor {
namespace {

using dingtalk::ApiFailure;
using dingtalk::ApiResult;
using dingtalk::Trouble;

/// `cure`: of what DingTalk refused.
Finding refused_by_dingtalk(ApiFailure const& failure, char const* cure = "doctor.cure_dingtalk_refused") {
  return failed(failure,
                {"doctor.cure_dingtalk_app", "doctor.cure_dingtalk_rights", "doctor.cure_dingtalk_later", cure});
}

}  // namespace

Finding judge_dingtalk_app(ApiResult const& answer) {
  if (!answer) return refused_by_dingtalk(answer.error(), "doctor.cure_dingtalk_app");
  return {Verdict::good, Notice("doctor.dingtalk_app"), {}};
}

Finding judge_dingtalk_stream(chat::Address const& address) {
  if (address) return {Verdict::good, Notice("doctor.dingtalk_stream"), {}};
  auto const& refusal = address.error();
  bool const lasting = refusal.kind == chat::Refusal::Kind::lasting;
  return {Verdict::bad, told(refusal.error), Notice(lasting ? "doctor.cure_dingtalk_stream" : "doctor.cure_host")};
}

Finding judge_dingtalk_rights(std::vector<ApiResult> const& answers) {
  std::set<std::string> missing;
  for (auto const& answer : answers) {
    if (answer) continue;
    auto const& failure = answer.error();
    // What asks for nothing is refused for that, once its right was looked at.
    if (failure.trouble == Trouble::refused || failure.trouble == Trouble::gone) continue;
    if (failure.trouble != Trouble::scope) return refused_by_dingtalk(failure);
    missing.insert(failure.needed.empty() ? failure.error : failure.needed);
  }
  if (missing.empty())
    return {
        Verdict::good, Notice("doctor.dingtalk_rights").with("count", static_cast<std::int64_t>(answers.size())), {}};
  std::vector<Notice> items;
  for (auto const& each : missing) items.push_back(Notice("doctor.item").with("text", each));
  return {Verdict::bad, Notice("doctor.dingtalk_rights_missing").with("missing", items),
          Notice("doctor.cure_dingtalk_rights")};
}

Finding judge_dingtalk_template(ApiResult const& answer) {
  if (!answer) return refused_by_dingtalk(answer.error(), "doctor.cure_dingtalk_template");
  return {Verdict::good, Notice("doctor.dingtalk_template"), {}};
}

Finding judge_dingtalk_group(ApiResult const& answer) {
  if (!answer) return refused_by_dingtalk(answer.error(), "doctor.cure_dingtalk_group");
  return {Verdict::good, Notice("doctor.dingtalk_group").with("name", dingtalk::text_in(*answer, "/title")), {}};
}

Finding judge_dingtalk_people(std::vector<std::pair<PersonId, ApiResult>> const& answers, std::int64_t left) {
  std::vector<Notice> wrong;
  for (auto const& [person, answer] : answers) {
    if (answer) continue;
    // The right to look people up is a convenience: without it nothing is known, and nothing is lost.
    if (answer.error().trouble == Trouble::scope)
      return {Verdict::warning, told(answer.error()), Notice("doctor.cure_dingtalk_rights")};
    if (answer.error().trouble != Trouble::gone && answer.error().trouble != Trouble::refused)
      return refused_by_dingtalk(answer.error());
    wrong.push_back(Notice("person").with("who", person));
  }
  auto const known = static_cast<std::int64_t>(answers.size() - wrong.size());
  if (wrong.empty() && left > 0)
    return {Verdict::good, Notice("doctor.slack_people_some").with("count", known).with("left", left), {}};
  if (wrong.empty()) return {Verdict::good, Notice("doctor.slack_people").with("count", known), {}};
  return {known > 0 ? Verdict::warning : Verdict::bad, Notice("doctor.slack_people_unknown").with("people", wrong),
          Notice("doctor.cure_dingtalk_people")};
}

}  // namespace tocsin::doctor
