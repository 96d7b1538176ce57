#include "commands/guard.hpp"

#include <algorithm>
#include <charconv>

#include "commands/retype.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

std::vector<Notice> names_of(std::vector<PersonId> const& people) {
  std::vector<Notice> names;
  for (auto const& person : people) names.push_back(Notice("person").with("who", person));
  return names;
}

Buttons consent_buttons(std::string const& code) {
  Buttons buttons;
  buttons.buttons.push_back({Button::Style::primary, Notice("button.approve"), "/approve " + code});
  buttons.buttons.push_back({Button::Style::plain, Notice("button.deny"), "/deny " + code});
  return buttons;
}

std::int32_t number_of(std::string const& code) {
  std::int32_t number = 0;
  std::from_chars(code.data() + 1, code.data() + code.size(), number);
  return number;
}

}  // namespace

std::optional<Notice> missing_role(Call const& call) {
  if (call.caller.role >= call.command->needs) return std::nullopt;
  std::vector<PersonId> able;
  constexpr std::size_t kNamed = 3;
  for (auto const& person : call.config.people) {
    if (person.role >= call.command->needs && able.size() < kNamed) able.push_back(person.id);
  }
  return Notice("refused.role")
      .with("command", call.command->name)
      .with("needs", std::vector{Notice("role_of." + std::string(name_of(call.command->needs)))})
      .with("have", std::vector{Notice("role_of." + std::string(name_of(call.caller.role)))})
      .with("people", names_of(able));
}

std::string canonical(Call const& call, std::optional<IncidentId> incident) {
  return retype(*call.command, call.args, incident);
}

std::string digest_of(Call const& call, std::optional<IncidentId> incident, std::string const& plan) {
  return sha256_hex(canonical(call, incident) + '\n' + plan);
}

std::vector<PersonId> approvers(Desk const& desk, Config const& config, PersonId const& asked_by) {
  std::vector<PersonId> able;
  auto const may = [&](PersonId const& id) {
    auto const* person = config.person(id);
    return person != nullptr && person->role >= Role::operator_ && id != asked_by &&
           std::find(able.begin(), able.end(), id) == able.end() && able.size() < kMaxApprovers;
  };
  for (auto const& id : DeskRoster(desk).holders({Recipient::Kind::role, std::string(kDutyRole)}, desk.now)) {
    if (may(id)) able.push_back(id);
  }
  for (auto const& person : config.people) {
    if (may(person.id)) able.push_back(person.id);
  }
  return able;
}

Message request_consent(Desk const& desk, Call const& call, Demand const& demand) {
  Approval approval;
  approval.command = canonical(call, demand.incident ? std::optional(demand.incident) : std::nullopt);
  approval.digest = digest_of(call, demand.incident ? std::optional(demand.incident) : std::nullopt, demand.plan);
  approval.what = demand.what;
  approval.incident = demand.incident;
  approval.asked_by = call.caller.person;
  approval.asked_at = desk.now;
  approval.needs_second = demand.second_person;
  approval.state = demand.second_person ? ApprovalState::waiting : ApprovalState::confirmed;
  approval.expires_at = desk.now + (demand.second_person ? call.config.guard.approval : call.config.guard.confirmation);
  approval.place = call.room.platform + ":" + call.room.conversation;
  auto const able = approvers(desk, call.config, approval.asked_by);
  if (demand.second_person && able.empty())
    return Message(Notice("refused.nobody_approves").with("what", std::vector{demand.what}));
  approval.code = store::insert_approval(desk.database, approval);
  if (!demand.second_person) return confirmation(approval);

  auto incident = demand.incident ? store::load_incident(desk.database, demand.incident) : std::nullopt;
  Incident circumstances = incident.value_or(Incident{});
  circumstances.severity = Severity::p0;  // a request for consent is as urgent as a P0, whatever it belongs to
  auto text = Notice("approval.request")
                  .with("code", approval.code)
                  .with("what", std::vector{demand.what})
                  .with("who", approval.asked_by)
                  .with("at", approval.asked_at)
                  .with("until", approval.expires_at)
                  .with("approvers", names_of(able))
                  .with("facts", demand.facts);
  if (incident) text.with("severity", incident->severity).with("incident", incident->id);
  if (call.config.guard.break_glass_after) text.with("glass_from", desk.now + *call.config.guard.break_glass_after);
  for (auto const& person : able) {
    auto page = Notice("page.approval")
                    .with("code", approval.code)
                    .with("what", std::vector{demand.what})
                    .with("by", approval.expires_at);
    page.with("who", person).with("asked_by", approval.asked_by);
    order_page(desk, circumstances,
               {kStepApproval, number_of(approval.code), person, std::move(page), desk.now, false});
  }
  if (incident) {
    store::append_timeline(
        desk.database, incident->id,
        {{EntryKind::approval, approval.asked_by, desk.now, desk.now,
          Notice("timeline.approval_asked").with("code", approval.code).with("what", std::vector{demand.what}), 0, 0}});
  }
  Message message(std::move(text));
  message.blocks.emplace_back(consent_buttons(approval.code));
  return message;
}

Message confirmation(Approval const& approval) {
  auto notice = Notice(approval.needs_second ? "approval.confirm_danger" : "approval.confirm_change")
                    .with("code", approval.code)
                    .with("what", std::vector{approval.what})
                    .with("until", approval.expires_at);
  if (approval.state == ApprovalState::approved && approval.decided_at)
    notice.with("approved_by", approval.decided_by).with("approved_at", *approval.decided_at);
  return Message(std::move(notice));
}

}  // namespace tocsin
