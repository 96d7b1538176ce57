// The rows of pages and of their deliveries.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "incidents/incident.hpp"
#include "incidents/page.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

struct Page {
  PageId id;
  IncidentId incident;
  std::int32_t arming = 1;
  std::int32_t step = 0;
  std::int32_t occurrence = 0;
  PersonId person;
  Notice text;
  Instant due{};
  Instant created{};
  PageState state = PageState::queued;
  std::optional<Instant> first_tried;
  std::optional<Instant> ended_at;
  bool handed_over = false;
  Deliveries deliveries;
  Deliveries stored;  ///< as the database has them: what has not changed is not written again
};

/// Nothing when a page with this identity exists already: it was made before, and is not made twice.
[[nodiscard]] std::optional<PageId> insert_page(Database& database, Incident const& incident, PageOrder const& order,
                                                Deliveries const& deliveries, std::optional<Instant> next_due,
                                                Instant now);

[[nodiscard]] std::optional<Page> load_page(Database& database, PageId id);
[[nodiscard]] std::vector<Page> pages_of(Database& database, IncidentId incident);
/// What was sent to ask for approvals about an incident (0: about none), the newest first, at most a hundred.
[[nodiscard]] std::vector<Page> request_pages(Database& database, IncidentId incident);
/// The newest first; what the page inbox of a person shows.
[[nodiscard]] std::vector<Page> pages_for(Database& database, PersonId const& person, std::size_t limit);
[[nodiscard]] std::vector<PageId> due_pages(Database& database, Instant now, std::size_t limit);
[[nodiscard]] std::optional<Instant> earliest_page_due(Database& database);
/// Those that were being sent when the last bot ended.
[[nodiscard]] std::vector<PageId> pages_in_flight(Database& database);

/// Numbers of pages go on from `number`, whatever numbers were given before: for a copy that may not know the last one.
/// A mail server folds a second mail of the same page away, so no number may be given twice.
void skip_page_numbers(Database& database, std::int64_t number, Instant now);
/// Not due before `until`; for a row that can't be read.
void put_off_page(Database& database, PageId id, Instant until);
/// Those due by `now` may have been sent already: when they are, they say that it may be a repeat.
void mark_due_deliveries(Database& database, Instant now);
/// Writes state, deliveries and the next instant; `ended_at` once the state is final.
void update_page(Database& database, Page const& page, std::optional<Instant> next_due);

/// Everybody whom this round of the incident has paged, each once; not those asked for an approval or a review.
[[nodiscard]] std::vector<PersonId> paged_people(Database& database, Incident const& incident);

/// Pages of the incident that are still on their way end as superseded, but requests for approvals and reviews, which
/// an answer to the incident does not settle. Returns paged_people.
[[nodiscard]] std::vector<PersonId> stand_down(Database& database, Incident const& incident, Instant now);

/// What `stand_down` stopped at `stopped_at` is wanted again: its channels take turns as for a new page.
void revive_pages(Database& database, IncidentId incident, Instant stopped_at, Instant now);

/// The person acknowledged: their pages of this incident say so, those still on their way too.
void acknowledge_pages(Database& database, IncidentId incident, PersonId const& person, Instant now);

/// How many pages by hand there are; the occurrence of the next one.
[[nodiscard]] std::int32_t manual_pages(Database& database, Incident const& incident);

/// The clock was set back by `back`: waits that were counted by what it said before would be longer by that. Tries,
/// hand-overs and leases come when they would have come; what is due by now is due at `now`. Targets of incidents are
/// instants and follow the clock.
void wait_on(Database& database, Millis back, Instant now);

}  // namespace tocsin::store
