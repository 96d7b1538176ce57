#include "bot/slack/home.hpp"

#include "commands/card.hpp"
#include "commands/guard.hpp"
#include "incidents/store/duty.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kCards = 10;
constexpr auto kDutyHorizon = std::chrono::days{28};

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

/// Nobody approves what they asked for, and who may not approve is not asked to.
void add_requests(std::vector<Message>& parts, Desk const& desk, Caller const& caller) {
  if (caller.role < Role::operator_ || caller.person.empty()) return;
  for (auto const& approval : store::open_approvals(desk.database, desk.now)) {
    if (approval.state == ApprovalState::waiting && approval.asked_by != caller.person)
      parts.push_back(request(approval, caller.person));
  }
}

void add_cards(std::vector<Message>& parts, Desk const& desk, Caller const& caller) {
  std::size_t cards = 0;
  std::int64_t more = 0;
  for (auto const& incident : store::live_incidents(desk.database)) {
    if (!may_see(incident, caller.person)) continue;
    if (cards++ < kCards)
      parts.push_back(incident_card(incident, store::pages_of(desk.database, incident.id), DeskRoster(desk), desk.now));
    else
      ++more;
  }
  if (cards == 0) parts.emplace_back(Notice("slack.home_quiet"));
  if (more > 0) parts.emplace_back(Notice("slack.home_more").with("count", more));
}

/// Theirs, if the rota has them in the coming weeks.
void add_duty(std::vector<Message>& parts, Desk const& desk, Caller const& caller) {
  if (caller.person.empty()) return;
  auto const until = desk.now + kDutyHorizon;
  auto const overrides = store::overrides_between(desk.database, desk.now, until);
  for (auto const& shift : shifts(desk.directory.duty, overrides, desk.now, until)) {
    if (shift.person != caller.person) continue;
    if (shift.from <= desk.now)
      parts.emplace_back(Notice("slack.home_on_duty").with("until", shift.to));
    else
      parts.emplace_back(Notice("slack.home_duty").with("from", shift.from).with("until", shift.to));
    return;
  }
}

}  // namespace

std::vector<Message> home_of(Desk const& desk, Caller const& caller) {
  std::vector<Message> parts;
  add_requests(parts, desk, caller);
  add_cards(parts, desk, caller);
  add_duty(parts, desk, caller);
  return parts;
}

}  // namespace tocsin::slack
