#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "incidents/store/detail/mirror.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace tocsin::store {
namespace {

constexpr std::int64_t kKeptEnvelopes = 300;
/// The value of Status::resolved and of Severity::p2 in SQL; static_asserts would need the whole of an incident.
constexpr std::string_view kOpenAndSevere =
    "SELECT id FROM incidents WHERE status < 3 AND severity < 2 ORDER BY drill > 0, severity, id LIMIT ?1";

struct Part {
  std::string_view table;
  std::string_view condition;
  std::string_view fewer;  ///< instead of `condition` for the mirror; empty: the same
};

/// What belongs to one incident, `?1`.
constexpr std::array kOfIncident{
    Part{"incidents", "WHERE id = ?1", {}},
    Part{"pauses", "WHERE incident = ?1", {}},
    Part{"undo", "WHERE incident = ?1", {}},
    Part{"timeline", "WHERE incident = ?1 ORDER BY sequence DESC LIMIT 300",
         "WHERE incident = ?1 ORDER BY sequence DESC LIMIT 10"},
    Part{"todos", "WHERE incident = ?1", {}},
    Part{"reviews", "WHERE incident = ?1", {}},
};
constexpr std::array kPagesOfIncident{
    Part{"pages", "WHERE incident = ?1", {}},
    Part{"deliveries", "WHERE page IN (SELECT id FROM pages WHERE incident = ?1)", {}},
};

/// What belongs to no incident: for the mirror, which takes each table anew when it was touched.
constexpr std::array kWholeTables{
    Part{"approvals",
         "WHERE state IN ('waiting', 'confirmed', 'approved', 'broken') ORDER BY asked_at DESC LIMIT 100",
         {}},
    Part{"approvals", "ORDER BY CAST(substr(code, 2) AS INTEGER) DESC LIMIT 1", {}},
    Part{"runs", "WHERE ended_at IS NULL", {}},
    Part{"runs", "ORDER BY id DESC LIMIT 1", {}},
    Part{"outbox", "ORDER BY id DESC LIMIT 50", {}},
    Part{"audit", "ORDER BY sequence DESC LIMIT 1", {}},
    Part{"duty_overrides", "ORDER BY id DESC LIMIT 500", {}},
    Part{"facts", "ORDER BY name LIMIT 1000", {}},
    Part{"web_tokens", "ORDER BY expires DESC LIMIT 1000", {}},
};
constexpr std::string_view kAnyOther = "ORDER BY 1 DESC LIMIT 200";

/// The same for a lifeboat that can still read the database.
constexpr std::array kAlong{
    Part{"approvals", "ORDER BY asked_at DESC LIMIT 500", {}},
    Part{"approvals", "ORDER BY CAST(substr(code, 2) AS INTEGER) DESC LIMIT 1", {}},
    Part{"runs", "WHERE ended_at IS NULL", {}},
    Part{"runs", "ORDER BY id DESC LIMIT 30", {}},
    Part{"outbox", "ORDER BY id DESC LIMIT 5000", {}},
    Part{"audit", "ORDER BY sequence DESC LIMIT 200", {}},
    Part{"duty_overrides", "ORDER BY id DESC LIMIT 2000", {}},
    Part{"facts", "ORDER BY name LIMIT 5000", {}},
    Part{"web_tokens", "ORDER BY expires DESC LIMIT 5000", {}},
    Part{"inbox", "ORDER BY at DESC LIMIT 1000", {}},
    Part{"pages", "ORDER BY id DESC LIMIT 500", {}},
    Part{"pages", "WHERE next_due IS NOT NULL ORDER BY next_due LIMIT 1000", {}},
    Part{"deliveries", "WHERE page IN (SELECT id FROM pages ORDER BY id DESC LIMIT 500)", {}},
    Part{"deliveries",
         "WHERE page IN (SELECT id FROM pages WHERE next_due IS NOT NULL ORDER BY next_due LIMIT 1000)",
         {}},
    Part{"todos", "WHERE done_at IS NULL ORDER BY id DESC LIMIT 1000", {}},
    Part{"todos", "ORDER BY id DESC LIMIT 1", {}},
    Part{"reviews", "ORDER BY id DESC LIMIT 100", {}},
};
constexpr std::array<std::string_view, 2> kWhichIncidents{
    "WHERE status < 3 ORDER BY drill > 0, severity, id LIMIT 1000",
    "ORDER BY id DESC LIMIT 50",
};

/// Numbered tables whose rows belong to incidents: without the last row the next number would be given twice.
constexpr std::array<std::string_view, 4> kNumbered{"incidents", "pages", "todos", "reviews"};

bool has_rule(std::string_view table) {
  auto const names = [table](auto const& parts) {
    return std::any_of(parts.begin(), parts.end(), [table](Part const& part) { return part.table == table; });
  };
  return table == "migrations" || table == "inbox" || names(kOfIncident) || names(kPagesOfIncident) ||
         names(kWholeTables);
}

void remove(Database& database, Part const& part, std::int64_t parameter) {
  database.run("DELETE FROM " + identifier(part.table) + " " +
                   std::string(part.condition.substr(0, part.condition.find(" ORDER BY"))),
               {parameter});
}

/// Which row of the source the change is about, by one of its columns.
std::int64_t value_at(sqlite3* handle, int operation, int column) {
  sqlite3_value* value = nullptr;
  auto const code = operation == SQLITE_INSERT ? sqlite3_preupdate_new(handle, column, &value)
                                               : sqlite3_preupdate_old(handle, column, &value);
  return code == SQLITE_OK && value != nullptr ? sqlite3_value_int64(value) : 0;
}

std::vector<std::int64_t> numbers(Database& database, std::string_view sql, std::int64_t limit) {
  std::vector<std::int64_t> found;
  database.each(sql, {limit}, [&found](Row const& row) { found.push_back(row.integer(0)); });
  return found;
}

}  // namespace

Mirror::Mirror(Database& source, Database& copy) : source_(source), copy_(copy), copier_(source, copy) {
  auto const listen = [](void* self, sqlite3* handle, int operation, char const* database, char const* table,
                         sqlite3_int64 before,
                         sqlite3_int64 after) { changed(self, handle, operation, database, table, before, after); };
  sqlite3_preupdate_hook(handle_of(source_), listen, this);
}

Mirror::~Mirror() { sqlite3_preupdate_hook(handle_of(source_), nullptr, nullptr); }

void Mirror::changed(void* self, sqlite3* handle, int operation, char const*, char const* table, std::int64_t before,
                     std::int64_t after) {
  static_cast<Mirror*>(self)->note(handle, operation, table, operation == SQLITE_INSERT ? after : before);
}

void Mirror::note(sqlite3* handle, int operation, std::string_view table, std::int64_t key) {
  // Before the first refresh, which takes everything, there is nothing to note.
  if (!started_) return;
  // The row's own number where it has one that says what it belongs to, else the column that does. Most are about the
  // newest of all, or about the one before: both are found without a search.
  auto const add = [](std::set<std::int64_t>& noted, std::int64_t id) { noted.insert(noted.end(), id); };
  if (table == "incidents" || table == "undo") {
    add(incidents_, key);
  } else if (table == "pages") {
    add(pages_, key);
  } else if (table == "timeline" || table == "pauses") {
    add(incidents_, value_at(handle, operation, 0));
  } else if (table == "deliveries") {
    add(pages_, value_at(handle, operation, 0));
  } else if (table == "todos" || table == "reviews") {
    add(incidents_, value_at(handle, operation, 1));
  } else if (!tables_.contains(table)) {
    tables_.emplace(table);
  }
}

void Mirror::note_all() {
  for (auto const id : numbers(source_, kOpenAndSevere, static_cast<std::int64_t>(kMirroredIncidents)))
    incidents_.insert(id);
  for (auto const& table : tables_of(copy_)) {
    bool const own = table != "migrations" && (!has_rule(table) || table == "inbox" ||
                                               std::any_of(kWholeTables.begin(), kWholeTables.end(),
                                                           [&](Part const& part) { return part.table == table; }));
    if (own) tables_.insert(table);
  }
  started_ = true;
}

bool Mirror::refresh() {
  if (!started_) note_all();
  copy_.run("BEGIN", {});
  try {
    refresh_slice();
    copy_.run("COMMIT", {});
  } catch (...) {
    if (copy_.in_transaction()) copy_.script("ROLLBACK");
    throw;
  }
  return fresh();
}

void Mirror::refresh_slice() {
  highest_noted_ = highest_noted_ || !incidents_.empty() || !pages_.empty();
  std::size_t done = 0;
  while (!incidents_.empty() && done++ < kRefreshSlice)
    refresh_incident(incidents_.extract(incidents_.begin()).value());
  while (!pages_.empty() && done++ < kRefreshSlice) refresh_page(pages_.extract(pages_.begin()).value());
  if (std::exchange(highest_noted_, false)) refresh_highest();
  if (!incidents_.empty() || !pages_.empty()) return;
  for (auto const& table : tables_) refresh_table(table);
  tables_.clear();
}

bool Mirror::wanted(std::int64_t id) {
  if (!kept_.contains(id) && kept_.size() >= kMirroredIncidents) return false;
  return source_.number("SELECT count(*) FROM incidents WHERE id = ?1 AND status < 3 AND severity < 2", {id}) == 1;
}

void Mirror::refresh_incident(std::int64_t id) {
  bool const known = kept_.contains(id);
  bool const wanted = this->wanted(id);
  if (!known && !wanted) return;
  // Those of a table further down refer to those further up.
  if (known && !wanted) {
    for (auto part = kPagesOfIncident.rbegin(); part != kPagesOfIncident.rend(); ++part) remove(copy_, *part, id);
  }
  for (auto const& part : kOfIncident) {
    // A timeline only grows: what was copied before is still true.
    if (known && !(wanted && part.table == "timeline")) remove(copy_, part, id);
    if (wanted) copier_.copy(part.table, part.fewer.empty() ? part.condition : part.fewer, id);
  }
  if (!wanted) {
    kept_.erase(id);
  } else if (!known) {
    for (auto const& part : kPagesOfIncident) copier_.copy(part.table, part.condition, id);
    kept_.insert(id);
  }
}

void Mirror::refresh_page(std::int64_t id) {
  auto const incident = source_.number("SELECT incident FROM pages WHERE id = ?1", {id});
  // Requests that belong to no incident wake people too.
  if (incident && *incident != 0 && !kept_.contains(*incident)) return;
  copy_.run("DELETE FROM deliveries WHERE page = ?1", {id});
  copy_.run("DELETE FROM pages WHERE id = ?1", {id});
  copier_.copy("pages", "WHERE id = ?1", id);
  copier_.copy("deliveries", "WHERE page = ?1", id);
}

/// The last row of each numbered table; the one that was last before goes unless it is kept for its own sake.
void Mirror::refresh_highest() {
  for (auto const table : kNumbered) {
    auto const name = identifier(table);
    auto const before = copy_.number("SELECT max(id) FROM " + name);
    auto const now = source_.number("SELECT max(id) FROM " + name);
    if (before == now) continue;
    if (before) {
      auto const incident =
          table == "incidents" ? before : copy_.number("SELECT incident FROM " + name + " WHERE id = ?1", {*before});
      if (incident && !kept_.contains(*incident) && (table != "pages" || *incident != 0))
        copy_.run("DELETE FROM " + name + " WHERE id = ?1", {*before});
    }
    copier_.copy(table, "ORDER BY id DESC LIMIT 1");
  }
}

void Mirror::refresh_table(std::string const& table) {
  if (table == "inbox") {
    envelopes_ += copier_.copy("inbox", "WHERE at >= ?1 ORDER BY at DESC LIMIT 100", newest_envelope_);
    newest_envelope_ = copy_.number("SELECT max(at) FROM inbox").value_or(0);
    if (envelopes_ < 2 * kKeptEnvelopes) return;
    copy_.run("DELETE FROM inbox WHERE at < (SELECT at FROM inbox ORDER BY at DESC LIMIT 1 OFFSET ?1)",
              {kKeptEnvelopes});
    envelopes_ = 0;
    return;
  }
  copy_.run("DELETE FROM " + identifier(table), {});
  bool ruled = false;
  for (auto const& part : kWholeTables) {
    if (part.table != table) continue;
    copier_.copy(table, part.condition);
    ruled = true;
  }
  if (!ruled) copier_.copy(table, kAnyOther);
}

Taken take_along(Database& source, Database& copy, Damage damage) {
  Taken taken;
  RowCopier copier(source, copy);
  auto const attempt = [&](std::function<void()> const& work) {
    if (damage == Damage::none) return work();
    try {
      work();
    } catch (std::exception const&) {
      taken.whole = false;  // said by the caller; what else can be read is worth more than the reason
    }
  };
  for (auto const condition : kWhichIncidents) attempt([&] { copier.copy("incidents", condition); });
  if (damage == Damage::expected) attempt([&] { copier.copy("incidents", "ORDER BY id LIMIT 1000"); });
  for (auto const id : numbers(copy, "SELECT id FROM incidents LIMIT ?1", 3'000)) {
    for (auto const& part : kOfIncident) attempt([&] { copier.copy(part.table, part.condition, id); });
    for (auto const& part : kPagesOfIncident) attempt([&] { copier.copy(part.table, part.condition, id); });
  }
  for (auto const& part : kAlong) attempt([&] { copier.copy(part.table, part.condition); });
  for (auto const& table : tables_of(copy)) {
    if (has_rule(table)) continue;
    attempt([&] { copier.copy(table, "ORDER BY 1 DESC LIMIT 5000"); });
  }
  return taken;
}

}  // namespace tocsin::store
