#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/people.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin::verbs {
namespace {

Message run_note(Call& call) {
  std::optional<Instant> happened;
  if (auto const moment = call.args.find_instant("at")) {
    auto const at = instant_of(*moment, call);
    if (at.has_error()) return Message(at.error());
    happened = *at;
  }
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return note(incident, call.args.text("text"), now, happened);
  });
}

Message run_correct(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    auto const sequence = call.args.number("entry");
    if (store::timeline_of(call.desk->database, incident.id, sequence - 1, 1).empty())
      return Decided<Decision>(Notice("refused.no_such_entry").with("entry", sequence).with("incident", incident.id));
    return correct(incident, sequence, call.args.text("text"), now);
  });
}

Message run_link(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return link(incident, call.args.word("url"), call.args.find_text("title").value_or(""), now);
  });
}

Message run_update(Call& call) {
  return decide(call, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return update(incident, call.args.text("text"), call.args.find_duration("next"), now);
  });
}

Message run_todo_add(Call& call) {
  auto const id = which_incident(call);
  if (id.has_error()) return id.error();
  auto const incident = store::load_incident(call.desk->database, *id);
  if (!incident || !may_see(*incident, call.caller.person))
    return Message(Notice("refused.no_such_incident").with("incident", *id));
  store::Todo todo;
  todo.incident = *id;
  todo.text = call.args.text("text");
  todo.owner = call.args.find_person("who").value_or(call.caller.person);
  todo.made_by = call.caller.person;
  todo.made_at = call.now;
  if (auto const within = call.args.find_duration("within")) todo.due = call.now + *within;
  auto const number = store::insert_todo(call.desk->database, todo);
  store::append_timeline(
      call.desk->database, *id,
      {{EntryKind::todo, call.caller.person, call.now, call.now,
        Notice("timeline.todo").with("n", number.value).with("text", todo.text).with("who", todo.owner), 0, 0}});
  return Message(Notice("todo.added")
                     .with("n", number.value)
                     .with("incident", *id)
                     .with("text", todo.text)
                     .with("who", todo.owner));
}

Message run_todo_done(Call& call) {
  TodoId const id{call.args.number("n")};
  auto const todo = store::load_todo(call.desk->database, id);
  auto const incident = todo ? store::load_incident(call.desk->database, todo->incident) : std::nullopt;
  if (!incident || !may_see(*incident, call.caller.person))
    return Message(Notice("refused.no_such_todo").with("n", id.value));
  if (!store::finish_todo(call.desk->database, id, call.caller.person, call.now))
    return Message(Notice("refused.todo_done").with("n", id.value).with("who", todo->done_by));
  store::append_timeline(call.desk->database, todo->incident,
                         {{EntryKind::todo, call.caller.person, call.now, call.now,
                           Notice("timeline.todo_done").with("n", id.value).with("text", todo->text), 0, 0}});
  return Message(Notice("todo.done").with("n", id.value).with("text", todo->text));
}

Message run_todo_list(Call& call) {
  Table table;
  table.heads = {Notice("head.n"), Notice("head.todo"), Notice("head.who"), Notice("head.incident")};
  for (auto const& todo :
       store::todos_of(call.desk->database, call.args.find_incident("incident").value_or(IncidentId{}))) {
    auto const incident = store::load_incident(call.desk->database, todo.incident);
    if (!incident || !may_see(*incident, call.caller.person)) continue;
    table.rows.push_back(
        {{todo.id.value, todo.text, todo.owner, todo.incident}, todo.done_at ? Verdict::good : Verdict::none});
  }
  if (table.rows.empty()) return Message(Notice("todo.none"));
  Message message(Notice("todo.list").with("count", static_cast<std::int64_t>(table.rows.size())));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Parameter named(std::string name, ParamType type, std::vector<std::string> leads = {}) {
  Parameter parameter;
  parameter.name = name;
  parameter.type = type;
  parameter.required = false;
  parameter.flag_name = std::move(name);
  parameter.named_only = true;
  parameter.leads = std::move(leads);
  return parameter;
}

Parameter number_parameter(std::string name, std::string chinese) {
  Parameter parameter;
  parameter.name = name;
  parameter.type = ParamType::number;
  parameter.range = Range{1, 1'000'000'000};
  parameter.labels = {{"zh-CN", std::move(chinese)}, {"en", std::move(name)}};
  return parameter;
}

}  // namespace

std::vector<Command> record_commands() {
  auto const incident = incident_parameter();
  Parameter url;
  url.name = "url";
  url.type = ParamType::word;
  url.labels = {{"zh-CN", "链接"}, {"en", "url"}};
  std::vector<Command> rows;
  rows.push_back(verb("incident note", {"记录", "备注", "note"}, run_note,
                      {incident, named("at", ParamType::instant), text_parameter("text", true, "内容", "text")},
                      {zh("备注 重启了 nginx", R"(incident note text="重启了 nginx")"),
                       en("note at=03:15 restarted nginx", R"(incident note at="03:15" text="restarted nginx")")}));
  rows.push_back(verb("incident correct", {"更正", "correct"}, run_correct,
                      {number_parameter("entry", "第几条"), incident, text_parameter("text", true, "内容", "text")},
                      {zh("更正 3 是 nginx 不是后端", R"(incident correct entry=3 text="是 nginx 不是后端")"),
                       en("/incident correct 3 it was nginx", R"(incident correct entry=3 text="it was nginx")")}));
  rows.push_back(verb("incident link", {"链接", "link"}, run_link,
                      {incident, url, text_parameter("title", false, "标题", "title")},
                      {en("link https://monitor.lawsker.com/d/1 errors",
                          R"(incident link url="https://monitor.lawsker.com/d/1" title="errors")")}));
  rows.push_back(verb("incident update", {"通报", "update"}, run_update,
                      {incident, named("next", ParamType::duration), text_parameter("text", true, "内容", "text")},
                      {zh("通报 正在回退", R"(incident update text="正在回退")"),
                       en("update next=30m rolling back", R"(incident update next=30m text="rolling back")")}));
  rows.push_back(verb("todo add", {"待办"}, run_todo_add,
                      {incident, named("who", ParamType::person), named("within", ParamType::duration),
                       text_parameter("text", true, "内容", "text")},
                      {zh("待办 给 backend 加探针", R"(todo add text="给 backend 加探针")"),
                       en("/todo add add a probe", R"(todo add text="add a probe")")}));
  for (auto& row : rows) row.bare = Bare::recorded;
  rows.push_back(verb("todo done", {"待办完成"}, run_todo_done, {number_parameter("n", "编号")},
                      {en("/todo done 3", "todo done n=3"), zh("待办完成 3", "todo done n=3")}));
  rows.push_back(verb("todo list", {"待办列表"}, run_todo_list, {incident},
                      {en("/todo list", "todo list"), zh("待办列表", "todo list")}));
  rows.back().effect = Effect::read;
  rows.back().needs = Role::viewer;
  return rows;
}

}  // namespace tocsin::verbs
