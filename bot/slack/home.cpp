#include "bot/slack/home.hpp"

#include "commands/card.hpp"
#include "commands/guard.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kCards = 10;

Message request(Approval const& approval, PersonId const& who) {
  Message message(Notice("page.approval")
                      .with("code", approval.code)
                      .with("what", std::vector{approval.what})
                      .with("by", approval.expires_at)
                      .with("who", who)
                      .with("asked_by", approval.asked_by)
                      .with("runs", approval.command));
  message.blocks.emplace_back(consent_buttons(approval.code));
  return message;
}

}  // namespace

std::vector<Message> home_of(Desk const& desk, Caller const& caller) {
  std::vector<Message> parts;
  for (auto const& incident : store::live_incidents(desk.database)) {
    if (!may_see(incident, caller.person) || parts.size() == kCards) continue;
    parts.push_back(incident_card(incident, store::pages_of(desk.database, incident.id), DeskRoster(desk), desk.now));
  }
  if (parts.empty()) parts.emplace_back(Notice("slack.home_quiet"));
  // Nobody approves what they asked for, and who may not approve is not asked to.
  if (caller.role < Role::operator_ || caller.person.empty()) return parts;
  for (auto const& approval : store::open_approvals(desk.database, desk.now)) {
    if (approval.state == ApprovalState::waiting && approval.asked_by != caller.person)
      parts.push_back(request(approval, caller.person));
  }
  return parts;
}

}  // namespace tocsin::slack
