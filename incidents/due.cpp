#include "incidents/due.hpp"

#include <algorithm>
#include <iterator>

#include "incidents/advance.hpp"
#include "incidents/decision.hpp"
#include "incidents/store/attempt.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {
namespace {

std::vector<PersonId> already_paged(std::vector<store::Page> const& pages, Incident const& incident) {
  std::vector<PersonId> people;
  for (auto const& page : pages) {
    if (page.arming == incident.arming) deciding::add_unique(people, page.person);
  }
  return people;
}

/// The person to call when `page` could not be delivered: the first one up the chain who has not been called yet.
std::optional<PersonId> next_person(Desk const& desk, Incident const& incident, std::vector<PersonId> const& paged) {
  auto const untouched = [&paged](PersonId const& person) {
    return std::find(paged.begin(), paged.end(), person) == paged.end();
  };
  DeskRoster const roster(desk);
  for (auto const& step : coming_steps(incident, roster, desk.now)) {
    for (auto const& person : step.people) {
      if (untouched(person)) return person;
    }
  }
  for (auto const& person : roster.backups()) {
    if (untouched(person)) return person;
  }
  return std::nullopt;
}

/// Loud: the timeline and the room learn that somebody can't be reached, and the next person is called.
void hand_over(Desk const& desk, store::Page& page) {
  page.handed_over = true;
  auto const incident = store::load_incident(desk.database, page.incident);
  if (!incident || !is_live(*incident)) return;
  auto const paged = already_paged(store::pages_of(desk.database, page.incident), *incident);
  auto const next = incident->drill && !incident->drill_everyone ? std::nullopt : next_person(desk, *incident, paged);
  Decision decision;
  decision.next = *incident;
  std::string detail;
  for (auto const& each : page.deliveries) {
    if (!each.detail.empty()) detail = each.channel + ": " + each.detail;
  }
  auto entry = Notice("timeline.unreachable").with("who", page.person).with("detail", detail);
  auto said = deciding::about("page.unreachable", *incident).with("who", page.person).with("detail", detail);
  if (next) {
    entry.with("next", *next);
    said.with("next", *next);
    auto text = deciding::about("page.instead", *incident).with("who", *next).with("instead_of", page.person);
    if (auto const by = deadline(incident->recovery, pauses_of(*incident))) text.with("recover_by", *by);
    decision.outgoing.emplace_back(
        PageOrder{kStepManual, store::manual_pages(desk.database, *incident), *next, std::move(text), desk.now, false});
  }
  decision.timeline.push_back({EntryKind::delivery, {}, desk.now, desk.now, std::move(entry), 0, 0});
  decision.outgoing.emplace_back(Announcement{std::move(said)});
  store_decision(desk, decision);
}

void save(Desk const& desk, store::Page& page) {
  if (page.ended_at) {
    // Superseded or acknowledged meanwhile: the delivery's own fate is kept, nothing more is due.
    for (auto& each : page.deliveries) each.next_due.reset();
    return store::update_page(desk.database, page, std::nullopt);
  }
  page.state = state_of(page.deliveries);
  if (page.state == PageState::accepted || page.state == PageState::failed) page.ended_at = desk.now;
  store::update_page(desk.database, page, page_due(page.deliveries, page.first_tried, page.handed_over));
}

}  // namespace

std::size_t advance_due(Desk const& desk, std::size_t limit, Damaged* damaged) {
  auto const due = store::due_incidents(desk.database, desk.now, limit);
  store::attempt_each(
      desk.database, due.size(), [&](std::size_t i) { advance_at(desk, due[i]); }, [] {},
      [&](std::size_t i, std::string const& failure) {
        store::put_off_incident(desk.database, due[i], desk.now + kPutOff);
        if (damaged != nullptr) damaged->emplace_back("INC-" + std::to_string(due[i].value), failure);
      });
  return due.size();
}

std::optional<Instant> earliest_due(Database& database) {
  return earlier(store::earliest_incident_due(database), store::earliest_page_due(database));
}

namespace {

bool is_urgent(Desk const& desk, store::Page const& page) {
  // A request for consent is as urgent as a P0, whatever it belongs to.
  if (page.step == kStepApproval || page.step == kStepStore || page.step == kStepPlatform) return true;
  return page.incident && store::is_urgent(desk.database, page.incident);
}

void take_page(Desk const& desk, PageId id, std::vector<PageJob>& jobs) {
  auto page = store::load_page(desk.database, id);
  if (!page) return;
  if (!page->handed_over && given_up(page->deliveries, page->first_tried, desk.now)) hand_over(desk, *page);
  for (std::size_t i = 0; i < page->deliveries.size(); ++i) {
    auto& delivery = page->deliveries[i];
    if (delivery.state != DeliveryState::waiting || !delivery.next_due || *delivery.next_due > desk.now) continue;
    delivery.state = DeliveryState::sending;
    delivery.next_due.reset();
    ++delivery.tries;
    if (!page->first_tried) page->first_tried = desk.now;
    jobs.push_back({page->id, i, page->incident, page->person, delivery.channel, delivery.contact, page->text,
                    page->due, page->created, delivery.tries, delivery.may_repeat,
                    page->incident && store::is_drill(desk.database, page->incident), is_urgent(desk, *page)});
  }
  save(desk, *page);
}

}  // namespace

std::vector<PageJob> take_pages(Desk const& desk, std::size_t limit, Damaged* damaged) {
  std::vector<PageJob> jobs;
  auto const due = store::due_pages(desk.database, desk.now, limit);
  store::attempt_each(
      desk.database, due.size(),
      [&](std::size_t i) {
        std::vector<PageJob> of_page;
        take_page(desk, due[i], of_page);
        std::move(of_page.begin(), of_page.end(), std::back_inserter(jobs));
      },
      [&] { jobs.clear(); },
      [&](std::size_t i, std::string const& failure) {
        store::put_off_page(desk.database, due[i], desk.now + kPutOff);
        if (damaged != nullptr) damaged->emplace_back("page " + std::to_string(due[i].value), failure);
      });
  return jobs;
}

void report_page(Desk const& desk, PageId id, std::size_t position, Outcome const& outcome, double jitter) {
  auto page = store::load_page(desk.database, id);
  if (!page || position >= page->deliveries.size()) return;
  if (page->deliveries[position].state != DeliveryState::sending) return;
  apply_outcome(page->deliveries, position, outcome, jitter, desk.now);
  auto const& delivery = page->deliveries[position];
  bool const ended_now = delivery.state == DeliveryState::accepted || delivery.state == DeliveryState::failed;
  bool const superseded = page->ended_at.has_value();
  if (superseded && delivery.state == DeliveryState::waiting) page->deliveries[position].state = DeliveryState::skipped;
  if (!superseded && !page->handed_over && given_up(page->deliveries, page->first_tried, desk.now))
    hand_over(desk, *page);
  save(desk, *page);
  // It may have been decided, or have ended, while it was on its way.
  auto const* code = page->step == kStepApproval ? page->text.text("code") : nullptr;
  if (ended_now && code != nullptr) settle_request(desk, page->incident, *code, desk.now);
  if (!ended_now || !page->incident) return;
  if (auto const room = store::room_of(desk.database, page->incident)) request_card(desk, page->incident, *room);
  store::append_timeline(
      desk.database, page->incident,
      {{EntryKind::delivery,
        {},
        desk.now,
        desk.now,
        Notice(delivery.state == DeliveryState::accepted ? "timeline.delivered" : "timeline.not_delivered")
            .with("who", page->person)
            .with("channel", std::vector{Notice("channel." + delivery.channel)})
            .with("detail", delivery.detail),
        0,
        0}});
}

std::size_t recover_pages(Desk const& desk) {
  auto const flying = store::pages_in_flight(desk.database);
  for (auto const id : flying) {
    auto page = store::load_page(desk.database, id);
    if (!page) continue;
    for (auto& delivery : page->deliveries) {
      if (page->ended_at && delivery.state == DeliveryState::sending) {
        delivery.state = DeliveryState::skipped;
      } else {
        apply_lost_outcome(delivery, desk.now);
      }
    }
    save(desk, *page);
  }
  return flying.size();
}

}  // namespace tocsin
