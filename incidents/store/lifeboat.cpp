#include "incidents/store/lifeboat.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "incidents/store/detail/changes.hpp"
#include "incidents/store/detail/engine.hpp"
#include "incidents/store/detail/mirror.hpp"
#include "incidents/store/detail/rows.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin {
namespace {

using Why = StoreUnavailable::Why;
using store::JournalFrame;

/// Less room than this is a full disk, whatever the engine calls it.
constexpr std::uint64_t kNoRoomBytes = 64 * 1024;
/// Landing on a disk with less would only end in the next launch.
constexpr std::uint64_t kRoomToLandBytes = 512 * 1024;
/// In the database in memory: the number of the first row of its audit, which is not the first of the chain.
constexpr char const* kAfloat = "afloat";
/// In the real one: the last episode that was back-filled, so that none is back-filled twice.
constexpr char const* kDone = "journal.done";

std::uint64_t room_on_disk(std::filesystem::path const& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return 0;
  return std::uint64_t{::geteuid() == 0 ? status.f_bfree : status.f_bavail} * status.f_frsize;
}

/// Tells whether the file is still the one that was found damaged.
std::string identity_of(std::filesystem::path const& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "missing";
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) +
         ":" + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

bool holds(Database& database, store::AuditHead const& head) {
  bool found = false;
  database.each("SELECT hash FROM audit WHERE sequence = ?1", {head.sequence},
                [&](Row const& row) { found = row.text(0) == head.hash; });
  return found;
}

/// Rows that read as nonsense would stop whoever lists incidents: better without them.
bool drop_unreadable(Database& boat) {
  std::vector<std::int64_t> ids;
  boat.each("SELECT id FROM incidents", {}, [&ids](Row const& row) { ids.push_back(row.integer(0)); });
  bool all = true;
  for (auto const id : ids) {
    try {
      static_cast<void>(store::load_incident(boat, {id}));
    } catch (std::exception const&) {
      boat.run("DELETE FROM incidents WHERE id = ?1", {id});
      all = false;
    }
  }
  return all;
}

}  // namespace

Lifeboat::Lifeboat(Parts parts)
    : parts_(std::move(parts)),
      journal_(parts_.storage.string() + ".journal", parts_.journal_bytes),
      boat_(open_in_memory(parts_.filter)) {}

Lifeboat::~Lifeboat() = default;

void Lifeboat::tell() const {
  if (told_) told_(health_);
}

StoreUnavailable Lifeboat::reason_of(StoreUnavailable const& trouble) const {
  bool const full = trouble.why == Why::io && room_on_disk(parts_.storage.parent_path()) < kNoRoomBytes;
  return full ? StoreUnavailable(Why::full, trouble.what()) : trouble;
}

void Lifeboat::watch(Database& database) { mirror_ = std::make_unique<store::Mirror>(database, *boat_); }

bool Lifeboat::refresh() {
  try {
    return mirror_ == nullptr || mirror_->refresh();
  } catch (std::logic_error const&) {
    // A mistake of ours in copying must not stop those who commit; it is found by the tests of the mirror.
    mirror_.reset();
    return true;
  }
}

bool Lifeboat::fresh() const { return mirror_ == nullptr || mirror_->fresh(); }

Result<std::unique_ptr<Database>> Lifeboat::board() {
  auto left = journal_.read();
  std::unique_ptr<Database> real;
  std::optional<StoreUnavailable> trouble;
  try {
    if (left.number != 0) read_start(left);
    if (left.number != 0 && left_alone()) throw StoreUnavailable(Why::corrupt, health_.detail);
    auto opened = open_for_bot(parts_.storage, parts_.clock.now(), parts_.filter);
    if (opened.has_error()) return opened;
    real = std::move(*opened);
    if (left.number != 0 && store::fact(*real, kDone) == std::to_string(left.number)) {
      static_cast<void>(journal_.clear());
      left = {};
      health_ = {};
    }
  } catch (StoreUnavailable const& error) {
    trouble = reason_of(error);
    real.reset();
  }
  if (left.number != 0) {
    restore(left, real.get());
    if (trouble) health_.why = trouble->why;
    if (real != nullptr) static_cast<void>(land(real));
  } else if (trouble) {
    auto const damage = trouble->why == Why::corrupt ? store::Damage::expected : store::Damage::none;
    bool whole = false;
    if (auto source = open_what_is_left(parts_.storage)) {
      boat_->script("BEGIN");
      try {
        whole = store::take_along(*source, *boat_, damage).whole;
      } catch (StoreUnavailable const&) {
        roll_back(*boat_);
        boat_->script("BEGIN");
        static_cast<void>(store::take_along(*source, *boat_, store::Damage::expected));
      }
      whole = drop_unreadable(*boat_) && whole;
      boat_->script("COMMIT");
    }
    bool const complete = whole || !std::filesystem::exists(parts_.storage);
    // Seconds are far ahead of any number of pages ever given.
    if (!complete) store::skip_page_numbers(*boat_, to_millis(parts_.clock.now()) / 1'000, parts_.clock.now());
    set_sail(*trouble, complete);
  }
  return real;
}

void Lifeboat::launch(Database* real, StoreUnavailable const& trouble) {
  auto const reason = reason_of(trouble);
  bool whole = false;
  // Nor does the end of the process write into a damaged file.
  if (real != nullptr && reason.why == Why::corrupt)
    sqlite3_db_config(store::handle_of(*real), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  try {
    if (real != nullptr && reason.why != Why::corrupt) {
      boat_->script("BEGIN");
      for (auto const& table : store::tables_of(*boat_)) {
        if (table != "migrations") boat_->script("DELETE FROM " + store::identifier(table));
      }
      whole = store::take_along(*real, *boat_, store::Damage::none).whole;
      boat_->script("COMMIT");
    } else if (mirror_ != nullptr) {
      while (!mirror_->refresh()) {
      }
    }
  } catch (std::exception const&) {
    // What was copied while all was well is what there is.
    roll_back(*boat_);
    whole = false;
  }
  // In the last moments, which the copy has not seen, they may have gone out.
  if (!whole) store::mark_due_deliveries(*boat_, parts_.clock.now());
  mirror_.reset();
  set_sail(reason, whole);
  tell();
}

void Lifeboat::set_sail(StoreUnavailable const& reason, bool whole) {
  health_ = {};
  health_.afloat = true;
  health_.why = reason.why;
  health_.detail = reason.what();
  health_.since = parts_.clock.now();
  health_.whole = whole;
  episode_ = to_millis(health_.since);
  head_ = store::audit_head(*boat_);
  identity_ = identity_of(parts_.storage);
  room_ = room_on_disk(parts_.storage.parent_path());
  auto const first = boat_->number("SELECT min(sequence) FROM audit").value_or(1);
  store::put_fact(*boat_, kAfloat, std::to_string(first), health_.since);
  boat_->script("PRAGMA foreign_keys=ON");
  begin_journal();
  episode_changes_ = std::make_unique<store::Recorder>(*boat_);
}

void Lifeboat::begin_journal() {
  journal_.begin(episode_);
  std::ostringstream start;
  start << static_cast<int>(health_.why) << ' ' << to_millis(health_.since) << ' ' << health_.whole << ' '
        << head_.sequence << ' ' << (head_.hash.empty() ? "-" : head_.hash) << ' ' << identity_ << ' '
        << health_.detail;
  auto kept = journal_.append(JournalFrame::Kind::start, start.str());
  auto const bytes = kept ? image() : std::nullopt;
  // Without an image a restart fills the boat from the database itself; half of the journal is for what comes.
  if (bytes && bytes->size() <= journal_.capacity() / 2) kept = journal_.append(JournalFrame::Kind::image, *bytes);
  if (kept.has_error()) health_.journal_trouble = kept.error().detail;
}

std::optional<std::string> Lifeboat::image() const {
  sqlite3_int64 size = 0;
  std::unique_ptr<unsigned char, void (*)(void*)> const bytes(
      sqlite3_serialize(store::handle_of(*boat_), "main", &size, 0), sqlite3_free);
  if (bytes == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<char const*>(bytes.get()), static_cast<std::size_t>(size));
}

void Lifeboat::load_image(std::string const& bytes) {
  auto* const copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, bytes.data(), bytes.size());
  auto const size = static_cast<sqlite3_int64>(bytes.size());
  auto* const handle = store::handle_of(*boat_);
  auto const code = sqlite3_deserialize(handle, "main", copy, size, size,
                                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (code != SQLITE_OK) store::raise(handle, code);
}

void Lifeboat::read_start(store::EmergencyJournal::Episode const& left) {
  episode_ = left.number;
  if (left.frames.empty() || left.frames.front().kind != JournalFrame::Kind::start) return;
  std::istringstream start(left.frames.front().bytes);
  int why = 0;
  std::int64_t since = 0;
  start >> why >> since >> health_.whole >> head_.sequence >> head_.hash >> identity_ >> std::ws;
  std::getline(start, health_.detail);
  if (head_.hash == "-") head_.hash.clear();
  health_.why = static_cast<Why>(why);
  health_.since = from_millis(since);
}

void Lifeboat::restore(store::EmergencyJournal::Episode const& left, Database* real) {
  health_.afloat = true;
  std::string const* image = nullptr;
  for (auto const& frame : left.frames) {
    if (frame.kind == JournalFrame::Kind::image) image = &frame.bytes;
  }
  if (image != nullptr) {
    load_image(*image);
  } else {
    auto const left_over = real == nullptr ? open_what_is_left(parts_.storage) : nullptr;
    auto* const source = real != nullptr ? real : left_over.get();
    if (source != nullptr)
      health_.whole = store::take_along(*source, *boat_, store::Damage::expected).whole && health_.whole;
    auto const first = boat_->number("SELECT min(sequence) FROM audit").value_or(1);
    store::put_fact(*boat_, kAfloat, std::to_string(first), health_.since);
  }
  boat_->script("PRAGMA foreign_keys=ON");
  episode_changes_ = std::make_unique<store::Recorder>(*boat_);
  for (auto const& frame : left.frames) {
    if (frame.kind != JournalFrame::Kind::changes) continue;
    boat_->script("BEGIN");
    health_.misfits += store::apply_changes(*boat_, frame.bytes).count;
    boat_->script("COMMIT");
    ++health_.commits;
  }
  health_.journal_trouble = journal_.trouble();
}

void Lifeboat::begin() {
  boat_->run("BEGIN IMMEDIATE", {});
  commit_changes_ = std::make_unique<store::Recorder>(*boat_);
}

void Lifeboat::record() {
  auto const changes = commit_changes_->changes();
  commit_changes_.reset();
  if (changes.empty()) return;
  ++health_.commits;
  if (!health_.journal_trouble.empty()) return;
  auto const kept = journal_.append(JournalFrame::Kind::changes, changes);
  if (kept.has_value()) return;
  health_.journal_trouble = kept.error().detail;
  tell();
}

bool Lifeboat::room_appeared() const { return room_on_disk(parts_.storage.parent_path()) >= room_ + kNoRoomBytes; }

/// A damaged file is not touched until a human has put another one in its place.
bool Lifeboat::left_alone() const { return health_.why == Why::corrupt && identity_of(parts_.storage) == identity_; }

bool Lifeboat::reopen(std::unique_ptr<Database>& real) {
  if (left_alone()) return false;
  real.reset();
  auto opened = open_for_bot(parts_.storage, parts_.clock.now(), parts_.filter);
  if (opened.has_error()) {
    health_.detail = opened.error().detail;
    return false;
  }
  real = std::move(*opened);
  return true;
}

bool Lifeboat::land(std::unique_ptr<Database>& real) {
  room_ = room_on_disk(parts_.storage.parent_path());
  if (health_.why == Why::full && room_ < kRoomToLandBytes) return false;
  bool const as_it_is = real != nullptr && (health_.why == Why::full || health_.why == Why::busy);
  try {
    if (!as_it_is && !reopen(real)) return false;
    back_fill(*real);
  } catch (std::exception const& error) {
    if (real != nullptr) roll_back(*real);
    auto const* trouble = dynamic_cast<StoreUnavailable const*>(&error);
    auto const before = health_.why;
    health_.detail = error.what();
    if (trouble != nullptr) health_.why = reason_of(*trouble).why;
    if (health_.why == Why::corrupt) identity_ = identity_of(parts_.storage);
    if (health_.why == Why::corrupt && before != Why::corrupt) tell();
    return false;
  }
  ashore();
  watch(*real);
  tell();
  return true;
}

void Lifeboat::back_fill(Database& real) {
  auto const until = parts_.clock.now();
  // Rows may come before those they belong to; what the changes were recorded on had its foreign keys checked. After a
  // failure they stay off: nothing is written until the next attempt.
  real.script("PRAGMA foreign_keys=OFF");
  real.run("BEGIN IMMEDIATE", {});
  bool const same = head_.sequence == 0 ? health_.whole : holds(real, head_);
  auto const changes = episode_changes_->changes();
  auto const misfits = same ? store::apply_changes(real, changes) : merge(real);
  auto const total = health_.misfits + misfits.count;
  std::string detail = std::to_string(health_.commits) + " commits from " + std::to_string(to_millis(health_.since)) +
                       " to " + std::to_string(to_millis(until));
  if (!same) detail += "; this is not the database they began on, rows before them may be missing";
  if (total > 0) detail += "; " + std::to_string(total) + " rows did not fit";
  store::append_audit(real, {0, until, {}, "store", "back-fill", "done", detail, until - health_.since, {}});
  store::put_fact(real, kDone, std::to_string(episode_), until);
  real.run("COMMIT", {});
  real.script("PRAGMA foreign_keys=ON");
  health_.until = until;
  health_.misfits = total;
  if (total == 0) return;
  health_.kept = parts_.storage.string() + ".misfits-" + std::to_string(episode_);
  std::ofstream file(health_.kept, std::ios::binary);
  for (auto const& line : misfits.lines) file << line << '\n';
  file << '\n' << changes;
  if (!file.flush()) health_.kept.clear();
}

/// Another database stands in the place of the one that was lost: it takes every row that was taken along.
store::Misfits Lifeboat::merge(Database& real) {
  store::RowCopier copier(*boat_, real);
  for (auto const& table : store::tables_of(*boat_)) {
    if (table == "audit" || table == "migrations") continue;
    copier.copy(table, table == "facts" ? "WHERE name <> 'afloat'" : "");
  }
  for (auto const& row : store::audit_rows(*boat_, head_.sequence, 1'000'000)) store::append_audit(real, row);
  return {};
}

void Lifeboat::ashore() {
  health_.afloat = false;
  if (auto cleared = journal_.clear(); cleared.has_error()) health_.journal_trouble = cleared.error().detail;
  commit_changes_.reset();
  episode_changes_.reset();
  boat_ = open_in_memory(parts_.filter);
}

}  // namespace tocsin
