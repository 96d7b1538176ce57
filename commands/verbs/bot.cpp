#include "commands/action.hpp"
#include "commands/guard.hpp"
#include "commands/help.hpp"
#include "commands/parser.hpp"
#include "commands/tools.hpp"
#include "commands/usage.hpp"
#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin::verbs {
namespace {

Message run_ping(Call& call) {
  auto notice = Notice("ping").with("version", call.tools->version).with("at", call.now);
  if (auto const text = call.args.find_text("text")) notice.with("text", *text);
  return Message(std::move(notice));
}

Message run_help(Call& call) { return help_for(call, call.args.find_text("about").value_or("")); }

Message run_reload(Call& call) { return call.tools->reload(); }

Message run_stop(Call& call) {
  auto code = call.args.find_word("code").value_or("");
  // "3", "r3" and "k9" as they are typed in a hurry.
  if (!code.empty() && code.front() >= '0' && code.front() <= '9') code.insert(0, "R");
  if (!code.empty() && (code.front() == 'r' || code.front() == 'k')) code.front() = code.front() == 'r' ? 'R' : 'K';
  auto const [stopped, owner] = call.tools->interpreter->stop_work(call.caller.person, call.caller.role, code);
  if (stopped.empty() && !owner.empty())
    return Message(Notice("refused.stop_not_yours").with("code", code).with("who", owner));
  if (stopped.empty()) return Message(Notice("refused.nothing_to_stop"));
  std::vector<Notice> items;
  for (auto const& what : stopped) items.push_back(Notice("work.item").with("what", what));
  return Message(Notice("work.stopping").with("items", std::move(items)));
}

Message run_web_link(Call& call) {
  if (!call.direct)
    return Message(
        Notice("refused.only_direct").with("command", printed_word(*call.command, name_of(call.caller.locale))));
  if (call.caller.person.empty()) return Message(Notice("whoami.unknown").with("account", call.caller.account));
  return Message(Notice("whoami.link").with("url", call.tools->login_link(*call.desk, call.caller.person)));
}

/// The newest request of this person here that waits for nothing but their word; from elsewhere only one that can't be
/// taken for another. A danger runs on its code only.
std::optional<Approval> meant(Desk const& desk, Call const& call) {
  if (auto typed = call.args.find_word("code")) {
    if (!typed->empty() && typed->front() == 'k') typed->front() = 'K';
    return store::load_approval(desk.database, *typed);
  }
  std::vector<Approval> elsewhere;
  for (auto& each : store::open_approvals(desk.database, desk.now)) {
    if (each.asked_by != call.caller.person || each.state != ApprovalState::confirmed || each.needs_second) continue;
    if (each.place == place_of(call)) return std::move(each);
    elsewhere.push_back(std::move(each));
  }
  return elsewhere.size() == 1 ? std::optional(std::move(elsewhere.front())) : std::nullopt;
}

/// The word of whoever asked: `执行 K9`. Marks the approval used in the same unit of work that checked it, then runs.
Message run_run(Call& call) {
  std::optional<Notice> refused;
  Call inner = call;
  call.work->unit([&](Desk const& desk) {
    refused.reset();
    auto const approval = meant(desk, call);
    if (!approval) {
      refused = Notice("refused.nothing_to_run").with("code", call.args.find_word("code").value_or(""));
      return;
    }
    ParseContext context;
    context.direct_message = true;
    context.vocabulary = call.vocabulary;
    auto outcome = parse(approval->command, call.table, context);
    auto* parsed = std::get_if<Parsed>(&outcome);
    if (parsed == nullptr) {
      refused = Notice("refused.approval_changed").with("code", approval->code);
      return;
    }
    inner.command = parsed->command;
    inner.args = std::move(parsed->arguments);
    inner.confirmed = true;
    auto const incident = approval->incident ? std::optional(approval->incident) : std::nullopt;
    auto const used =
        use(*approval, call.caller.person, digest_of(inner, incident, bound_by_approval(inner)), desk.now);
    if (used.has_error()) {
      refused = used.error();
      return;
    }
    if (auto const role = missing_role(inner)) {
      refused = *role;
      return;
    }
    // Whoever approved may have lost the right to since; a broken glass was their own responsibility.
    if (approval->state == ApprovalState::approved && !may_approve(call.config, approval->decided_by)) {
      refused = Notice("refused.approver_gone").with("code", approval->code).with("who", approval->decided_by);
      return;
    }
    store::update_approval(desk.database, *used);
    inner.glass_broken = approval->state == ApprovalState::broken;
    inner.approval = used->code;
    inner.incident = used->incident;
  });
  if (refused) return Message(std::move(*refused));
  if (!inner.command->instant) return inner.command->run(inner);
  Message answer;
  call.work->unit([&](Desk const& desk) {
    inner.desk = &desk;
    inner.now = desk.now;
    answer = inner.command->run(inner);
  });
  return answer;
}

Parameter word(std::string name, std::string chinese) {
  Parameter parameter;
  parameter.name = name;
  parameter.type = ParamType::word;
  parameter.required = false;
  parameter.labels = {{"zh-CN", std::move(chinese)}, {"en", std::move(name)}};
  return parameter;
}

}  // namespace

std::vector<Command> bot_commands() {
  std::vector<Command> rows;
  rows.push_back(look("ping", {}, run_ping, {text_parameter("text", false, "文字", "text")},
                      {en("/ping hello", R"(ping text="hello")"), zh("/ping", "ping")}));
  rows.push_back(look("help", {"帮助", "怎么用", "菜单", "命令", "?"}, run_help,
                      {text_parameter("about", false, "哪个", "about")},
                      {zh("帮助", "help"), en("/help incident open", R"(help about="incident open")")}));
  rows.push_back(look("whoami link", {"网页链接"}, run_web_link, {},
                      {zh("网页链接", "whoami link"), en("/whoami link", "whoami link")}));
  rows.back().voice_safe = false;
  rows.push_back(verb("reload", {"重载配置"}, run_reload, {}, {zh("重载配置", "reload"), en("/reload", "reload")}));
  rows.back().needs = Role::admin;
  rows.back().instant = false;
  rows.push_back(verb("stop", {"停", "停止"}, run_stop, {word("code", "编号")},
                      {zh("停", "stop"), en("/stop R3", "stop code=\"R3\"")}));
  rows.push_back(verb("run", {"执行"}, run_run, {word("code", "编号")},
                      {zh("执行 K9", "run code=\"K9\""), en("run K9", "run code=\"K9\"")}));
  rows.back().instant = false;
  return rows;
}

}  // namespace tocsin::verbs
