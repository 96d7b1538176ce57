#include "incidents/store/gauges.hpp"

#include "incidents/store/audit.hpp"

namespace tocsin::store {
namespace {

/// `sql` answers with how many there are, how many are overdue, and the earliest instant of all, each by an index
/// alone.
Turns turns(Database& database, std::string_view sql, Instant now) {
  Turns found;
  database.each(sql, {value_of(now)}, [&found](Row const& row) {
    found.waiting = row.integer(0);
    found.overdue = row.integer(1);
    if (found.overdue > 0) found.oldest = row.maybe_instant(2);
  });
  return found;
}

/// In the order of the index, so that nothing is sorted and no row read.
void count_incidents(Database& database, Gauges& found) {
  static_assert(kOpenStatuses == 3);
  database.each(
      "SELECT drill > 0, severity, sum(status = 0), sum(status = 1), sum(status = 2) FROM incidents WHERE status < 3 "
      "GROUP BY 1, 2",
      {}, [&found](Row const& row) {
        for (int status = 0; status < 3; ++status) {
          auto const count = row.integer(2 + status);
          if (row.integer(0) != 0) {
            found.drills += count;
          } else {
            // The table's own checks keep both within their ranges.
            auto const severity = static_cast<std::size_t>(row.integer(1));
            found.incidents.at(severity).at(static_cast<std::size_t>(status)) = count;
          }
        }
      });
}

}  // namespace

Gauges gauges(Database& database, Instant now) {
  Gauges found;
  count_incidents(database, found);
  found.clocks = turns(database,
                       "SELECT (SELECT count(*) FROM incidents WHERE next_due IS NOT NULL), "
                       "(SELECT count(*) FROM incidents WHERE next_due <= ?1), "
                       "(SELECT min(next_due) FROM incidents WHERE next_due IS NOT NULL)",
                       now);
  found.pages = turns(database,
                      "SELECT (SELECT count(*) FROM pages WHERE next_due IS NOT NULL), "
                      "(SELECT count(*) FROM pages WHERE next_due <= ?1), "
                      "(SELECT min(next_due) FROM pages WHERE next_due IS NOT NULL)",
                      now);
  found.outbox = turns(database,
                       "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM outbox WHERE due <= ?1), "
                       "(SELECT min(due) FROM outbox)",
                       now);
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
