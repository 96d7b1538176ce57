#include "commands/card.hpp"

#include <algorithm>

#include "incidents/advance.hpp"

namespace tocsin {
namespace {

/// Line 1 says what is asked of whom while nobody has it, and afterwards who has it.
Notice head(Incident const& incident, Instant now) {
  std::string key = "card.head_";
  key += incident.status == Status::open ? "open" : std::string(name_of(incident.status));
  if (incident.false_alarm) key = "card.head_false_alarm";
  if (incident.merged_into) key = "card.head_merged";
  Notice notice(std::move(key));
  notice.with("severity", incident.severity).with("incident", incident.id).with("title", incident.title);
  if (incident.drill) notice.with("drill", std::int64_t{1});
  // Whoever took it, and when; somebody it was given to afterwards took nothing at that time.
  if (!incident.assignee.empty() && incident.assignee == incident.acknowledged_by)
    notice.with("who", incident.assignee);
  if (!incident.assignee.empty() && incident.assignee != incident.acknowledged_by)
    notice.with("assigned", incident.assignee);
  if (incident.response.met_at) notice.with("at", *incident.response.met_at);
  if (incident.recovery.met_at) notice.with("recovered_at", *incident.recovery.met_at);
  if (incident.merged_into) notice.with("main", incident.merged_into);
  if (auto const by = deadline(incident.response, pauses_of(incident))) {
    notice.with("by", *by);
    if (!incident.response.met_at && *by <= now) notice.with("missed", *by);
  }
  if (auto const by = deadline(incident.recovery, pauses_of(incident))) notice.with("recover_by", *by);
  if (paused_at(pauses_of(incident), now)) notice.with("paused", incident.pauses.back().from);
  return notice;
}

/// The latest page of each person, in the order in which people were first paged, then the steps to come.
std::vector<Notice> chain(Incident const& incident, std::vector<store::Page> const& pages, Roster const& roster,
                          Instant now) {
  std::vector<store::Page const*> latest;
  for (auto const& page : pages) {
    if (page.arming != incident.arming) continue;
    auto const found =
        std::find_if(latest.begin(), latest.end(), [&](auto const* each) { return each->person == page.person; });
    if (found == latest.end()) {
      latest.push_back(&page);
    } else {
      *found = &page;
    }
  }
  std::vector<Notice> items;
  for (auto const* page : latest) {
    Notice item("card.paged_" + std::string(name_of(page->state)));
    item.with("who", page->person).with("at", page->ended_at.value_or(page->created));
    for (auto const& delivery : page->deliveries) {
      if (delivery.state == DeliveryState::accepted || delivery.state == DeliveryState::sending ||
          (delivery.state == DeliveryState::waiting && delivery.tries > 0)) {
        item.with("channel", std::vector{Notice("channel." + delivery.channel)});
        break;
      }
    }
    items.push_back(std::move(item));
  }
  for (auto const& step : coming_steps(incident, roster, now)) {
    std::vector<Notice> names;
    for (auto const& person : step.people) names.push_back(Notice("person").with("who", person));
    items.push_back(Notice("card.coming").with("at", step.at).with("people", std::move(names)));
  }
  return items;
}

}  // namespace

Buttons incident_buttons(Incident const& incident) {
  auto const number = " INC-" + std::to_string(incident.id.value);
  Buttons buttons;
  auto const add = [&](Button::Style style, std::string key, std::string command) {
    buttons.buttons.push_back({style, Notice("button." + std::move(key)), "/" + std::move(command) + number});
  };
  switch (incident.status) {
    case Status::open:
      add(Button::Style::primary, "ack", "incident ack");
      add(Button::Style::plain, "unsure", "unsure");
      // Of the machine: what was found goes into the incident's timeline all the same.
      buttons.buttons.push_back({Button::Style::plain, Notice("button.diagnose"), "/diag"});
      add(Button::Style::plain, "sev", "incident sev");
      break;
    case Status::acknowledged:
      add(Button::Style::primary, "mitigate", "incident mitigate");
      add(Button::Style::plain, "unsure", "unsure");
      add(Button::Style::plain, "resolve", "incident resolve");
      add(Button::Style::plain, "escalate", "escalate");
      break;
    case Status::mitigated:
      add(Button::Style::primary, "resolve", "incident resolve");
      add(Button::Style::plain, "reopen", "incident reopen");
      break;
    case Status::resolved:
      add(Button::Style::primary, "postmortem", "postmortem");
      add(Button::Style::plain, "close", "incident close");
      add(Button::Style::plain, "reopen", "incident reopen");
      break;
    case Status::closed:
      break;
  }
  return buttons;
}

Message incident_card(Incident const& incident, std::vector<store::Page> const& pages, Roster const& roster,
                      Instant now) {
  Message card(head(incident, now));
  auto detail = Notice("card.detail").with("at", incident.opened_at);
  if (!incident.opened_by.empty()) detail.with("who", incident.opened_by);
  if (auto const by = deadline(incident.recovery, pauses_of(incident)); by && is_live(incident))
    detail.with("recover_by", *by);
  if (auto const items = chain(incident, pages, roster, now); !items.empty()) detail.with("chain", items);
  if (incident.update_due) detail.with("update_due", *incident.update_due);
  if (incident.open_reviews > 0) detail.with("reviews", std::int64_t{incident.open_reviews});
  if (incident.drill) detail.with("speed", std::int64_t{incident.drill_speed});
  card.say(std::move(detail));
  auto buttons = incident_buttons(incident);
  if (!buttons.buttons.empty()) card.blocks.emplace_back(std::move(buttons));
  return card;
}

bool says_what_the_card_says(Message const& message) {
  auto const* said = message.blocks.empty() ? nullptr : std::get_if<Say>(&message.blocks.front());
  return said != nullptr && said->notice.key == "incident.opened";
}

std::string card_key(IncidentId id) { return "card:INC-" + std::to_string(id.value); }

Notice clock_words(TargetClock const& clock, Pauses pauses, Instant now) {
  auto const state = state_at(clock, pauses, now);
  Notice notice("clock." + std::string(name_of(state)));
  notice.with("elapsed", elapsed(clock, pauses, now)).with("limit", clock.target);
  if (auto const by = deadline(clock, pauses)) notice.with("by", *by);
  if (state == ClockState::lapsed && clock.met_at) notice.with("met_at", *clock.met_at);
  return notice;
}

}  // namespace tocsin
