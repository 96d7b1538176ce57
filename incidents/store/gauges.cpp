#include "incidents/store/gauges.hpp"

#include "incidents/store/audit.hpp"

namespace tocsin::store {
namespace {

/// `sql` answers with how many there are, how many are overdue, and the earliest instant of all.
Turns turns(Database& database, std::string_view sql, Instant now) {
  Turns found;
  database.each(sql, {value_of(now)}, [&found](Row const& row) {
    found.waiting = row.integer(0);
    found.overdue = row.integer(1);
    if (found.overdue > 0) found.oldest = row.maybe_instant(2);
  });
  return found;
}

void count_incidents(Database& database, Gauges& found) {
  database.each("SELECT severity, status, drill, count(*) FROM incidents WHERE status < 3 GROUP BY 1, 2, 3", {},
                [&found](Row const& row) {
                  if (row.integer(2) != 0) {
                    found.drills += row.integer(3);
                  } else {
                    // The table's own checks keep both within their ranges.
                    auto const severity = static_cast<std::size_t>(row.integer(0));
                    found.incidents.at(severity).at(static_cast<std::size_t>(row.integer(1))) = row.integer(3);
                  }
                });
}

}  // namespace

Gauges gauges(Database& database, Instant now) {
  Gauges found;
  count_incidents(database, found);
  found.clocks = turns(
      database,
      "SELECT count(*), coalesce(sum(CASE WHEN next_due <= ?1 THEN 1 ELSE 0 END), 0), min(next_due) FROM incidents "
      "WHERE next_due IS NOT NULL",
      now);
  found.pages =
      turns(database,
            "SELECT count(*), coalesce(sum(CASE WHEN next_due <= ?1 THEN 1 ELSE 0 END), 0), min(next_due) FROM pages "
            "WHERE next_due IS NOT NULL",
            now);
  found.outbox = turns(
      database, "SELECT count(*), coalesce(sum(CASE WHEN due <= ?1 THEN 1 ELSE 0 END), 0), min(due) FROM outbox", now);
  found.in_flight = database.number("SELECT count(*) FROM deliveries WHERE state = 1").value_or(0);
  found.approvals = database
                        .number(
                            "SELECT count(*) FROM approvals WHERE state IN ('waiting', 'confirmed', 'approved', "
                            "'broken') AND expires_at > ?1",
                            {value_of(now)})
                        .value_or(0);
  found.reviews = database.number("SELECT count(*) FROM reviews WHERE reviewed_at IS NULL").value_or(0);
  // Numbered from 1 without gaps.
  found.audit_rows = audit_head(database).sequence;
  return found;
}

}  // namespace tocsin::store
