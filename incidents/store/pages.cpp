#include "incidents/store/pages.hpp"

#include <stdexcept>

namespace tocsin::store {
namespace {

constexpr std::string_view kByIncident =
    "SELECT id, incident, arming, step, occurrence, person, what, due, created, state, ended_at, handed_over, "
    "first_tried FROM pages "
    "WHERE incident = ?1 ORDER BY id";
constexpr std::string_view kById =
    "SELECT id, incident, arming, step, occurrence, person, what, due, created, state, ended_at, handed_over, "
    "first_tried FROM pages "
    "WHERE id = ?1";
constexpr std::string_view kByPerson =
    "SELECT id, incident, arming, step, occurrence, person, what, due, created, state, ended_at, handed_over, "
    "first_tried FROM pages "
    "WHERE person = ?1 ORDER BY id DESC LIMIT ?2";
constexpr std::string_view kRequests =
    "SELECT id, incident, arming, step, occurrence, person, what, due, created, state, ended_at, handed_over, "
    "first_tried FROM pages "
    "WHERE incident = ?1 AND step = ?2 ORDER BY id DESC LIMIT 100";

std::vector<Page> load_pages(Database& database, std::string_view sql, std::initializer_list<Value> parameters) {
  std::vector<Page> pages;
  database.each(sql, parameters, [&pages](Row const& row) {
    Page page;
    page.id = {row.integer(0)};
    page.incident = {row.integer(1)};
    page.arming = static_cast<std::int32_t>(row.integer(2));
    page.step = static_cast<std::int32_t>(row.integer(3));
    page.occurrence = static_cast<std::int32_t>(row.integer(4));
    page.person = {row.string(5)};
    auto text = decode_notice(row.text(6));
    page.text = text ? std::move(*text) : Notice("page.damaged");
    page.due = row.instant(7);
    page.created = row.instant(8);
    page.state = static_cast<PageState>(row.integer(9));
    page.ended_at = row.maybe_instant(10);
    page.handed_over = row.integer(11) != 0;
    page.first_tried = row.maybe_instant(12);
    pages.push_back(std::move(page));
  });
  for (auto& page : pages) {
    database.each(
        "SELECT channel, contact, state, tries, next_due, may_repeat, detail FROM deliveries WHERE page = ?1 "
        "ORDER BY position",
        {page.id.value}, [&page](Row const& row) {
          page.deliveries.push_back({row.string(0), row.string(1), static_cast<DeliveryState>(row.integer(2)),
                                     static_cast<std::int32_t>(row.integer(3)), row.maybe_instant(4),
                                     row.integer(5) != 0, row.string(6)});
        });
    page.stored = page.deliveries;
  }
  return pages;
}

std::optional<Page> first_of(std::vector<Page> pages) {
  if (pages.empty()) return std::nullopt;
  return std::move(pages.front());
}

}  // namespace

std::optional<PageId> insert_page(Database& database, Incident const& incident, PageOrder const& order,
                                  Deliveries const& deliveries, std::optional<Instant> next_due, Instant now) {
  auto const state = order.folded ? PageState::superseded : PageState::queued;
  if (order.folded) next_due.reset();
  // The next number, and not what the statement returns: that would be kept aside in a table of its own each time.
  PageId const id{database.number("SELECT max(id) FROM pages").value_or(0) + 1};
  auto const inserted = database.run(
      "INSERT INTO pages (incident, arming, step, occurrence, person, what, due, created, state, ended_at, "
      "next_due, handed_over, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12) "
      "ON CONFLICT (incident, arming, step, occurrence, person) DO NOTHING",
      {incident.id.value, std::int64_t{incident.arming}, std::int64_t{order.step}, std::int64_t{order.occurrence},
       order.person.value, encode(order.text), value_of(order.due), value_of(now), static_cast<std::int64_t>(state),
       order.folded ? value_of(now) : Value{nullptr}, value_of(next_due), id.value});
  if (inserted == 0) return std::nullopt;
  if (order.folded) return id;
  std::int64_t position = 0;
  for (auto const& each : deliveries) {
    database.run(
        "INSERT INTO deliveries (page, position, channel, contact, state, tries, next_due, may_repeat, detail) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, '')",
        {id.value, position++, each.channel, each.contact, static_cast<std::int64_t>(each.state),
         value_of(each.next_due)});
  }
  return id;
}

std::optional<Page> load_page(Database& database, PageId id) {
  return first_of(load_pages(database, kById, {id.value}));
}

std::vector<Page> pages_of(Database& database, IncidentId incident) {
  return load_pages(database, kByIncident, {incident.value});
}

std::vector<Page> request_pages(Database& database, IncidentId incident) {
  return load_pages(database, kRequests, {incident.value, std::int64_t{kStepApproval}});
}

std::vector<Page> pages_for(Database& database, PersonId const& person, std::size_t limit) {
  return load_pages(database, kByPerson, {person.value, static_cast<std::int64_t>(limit)});
}

std::vector<PageId> due_pages(Database& database, Instant now, std::size_t limit) {
  std::vector<PageId> due;
  database.each("SELECT id FROM pages WHERE next_due <= ?1 ORDER BY next_due LIMIT ?2",
                {value_of(now), static_cast<std::int64_t>(limit)},
                [&due](Row const& row) { due.push_back({row.integer(0)}); });
  return due;
}

std::optional<Instant> earliest_page_due(Database& database) {
  auto const at = database.number("SELECT min(next_due) FROM pages WHERE next_due IS NOT NULL");
  if (!at) return std::nullopt;
  return from_millis(*at);
}

std::vector<PageId> pages_in_flight(Database& database) {
  std::vector<PageId> pages;
  // The state stands in the text, as in the index that makes this quick.
  static_assert(static_cast<int>(DeliveryState::sending) == 1);
  database.each("SELECT DISTINCT page FROM deliveries WHERE state = 1", {},
                [&pages](Row const& row) { pages.push_back({row.integer(0)}); });
  return pages;
}

void skip_page_numbers(Database& database, std::int64_t number, Instant now) {
  // A row holds the place: to nobody, about nothing, over before it began.
  database.run(
      "INSERT INTO pages (id, incident, arming, step, occurrence, person, what, due, created, state, ended_at, "
      "handed_over) VALUES (?1, 0, 0, -1, 0, '', ?2, ?3, ?3, ?4, ?3, 0) ON CONFLICT DO NOTHING",
      {number, encode(Notice("page.damaged")), value_of(now), static_cast<std::int64_t>(PageState::superseded)});
}

void put_off_page(Database& database, PageId id, Instant until) {
  database.run("UPDATE pages SET next_due = ?2 WHERE id = ?1", {id.value, value_of(until)});
}

void mark_due_deliveries(Database& database, Instant now) {
  database.run("UPDATE deliveries SET may_repeat = 1 WHERE state = ?1 AND next_due <= ?2",
               {static_cast<std::int64_t>(DeliveryState::waiting), value_of(now)});
}

void update_page(Database& database, Page const& page, std::optional<Instant> next_due) {
  database.run(
      "UPDATE pages SET state = ?2, ended_at = ?3, next_due = ?4, handed_over = ?5, first_tried = ?6 WHERE id = ?1",
      {page.id.value, static_cast<std::int64_t>(page.state), value_of(page.ended_at), value_of(next_due),
       static_cast<std::int64_t>(page.handed_over), value_of(page.first_tried)});
  for (std::size_t i = 0; i < page.deliveries.size(); ++i) {
    auto const& each = page.deliveries[i];
    if (i < page.stored.size() && each == page.stored[i]) continue;
    database.run(
        "UPDATE deliveries SET state = ?3, tries = ?4, next_due = ?5, may_repeat = ?6, detail = ?7 "
        "WHERE page = ?1 AND position = ?2",
        {page.id.value, static_cast<std::int64_t>(i), static_cast<std::int64_t>(each.state), std::int64_t{each.tries},
         value_of(each.next_due), static_cast<std::int64_t>(each.may_repeat), each.detail});
  }
}

std::vector<PersonId> paged_people(Database& database, Incident const& incident) {
  // By the start of the round and not by the arming: a change of severity arms anew in the middle of a round.
  std::vector<PersonId> paged;
  database.each("SELECT DISTINCT person FROM pages WHERE incident = ?1 AND created >= ?2 AND step < ?3 ORDER BY person",
                {incident.id.value, value_of(incident.response.started_at), std::int64_t{kStepApproval}},
                [&paged](Row const& row) { paged.push_back({row.string(0)}); });
  return paged;
}

std::vector<PersonId> stand_down(Database& database, Incident const& incident, Instant now) {
  // What is being sent this moment keeps its state: its carrier reports soon, and then finds nothing left to do.
  database.run(
      "UPDATE deliveries SET state = ?2, next_due = NULL WHERE state = ?3 AND page IN "
      "(SELECT id FROM pages WHERE incident = ?1 AND step < ?4)",
      {incident.id.value, static_cast<std::int64_t>(DeliveryState::skipped),
       static_cast<std::int64_t>(DeliveryState::waiting), std::int64_t{kStepApproval}});
  database.run(
      "UPDATE pages SET next_due = NULL, state = ?2, ended_at = ?3 WHERE incident = ?1 AND state < ?4 AND step < ?5",
      {incident.id.value, static_cast<std::int64_t>(PageState::superseded), value_of(now),
       static_cast<std::int64_t>(PageState::accepted), std::int64_t{kStepApproval}});
  return paged_people(database, incident);
}

void revive_pages(Database& database, IncidentId incident, Instant stopped_at, Instant now) {
  for (auto& page : pages_of(database, incident)) {
    // A page without deliveries was folded into another one and never had a way of its own.
    if (page.state != PageState::superseded || page.ended_at != stopped_at || page.deliveries.empty()) continue;
    auto const arrived = state_of(page.deliveries) == PageState::accepted;  // reported after it was stopped
    if (!arrived) {
      Instant turn = now;
      for (auto& delivery : page.deliveries) {
        if (delivery.state != DeliveryState::skipped) continue;
        delivery.state = DeliveryState::waiting;
        delivery.next_due = turn;
        turn += kHandOver;
      }
      page.ended_at.reset();
      page.first_tried.reset();  // the time for which it was not wanted does not count against its person
    }
    page.state = state_of(page.deliveries);
    update_page(database, page, next_due(page.deliveries));
  }
}

void acknowledge_pages(Database& database, IncidentId incident, PersonId const& person, Instant now) {
  database.run(
      "UPDATE pages SET state = ?3, ended_at = ?4, next_due = NULL WHERE incident = ?1 AND person = ?2 AND state < ?3 "
      "AND step < ?5",
      {incident.value, person.value, static_cast<std::int64_t>(PageState::acknowledged), value_of(now),
       std::int64_t{kStepApproval}});
}

std::int32_t manual_pages(Database& database, Incident const& incident) {
  return static_cast<std::int32_t>(
      database
          .number("SELECT count(*) FROM pages WHERE incident = ?1 AND arming = ?2 AND step = ?3",
                  {incident.id.value, std::int64_t{incident.arming}, std::int64_t{kStepManual}})
          .value_or(0));
}

void wait_on(Database& database, Millis back, Instant now) {
  database.run(
      "UPDATE deliveries SET next_due = max(?2, next_due - ?1) WHERE next_due > ?2 AND page IN "
      "(SELECT id FROM pages WHERE next_due IS NOT NULL)",
      {back.count(), value_of(now)});
  database.run("UPDATE pages SET next_due = max(?2, next_due - ?1), first_tried = first_tried - ?1 WHERE next_due > ?2",
               {back.count(), value_of(now)});
  database.run("UPDATE outbox SET due = max(?2, due - ?1) WHERE due > ?2", {back.count(), value_of(now)});
}

}  // namespace tocsin::store
