#include "commands/guard.hpp"
#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/decision.hpp"
#include "incidents/lifecycle.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin::verbs {
namespace {

/// The code as typed ("k7", "K7", "7"), or the only open request this person could mean.
boost::system::result<Approval, Message> approval_meant(Call& call, bool own) {
  auto& database = call.desk->database;
  if (auto const typed = call.args.find_word("code")) {
    auto code = *typed;
    if (!code.empty() && code.front() == 'k') code.front() = 'K';
    if (!code.empty() && code.front() >= '0' && code.front() <= '9') code.insert(0, "K");
    auto found = store::load_approval(database, code);
    if (!found) return Message(Notice("refused.no_such_code").with("code", code));
    return std::move(*found);
  }
  std::vector<Approval> candidates;
  for (auto& each : store::open_approvals(database, call.now)) {
    if ((each.asked_by == call.caller.person) == own) candidates.push_back(std::move(each));
  }
  if (candidates.size() == 1) return std::move(candidates.front());
  if (candidates.empty()) return Message(Notice("refused.nothing_to_decide"));
  Message question(Notice("ask.which_code").with("count", static_cast<std::int64_t>(candidates.size())));
  return question;
}

void record(Call& call, Approval const& approval, Notice entry) {
  if (!approval.incident) return;
  store::append_timeline(call.desk->database, approval.incident,
                         {{EntryKind::approval, call.caller.person, call.now, call.now, std::move(entry), 0, 0}});
}

/// Tells whoever asked, alone, on the platform where they did.
void tell_asker(Call& call, Approval const& approval, Notice text) {
  Room asked_in;
  asked_in.platform = approval.place.substr(0, approval.place.find(':'));
  store::put_outbox(call.desk->database,
                    {{}, call.now, approval.incident, asked_in, approval.asked_by, std::move(text), call.now, 0});
}

/// Whoever else was asked is not kept waiting.
void keep_decided(Call& call, Approval const& approval) {
  store::update_approval(call.desk->database, approval);
  settle_request(*call.desk, approval.incident, approval.code, call.now);
}

Message run_approve(Call& call) {
  auto const approval = approval_meant(call, false);
  if (approval.has_error()) return approval.error();
  auto const approved = approve(*approval, call.caller.person, call.now);
  if (approved.has_error()) return Message(approved.error());
  keep_decided(call, *approved);
  auto said = Notice("approval.approved")
                  .with("code", approved->code)
                  .with("what", std::vector{approved->what})
                  .with("who", call.caller.person);
  said.with("asked_by", approved->asked_by).with("until", approved->expires_at);
  record(call, *approved,
         Notice("timeline.approved").with("code", approved->code).with("what", std::vector{approved->what}));
  if (approved->unsaved) {
    // A yes does not make a backup: what is left to do is the duty's.
    said.key = "approval.approved_unsaved";
    if (auto const shift = DeskRoster(*call.desk).on_duty_at(call.now)) said.with("duty", shift->person);
    tell_asker(call, *approved, said);
    return Message(std::move(said));
  }
  auto confirm = confirmation(*approved);
  tell_asker(call, *approved, std::get<Say>(confirm.blocks.front()).notice);
  return Message(std::move(said));
}

Message run_deny(Call& call) {
  auto const approval = approval_meant(call, false);
  if (approval.has_error()) return approval.error();
  auto const denied = deny(*approval, call.caller.person, call.args.find_text("reason").value_or(""), call.now);
  if (denied.has_error()) return Message(denied.error());
  keep_decided(call, *denied);
  auto said = Notice("approval.denied")
                  .with("code", denied->code)
                  .with("what", std::vector{denied->what})
                  .with("who", call.caller.person);
  if (!denied->reason.empty()) said.with("reason", denied->reason);
  record(call, *denied,
         Notice("timeline.denied")
             .with("code", denied->code)
             .with("what", std::vector{denied->what})
             .with("reason", denied->reason));
  if (denied->asked_by != call.caller.person) tell_asker(call, *denied, said);
  return Message(std::move(said));
}

/// What the rules of the glass need to know, read in the same unit of work.
GlassRules glass_rules(Call& call, Approval const& approval) {
  GlassRules rules;
  auto const incident = approval.incident ? store::load_incident(call.desk->database, approval.incident) : std::nullopt;
  rules.incident_is_urgent = incident && is_live(*incident) && !incident->drill && incident->severity <= Severity::p1;
  auto const shift = DeskRoster(*call.desk).on_duty_at(call.now);
  rules.is_primary_duty = shift && shift->person == call.caller.person;
  rules.after = call.config.guard.break_glass_after.value_or(Millis::max() / 2);
  return rules;
}

Message run_glass(Call& call) {
  auto const approval = approval_meant(call, true);
  if (approval.has_error()) return approval.error();
  auto const reason = call.args.find_text("reason").value_or("");
  auto const broken = break_glass(*approval, call.caller.person, reason, glass_rules(call, *approval), call.now);
  if (broken.has_error()) return Message(broken.error());
  keep_decided(call, *broken);
  store::insert_review(call.desk->database,
                       {0, broken->incident, broken->code, call.caller.person, call.now, reason, {}, {}, {}});
  auto incident = store::load_incident(call.desk->database, broken->incident);
  Decision decision;
  decision.next = *incident;
  ++decision.next.open_reviews;
  decision.timeline.push_back({EntryKind::review, call.caller.person, call.now, call.now,
                               Notice("timeline.glass")
                                   .with("code", broken->code)
                                   .with("what", std::vector{broken->what})
                                   .with("reason", reason),
                               0, 0});
  auto said = deciding::about("approval.glass", *incident)
                  .with("code", broken->code)
                  .with("who", call.caller.person)
                  .with("reason", reason);
  for (auto const& lead : DeskRoster(*call.desk).holders({Recipient::Kind::role, "tech-lead"}, call.now)) {
    if (lead == call.caller.person) continue;
    decision.outgoing.emplace_back(
        PageOrder{kStepReview, static_cast<std::int32_t>((call.now - incident->opened_at) / std::chrono::seconds{1}),
                  lead, Notice(said), call.now, false});
  }
  decision.outgoing.emplace_back(Announcement{said});
  store_decision(*call.desk, decision);
  // It says more than the room is told: what to type now.
  Message message(std::move(said));
  auto confirm = confirmation(*broken);
  message.say(std::get<Say>(confirm.blocks.front()).notice);
  return message;
}

Message run_review(Call& call) {
  auto const code = call.args.word("code");
  auto const approval = store::load_approval(call.desk->database, code);
  if (!approval || !approval->incident) return Message(Notice("refused.no_such_code").with("code", code));
  if (approval->decided_by == call.caller.person) return Message(Notice("refused.review_own").with("code", code));
  if (!store::finish_review(call.desk->database, code, call.caller.person, call.args.text("verdict"), call.now))
    return Message(Notice("refused.no_open_review").with("code", code));
  auto incident = store::load_incident(call.desk->database, approval->incident);
  Decision decision;
  decision.next = *incident;
  decision.next.open_reviews = std::max(0, decision.next.open_reviews - 1);
  decision.timeline.push_back(
      {EntryKind::review, call.caller.person, call.now, call.now,
       Notice("timeline.reviewed").with("code", code).with("verdict", call.args.text("verdict")), 0, 0});
  store_decision(*call.desk, decision);
  return Message(Notice("approval.reviewed").with("code", code).with("incident", approval->incident));
}

Message run_pause(Call& call) {
  auto const id = which_incident(call);
  if (id.has_error()) return id.error();
  auto const incident = store::load_incident(call.desk->database, *id);
  if (incident && incident->severity == Severity::p0 && !incident->drill && may_see(*incident, call.caller.person) &&
      !call.confirmed) {
    // Checked as if it were done, so that nobody is woken to approve what would be refused.
    auto const trial = pause(*incident, {call.caller.person, call.now}, call.args.find_text("why").value_or(""));
    if (trial.has_error()) return Message(trial.error());
    Demand demand;
    demand.what = deciding::about("what.pause", *incident);
    demand.facts = {Notice("what.pause_facts").with("why", call.args.find_text("why").value_or(""))};
    demand.incident = *id;
    demand.second_person = true;
    return request_consent(*call.desk, call, demand);
  }
  return decide(call, [&](Incident const& each, Circumstances const& now, Roster const&) {
    return pause(each, now, call.args.find_text("why").value_or(""));
  });
}

Parameter code_parameter(bool required) {
  Parameter parameter;
  parameter.name = "code";
  parameter.type = ParamType::word;
  parameter.required = required;
  parameter.labels = {{"zh-CN", "编号"}, {"en", "code"}};
  return parameter;
}

}  // namespace

std::vector<Command> consent_commands() {
  std::vector<Command> rows;
  rows.push_back(verb("approve", {"批准", "同意"}, run_approve, {code_parameter(false)},
                      {zh("批准 K7", "approve code=\"K7\""), en("/approve K7", "approve code=\"K7\"")}));
  rows.back().needs = Role::operator_;
  rows.push_back(verb(
      "deny", {"拒绝", "驳回"}, run_deny, {code_parameter(false), text_parameter("reason", false, "原因", "reason")},
      {zh("拒绝 K7 先看日志", R"(deny code="K7" reason="先看日志")"), en("/deny K7", R"(deny code="K7")")}));
  rows.back().needs = Role::operator_;
  rows.push_back(verb("glass", {"破窗", "break glass"}, run_glass,
                      {code_parameter(true), text_parameter("reason", false, "原因", "reason")},
                      {zh("破窗 K7 登录全断", R"(glass code="K7" reason="登录全断")"),
                       en("/glass K7 logins down", R"(glass code="K7" reason="logins down")")}));
  rows.back().needs = Role::operator_;
  rows.push_back(verb("review", {"复核"}, run_review,
                      {code_parameter(true), text_parameter("verdict", true, "结论", "verdict")},
                      {zh("复核 K7 处置得当", R"(review code="K7" verdict="处置得当")"),
                       en("/review K7 justified", R"(review code="K7" verdict="justified")")}));
  rows.back().needs = Role::operator_;
  rows.push_back(
      verb("incident pause", {"暂停计时", "pause"}, run_pause,
           {incident_parameter(), text_parameter("why", true, "原因", "why")},
           {zh("暂停计时 等供应商", R"(incident pause why="等供应商")"),
            en("/incident pause waiting for the vendor", R"(incident pause why="waiting for the vendor")")}));
  return rows;
}

}  // namespace tocsin::verbs
