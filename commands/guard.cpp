#include "commands/guard.hpp"

#include <algorithm>
#include <charconv>

#include "commands/retype.hpp"
#include "commands/usage.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {

std::string place_of(Call const& call) { return call.room.platform + ":" + call.room.conversation; }
namespace {

/// Is the glass there to be broken: a live P0 or P1, and a configuration that lets it break at all?
bool has_glass(Config const& config, std::optional<Incident> const& incident) {
  return config.guard.break_glass_after && incident && is_live(*incident) && incident->severity <= Severity::p1;
}

std::int32_t number_of(std::string const& code) {
  std::int32_t number = 0;
  std::from_chars(code.data() + 1, code.data() + code.size(), number);
  return number;
}

}  // namespace

Buttons consent_buttons(std::string const& code) {
  Buttons buttons;
  buttons.buttons.push_back({Button::Style::primary, Notice("button.approve"), "/approve " + code});
  buttons.buttons.push_back({Button::Style::plain, Notice("button.deny"), "/deny " + code});
  return buttons;
}

std::optional<Notice> missing_role(Call const& call) {
  // Nobody knows whether they are somebody else, too: two people must be two.
  if (auto const* person = call.config.person(call.caller.person);
      person != nullptr && person->guest && call.command->effect == Effect::danger)
    return Notice("refused.guest").with("command", printed_word(*call.command, name_of(call.caller.locale)));
  if (call.caller.role >= call.command->needs) return std::nullopt;
  std::vector<PersonId> able;
  constexpr std::size_t kNamed = 3;
  for (auto const& person : call.config.people) {
    if (person.role >= call.command->needs && able.size() < kNamed) able.push_back(person.id);
  }
  return Notice("refused.role")
      .with("command", printed_word(*call.command, name_of(call.caller.locale)))
      .with("needs", std::vector{Notice("role_of." + std::string(name_of(call.command->needs)))})
      .with("have", std::vector{Notice("role_of." + std::string(name_of(call.caller.role)))})
      .with("people", names_of(able));
}

std::string canonical(Call const& call, std::optional<IncidentId> incident) {
  return retype(*call.command, call.args, incident);
}

std::string digest_of(Call const& call, std::optional<IncidentId> incident, std::string const& bound) {
  return sha256_hex(canonical(call, incident) + '\n' + bound);
}

bool may_approve(Config const& config, PersonId const& id) {
  auto const* person = config.person(id);
  return person != nullptr && person->role >= Role::operator_;
}

std::vector<PersonId> approvers(Desk const& desk, Config const& config, PersonId const& asked_by) {
  std::vector<PersonId> able;
  auto const may = [&](PersonId const& id) {
    return may_approve(config, id) && id != asked_by && std::find(able.begin(), able.end(), id) == able.end() &&
           able.size() < kMaxApprovers;
  };
  for (auto const& id : DeskRoster(desk).holders({Recipient::Kind::role, std::string(kDutyRole)}, desk.now)) {
    if (may(id)) able.push_back(id);
  }
  for (auto const& person : config.people) {
    if (may(person.id)) able.push_back(person.id);
  }
  return able;
}

namespace {

Approval approval_for(Desk const& desk, Call const& call, Demand const& demand) {
  Approval approval;
  approval.command = canonical(call, demand.incident ? std::optional(demand.incident) : std::nullopt);
  approval.digest = digest_of(call, demand.incident ? std::optional(demand.incident) : std::nullopt, demand.bound);
  approval.what = demand.what;
  approval.incident = demand.incident;
  approval.asked_by = call.caller.person;
  approval.asked_at = desk.now;
  approval.needs_second = demand.second_person;
  approval.state = demand.second_person ? ApprovalState::waiting : ApprovalState::confirmed;
  approval.expires_at = desk.now + (demand.second_person ? call.config.guard.approval : call.config.guard.confirmation);
  approval.place = place_of(call);
  approval.unsaved = demand.unsaved.has_value();
  return approval;
}

void page_approvers(Desk const& desk, std::optional<Incident> const& incident, Approval const& approval,
                    std::vector<PersonId> const& able) {
  Incident circumstances = incident.value_or(Incident{});
  circumstances.severity = Severity::p0;  // a request for consent is as urgent as a P0, whatever it belongs to
  for (auto const& person : able) {
    auto page = Notice(std::string(kApprovalPage))
                    .with("code", approval.code)
                    .with("what", std::vector{approval.what})
                    .with("by", approval.expires_at);
    page.with("who", person).with("asked_by", approval.asked_by).with("runs", approval.command);
    order_page(desk, circumstances,
               {kStepApproval, number_of(approval.code), person, std::move(page), desk.now, false});
  }
  if (!incident) return;
  store::append_timeline(
      desk.database, incident->id,
      {{EntryKind::approval, approval.asked_by, desk.now, desk.now,
        Notice("timeline.approval_asked").with("code", approval.code).with("what", std::vector{approval.what}), 0, 0}});
}

/// Refused, and by whom, from when and with which words it can be done all the same.
Message offer_of_glass(Desk const& desk, Call const& call, Approval const& approval, Demand const& demand) {
  auto text = Notice("refused.unsaved_glass")
                  .with("what", std::vector{demand.what})
                  .with("why", std::vector{*demand.unsaved})
                  .with("code", approval.code)
                  .with("glass_from", desk.now + *call.config.guard.break_glass_after)
                  .with("until", approval.expires_at);
  if (auto const shift = DeskRoster(desk).on_duty_at(desk.now)) text.with("who", shift->person);
  return Message(std::move(text));
}

}  // namespace

Message request_consent(Desk const& desk, Call const& call, Demand const& demand) {
  auto approval = approval_for(desk, call, demand);
  auto const incident = demand.incident ? store::load_incident(desk.database, demand.incident) : std::nullopt;
  bool const glass = has_glass(call.config, incident);
  if (demand.unsaved && !glass) {
    return Message(
        Notice("refused.unsaved").with("what", std::vector{demand.what}).with("why", std::vector{*demand.unsaved}));
  }
  auto const able = approvers(desk, call.config, approval.asked_by);
  if (demand.second_person && able.empty() && !glass)
    return Message(Notice("refused.nobody_approves").with("what", std::vector{demand.what}));
  approval.code = store::insert_approval(desk.database, approval);
  if (!demand.second_person) return confirmation(approval);
  page_approvers(desk, incident, approval, able);
  // Nobody is left with a button for what has ended.
  settle_request(desk, approval.incident, approval.code, approval.expires_at);
  if (demand.unsaved) return offer_of_glass(desk, call, approval, demand);
  auto text = Notice("approval.request")
                  .with("code", approval.code)
                  .with("what", std::vector{demand.what})
                  .with("who", approval.asked_by)
                  .with("at", approval.asked_at)
                  .with("until", approval.expires_at)
                  .with("approvers", names_of(able))
                  .with("facts", demand.facts);
  if (incident) text.with("severity", incident->severity).with("incident", incident->id);
  // Offered only where it can be taken.
  if (glass) text.with("glass_from", desk.now + *call.config.guard.break_glass_after);
  // Whoever asks sees no button to approve with, on any platform; those who may are paged.
  return Message(std::move(text));
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
