#include "incidents/store/anchors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "incidents/store/inbox.hpp"
#include "incidents/store/segments.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin::store {
namespace {

constexpr char const* kLast = "audit anchor";
constexpr char const* kMailed = "audit anchor mailed";

std::string whole(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Every line that is complete.
std::vector<std::string_view> complete_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

std::filesystem::path anchors_file(std::filesystem::path const& storage) { return storage.string() + ".anchors"; }

Anchors read_anchors(std::filesystem::path const& file, Secret const& key) {
  Anchors anchors;
  auto const text = whole(file);
  std::size_t number = 0;
  for (auto const line : complete_lines(text)) {
    ++number;
    if (auto head = read_anchor(line, key)) {
      anchors.heads.push_back(std::move(*head));
    } else {
      anchors.foreign.push_back(number);
    }
  }
  return anchors;
}

Result<void> append_anchor(std::filesystem::path const& file, std::string_view line) {
  auto const text = whole(file);
  auto const lines = complete_lines(text);
  if (!lines.empty() && lines.back() == line) return {};
  std::size_t kept = 0;  // without the half line a crash may have left
  for (auto const each : lines) kept += each.size() + 1;
  int const out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (out < 0) return trouble_with(file);
  auto const added = std::string(line) + '\n';
  bool const written =
      ::ftruncate(out, static_cast<off_t>(kept)) == 0 &&
      ::pwrite(out, added.data(), added.size(), static_cast<off_t>(kept)) == static_cast<ssize_t>(added.size()) &&
      ::fsync(out) == 0;
  auto const error = trouble_with(file);
  ::close(out);
  if (!written) return error;
  return {};
}

Result<Examination> examine_audit(std::filesystem::path const& storage, std::vector<AuditHead> const& anchors) {
  auto opened = open_sqlite(storage, OpenMode::read_only);
  if (opened.has_error()) return opened.error();
  auto& database = **opened;
  database.script("BEGIN");  // one view of segments and rows while a bot seals
  Examination examination{verify_audit(database, anchors, segments_folder(storage)), audit_head(database)};
  database.script("COMMIT");
  return examination;
}

std::optional<std::string> make_anchor(Database& database, Secret const& key, Instant now) {
  auto const head = audit_head(database);
  auto const last = fact(database, kLast);
  auto const before = last ? read_anchor(*last, key) : std::nullopt;
  if (head.sequence == 0 || (before && before->sequence == head.sequence)) return std::nullopt;
  auto line = sign_anchor(head, key);
  put_fact(database, kLast, line, now);
  return line;
}

std::optional<std::string> anchor_to_mail(Database& database) {
  auto last = fact(database, kLast);
  if (!last || last == fact(database, kMailed)) return std::nullopt;
  return last;
}

void anchor_mailed(Database& database, std::string_view line, Instant now) { put_fact(database, kMailed, line, now); }

}  // namespace tocsin::store
