#include "incidents/lifecycle.hpp"

#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"

namespace tocsin::verbs {
namespace {

std::string text_of(Call const& call, std::string_view name) { return call.args.find_text(name).value_or(""); }

/// No severity given: it asks, with buttons, and where the bot is alone with the person with the keys 1-4, too.
Message ask_severity(Call const& call, Notice question, std::string const& before, std::string const& after) {
  Message message;
  Buttons buttons;
  std::vector<Notice> keys;
  for (auto const severity : kSeverities) {
    auto const& meaning = call.config.severities[static_cast<std::size_t>(severity)].title.in(call.caller.locale);
    buttons.buttons.push_back({severity == Severity::p0 ? Button::Style::danger : Button::Style::plain,
                               Notice("button.severity").with("severity", severity).with("meaning", meaning),
                               before + std::string(name_of(severity)) + after});
    message.choices.push_back(buttons.buttons.back().command);
    keys.push_back(Notice("ask.severity_key")
                       .with("n", static_cast<std::int64_t>(keys.size()) + 1)
                       .with("severity", severity)
                       .with("meaning", meaning));
  }
  if (call.direct) question.with("keys", std::move(keys));
  message.say(std::move(question));
  message.blocks.emplace_back(std::move(buttons));
  return message;
}

Message run_open(Call& call) {
  auto const severity = call.args.find_severity("severity");
  if (!severity) {
    auto const title = text_of(call, "title");
    return ask_severity(call, Notice("ask.severity").with("title", title), "/incident open ", " " + title);
  }
  OpenRequest request;
  request.severity = *severity;
  request.title = text_of(call, "title");
  request.room = call.room;
  request.hidden = call.args.flag("private");
  auto const done = open_at(*call.desk, request, call.caller.person);
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Message run_ack(Call& call) {
  std::optional<Instant> claimed;
  if (auto const moment = call.args.find_instant("at")) {
    auto const at = instant_of(*moment, call);
    if (at.has_error()) return Message(at.error());
    claimed = *at;
  }
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return acknowledge(incident, now, claimed);
  });
}

Message run_severity(Call& call) {
  if (!call.args.find_severity("severity")) {
    auto const id = which_incident(call);
    if (id.has_error()) return id.error();
    auto const name = "INC-" + std::to_string(id->value);
    return ask_severity(call, Notice("ask.new_severity").with("incident", *id), "/incident sev " + name + " ", "");
  }
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return change_severity(incident, call.args.severity("severity"), call.desk->directory.promises, now);
  });
}

Message run_mitigate(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return mitigate(incident, now, text_of(call, "how"));
  });
}

Message run_resolve(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return resolve(incident, now, text_of(call, "how"));
  });
}

Message run_false_alarm(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return call_false_alarm(incident, now, text_of(call, "why"));
  });
}

Message run_close(Call& call) {
  return decide(call, [](Incident const& incident, Circumstances const& now, Roster const&) {
    return close_incident(incident, now);
  });
}

Message run_reopen(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return reopen(incident, call.desk->directory.promises, now, text_of(call, "why"));
  });
}

Message run_resume(Call& call) {
  return decide(
      call, [](Incident const& incident, Circumstances const& now, Roster const&) { return resume(incident, now); });
}

Message run_merge(Call& call) {
  auto const main = call.args.incident("main");
  auto const id = which_incident(call, "incident", main);
  if (id.has_error()) return id.error();
  auto const done = merge_at(*call.desk, *id, main, call.caller.person);
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Message run_undo(Call& call) {
  auto const id = which_incident(call);
  if (id.has_error()) return id.error();
  auto const done = undo_at(*call.desk, *id, call.caller.person);
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Parameter severity_parameter(bool required) {
  Parameter parameter;
  parameter.name = "severity";
  parameter.type = ParamType::severity;
  parameter.required = required;
  parameter.labels = {{"zh-CN", "P0-P3"}, {"en", "P0-P3"}};
  return parameter;
}

Parameter private_flag() {
  Parameter parameter;
  parameter.name = "private";
  parameter.type = ParamType::flag;
  parameter.required = false;
  parameter.flag_name = "private";
  return parameter;
}

Parameter at_parameter() {
  Parameter parameter;
  parameter.name = "at";
  parameter.type = ParamType::instant;
  parameter.required = false;
  parameter.flag_name = "at";
  parameter.named_only = true;
  return parameter;
}

Parameter main_parameter() {
  Parameter parameter;
  parameter.name = "main";
  parameter.type = ParamType::incident;
  parameter.leads = {"into", "到", "并入", "入"};
  parameter.labels = {{"zh-CN", "并入的单号"}, {"en", "main-incident"}};
  return parameter;
}

}  // namespace

std::vector<Command> lifecycle_commands() {
  auto const incident = incident_parameter();
  std::vector<Command> rows;
  rows.push_back(
      verb("incident open", {"新建", "开单", "报障", "open", "new", "create"}, run_open,
           {severity_parameter(false), private_flag(), text_parameter("title", true, "标题", "title")},
           {zh("新建 P0 网站无法访问", R"(incident open severity=P0 title="网站无法访问")"),
            en("/incident open P1 logins time out", R"(incident open severity=P1 title="logins time out")")}));
  rows.push_back(verb("incident ack", {"认领", "我来", "我来处理", "接手", "ack", "take", "claim"}, run_ack,
                      {incident, at_parameter()},
                      {zh("认领", "incident ack"), en("ack INC-42", "incident ack incident=INC-42")}));
  rows.push_back(verb("incident sev", {"改级", "改成", "改为", "sev"}, run_severity,
                      {incident, severity_parameter(false)},
                      {zh("改级 P1", "incident sev severity=P1"), en("/incident sev P0", "incident sev severity=P0")}));
  rows.push_back(
      verb("incident mitigate", {"缓解", "缓解了", "已缓解", "mitigate", "mitigated"}, run_mitigate,
           {incident, text_parameter("how", false, "怎么缓解的", "how")},
           {zh("缓解 流量已切走", R"(incident mitigate how="流量已切走")"), en("mitigate", "incident mitigate")}));
  rows.push_back(verb("incident resolve",
                      {"解决", "解决了", "已解决", "搞定", "搞定了", "resolve", "resolved", "fixed"}, run_resolve,
                      {incident, text_parameter("how", false, "怎么解决的", "how")},
                      {zh("解决", "incident resolve"),
                       en("resolve rolled back v2.8.1", R"(incident resolve how="rolled back v2.8.1")")}));
  rows.push_back(
      verb("incident false-alarm", {"误报", "false alarm"}, run_false_alarm,
           {incident, text_parameter("why", false, "为什么", "why")},
           {zh("误报 探针故障", R"(incident false-alarm why="探针故障")"), en("false alarm", "incident false-alarm")}));
  rows.push_back(verb("incident close", {"关闭", "关单", "close"}, run_close, {incident},
                      {zh("关闭 INC-42", "incident close incident=INC-42"), en("close", "incident close")}));
  rows.back().bare = Bare::resolved;
  rows.push_back(verb("incident reopen", {"重开", "又坏了", "reopen"}, run_reopen,
                      {incident, text_parameter("why", false, "为什么", "why")},
                      {zh("重开 INC-42 又 502", R"(incident reopen incident=INC-42 why="又 502")"),
                       en("reopen INC-42", "incident reopen incident=INC-42")}));
  rows.back().bare = Bare::ended;
  rows.push_back(verb("incident resume", {"继续计时", "resume"}, run_resume, {incident},
                      {zh("继续计时", "incident resume"), en("resume", "incident resume")}));
  rows.push_back(verb(
      "incident merge", {"合并", "merge"}, run_merge, {main_parameter(), incident},
      {en("/incident merge INC-42", "incident merge main=INC-42"), zh("合并到 INC-42", "incident merge main=INC-42")}));
  rows.push_back(verb("incident undo", {"撤回", "撤销", "undo"}, run_undo, {incident},
                      {zh("撤回", "incident undo"), en("undo", "incident undo")}));
  rows.back().bare = Bare::undoable;
  return rows;
}

}  // namespace tocsin::verbs
