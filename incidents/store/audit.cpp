#include "incidents/store/audit.hpp"

#include <algorithm>
#include <charconv>

#include "incidents/notice.hpp"
#include "incidents/store/digest.hpp"

namespace tocsin::store {
namespace {

/// Each field length-prefixed, so that no two different rows have the same text.
std::string hash_of(std::string_view previous, AuditRow const& row) {
  std::string text;
  auto const put = [&text](std::string_view field) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
  };
  put(previous);
  put(std::to_string(row.sequence));
  put(std::to_string(to_millis(row.at)));
  put(row.person.value);
  put(row.place);
  put(row.what);
  put(row.outcome);
  put(row.detail);
  put(std::to_string(row.length.count()));
  return sha256_hex(text);
}

/// The number that the chain begins with: 1, but for the copy in memory that stands in for a database that can't be
/// written, which holds the end of the chain only. No file may claim the same.
std::int64_t first_row(Database& database) {
  auto const copy = database.number(
      "SELECT value FROM facts WHERE name = 'afloat' AND "
      "(SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main') = ''");
  return copy.value_or(1);
}

AuditRow read_row(Row const& row) {
  return {row.integer(0), row.instant(1), {row.string(2)},        row.string(3), row.string(4),
          row.string(5),  row.string(6),  Millis{row.integer(7)}, row.string(8)};
}

}  // namespace

AuditHead audit_head(Database& database) {
  AuditHead head;
  database.each("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1", {}, [&head](Row const& row) {
    head = {row.integer(0), row.string(1)};
  });
  return head;
}

AuditRow append_audit(Database& database, AuditRow row) {
  auto const head = audit_head(database);
  for (auto* text : {&row.person.value, &row.place, &row.what, &row.outcome, &row.detail}) *text = database.kept(*text);
  row.sequence = head.sequence + 1;
  row.hash = hash_of(head.hash, row);
  database.run(
      "INSERT INTO audit (sequence, at, person, place, what, outcome, detail, length, hash) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      {row.sequence, value_of(row.at), row.person.value, row.place, row.what, row.outcome, row.detail,
       row.length.count(), row.hash});
  return row;
}

std::optional<AuditFinding> verify_audit(Database& database, std::vector<AuditHead> const& anchors) {
  std::optional<AuditFinding> finding;
  auto const first = first_row(database);
  auto expected = first;
  std::string previous;
  database.each("SELECT sequence, at, person, place, what, outcome, detail, length, hash FROM audit ORDER BY sequence",
                {}, [&](Row const& raw) {
                  if (finding) return;
                  auto const row = read_row(raw);
                  if (row.sequence != expected) {
                    finding = AuditFinding{AuditFinding::Kind::missing, expected};
                    return;
                  }
                  bool const known = expected == 1 || expected > first;
                  if (known && hash_of(previous, row) != row.hash) {
                    finding = AuditFinding{AuditFinding::Kind::changed, row.sequence};
                    return;
                  }
                  for (auto const& anchor : anchors) {
                    if (anchor.sequence == row.sequence && anchor.hash != row.hash)
                      finding = AuditFinding{AuditFinding::Kind::anchor_differs, row.sequence};
                  }
                  previous = row.hash;
                  ++expected;
                });
  if (finding) return finding;
  for (auto const& anchor : anchors) {
    if (anchor.sequence >= expected) return AuditFinding{AuditFinding::Kind::cut_off, expected};
  }
  return std::nullopt;
}

std::string sign_anchor(AuditHead const& head, Secret const& key) {
  auto const text = std::to_string(head.sequence) + ' ' + head.hash;
  return text + ' ' + hmac_sha256_hex(key, text);
}

std::optional<AuditHead> read_anchor(std::string_view line, Secret const& key) {
  auto const last = line.rfind(' ');
  auto const first = line.find(' ');
  if (last == std::string_view::npos || first == last) return std::nullopt;
  if (!equal_in_constant_time(hmac_sha256_hex(key, line.substr(0, last)), line.substr(last + 1))) return std::nullopt;
  AuditHead head;
  auto const [end, error] = std::from_chars(line.data(), line.data() + first, head.sequence);
  if (error != std::errc{} || end != line.data() + first) return std::nullopt;
  head.hash = std::string(line.substr(first + 1, last - first - 1));
  return head;
}

std::vector<AuditRow> audit_rows(Database& database, std::int64_t after, std::size_t limit) {
  std::vector<AuditRow> rows;
  database.each(
      "SELECT sequence, at, person, place, what, outcome, detail, length, hash FROM audit WHERE sequence > ?1 "
      "ORDER BY sequence LIMIT ?2",
      {after, static_cast<std::int64_t>(limit)}, [&rows](Row const& row) { rows.push_back(read_row(row)); });
  return rows;
}

std::vector<AuditRow> newest_audit(Database& database, std::size_t limit) {
  std::vector<AuditRow> rows;
  database.each(
      "SELECT sequence, at, person, place, what, outcome, detail, length, hash FROM audit ORDER BY sequence DESC LIMIT "
      "?1",
      {static_cast<std::int64_t>(limit)}, [&rows](Row const& row) { rows.push_back(read_row(row)); });
  return rows;
}

}  // namespace tocsin::store
