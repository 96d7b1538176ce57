// What must go on when the database is gone, copied into one in memory and kept fresh at the side of the commits.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "incidents/store/database.hpp"
#include "incidents/store/detail/rows.hpp"

struct sqlite3;

namespace tocsin::store {

/// At most so many incidents are kept, the first that were open.
inline constexpr std::size_t kMirroredIncidents = 1'000;
/// Of one refresh, so that no commit waits for a long one.
inline constexpr std::size_t kRefreshSlice = 20;

/// Listens to the connection that writes and notes what it touches (a few hundred nanoseconds a row); copies that
/// later, when asked. Kept are the open P0 and P1 with all that belongs to them, approvals that wait, duty, facts,
/// sessions, the heads of audit and timelines, and of each table the row with the highest number, so that numbers go
/// on. One thread; ends before either connection does.
class Mirror {
 public:
  Mirror(Database& source, Database& copy);
  Mirror(Mirror const&) = delete;
  Mirror& operator=(Mirror const&) = delete;
  ~Mirror();

  [[nodiscard]] bool fresh() const { return started_ && incidents_.empty() && pages_.empty() && tables_.empty(); }
  /// One slice. False when more is left. Throws what the port throws when the source can't be read; the copy is then
  /// as it was before.
  bool refresh();

 private:
  static void changed(void* self, sqlite3* handle, int operation, char const* database, char const* table,
                      std::int64_t before, std::int64_t after);
  void note(sqlite3* handle, int operation, std::string_view table, std::int64_t key);
  void note_all();
  void refresh_slice();
  void refresh_incident(std::int64_t id);
  void refresh_page(std::int64_t id);
  void refresh_table(std::string const& table);
  void refresh_highest();
  bool wanted(std::int64_t id);

  Database& source_;
  Database& copy_;
  RowCopier copier_;
  bool started_ = false;
  bool highest_noted_ = true;
  std::set<std::int64_t> incidents_;  // noted
  std::set<std::int64_t> pages_;      // noted
  std::set<std::string, std::less<>> tables_;
  std::set<std::int64_t> kept_;  // incidents in the copy
  std::int64_t newest_envelope_ = 0;
  std::int64_t envelopes_ = 0;
};

/// Copies all that an operator may need while the database can't be written: every open incident, the newest closed
/// ones, whole timelines, waiting messages, the newest of everything else. Bounded, so that it takes far less than a
/// second.
struct Taken {
  bool whole = true;  ///< false: some of it could not be read
};
enum class Damage : std::uint8_t {
  none,      ///< an unreadable row is thrown as what the port throws
  expected,  ///< what can't be read is left out, from either end of its table
};
Taken take_along(Database& source, Database& copy, Damage damage);

}  // namespace tocsin::store
