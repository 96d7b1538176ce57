// What is due, in batches: incidents that time moves, pages that must go out. The scheduler and the page sender call
// these inside units of work; the carrying itself happens between `take_pages` and `report_page`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "incidents/desk.hpp"
#include "incidents/page.hpp"

namespace tocsin {

/// What could not be read or moved, with the reason. It is put off by kPutOff, so that it holds up nobody else.
using Damaged = std::vector<std::pair<std::string, std::string>>;
inline constexpr Millis kPutOff = std::chrono::minutes{10};

/// Lets time act on at most `limit` incidents that are due, earliest first. Returns how many fired.
std::size_t advance_due(Desk const& desk, std::size_t limit, Damaged* damaged = nullptr);

/// The earliest instant at which an incident or a page has something due.
[[nodiscard]] std::optional<Instant> earliest_due(Database& database);

/// One thing to carry. It is marked as being sent in the same unit of work that handed it out.
struct PageJob {
  PageId page;
  std::size_t position = 0;  ///< of the delivery
  IncidentId incident;
  PersonId person;
  std::string channel;
  std::string contact;
  Notice text;
  Instant due{};  ///< when it should have gone out
  Instant created{};
  std::int32_t tries = 0;  ///< this one included
  bool may_repeat = false;
  bool drill = false;
  bool urgent = false;  ///< of a P0 or P1 that is no drill, a request for consent, or about the bot itself
};

/// Hands out what is due, earliest first, and calls the next person for pages that nobody took.
[[nodiscard]] std::vector<PageJob> take_pages(Desk const& desk, std::size_t limit, Damaged* damaged = nullptr);

/// What came of a job. Late news about a page that is no longer wanted is kept and changes nothing else.
void report_page(Desk const& desk, PageId page, std::size_t position, Outcome const& outcome, double jitter);

/// After a restart: what was being sent is tried again and says that it may be a repeat. Returns how many.
std::size_t recover_pages(Desk const& desk);

}  // namespace tocsin
