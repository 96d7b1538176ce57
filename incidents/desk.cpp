#include "incidents/desk.hpp"

#include <algorithm>
#include <iterator>

#include "incidents/advance.hpp"
#include "incidents/approval.hpp"
#include "incidents/decision.hpp"
#include "incidents/drill.hpp"
#include "incidents/page.hpp"
#include "incidents/store/duty.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {
namespace {

void put_in_outbox(Desk const& desk, Incident const& incident, Room const& room, PersonId const& person,
                   Notice const& what) {
  store::put_outbox(desk.database, {{}, desk.now, incident.id, room, person, what, desk.now, 0});
}

void send_stand_down(Desk const& desk, Incident const& incident, StandDown const& order) {
  // First, so that what is still on its way to them ends as acknowledged and not as superseded.
  if (!order.except.empty()) store::acknowledge_pages(desk.database, incident.id, order.except, desk.now);
  for (auto const& person : store::stand_down(desk.database, incident, desk.now)) {
    if (person != order.except) put_in_outbox(desk, incident, {}, person, order.text);
  }
}

Circumstances circumstances(Desk const& desk, PersonId const& by) { return {by, desk.now}; }

Notice not_found(IncidentId id) { return Notice("refused.no_such_incident").with("incident", id); }

/// What a decision makes others hear: pages, announcements, whispers.
void send(Desk const& desk, Incident const& incident, std::vector<Outgoing> const& outgoing) {
  for (auto const& each : outgoing) {
    if (auto const* page = std::get_if<PageOrder>(&each)) {
      order_page(desk, incident, *page);
    } else if (auto const* announcement = std::get_if<Announcement>(&each)) {
      put_in_outbox(desk, incident, incident.room, {}, announcement->text);
    } else if (auto const* whisper = std::get_if<Whisper>(&each)) {
      put_in_outbox(desk, incident, {}, whisper->person, whisper->text);
    } else if (auto const* over = std::get_if<StandDown>(&each)) {
      send_stand_down(desk, incident, *over);
    }
  }
}

/// Has time changed what only time changes?
bool only_fired(Incident const& before, Incident const& next) {
  auto expected = before;
  expected.fired = next.fired;
  expected.idle_paged_at = next.idle_paged_at;
  expected.update_due = next.update_due;
  return expected == next;
}

/// Stores what fired by itself since `before`, which is what is stored.
void store_fired(Desk const& desk, Incident const& before, Decision const& fired) {
  if (!only_fired(before, fired.next)) return store_decision(desk, fired);
  store::update_fired(desk.database, fired.next);
  store::append_timeline(desk.database, fired.next.id, fired.timeline);
  send(desk, fired.next, fired.outgoing);
  request_card(desk, fired.next.id, fired.next.room);
}

/// The incident as time has left it at desk.now; what fired is stored.
std::optional<Incident> load_current(Desk const& desk, IncidentId id) {
  auto incident = store::load_incident(desk.database, id);
  if (!incident) return std::nullopt;
  if (auto fired = advance(*incident, DeskRoster(desk), desk.now)) {
    store_fired(desk, *incident, *fired);
    return std::move(fired->next);
  }
  return incident;
}

/// A step of the incident's course that can't be taken back itself; an undo must not reach behind it.
bool changes_course(Incident const& before, Incident const& next) {
  return before.status != next.status || before.round != next.round || before.pauses != next.pauses;
}

}  // namespace

std::vector<PersonId> DeskRoster::holders(Recipient const& recipient, Instant at) const {
  if (recipient.kind == Recipient::Kind::person) return {{recipient.name}};
  if (recipient.name == "duty") {
    auto const shift = on_duty_at(at);
    return shift ? std::vector{shift->person} : std::vector<PersonId>{};
  }
  auto const found = desk_.directory.roles.find(recipient.name);
  return found == desk_.directory.roles.end() ? std::vector<PersonId>{} : found->second;
}

std::optional<Shift> DeskRoster::on_duty_at(Instant at) const {
  return on_duty(desk_.directory.duty, store::overrides_between(desk_.database, at, at + Millis{1}), at);
}

void order_page(Desk const& desk, Incident const& incident, PageOrder const& order) {
  auto channels = desk.directory.channels ? desk.directory.channels(order.person, incident.severity, desk.now)
                                          : std::vector<std::pair<std::string, std::string>>{};
  if (channels.empty()) channels.emplace_back("inbox", order.person.value);
  auto const deliveries = plan_deliveries(channels, desk.now);
  static_cast<void>(store::insert_page(desk.database, incident, order, deliveries,
                                       page_due(deliveries, std::nullopt, false), desk.now));
}

Decided<Done> open_at(Desk const& desk, OpenRequest const& request, PersonId const& by) {
  auto decision = open_incident(request, desk.directory.promises, circumstances(desk, by));
  if (decision.has_error()) return std::move(decision).error();
  auto& incident = decision->next;
  // Its number is known before it is stored: what fires at the opening is stored with it, in one writing.
  incident.id = store::next_incident(desk.database);
  auto answer = deciding::about(incident.drill ? "drill.started" : "incident.opened", incident).with("who", by);
  if (incident.drill) {
    answer.with("speed", std::int64_t{incident.drill_speed});
    if (incident.drill_everyone) {
      answer.with("everyone", std::int64_t{1});
    } else {
      std::vector<Notice> names;
      for (auto const& person : drill_people(incident)) names.push_back(Notice("person").with("who", person));
      answer.with("people", std::move(names));
    }
  }
  if (auto const at = deadline(incident.response, {})) answer.with("by", *at);
  if (auto const at = deadline(incident.recovery, {})) answer.with("recover_by", *at);
  auto fired = advance(incident, DeskRoster(desk), desk.now);
  if (fired) {
    incident = std::move(fired->next);
    std::move(fired->timeline.begin(), fired->timeline.end(), std::back_inserter(decision->timeline));
  }
  store::insert_incident(desk.database, incident);
  store::begin_timeline(desk.database, incident.id, decision->timeline);
  put_in_outbox(desk, incident, incident.room, {}, answer);
  if (fired) {
    send(desk, incident, fired->outgoing);
    // Nobody can have asked for its card before.
    if (!incident.room.platform.empty()) put_in_outbox(desk, incident, incident.room, {}, Notice(kCardKey));
  }
  return Done{std::move(incident), std::move(answer), true};
}

Decided<Done> decide_at(Desk const& desk, IncidentId id, PersonId const& by, Decide const& decide) {
  auto before = load_current(desk, id);
  if (!before || !may_see(*before, by)) return not_found(id);
  auto decision = decide(*before, circumstances(desk, by), DeskRoster(desk));
  if (decision.has_error()) return std::move(decision).error();
  if (decision->undoable) {
    store::keep_undo(desk.database, *before, by, desk.now);
  } else if (changes_course(*before, decision->next)) {
    store::drop_undo(desk.database, id);
  }
  store_decision(desk, *decision);
  // A new severity may have steps that are past already: they go out with the change, not a scheduler's turn later.
  if (auto fired = advance(decision->next, DeskRoster(desk), desk.now)) {
    store_fired(desk, decision->next, *fired);
    decision->next = std::move(fired->next);
  }
  bool const announced = std::any_of(decision->outgoing.begin(), decision->outgoing.end(), [&](Outgoing const& each) {
    auto const* said = std::get_if<Announcement>(&each);
    return said != nullptr && said->text == decision->answer;
  });
  return Done{std::move(decision->next), std::move(decision->answer), announced};
}

Decided<Done> undo_at(Desk const& desk, IncidentId id, PersonId const& by) {
  auto const point = store::undo_of(desk.database, id);
  bool stood_down = false;
  auto done = decide_at(desk, id, by, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    if (!point) return Decided<Decision>(deciding::refusal("nothing_to_undo", incident));
    auto const& previous = point->state;
    stood_down = incident.status != previous.status && (!previous.response.met_at || !is_live(incident));
    return undo(incident, previous, point->made_by, point->made_at, now);
  });
  if (!done) return done;
  store::drop_undo(desk.database, id);
  if (!stood_down) return done;
  // Whom the withdrawn decision told to stay in bed must hear that it is withdrawn, and what it stopped goes on.
  store::revive_pages(desk.database, id, point->made_at, desk.now);
  for (auto const& person : store::paged_people(desk.database, done->incident)) {
    if (person != by) put_in_outbox(desk, done->incident, {}, person, done->answer);
  }
  return done;
}

Decided<Done> merge_at(Desk const& desk, IncidentId id, IncidentId main, PersonId const& by) {
  auto const target = load_current(desk, main);
  if (!target || !may_see(*target, by)) return not_found(main);
  auto done = decide_at(desk, id, by, [&](Incident const& incident, Circumstances const& now, Roster const&) {
    return merge_into(incident, *target, now);
  });
  if (done) {
    store::append_timeline(
        desk.database, main,
        {{EntryKind::merged, by, desk.now, desk.now,
          Notice("timeline.merged_here").with("other", id).with("title", done->incident.title), 0, 0}});
  }
  return done;
}

void settle_request(Desk const& desk, IncidentId incident, std::string const& code, Instant due) {
  // A row for each instant: one that waits for the end of a request says nothing about now.
  store::put_outbox(desk.database, {{}, desk.now, incident, {}, {}, Notice(kSettleKey).with("code", code), due, 0});
}

void request_card(Desk const& desk, IncidentId incident, Room const& room) {
  if (room.platform.empty()) return;
  store::put_outbox_once(desk.database, {{}, desk.now, incident, room, {}, Notice(kCardKey), desk.now, 0});
}

void store_decision(Desk const& desk, Decision const& decision) {
  auto const& incident = decision.next;
  store::update_incident(desk.database, incident);
  store::append_timeline(desk.database, incident.id, decision.timeline);
  send(desk, incident, decision.outgoing);
  request_card(desk, incident.id, incident.room);
}

bool advance_at(Desk const& desk, IncidentId id) {
  auto const incident = store::load_incident(desk.database, id);
  if (!incident) return false;
  auto const fired = advance(*incident, DeskRoster(desk), desk.now);
  if (!fired) return false;
  store_fired(desk, *incident, *fired);
  return true;
}

}  // namespace tocsin
