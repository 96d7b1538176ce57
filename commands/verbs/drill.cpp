#include "commands/drill.hpp"

#include <algorithm>

#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/drill.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin::verbs {
namespace {

Message run_drill(Call& call) {
  OpenRequest request;
  request.severity = call.args.find_severity("severity").value_or(Severity::p0);
  Reader reader;
  reader.locale = call.caller.locale;
  request.title = call.args.find_text("title").value_or(call.words->render(Notice("drill.title"), reader));
  request.room = call.room;
  request.drill = true;
  request.drill_speed = static_cast<std::int32_t>(call.args.find_number("speed").value_or(call.config.drill.speed));
  request.drill_everyone = call.args.given("everyone");
  request.drill_pages = call.args.people("with");
  if (!request.drill_pages.empty() && !call.caller.person.empty() &&
      std::find(request.drill_pages.begin(), request.drill_pages.end(), call.caller.person) ==
          request.drill_pages.end())
    request.drill_pages.insert(request.drill_pages.begin(), call.caller.person);
  auto const done = open_at(*call.desk, request, call.caller.person);
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Message asking_for_drill(Call const& call, std::vector<Incident> const& drills) {
  constexpr std::size_t kMaxChoices = 3;  // the keys 1-3
  Message message;
  std::vector<Notice> items;
  for (std::size_t i = 0; i < std::min(drills.size(), kMaxChoices); ++i) {
    auto const& drill = drills[i];
    items.push_back(Notice("ask.drill")
                        .with("n", static_cast<std::int64_t>(i) + 1)
                        .with("severity", drill.severity)
                        .with("incident", drill.id)
                        .with("title", drill.title));
    message.choices.push_back(retyped(call, drill.id));
  }
  message.say(Notice("ask.which_incident")
                  .with("count", static_cast<std::int64_t>(drills.size()))
                  .with("items", std::move(items)));
  return message;
}

/// The drill named; else the caller's only one; else the only one. `over`: those that ended count too, the newest.
boost::system::result<IncidentId, Message> which_drill(Call& call, bool over) {
  if (auto const named = call.args.find_incident("incident")) return *named;
  constexpr std::size_t kLookBack = 100;
  auto drills =
      over ? store::recent_incidents(call.desk->database, 0, kLookBack) : store::live_incidents(call.desk->database);
  std::erase_if(drills, [&](Incident const& each) { return !each.drill || !may_see(each, call.caller.person); });
  if (drills.empty()) return Message(Notice("refused.no_drill"));
  if (over) return drills.front().id;
  std::vector<Incident> own;
  for (auto const& each : drills) {
    if (each.opened_by == call.caller.person) own.push_back(each);
  }
  if (own.size() == 1) return own.front().id;
  if (drills.size() == 1) return drills.front().id;
  return asking_for_drill(call, own.empty() ? drills : own);
}

Message run_drill_stop(Call& call) {
  auto const id = which_drill(call, false);
  if (id.has_error()) return id.error();
  auto const done = decide_at(*call.desk, *id, call.caller.person,
                              [](Incident const& incident, Circumstances const& now, Roster const&) {
                                return end_drill(incident, now, now.now);
                              });
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Message run_drill_report(Call& call) {
  auto const id = which_drill(call, true);
  if (id.has_error()) return id.error();
  auto const drill = store::load_incident(call.desk->database, *id);
  if (!drill || !may_see(*drill, call.caller.person))
    return Message(Notice("refused.no_such_incident").with("incident", *id));
  if (!drill->drill) return Message(Notice("refused.not_a_drill").with("incident", *id));
  return drill_report(*drill, store::pages_of(call.desk->database, *id), call.now);
}

Parameter severity_parameter() {
  Parameter parameter;
  parameter.name = "severity";
  parameter.type = ParamType::severity;
  parameter.required = false;
  parameter.labels = {{"zh-CN", "P0-P3"}, {"en", "P0-P3"}};
  return parameter;
}

Parameter with_parameter() {
  auto parameter = person_parameter("with", false);
  parameter.repeated = true;
  parameter.leads = {"with", "和", "叫上"};
  return parameter;
}

/// Said in full: nobody wakes the real chain for practice by a slip.
Parameter everyone_parameter() {
  Parameter parameter;
  parameter.name = "everyone";
  parameter.type = ParamType::choice;
  parameter.required = false;
  parameter.choices = {"everyone"};
  parameter.aliases = {{"所有人", "everyone"}, {"全员", "everyone"}};
  parameter.labels = {{"zh-CN", "所有人"}, {"en", "everyone"}};
  return parameter;
}

Parameter speed_parameter() {
  Parameter parameter;
  parameter.name = "speed";
  parameter.type = ParamType::number;
  parameter.required = false;
  parameter.range = Range{1, kMaxDrillSpeed};
  parameter.flag_name = "speed";
  parameter.named_only = true;
  return parameter;
}

}  // namespace

std::vector<Command> drill_commands() {
  auto const incident = incident_parameter();
  std::vector<Command> rows;
  rows.push_back(verb("drill", {"演练"}, run_drill,
                      {severity_parameter(), with_parameter(), everyone_parameter(), speed_parameter(),
                       text_parameter("title", false, "标题", "title")},
                      {zh("演练 P0", "drill severity=P0"), en("/drill P0 with @bob", "drill severity=P0 with=@bob"),
                       zh("演练 P1 所有人", R"(drill severity=P1 everyone="everyone")"),
                       en("/drill P0 everyone", R"(drill severity=P0 everyone="everyone")"),
                       en("/drill P2 speed=60 disk full", R"(drill severity=P2 speed=60 title="disk full")")}));
  rows.back().exclusive = {{"with", "everyone"}};
  rows.push_back(verb("drill stop", {"停止演练"}, run_drill_stop, {incident},
                      {zh("停止演练", "drill stop"), en("/drill stop", "drill stop")}));
  rows.push_back(look("drill report", {"演练报告"}, run_drill_report, {incident},
                      {zh("演练报告 INC-42", "drill report incident=INC-42"), en("/drill report", "drill report")}));
  return rows;
}

}  // namespace tocsin::verbs
