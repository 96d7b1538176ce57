#include <algorithm>
#include <stdexcept>

#include "commands/card.hpp"
#include "commands/postmortem.hpp"
#include "commands/tools.hpp"
#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin::verbs {
namespace {

constexpr std::size_t kShownIncidents = 20;
constexpr std::size_t kShownEntries = 100;

std::vector<Notice> words(Notice notice) { return {std::move(notice)}; }

Notice short_title(Incident const& incident) {
  return Notice(incident.drill ? "list.drill" : "list.title").with("title", incident.title);
}

Message run_list(Call& call) {
  auto incidents = call.args.flag("all") ? store::recent_incidents(call.desk->database, 0, kShownIncidents)
                                         : store::live_incidents(call.desk->database, kShownIncidents);
  std::erase_if(incidents, [&](Incident const& each) { return !may_see(each, call.caller.person); });
  if (incidents.empty()) return Message(Notice("list.none"));
  Table table;
  table.heads = {Notice("head.severity"), Notice("head.incident"), Notice("head.title"),   Notice("head.status"),
                 Notice("head.response"), Notice("head.recovery"), Notice("head.assignee")};
  for (auto const& each : incidents) {
    auto const pauses = pauses_of(each);
    auto const now = each.resolved_at.value_or(call.now);
    bool const bad = is_live(each) && !each.drill &&
                     (state_at(each.response, pauses, call.now) == ClockState::lapsed ||
                      state_at(each.recovery, pauses, call.now) == ClockState::lapsed);
    table.rows.push_back(
        {{each.severity, each.id, words(short_title(each)),
          words(Notice("status." + std::string(name_of(each.status)))), words(clock_words(each.response, pauses, now)),
          words(clock_words(each.recovery, pauses, now)),
          each.assignee.empty() ? Arg{words(Notice("nobody"))} : Arg{each.assignee}},
         bad ? Verdict::bad : Verdict::none});
  }
  // Practice is listed and never counted.
  auto const real = std::count_if(incidents.begin(), incidents.end(), [](Incident const& each) { return !each.drill; });
  auto head = Notice("list.head").with("count", static_cast<std::int64_t>(real));
  if (auto const drills = static_cast<std::int64_t>(incidents.size()) - real; drills > 0) head.with("drills", drills);
  Message message(std::move(head));
  message.blocks.emplace_back(std::move(table));
  return message;
}

/// The incident, if this person may see it.
boost::system::result<Incident, Message> visible(Call& call) {
  auto const id = which_incident(call);
  if (id.has_error()) return id.error();
  auto incident = store::load_incident(call.desk->database, *id);
  if (!incident || !may_see(*incident, call.caller.person))
    return Message(Notice("refused.no_such_incident").with("incident", *id));
  return std::move(*incident);
}

Message run_show(Call& call) {
  auto const incident = visible(call);
  if (incident.has_error()) return incident.error();
  return incident_card(*incident, store::pages_of(call.desk->database, incident->id), DeskRoster(*call.desk), call.now);
}

Message run_timeline(Call& call) {
  auto const incident = visible(call);
  if (incident.has_error()) return incident.error();
  auto const entries = store::timeline_of(call.desk->database, incident->id);
  auto const skipped = entries.size() > kShownEntries ? entries.size() - kShownEntries : 0;
  Table table;
  table.heads = {Notice("head.n"), Notice("head.at"), Notice("head.who"), Notice("head.what")};
  for (std::size_t i = skipped; i < entries.size(); ++i) {
    auto const& entry = entries[i];
    Arg at = entry.happened;
    if (incident->drill)  // seconds count there
      at = words(Notice("cell").with("value", entry.happened).with("speed", std::int64_t{incident->drill_speed}));
    table.rows.push_back({{entry.sequence, std::move(at),
                           entry.author.empty() ? Arg{words(Notice("the_bot"))} : Arg{entry.author}, words(entry.what)},
                          entry.kind == EntryKind::lapse ? Verdict::bad : Verdict::none});
  }
  auto line = Notice("timeline.head")
                  .with("incident", incident->id)
                  .with("title", incident->title)
                  .with("count", static_cast<std::int64_t>(entries.size()));
  if (incident->drill) line.with("drill", std::int64_t{1});
  if (skipped > 0) line.with("skipped", static_cast<std::int64_t>(skipped));
  Message message(std::move(line));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Message run_postmortem(Call& call) {
  auto const incident = visible(call);
  if (incident.has_error()) return incident.error();
  Reader reader;
  reader.locale = call.caller.locale;
  reader.zone = call.caller.zone;
  reader.now = call.now;
  reader.names = [&call](PersonId const& id) {
    auto const* person = call.config.person(id);
    return person == nullptr ? id.value : person->name.in(call.caller.locale);
  };
  auto made = Notice("postmortem.made").with("incident", incident->id).with("title", incident->title);
  if (incident->drill) made.with("drill", std::int64_t{1});
  Message message(std::move(made));
  message.blocks.emplace_back(File{"INC-" + std::to_string(incident->id.value) + ".md", "text/markdown",
                                   postmortem_markdown(call.desk->database, *incident, *call.words, reader)});
  return message;
}

Message run_sla(Call& call) {
  Table table;
  table.heads = {Notice("head.severity"), Notice("head.meaning"), Notice("head.response"), Notice("head.recovery")};
  for (auto const severity : kSeverities) {
    auto const& rule = call.config.severities[static_cast<std::size_t>(severity)];
    table.rows.push_back(
        {{severity, rule.title.in(call.caller.locale), rule.targets.response, rule.targets.recovery}, Verdict::none});
  }
  Message message(Notice("sla.head"));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Message run_whoami(Call& call) {
  if (call.caller.person.empty()) return Message(Notice("whoami.unknown").with("account", call.caller.account));
  auto const* person = call.config.person(call.caller.person);
  Fields accounts;
  accounts.fields.push_back({Notice("whoami.account"), call.caller.account});
  if (person != nullptr) {
    auto const add = [&](std::string_view platform, std::string const& id) {
      if (!id.empty()) accounts.fields.push_back({Notice("whoami.on").with("platform", std::string(platform)), id});
    };
    add("web", person->identities.web);
    add("terminal", person->identities.terminal);
    add("slack", person->identities.slack);
    add("dingtalk", person->identities.dingtalk);
    add("email", person->identities.email);
    add("phone", person->identities.phone);
  }
  Message message(Notice("whoami.known")
                      .with("who", call.caller.person)
                      .with("id", call.caller.person.value)
                      .with("role", words(Notice("role_of." + std::string(name_of(call.caller.role))))));
  message.blocks.emplace_back(std::move(accounts));
  return message;
}

/// What was done without what was written: that may be about an incident whose members alone may read it, and a bare
/// command doesn't say about which.
std::string without_texts(Call const& call, std::string const& line) {
  auto const match = line.starts_with('/') ? call.table.longest(std::string_view(line).substr(1)) : std::nullopt;
  if (!match) return line;
  auto const& parameters = match->command->parameters;
  bool const has_text = std::any_of(parameters.begin(), parameters.end(),
                                    [](Parameter const& each) { return each.type == ParamType::text; });
  auto const done = "/" + match->command->name;
  return has_text && line.size() > done.size() ? done + " …" : line;
}

Message run_audit(Call& call) {
  constexpr std::int64_t kDefaultRows = 20;
  auto const count = static_cast<std::size_t>(call.args.find_number("count").value_or(kDefaultRows));
  Table table;
  table.heads = {Notice("head.n"), Notice("head.at"), Notice("head.who"), Notice("head.what"), Notice("head.outcome")};
  for (auto const& row : store::newest_audit(call.desk->database, count)) {
    bool const whole = call.caller.role >= Role::admin || row.person == call.caller.person;
    table.rows.push_back({{row.sequence, row.at, row.person.empty() ? Arg{words(Notice("the_bot"))} : Arg{row.person},
                           whole ? row.what : without_texts(call, row.what),
                           row.outcome + (row.detail.empty() ? "" : ": " + row.detail)},
                          row.outcome == "refused" ? Verdict::warning : Verdict::none});
  }
  Message message(Notice("audit.head").with("count", static_cast<std::int64_t>(table.rows.size())));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Message run_audit_verify(Call& call) {
  auto const anchors = call.tools->anchors ? call.tools->anchors() : store::Anchors{};
  if (!anchors.foreign.empty())
    return Message(Notice("audit.anchor_foreign").with("n", static_cast<std::int64_t>(anchors.foreign.front())));
  auto const examined = call.tools->examine_audit(anchors.heads);
  if (examined.has_error()) throw std::runtime_error(examined.error().detail);
  auto const& [finding, head] = *examined;
  if (!finding) {
    auto whole = Notice("audit.whole").with("count", head.sequence).with("hash", head.hash.substr(0, 16));
    if (!anchors.heads.empty()) whole.with("anchors", static_cast<std::int64_t>(anchors.heads.size()));
    return Message(std::move(whole));
  }
  using enum store::AuditFinding::Kind;
  std::string const key = finding->kind == changed   ? "audit.changed"
                          : finding->kind == missing ? "audit.missing"
                          : finding->kind == cut_off ? "audit.cut_off"
                                                     : "audit.anchor_differs";
  return Message(Notice(key).with("n", finding->sequence));
}

Message run_links(Call& call) {
  if (call.config.links.empty()) return Message(Notice("links.none"));
  Table table;
  table.heads = {Notice("head.name"), Notice("head.url")};
  for (auto const& link : call.config.links) {
    auto const& title = link.title.in(call.caller.locale);
    table.rows.push_back({{title.empty() ? link.name : title, link.url}, Verdict::none});
  }
  Message message(Notice("links.head"));
  message.blocks.emplace_back(std::move(table));
  return message;
}

}  // namespace

std::vector<Command> lookup_commands() {
  auto const incident = incident_parameter();
  Parameter all;
  all.name = "all";
  all.type = ParamType::flag;
  all.required = false;
  all.flag_name = "all";
  Parameter count;
  count.name = "count";
  count.type = ParamType::number;
  count.required = false;
  count.range = Range{1, 200};
  count.labels = {{"zh-CN", "条数"}, {"en", "count"}};
  std::vector<Command> rows;
  rows.push_back(look("incident list", {"列表", "事件", "list"}, run_list, {all},
                      {zh("列表", "incident list"), en("/incident list --all", "incident list all=yes")}));
  rows.push_back(look("incident show", {"状态", "查看", "看状态", "什么情况", "谁在处理", "show", "status"}, run_show,
                      {incident}, {zh("状态", "incident show"), en("show INC-42", "incident show incident=INC-42")}));
  rows.push_back(look("timeline", {"时间线"}, run_timeline, {incident},
                      {zh("时间线 INC-42", "timeline incident=INC-42"), en("/timeline", "timeline")}));
  rows.push_back(look("postmortem", {"复盘"}, run_postmortem, {incident},
                      {zh("复盘 INC-42", "postmortem incident=INC-42"), en("/postmortem", "postmortem")}));
  rows.push_back(look("sla", {"时限"}, run_sla, {}, {zh("时限", "sla"), en("/sla", "sla")}));
  rows.push_back(look("whoami", {"我是谁"}, run_whoami, {}, {zh("我是谁", "whoami"), en("/whoami", "whoami")}));
  rows.push_back(look("links", {"面板"}, run_links, {}, {zh("面板", "links"), en("/links", "links")}));
  rows.push_back(look("audit", {"审计"}, run_audit, {count}, {zh("审计", "audit"), en("/audit 50", "audit count=50")}));
  rows.back().needs = Role::operator_;
  rows.push_back(look("audit verify", {"审计校验"}, run_audit_verify, {},
                      {zh("审计校验", "audit verify"), en("/audit verify", "audit verify")}));
  rows.back().needs = Role::operator_;
  rows.back().instant = false;  // a long chain must not keep the store's thread
  return rows;
}

}  // namespace tocsin::verbs
