#include "incidents/store/duty.hpp"

#include <date/tz.h>

#include "commands/verbs/common.hpp"
#include "commands/verbs/families.hpp"
#include "config/findings.hpp"
#include "incidents/store/incidents.hpp"

namespace tocsin::verbs {
namespace {

constexpr auto kSchedulePeriod = std::chrono::days{28};
constexpr auto kNextHorizon = std::chrono::days{14};

std::vector<Notice> person_words(PersonId const& person) { return {Notice("person").with("who", person)}; }

/// The rota with its overrides over a period.
std::vector<Shift> shifts_between(Call const& call, Instant from, Instant to) {
  return shifts(call.desk->directory.duty, store::overrides_between(call.desk->database, from, to), from, to);
}

Message run_oncall(Call& call) {
  auto const shift = DeskRoster(*call.desk).on_duty_at(call.now);
  Notice notice(shift ? "oncall.now" : "oncall.nobody");
  if (shift) notice.with("who", shift->person).with("until", shift->to);
  std::vector<Notice> backups;
  for (auto const& id : call.config.duty.schedule.backups) backups.push_back(Notice("person").with("who", id));
  notice.with("backups", std::move(backups));
  if (shift) {
    auto const coming = shifts_between(call, shift->to, shift->to + kNextHorizon);
    if (!coming.empty()) notice.with("next", coming.front().person).with("next_from", coming.front().from);
  }
  Message message(std::move(notice));
  auto const overrides = store::overrides_between(call.desk->database, call.now, call.now + kGapHorizon);
  for (auto& finding : findings(call.config, overrides, call.now)) message.say(std::move(finding));
  return message;
}

Message run_schedule(Call& call) {
  Table table;
  table.heads = {Notice("head.from"), Notice("head.to"), Notice("head.who"), Notice("head.remark")};
  for (auto const& shift : shifts_between(call, call.now, call.now + kSchedulePeriod)) {
    table.rows.push_back({{shift.from, shift.to, shift.person,
                           shift.overridden ? Arg{std::vector{Notice("oncall.override_mark")}} : Arg{std::string{}}},
                          Verdict::none});
  }
  if (table.rows.empty()) return Message(Notice("oncall.no_rota"));
  Message message(Notice("oncall.schedule"));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Message run_override(Call& call) {
  auto const range = call.args.time_range("range");
  auto const* zone = date::locate_zone(call.caller.zone);
  auto const today = date::floor<std::chrono::days>(zone->to_local(call.now));
  auto const at = [&](std::chrono::minutes time, int days) {
    return date::floor<Millis>(zone->to_sys(today + std::chrono::days{days} + time, date::choose::earliest));
  };
  int const over_night = range.to.since_midnight <= range.from.since_midnight ? 1 : 0;
  int day = 0;
  // "22:00-08:00" said at 23:00 means tonight, already begun; said at 09:00 after it ended it means the coming one.
  if (at(range.to.since_midnight, over_night) <= call.now) day = 1;
  Override entry{call.args.person("who"), at(range.from.since_midnight, day),
                 at(range.to.since_midnight, day + over_night), call.caller.person};
  entry.from = std::max(entry.from, call.now);
  store::add_override(call.desk->database, entry, call.now);
  return Message(Notice("oncall.overridden")
                     .with("who", entry.person)
                     .with("from", entry.from)
                     .with("to", entry.to)
                     .with("by", call.caller.person));
}

Message run_contacts(Call& call) {
  Table table;
  table.heads = {Notice("head.what"), Notice("head.who"), Notice("head.email"), Notice("head.phone")};
  for (auto const& contact : call.config.duty.contacts) {
    auto const* person = call.config.person(contact.person);
    auto const email = !contact.email.empty() ? contact.email : person != nullptr ? person->identities.email : "";
    auto const phone = !contact.phone.empty() ? contact.phone : person != nullptr ? person->identities.phone : "";
    table.rows.push_back(
        {{contact.title.in(call.caller.locale),
          contact.person.empty() ? Arg{std::string{}} : Arg{person_words(contact.person)}, email, phone},
         Verdict::none});
  }
  if (table.rows.empty()) return Message(Notice("oncall.no_contacts"));
  Message message(Notice("oncall.contacts"));
  message.blocks.emplace_back(std::move(table));
  return message;
}

Message run_vendors(Call& call) {
  Table table;
  table.heads = {Notice("head.name"), Notice("head.phone"), Notice("head.email"), Notice("head.url"),
                 Notice("head.remark")};
  for (auto const& vendor : call.config.duty.vendors) {
    table.rows.push_back({{vendor.name.in(call.caller.locale), vendor.phone, vendor.email, vendor.url,
                           vendor.note.in(call.caller.locale)},
                          Verdict::none});
  }
  if (table.rows.empty()) return Message(Notice("oncall.no_contacts"));
  Message message(Notice("oncall.vendors"));
  message.blocks.emplace_back(std::move(table));
  return message;
}

}  // namespace

std::vector<Command> duty_commands() {
  Parameter range;
  range.name = "range";
  range.type = ParamType::time_range;
  range.labels = {{"zh-CN", "几点-几点"}, {"en", "from-to"}};
  std::vector<Command> rows;
  rows.push_back(look("oncall", {"值班", "谁值班", "谁在值班", "今天谁值班", "on call", "who is on call"}, run_oncall,
                      {}, {zh("值班", "oncall"), en("/oncall", "oncall")}));
  rows.push_back(look("oncall schedule", {"值班表"}, run_schedule, {},
                      {zh("值班表", "oncall schedule"), en("/oncall schedule", "oncall schedule")}));
  rows.push_back(look("oncall contacts", {"联系人"}, run_contacts, {},
                      {zh("联系人", "oncall contacts"), en("/oncall contacts", "oncall contacts")}));
  rows.push_back(look("oncall vendors", {"外部支持"}, run_vendors, {},
                      {zh("外部支持", "oncall vendors"), en("/oncall vendors", "oncall vendors")}));
  rows.push_back(verb("oncall override", {"替班"}, run_override, {person_parameter("who", true), range},
                      {zh("替班 @bob 22:00-08:00", "oncall override who=@bob range=22:00-08:00"),
                       en("/oncall override @bob 22:00-08:00", "oncall override who=@bob range=22:00-08:00")}));
  return rows;
}

}  // namespace tocsin::verbs
