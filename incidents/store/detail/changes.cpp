// Debian's SQLite has sessions and the hook they stand on; the header shows them to those who ask.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "incidents/store/detail/changes.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "incidents/store/detail/engine.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kMostLines = 20;
constexpr std::string_view kAudit = "audit";
constexpr std::string_view kTimeline = "timeline";

struct EndIteration {
  void operator()(sqlite3_changeset_iter* iteration) const noexcept { sqlite3changeset_finalize(iteration); }
};
using Iteration = std::unique_ptr<sqlite3_changeset_iter, EndIteration>;

struct Change {
  std::string_view table;
  int columns = 0;
  int operation = 0;
};

Change change_at(sqlite3_changeset_iter* iteration) {
  char const* table = "";
  Change change;
  int indirect = 0;
  sqlite3changeset_op(iteration, &table, &change.columns, &change.operation, &indirect);
  change.table = table;
  return change;
}

std::string_view text_of(sqlite3_value* value) {
  auto const* bytes = value == nullptr ? nullptr : reinterpret_cast<char const*>(sqlite3_value_text(value));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

sqlite3_value* new_value(sqlite3_changeset_iter* iteration, int column) {
  sqlite3_value* value = nullptr;
  sqlite3changeset_new(iteration, column, &value);
  return value;
}

/// A row of the timeline whose number was taken: what it says, to be appended.
struct LateEntry {
  std::int64_t incident = 0;
  std::int64_t sequence = 0;
  std::string kind, author, what;
  std::int64_t happened = 0, recorded = 0, corrects = 0;
};

LateEntry entry_at(sqlite3_changeset_iter* iteration) {
  auto const number = [&](int column) { return sqlite3_value_int64(new_value(iteration, column)); };
  auto const text = [&](int column) { return std::string(text_of(new_value(iteration, column))); };
  return {number(0), number(1), text(2), text(3), text(7), number(4), number(5), number(6)};
}

struct Applying {
  Misfits misfits;
  std::vector<LateEntry> entries;

  void report(std::string_view table, std::string_view what) {
    ++misfits.count;
    if (misfits.lines.size() < kMostLines) misfits.lines.push_back(std::string(table) + ": " + std::string(what));
  }
};

/// Does the row that stands there say the same as the new one?
bool stands_already(sqlite3_changeset_iter* iteration, int columns) {
  for (int column = 0; column < columns; ++column) {
    sqlite3_value* there = nullptr;
    sqlite3changeset_conflict(iteration, column, &there);
    auto* ours = new_value(iteration, column);
    if (there == nullptr || ours == nullptr || sqlite3_value_type(there) != sqlite3_value_type(ours) ||
        text_of(there) != text_of(ours))
      return false;
  }
  return true;
}

int settle(void* context, int conflict, sqlite3_changeset_iter* iteration) {
  auto& applying = *static_cast<Applying*>(context);
  if (conflict == SQLITE_CHANGESET_FOREIGN_KEY) {
    applying.report("foreign keys", "rows without the one they belong to");
    return SQLITE_CHANGESET_OMIT;
  }
  auto const change = change_at(iteration);
  switch (conflict) {
    case SQLITE_CHANGESET_DATA:
      applying.report(change.table, "a row was changed meanwhile; the newer change stands");
      return SQLITE_CHANGESET_REPLACE;
    case SQLITE_CHANGESET_NOTFOUND:
      if (change.operation != SQLITE_DELETE) applying.report(change.table, "a row that was to change is gone");
      return SQLITE_CHANGESET_OMIT;
    case SQLITE_CHANGESET_CONFLICT:
      if (stands_already(iteration, change.columns)) return SQLITE_CHANGESET_OMIT;
      applying.report(change.table, "the place of a new row is taken");
      if (change.table == kTimeline) applying.entries.push_back(entry_at(iteration));
      return SQLITE_CHANGESET_OMIT;
    default:
      applying.report(change.table, "a new row breaks a rule of its table");
      return SQLITE_CHANGESET_OMIT;
  }
}

int all_but_audit(void*, char const* table) { return table == kAudit ? 0 : 1; }

void append_late(Database& database, std::vector<LateEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](auto const& a, auto const& b) { return a.sequence < b.sequence; });
  for (auto const& each : entries) {
    auto const last = database.number("SELECT max(sequence) FROM timeline WHERE incident = ?1", {each.incident});
    database.run(
        "INSERT INTO timeline (incident, sequence, kind, author, happened, recorded, corrects, what) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        {each.incident, last.value_or(0) + 1, each.kind, each.author, each.happened, each.recorded, each.corrects,
         each.what});
  }
}

}  // namespace

Recorder::Recorder(Database& database) {
  auto* const handle = handle_of(database);
  auto code = sqlite3session_create(handle, "main", &session_);
  if (code == SQLITE_OK) code = sqlite3session_attach(session_, nullptr);
  if (code != SQLITE_OK) raise(handle, code);
}

Recorder::~Recorder() { sqlite3session_delete(session_); }

std::string Recorder::changes() const {
  int size = 0;
  void* bytes = nullptr;
  auto const code = sqlite3session_changeset(session_, &size, &bytes);
  std::unique_ptr<void, void (*)(void*)> const owned(bytes, sqlite3_free);
  if (code != SQLITE_OK) throw std::runtime_error("changes could not be recorded: " + std::to_string(code));
  return {static_cast<char const*>(bytes), static_cast<std::size_t>(size)};
}

std::vector<AuditRow> audit_in(std::string_view changes) {
  sqlite3_changeset_iter* raw = nullptr;
  if (sqlite3changeset_start(&raw, static_cast<int>(changes.size()), const_cast<char*>(changes.data())) != SQLITE_OK)
    throw std::runtime_error("a changeset can't be read");
  Iteration const iteration(raw);
  std::vector<AuditRow> rows;
  while (sqlite3changeset_next(raw) == SQLITE_ROW) {
    auto const change = change_at(raw);
    if (change.table != kAudit || change.operation != SQLITE_INSERT) continue;
    auto const text = [&](int column) { return std::string(text_of(new_value(raw, column))); };
    rows.push_back({sqlite3_value_int64(new_value(raw, 0)),
                    from_millis(sqlite3_value_int64(new_value(raw, 1))),
                    {text(2)},
                    text(3),
                    text(4),
                    text(5),
                    text(6),
                    Millis{sqlite3_value_int64(new_value(raw, 7))},
                    text(8)});
  }
  std::sort(rows.begin(), rows.end(), [](auto const& a, auto const& b) { return a.sequence < b.sequence; });
  return rows;
}

Misfits apply_changes(Database& database, std::string_view changes) {
  if (changes.empty()) return {};
  Applying applying;
  // The engine only reads the bytes; its interface is older than const.
  auto const code = sqlite3changeset_apply(handle_of(database), static_cast<int>(changes.size()),
                                           const_cast<char*>(changes.data()), all_but_audit, settle, &applying);
  if (code != SQLITE_OK) raise(handle_of(database), code);
  append_late(database, applying.entries);
  for (auto const& row : audit_in(changes)) append_audit(database, row);
  return std::move(applying.misfits);
}

}  // namespace tocsin::store
