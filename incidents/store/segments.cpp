#include "incidents/store/segments.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "incidents/notice.hpp"

namespace tocsin::store {
namespace {

constexpr unsigned kReadOnly = 0400;

/// A new file of this name, complete or not at all.
Result<void> put_file(std::filesystem::path const& file, std::string_view text) {
  auto const temporary = file.string() + ".new";
  ::unlink(temporary.c_str());
  int const out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kReadOnly);
  if (out < 0) return trouble_with(temporary);
  while (!text.empty()) {
    auto const count = ::write(out, text.data(), text.size());
    if (count <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  bool const written = text.empty() && ::fsync(out) == 0;
  auto error = trouble_with(temporary);
  ::close(out);
  if (written && ::rename(temporary.c_str(), file.c_str()) != 0) error = trouble_with(file);
  int const folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool const kept = written && folder >= 0 && ::fsync(folder) == 0 && std::filesystem::exists(file);
  if (folder >= 0) ::close(folder);
  if (!kept) return error;
  return {};
}

Notice record_of(AuditRow const& row) {
  return Notice("row")
      .with("sequence", row.sequence)
      .with("at", row.at)
      .with("person", row.person.value)
      .with("place", row.place)
      .with("what", row.what)
      .with("outcome", row.outcome)
      .with("detail", row.detail)
      .with("length", row.length)
      .with("hash", row.hash);
}

template <class T>
T member(Notice const& record, std::string_view name) {
  auto const* found = record.find(name);
  if (found == nullptr || !std::holds_alternative<T>(*found)) throw std::invalid_argument("not a row");
  return std::get<T>(*found);
}

std::optional<AuditRow> row_of(Notice const& record) {
  try {
    return AuditRow{member<std::int64_t>(record, "sequence"), member<Instant>(record, "at"),
                    {member<std::string>(record, "person")},  member<std::string>(record, "place"),
                    member<std::string>(record, "what"),      member<std::string>(record, "outcome"),
                    member<std::string>(record, "detail"),    member<Millis>(record, "length"),
                    member<std::string>(record, "hash")};
  } catch (std::invalid_argument const&) {
    return std::nullopt;
  }
}

/// "LENGTH:RECORD" and a line break, taken from the front.
std::optional<AuditRow> next_row(std::string_view& rest) {
  std::size_t size = 0;
  auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  if (error != std::errc{}) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (!rest.starts_with(':') || rest.size() < 2 || size > rest.size() - 2) return std::nullopt;
  auto const record = decode_notice(rest.substr(1, size));
  if (record.has_error() || rest[size + 1] != '\n') return std::nullopt;
  rest.remove_prefix(size + 2);
  return row_of(*record);
}

std::string name_of(std::int64_t first, std::int64_t last) {
  auto const padded = [](std::int64_t number) {
    constexpr std::size_t kDigits = 9;  // so that a listing is in order
    auto digits = std::to_string(number);
    if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
    return digits;
  };
  return padded(first) + "-" + padded(last) + ".rows";
}

}  // namespace

Error trouble_with(std::filesystem::path const& file) {
  return {Errc::unavailable, file.string() + ": " + std::system_category().message(errno)};
}

std::filesystem::path segments_folder(std::filesystem::path const& storage) { return storage.string() + ".audit"; }

std::vector<Segment> segments_of(Database& database) {
  std::vector<Segment> segments;
  database.each("SELECT first, last, hash, file, sealed_at FROM audit_segments ORDER BY first", {},
                [&segments](Row const& row) {
                  segments.push_back({row.integer(0), row.integer(1), row.string(2), row.string(3), row.instant(4)});
                });
  return segments;
}

std::vector<AuditRow> next_to_seal(Database& database, Instant before, std::size_t rows) {
  if (stands_in(database)) return {};
  // The rows themselves, megabytes of them, are read only when they will be sealed.
  std::int64_t count = 0;
  std::int64_t newest = 0;
  std::int64_t last = 0;
  database.each(
      "SELECT count(*), max(at), max(sequence) FROM (SELECT at, sequence FROM audit ORDER BY sequence LIMIT ?1)",
      {static_cast<std::int64_t>(rows)}, [&](Row const& row) {
        count = row.integer(0);
        newest = row.integer(1);
        last = row.integer(2);
      });
  if (count == 0 || count < static_cast<std::int64_t>(rows) || from_millis(newest) >= before) return {};
  // The newest stay: the chain goes on from the last one.
  if (audit_head(database).sequence == last) return {};
  return audit_rows(database, 0, rows);
}

Result<Segment> write_segment(std::filesystem::path const& folder, std::vector<AuditRow> const& rows, Instant now) {
  std::string text;
  for (auto const& row : rows) {
    auto const record = encode(record_of(row));
    text += std::to_string(record.size()) + ':' + record + '\n';
  }
  Segment segment{rows.front().sequence, rows.back().sequence, rows.back().hash, {}, now};
  segment.file = name_of(segment.first, segment.last);
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (auto written = put_file(folder / segment.file, text); written.has_error()) return written.error();
  auto const back = read_segment(folder, segment);
  if (back.has_error()) return back.error();
  if (*back != rows) return Error{Errc::invalid, segment.file + ": what was read back is not what was written"};
  return segment;
}

void seal(Database& database, Segment const& segment) {
  // The unit may run again in the copy in memory, which holds the chain's end only: then it is sealed another day.
  if (stands_in(database)) return;
  database.run(
      "INSERT INTO audit_segments (first, last, hash, file, sealed_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5)",
      {segment.first, segment.last, segment.hash, segment.file, value_of(segment.sealed_at)});
  database.run("DELETE FROM audit WHERE sequence <= ?1", {segment.last});
}

Result<std::vector<AuditRow>> read_segment(std::filesystem::path const& folder, Segment const& segment) {
  std::ifstream in(folder / segment.file, std::ios::binary);
  if (!in) return Error{Errc::not_found, segment.file + " is not there"};
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  std::vector<AuditRow> rows;
  std::string_view rest(text);
  while (!rest.empty()) {
    auto row = next_row(rest);
    if (!row) return Error{Errc::invalid, segment.file + ": record " + std::to_string(rows.size() + 1)};
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace tocsin::store
