#include "commands/diagnosis.hpp"

#include "commands/look_record.hpp"
#include "commands/tools.hpp"
#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"

namespace tocsin::verbs {
namespace {

constexpr std::int64_t kDefaultLines = 50;
constexpr std::int64_t kMaxLines = 1'000;

Message run_system(Call& call) { return on_record(call, diagnose(call, {.system = true})); }
Message run_network(Call& call) { return on_record(call, diagnose(call, {.network = true})); }
Message run_health(Call& call) { return on_record(call, diagnose(call, {.health = true})); }
Message run_everything(Call& call) {
  return on_record(call, diagnose(call, {.system = true, .network = true, .health = true}));
}

Message run_logs(Call& call) {
  auto const name = call.args.choice("log");
  auto const* log = call.config.log(name);
  if (log == nullptr) return Message(Notice("refused.no_such_log").with("name", name));
  return on_record(call, show_log(call, *log, call.args.find_number("lines").value_or(kDefaultLines),
                                  call.args.flag("errors"), call.args.find_duration("since")));
}

Parameter flag(std::string name) {
  Parameter parameter;
  parameter.name = name;
  parameter.type = ParamType::flag;
  parameter.required = false;
  parameter.flag_name = std::move(name);
  return parameter;
}

}  // namespace

std::vector<Command> diagnosis_commands(Config const& config) {
  Parameter log;
  log.name = "log";
  log.type = ParamType::choice;
  log.vocabulary = "log";
  log.labels = {{"zh-CN", "日志"}, {"en", "log"}};
  Parameter lines;
  lines.name = "lines";
  lines.type = ParamType::number;
  lines.required = false;
  lines.range = Range{1, kMaxLines};
  lines.labels = {{"zh-CN", "行数"}, {"en", "lines"}};
  Parameter since;
  since.name = "since";
  since.type = ParamType::duration;
  since.required = false;
  since.flag_name = "since";
  since.named_only = true;
  std::vector<Command> rows;
  rows.push_back(look("diag", {"诊断", "诊断一下", "检查", "diagnose", "check"}, run_everything, {},
                      {zh("诊断", "diag"), en("/diag", "diag")}));
  rows.push_back(look("diag system", {"诊断系统"}, run_system, {},
                      {zh("诊断 系统", "diag system"), en("/diag system", "diag system")}));
  rows.push_back(look("diag network", {"诊断网络"}, run_network, {},
                      {zh("诊断 网络", "diag network"), en("/diag network", "diag network")}));
  rows.push_back(look("diag health", {"诊断健康"}, run_health, {},
                      {zh("诊断 健康", "diag health"), en("/diag health", "diag health")}));
  std::vector<Example> examples;
  if (!config.logs.empty()) {
    auto const& name = config.logs.front().name;
    auto const means = "logs log=\"" + name + "\"";
    examples = {zh("日志 " + name + " 100行", means + " lines=100"),
                en("/logs " + name + " 100", means + " lines=100")};
  }
  rows.push_back(look("logs", {"日志"}, run_logs, {log, lines, flag("errors"), since}, std::move(examples)));
  // A configuration that declares its own, with its own aliases and title, has the word.
  std::erase_if(rows, [&config](Command const& row) {
    return row.name.starts_with("diag ") && config.action(std::string_view(row.name).substr(5)) != nullptr;
  });
  for (auto& row : rows) {
    row.instant = false;
    row.needs = Role::responder;
  }
  return rows;
}

}  // namespace tocsin::verbs
