// Keeps the store working while its database can't be written: full, read-only, locked, damaged, gone.
//
// All is well: a copy of what must go on is kept in memory (detail/mirror). A commit fails: the database in memory
// takes its place, filled from the real one where that can still be read. Every commit made there is recorded as a
// changeset and appended to the emergency journal. When the real database takes writes again, all of it is back-filled
// in one transaction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "incidents/base/ports.hpp"
#include "incidents/base/result.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/database.hpp"
#include "incidents/store/journal.hpp"

namespace tocsin::store {
class Mirror;
class Recorder;
struct Misfits;
}  // namespace tocsin::store

namespace tocsin {

/// What is to be said about the store.
struct StoreHealth {
  bool afloat = false;
  StoreUnavailable::Why why{};
  std::string detail;  ///< in the engine's words
  Instant since{};     ///< of this episode, or of the last one; epoch: there was none
  bool whole = true;   ///< all of the database could be read when the episode began
  /// Why a crash now would lose what was done since; empty: the journal takes it.
  std::string journal_trouble;
  /// The episode is over: when, how many commits were back-filled, how many rows did not fit and where they are kept.
  Instant until{};
  std::int64_t commits = 0;
  std::int64_t misfits = 0;
  std::string kept;
};

/// Made and boarded by whoever composes the bot, then owned and called by the writer's thread.
class Lifeboat {
 public:
  struct Parts {
    std::filesystem::path storage;
    Clock const& clock;
    TextFilter filter{};  ///< see open_sqlite; for every database that is written
    std::size_t journal_bytes = store::kJournalBytes;
  };
  explicit Lifeboat(Parts parts);
  Lifeboat(Lifeboat const&) = delete;
  Lifeboat& operator=(Lifeboat const&) = delete;
  ~Lifeboat();

  /// At start: opens the database and back-fills what an earlier run left in the journal. Null: it can't be written,
  /// and the boat is afloat with what could be read. Errors: refused (see open_for_bot).
  [[nodiscard]] Result<std::unique_ptr<Database>> board();

  /// Called when the health changes, on the writer's thread. Before the writer starts.
  void on_change(std::function<void(StoreHealth const&)> told) { told_ = std::move(told); }
  [[nodiscard]] StoreHealth const& health() const { return health_; }

  /// The database that all is well with: from now on it is mirrored. It must outlive the mirror, which ends with
  /// `launch` and with the boat.
  void watch(Database& database);
  /// Copies what was touched, a slice at a time. False: more is left. Throws StoreUnavailable.
  bool refresh();
  [[nodiscard]] bool fresh() const;

  [[nodiscard]] bool afloat() const { return health_.afloat; }
  /// The database failed; `real` is open for reading at least, or null. No transaction is open.
  void launch(Database* real, StoreUnavailable const& trouble);
  /// Afloat only: what everybody works on meanwhile.
  [[nodiscard]] Database& database() { return *boat_; }
  /// Around each transaction: what was changed between the two is in the journal when `record` returns, so that it can
  /// be committed and reported.
  void begin();
  void record();

  /// Back into the real database, which is opened anew unless it only was full or locked. False: not yet; `real` may be
  /// null then. True: not afloat any more, `real` is open, watched, and holds everything.
  [[nodiscard]] bool land(std::unique_ptr<Database>& real);
  /// There is more room on the disk than at the last attempt to land: another one is worth it.
  [[nodiscard]] bool room_appeared() const;

 private:
  StoreUnavailable reason_of(StoreUnavailable const& trouble) const;
  void set_sail(StoreUnavailable const& reason, bool whole);
  void begin_journal();
  void read_start(store::EmergencyJournal::Episode const& left);
  [[nodiscard]] bool left_alone() const;
  void restore(store::EmergencyJournal::Episode const& left, Database* real);
  std::optional<std::string> image() const;
  void load_image(std::string const& bytes);
  bool reopen(std::unique_ptr<Database>& real);
  void back_fill(Database& real);
  store::Misfits merge(Database& real);
  void ashore();
  void tell() const;

  Parts parts_;
  store::EmergencyJournal journal_;
  std::function<void(StoreHealth const&)> told_;
  StoreHealth health_;
  std::int64_t episode_ = 0;
  store::AuditHead head_;   // of the database when the episode began
  std::string identity_;    // of its file
  std::uint64_t room_ = 0;  // on the disk at the last attempt
  std::unique_ptr<Database> boat_;
  std::unique_ptr<store::Mirror> mirror_;             // listens to the real database; not afloat
  std::unique_ptr<store::Recorder> episode_changes_;  // afloat
  std::unique_ptr<store::Recorder> commit_changes_;   // within a transaction
};

}  // namespace tocsin
