#include "incidents/people.hpp"

#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin::verbs {
namespace {

Message run_assign(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return assign(incident, call.args.find_person("who").value_or(call.caller.person), now);
  });
}

Message run_add(Call& call) {
  auto const id = which_incident(call);
  if (id.has_error()) return id.error();
  Message message;
  for (auto const& person : call.args.people("who")) {
    auto const done = decide_at(*call.desk, *id, call.caller.person,
                                [&](Incident const& incident, Circumstances const& now, Roster const&) {
                                  return add_responder(incident, person, now);
                                });
    if (done.has_error()) return Message(done.error());
    message.say(done->answer);
  }
  return message;
}

Message run_role(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    auto const role = incident_role_of(call.args.choice("role"));
    return give_role(incident, role.value_or(IncidentRole::commander),
                     call.args.find_person("who").value_or(call.caller.person), now);
  });
}

Message run_private(Call& call) {
  return decide(call, [](Incident const& incident, Circumstances const& now, Roster const&) {
    return make_private(incident, now);
  });
}

std::int32_t manual_pages(Call const& call, Incident const& incident) {
  return store::manual_pages(call.desk->database, incident);
}

Message run_escalate(Call& call) {
  std::optional<std::int32_t> level;
  if (auto const typed = call.args.find_choice("level")) level = std::stoi(*typed);
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const& roster) {
    return escalate(incident, level, call.args.find_text("reason").value_or(""), manual_pages(call, incident), roster,
                    now);
  });
}

/// Not sure is reason enough: the next person up is called, and the timeline says why.
Message run_unsure(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const& roster) {
    auto const why = call.args.find_text("reason").value_or("");
    Arg const reason = why.empty() ? Arg{std::vector{Notice("reason.unsure")}} : Arg{why};
    return escalate(incident, std::nullopt, reason, manual_pages(call, incident), roster, now);
  });
}

Message run_page(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return page_person(incident, call.args.person("who"), call.args.find_text("reason").value_or(""),
                       manual_pages(call, incident), now);
  });
}

Parameter level_parameter() {
  Parameter parameter;
  parameter.name = "level";
  parameter.type = ParamType::choice;
  parameter.required = false;
  parameter.choices = {"1", "2", "3", "4", "5"};
  parameter.aliases = {{"L1", "1"},   {"L2", "2"},   {"L3", "3"},   {"L4", "4"},   {"L5", "5"},
                       {"一级", "1"}, {"二级", "2"}, {"三级", "3"}, {"四级", "4"}, {"五级", "5"}};
  parameter.labels = {{"zh-CN", "级别"}, {"en", "level"}};
  return parameter;
}

Parameter role_parameter() {
  Parameter parameter;
  parameter.name = "role";
  parameter.type = ParamType::choice;
  parameter.choices = {"commander", "scribe", "communications"};
  parameter.aliases = {
      {"指挥", "commander"}, {"记录", "scribe"}, {"对外", "communications"}, {"comms", "communications"}};
  parameter.labels = {{"zh-CN", "角色"}, {"en", "role"}};
  return parameter;
}

}  // namespace

std::vector<Command> people_commands() {
  auto const incident = incident_parameter();
  auto people = person_parameter("who", true);
  people.repeated = true;
  std::vector<Command> rows;
  rows.push_back(verb("incident assign", {"指派", "assign"}, run_assign, {incident, person_parameter("who", false)},
                      {en("assign @bob", "incident assign who=@bob"), zh("指派 @bob", "incident assign who=@bob")}));
  rows.push_back(verb("incident add", {"拉人", "add"}, run_add, {incident, people},
                      {en("/incident add @bob", "incident add who=@bob"), zh("拉人 @bob", "incident add who=@bob")}));
  rows.push_back(verb("incident role", {"角色", "role"}, run_role,
                      {incident, role_parameter(), person_parameter("who", false)},
                      {zh("角色 指挥 @bob", R"(incident role role="commander" who=@bob)"),
                       en("/incident role scribe @alice", R"(incident role role="scribe" who=@alice)")}));
  rows.push_back(verb("incident private", {"保密", "private"}, run_private, {incident},
                      {zh("保密 INC-42", "incident private incident=INC-42"), en("private", "incident private")}));
  rows.push_back(
      verb("escalate", {"升级"}, run_escalate,
           {incident, level_parameter(), text_parameter("reason", false, "原因", "reason")},
           {zh("升级 二级 数据库起不来", R"(escalate level="2" reason="数据库起不来")"), en("escalate", "escalate")}));
  rows.back().confusions = {{ParamType::severity, "incident sev"}};
  rows.push_back(verb("unsure", {"拿不准"}, run_unsure, {incident, text_parameter("reason", false, "原因", "reason")},
                      {zh("拿不准", "unsure"), en("unsure", "unsure")}));
  rows.push_back(
      verb("page", {"呼叫", "叫", "打电话给", "call"}, run_page,
           {incident, person_parameter("who", true), text_parameter("reason", false, "原因", "reason")},
           {zh("呼叫 @bob 数据库要人", R"(page who=@bob reason="数据库要人")"), en("/page @bob", "page who=@bob")}));
  return rows;
}

}  // namespace tocsin::verbs
