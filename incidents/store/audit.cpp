#include "incidents/store/audit.hpp"

#include <algorithm>
#include <charconv>

#include "incidents/notice.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/segments.hpp"

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

/// The number that the copy's part of the chain begins with. No file may claim the same.
std::optional<std::int64_t> first_of_copy(Database& database) {
  return database.number(
      "SELECT value FROM facts WHERE name = 'afloat' AND "
      "(SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main') = ''");
}

/// Goes along the chain, row by row.
class Walk {
 public:
  explicit Walk(std::vector<AuditHead> anchors) : anchors_(std::move(anchors)) {
    std::sort(anchors_.begin(), anchors_.end(),
              [](AuditHead const& one, AuditHead const& other) { return one.sequence < other.sequence; });
  }

  /// What comes next is not the chain's beginning, and what was before it is known, or (without `previous`) not.
  void begin_at(std::int64_t sequence, std::optional<std::string> previous) {
    expected_ = sequence;
    previous_ = std::move(previous);
  }

  std::optional<AuditFinding> step(AuditRow const& row) {
    if (row.sequence != expected_) return AuditFinding{AuditFinding::Kind::missing, expected_};
    if (previous_ && hash_of(*previous_, row) != row.hash)
      return AuditFinding{AuditFinding::Kind::changed, row.sequence};
    while (next_ < anchors_.size() && anchors_[next_].sequence < row.sequence) ++next_;
    for (; next_ < anchors_.size() && anchors_[next_].sequence == row.sequence; ++next_) {
      if (anchors_[next_].hash != row.hash) return AuditFinding{AuditFinding::Kind::anchor_differs, row.sequence};
    }
    previous_ = row.hash;
    ++expected_;
    return std::nullopt;
  }

  std::optional<AuditFinding> end() const {
    bool const cut_off = !anchors_.empty() && anchors_.back().sequence >= expected_;
    return cut_off ? std::optional(AuditFinding{AuditFinding::Kind::cut_off, expected_}) : std::nullopt;
  }

  std::int64_t expected() const noexcept { return expected_; }

 private:
  std::vector<AuditHead> anchors_;  // by number
  std::size_t next_ = 0;            // the first that no row has come to
  std::int64_t expected_ = 1;
  std::optional<std::string> previous_ = "";
};

std::optional<AuditFinding> walk_segment(Walk& walk, Segment const& segment, std::filesystem::path const& folder) {
  if (segment.first != walk.expected()) return AuditFinding{AuditFinding::Kind::missing, walk.expected()};
  if (folder.empty()) {
    walk.begin_at(segment.last + 1, segment.hash);
    return std::nullopt;
  }
  auto const rows = read_segment(folder, segment);
  if (rows.has_error()) {
    auto const kind = rows.error().code == Errc::not_found ? AuditFinding::Kind::missing : AuditFinding::Kind::changed;
    return AuditFinding{kind, segment.first};
  }
  for (auto const& row : *rows) {
    if (auto finding = walk.step(row)) return finding;
  }
  if (walk.expected() != segment.last + 1) return AuditFinding{AuditFinding::Kind::missing, walk.expected()};
  // A whole chain, but another one than was sealed.
  if (rows->back().hash != segment.hash) return AuditFinding{AuditFinding::Kind::changed, segment.first};
  return std::nullopt;
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

std::optional<AuditFinding> verify_audit(Database& database, std::vector<AuditHead> const& anchors,
                                         std::filesystem::path const& segments) {
  Walk walk(anchors);
  if (auto const first = first_of_copy(database)) {
    if (*first > 1) walk.begin_at(*first, std::nullopt);
  } else {
    for (auto const& segment : segments_of(database)) {
      if (auto finding = walk_segment(walk, segment, segments)) return finding;
    }
  }
  std::optional<AuditFinding> finding;
  database.each("SELECT sequence, at, person, place, what, outcome, detail, length, hash FROM audit ORDER BY sequence",
                {}, [&](Row const& raw) {
                  if (!finding) finding = walk.step(read_row(raw));
                });
  return finding ? finding : walk.end();
}

bool stands_in(Database& database) { return first_of_copy(database).has_value(); }

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
