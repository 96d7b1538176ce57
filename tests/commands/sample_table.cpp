#include "tests/commands/sample_table.hpp"

#include "commands/utf8.hpp"

namespace tocsin::sample {
namespace {

using Labels = std::map<std::string, std::string>;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

Labels zh(std::string label) { return {{"zh-CN", std::move(label)}}; }

Parameter which_incident() {
  return {.name = "incident", .type = ParamType::incident, .required = false, .labels = zh("事件")};
}

Parameter free_text(std::string name, std::string label, bool required) {
  return {.name = std::move(name),
          .type = ParamType::text,
          .required = required,
          .range = Range{1, 500},
          .labels = zh(std::move(label))};
}

Parameter service() {
  return {.name = "service", .type = ParamType::choice, .vocabulary = "service", .labels = zh("服务")};
}

Parameter word(std::string name, std::string label) {
  return {.name = std::move(name), .type = ParamType::word, .labels = zh(std::move(label))};
}

Parameter person() { return {.name = "person", .type = ParamType::person, .labels = zh("人")}; }

std::vector<Command> incident_rows() {
  std::vector<Command> out;
  out.push_back({.name = "incident open",
                 .words = {"新建", "open"},
                 .effect = Effect::change,
                 .needs = Role::responder,
                 .instant = true,
                 .parameters = {{.name = "severity",
                                 .type = ParamType::severity,
                                 .required = false,
                                 .flag_name = "severity",
                                 .labels = zh("级别")},
                                free_text("title", "标题", true),
                                {.name = "service",
                                 .type = ParamType::choice,
                                 .required = false,
                                 .vocabulary = "service",
                                 .flag_name = "service",
                                 .named_only = true},
                                {.name = "private",
                                 .type = ParamType::flag,
                                 .required = false,
                                 .flag_name = "private",
                                 .labels = zh("私密")}},
                 .examples = {{"新建 P0 网站无法访问", "zh-CN", "incident open severity=P0 title=\"网站无法访问\""},
                              {"open P0 website down", "en", "incident open severity=P0 title=\"website down\""}}});
  out.push_back({.name = "incident ack",
                 .words = {"认领", "ack"},
                 .effect = Effect::change,
                 .needs = Role::responder,
                 .instant = true,
                 .voice_safe = true,
                 .parameters = {which_incident()},
                 .examples = {{"认领 42号", "zh-CN", "incident ack incident=INC-42"},
                              {"ack #42", "en", "incident ack incident=INC-42"}}});
  out.push_back(
      {.name = "incident sev",
       .words = {"改级", "sev"},
       .effect = Effect::change,
       .instant = true,
       .parameters = {which_incident(),
                      {.name = "severity", .type = ParamType::severity, .labels = zh("级别")},
                      free_text("reason", "原因", false)},
       .examples = {{"改级 P1", "zh-CN", "incident sev severity=P1"},
                    {"sev P1 only search is slow", "en", "incident sev severity=P1 reason=\"only search is slow\""}}});
  out.push_back({.name = "incident unsure",
                 .words = {"拿不准", "unsure"},
                 .effect = Effect::change,
                 .voice_safe = true,
                 .parameters = {which_incident()}});
  out.push_back({.name = "incident mitigate",
                 .words = {"缓解", "mitigate"},
                 .effect = Effect::change,
                 .parameters = {which_incident(), free_text("note", "说明", false)}});
  out.push_back({.name = "incident resolve",
                 .words = {"解决", "resolve"},
                 .effect = Effect::change,
                 .parameters = {which_incident(), free_text("note", "说明", false)}});
  out.push_back({.name = "incident false-alarm",
                 .words = {"误报", "false alarm"},
                 .effect = Effect::change,
                 .parameters = {which_incident(), free_text("reason", "原因", false)}});
  out.push_back({.name = "incident note",
                 .words = {"记录", "note"},
                 .effect = Effect::change,
                 .parameters = {which_incident(),
                                free_text("text", "内容", true),
                                {.name = "at",
                                 .type = ParamType::instant,
                                 .required = false,
                                 .flag_name = "at",
                                 .named_only = true,
                                 .labels = zh("时间")}},
                 .examples = {{"记录 已切到备用线路", "zh-CN", "incident note text=\"已切到备用线路\""}}});
  out.push_back({.name = "incident resume",
                 .words = {"继续计时", "resume"},
                 .effect = Effect::change,
                 .parameters = {which_incident()}});
  out.push_back({.name = "incident undo", .words = {"撤回", "undo"}, .effect = Effect::change});
  out.push_back({.name = "incident assign",
                 .words = {"指派", "assign"},
                 .effect = Effect::change,
                 .parameters = {which_incident(), person()}});
  out.push_back({.name = "incident add",
                 .words = {"拉人", "add"},
                 .effect = Effect::change,
                 .parameters = {which_incident(),
                                {.name = "people", .type = ParamType::person, .repeated = true, .labels = zh("人")}}});
  out.push_back({.name = "incident list",
                 .words = {"事件列表", "incidents"},
                 .parameters = {{.name = "severity", .type = ParamType::severity, .required = false}}});
  out.push_back({.name = "incident private", .effect = Effect::change, .parameters = {which_incident()}});
  return out;
}

std::vector<Command> people_rows() {
  std::vector<Command> out;
  out.push_back(
      {.name = "escalate",
       .words = {"升级"},
       .effect = Effect::change,
       .voice_safe = true,
       .parameters = {{.name = "level",
                       .type = ParamType::choice,
                       .required = false,
                       .choices = {"1", "2", "3"},
                       .aliases = {{"一级", "1"}, {"L1", "1"}, {"二级", "2"}, {"L2", "2"}, {"三级", "3"}, {"L3", "3"}},
                       .labels = zh("层级")},
                      free_text("reason", "原因", false)},
       .confusions = {{ParamType::severity, "incident sev"}},
       .examples = {
           {"升级 二级 数据库起不来", "zh-CN", "escalate level=\"2\" reason=\"数据库起不来\""},
           {"escalate L2 database will not start", "en", "escalate level=\"2\" reason=\"database will not start\""}}});
  out.push_back({.name = "page",
                 .words = {"呼叫"},
                 .effect = Effect::change,
                 .parameters = {person(), free_text("reason", "原因", false)},
                 .examples = {{"呼叫 @李雷 数据库起不来", "zh-CN", "page person=@lilei reason=\"数据库起不来\""}}});
  out.push_back({.name = "oncall", .words = {"值班"}, .voice_safe = true});
  out.push_back(
      {.name = "oncall override",
       .words = {"代班"},
       .effect = Effect::change,
       .parameters = {person(), {.name = "range", .type = ParamType::time_range, .labels = zh("时段")}},
       .examples = {{"代班 张三 22:00-08:00", "zh-CN", "oncall override person=@zhangsan range=22:00-08:00"}}});
  out.push_back({.name = "take over", .words = {"接班"}, .effect = Effect::change, .voice_safe = true});
  out.push_back(
      {.name = "todo add",
       .words = {"待办"},
       .effect = Effect::change,
       .parameters = {
           {.name = "owner", .type = ParamType::person, .required = false},
           free_text("text", "内容", true),
           {.name = "due", .type = ParamType::instant, .required = false, .flag_name = "due", .named_only = true}}});
  return out;
}

std::vector<Command> diagnosis_rows() {
  std::vector<Command> out;
  out.push_back({.name = "status", .words = {"状态"}, .voice_safe = true, .parameters = {which_incident()}});
  out.push_back({.name = "diag", .words = {"诊断"}, .voice_safe = true});
  out.push_back({.name = "diag db", .words = {"诊断 数据库"}});
  out.push_back({.name = "diag system", .words = {"诊断 系统"}});
  out.push_back({.name = "logs",
                 .words = {"日志"},
                 .parameters = {service(),
                                {.name = "lines",
                                 .type = ParamType::number,
                                 .required = false,
                                 .range = Range{1, 1000},
                                 .flag_name = "lines",
                                 .labels = zh("行数")},
                                {.name = "since",
                                 .type = ParamType::duration,
                                 .required = false,
                                 .range = Range{kMinute, 7 * kDay},
                                 .flag_name = "since",
                                 .named_only = true}},
                 .examples = {{"日志 后端 100行", "zh-CN", "logs service=\"backend\" lines=100"},
                              {"logs backend", "en", "logs service=\"backend\""}}});
  out.push_back({.name = "db slow", .words = {"慢查询"}});
  out.push_back(
      {.name = "db settings", .words = {"数据库设置"}, .parameters = {{.name = "pattern", .required = false}}});
  out.push_back({.name = "report",
                 .words = {"报告"},
                 .parameters = {{.name = "period",
                                 .type = ParamType::duration,
                                 .required = false,
                                 .range = Range{kHour, 366 * kDay},
                                 .labels = zh("时长")}}});
  out.push_back({.name = "checklist",
                 .words = {"清单"},
                 .parameters = {{.name = "kind",
                                 .type = ParamType::choice,
                                 .choices = {"daily", "weekly", "monthly"},
                                 .aliases = {{"日", "daily"},
                                             {"每日", "daily"},
                                             {"周", "weekly"},
                                             {"每周", "weekly"},
                                             {"月", "monthly"},
                                             {"每月", "monthly"}},
                                 .labels = zh("哪一份")}}});
  out.push_back({.name = "ping", .parameters = {free_text("text", "文字", false)}});
  out.push_back({.name = "help",
                 .words = {"帮助", "?"},
                 .parameters = {{.name = "topic", .required = false, .labels = zh("命令")}}});
  return out;
}

std::vector<Command> remedy_rows() {
  std::vector<Command> out;
  out.push_back({.name = "fix restart",
                 .words = {"重启", "restart"},
                 .effect = Effect::change,
                 .needs = Role::operator_,
                 .parameters = {service()},
                 .examples = {{"重启后端", "zh-CN", "fix restart service=\"backend\""}}});
  out.push_back({.name = "fix restart-all", .words = {"全部重启"}, .effect = Effect::danger});
  out.push_back({.name = "fix redeploy",
                 .words = {"退回", "redeploy"},
                 .effect = Effect::change,
                 .parameters = {{.name = "version", .type = ParamType::version, .labels = zh("版本")}},
                 .examples = {{"退回 v2.8.0", "zh-CN", "fix redeploy version=\"v2.8.0\""}}});
  out.push_back({.name = "fix rollback",
                 .words = {"整体还原"},
                 .effect = Effect::danger,
                 .parameters = {word("backup", "备份")}});
  out.push_back({.name = "restore database",
                 .words = {"还原", "restore"},
                 .effect = Effect::danger,
                 .parameters = {word("backup", "备份")}});
  out.push_back(
      {.name = "db kill",
       .words = {"结束连接"},
       .effect = Effect::danger,
       .parameters = {{.name = "pid", .type = ParamType::number, .range = Range{1, 4'194'304}, .labels = zh("进程号")}},
       .examples = {{"结束连接 4711", "zh-CN", "db kill pid=4711"}}});
  out.push_back({.name = "db kill-long",
                 .effect = Effect::danger,
                 .parameters = {{.name = "older", .type = ParamType::duration, .range = Range{kMinute, kDay}}}});
  out.push_back({.name = "fix clean-logs",
                 .words = {"清日志", "clean logs"},
                 .effect = Effect::change,
                 .parameters = {{.name = "older", .type = ParamType::duration, .range = Range{kDay, 365 * kDay}}}});
  out.push_back({.name = "silence",
                 .words = {"静默"},
                 .effect = Effect::change,
                 .parameters = {word("alert", "告警"),
                                {.name = "for",
                                 .type = ParamType::duration,
                                 .required = false,
                                 .range = Range{kMinute, 7 * kDay},
                                 .leads = {"for"},
                                 .labels = zh("时长")},
                                {.name = "until",
                                 .type = ParamType::time_of_day,
                                 .required = false,
                                 .leads = {"until", "到"},
                                 .labels = zh("到")},
                                free_text("reason", "原因", false)},
                 .exclusive = {{"for", "until"}},
                 .examples = {{"静默 DiskWarn 2小时", "zh-CN", "silence alert=\"DiskWarn\" for=2h"}}});
  out.push_back({.name = "security ban",
                 .words = {"封禁"},
                 .effect = Effect::change,
                 .parameters = {word("address", "地址"),
                                {.name = "for",
                                 .type = ParamType::duration,
                                 .required = false,
                                 .flag_name = "for",
                                 .leads = {"for"},
                                 .labels = zh("时长")}}});
  out.push_back({.name = "backup now", .words = {"立即备份"}, .effect = Effect::change});
  out.push_back({.name = "backup verify", .words = {"校验备份"}, .parameters = {word("backup", "备份")}});
  out.push_back({.name = "maintenance start",
                 .words = {"开始维护"},
                 .effect = Effect::change,
                 .parameters = {{.name = "from", .type = ParamType::time_of_day, .labels = zh("开始")},
                                {.name = "for", .type = ParamType::duration, .labels = zh("时长")},
                                free_text("reason", "原因", false)}});
  out.push_back({.name = "run", .words = {"执行"}, .effect = Effect::change, .parameters = {word("code", "编号")}});
  out.push_back({.name = "approve", .words = {"批准"}, .effect = Effect::change, .parameters = {word("code", "编号")}});
  out.push_back({.name = "stop",
                 .words = {"停"},
                 .effect = Effect::change,
                 .parameters = {{.name = "code", .required = false, .labels = zh("编号")}}});
  return out;
}

}  // namespace

std::vector<Command> rows() {
  std::vector<Command> out;
  for (auto part : {incident_rows(), people_rows(), diagnosis_rows(), remedy_rows()}) {
    for (auto& row : part) out.push_back(std::move(row));
  }
  return out;
}

CommandTable const& table() {
  static CommandTable const table(rows());
  return table;
}

Vocabulary const& vocabulary() {
  static Vocabulary const vocabulary = [] {
    Vocabulary out;
    bool ok = true;
    for (auto const* name : {"tocsin", "警钟", "U0BOT"}) ok = ok && out.add_self(name);
    std::vector<std::pair<std::string, std::string>> const people{{"zhangsan", "zhangsan"},
                                                                  {"张三", "zhangsan"},
                                                                  {"Zhang San", "zhangsan"},
                                                                  {"U0ZHANG", "zhangsan"},
                                                                  {"lilei", "lilei"},
                                                                  {"李雷", "lilei"},
                                                                  {"U0LILEI", "lilei"},
                                                                  {"wangfang", "wangfang"},
                                                                  {"王芳", "wangfang"},
                                                                  {"alice", "alice"},
                                                                  {"bob", "bob"}};
    for (auto const& [name, id] : people) ok = ok && out.add_person(name, PersonId{id});
    std::vector<std::pair<std::string, std::string>> const services{
        {"后端", "backend"}, {"数据库", "postgres"},        {"pg", "postgres"}, {"缓存", "redis"},
        {"nginx", "nginx"},  {"用户前端", "frontend-user"}, {"网关", "nginx"},  {"api", "backend"}};
    for (auto const& [alias, name] : services) ok = ok && out.add_word("service", alias, name);
    if (!ok) throw std::logic_error("the sample vocabulary contradicts itself");
    return out;
  }();
  return vocabulary;
}

ParseContext context(std::string_view where) {
  ParseContext out;
  out.vocabulary = &vocabulary();
  if (where.ends_with("-en")) {
    out.locale = "en";
    where.remove_suffix(3);
  }
  out.direct_message = where == "dm" || where == "speech";
  out.from_speech = where == "speech";
  out.addressed = where == "addressed";
  return out;
}

std::string outcome_of(ParseOutcome const& outcome) {
  if (auto const* parsed = std::get_if<Parsed>(&outcome)) return describe(*parsed);
  if (auto const* refused = std::get_if<Refused>(&outcome)) return refused->notice.key;
  if (auto const* key = std::get_if<Key>(&outcome)) return std::string("key ") + key->digit;
  if (auto const* question = std::get_if<Ambiguous>(&outcome)) return "question " + question->notice.key;
  return "nothing";
}

}  // namespace tocsin::sample
