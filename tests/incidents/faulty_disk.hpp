// A disk that fails when told to: SQLite's own file system with faults in front of it. Every database that is opened
// while one of these lives stands on it.
#pragma once

#include <atomic>

namespace tocsin::test {

/// The result code each kind of call answers with; 0: it works. Any thread sets it, at any time.
struct Faults {
  std::atomic<int> writing{0};  ///< of data, into database and write-ahead log
  std::atomic<int> reading{0};
};

/// One at a time; ends after the connections that were opened under it.
class FaultyDisk {
 public:
  FaultyDisk();
  FaultyDisk(FaultyDisk const&) = delete;
  FaultyDisk& operator=(FaultyDisk const&) = delete;
  ~FaultyDisk();

  void fill() { faults().writing = kFull; }
  void forbid_writing() { faults().writing = kReadOnly; }
  void break_down() {
    faults().writing = kBroken;
    faults().reading = kBroken;
  }
  void damage() {
    faults().writing = kCorrupt;
    faults().reading = kCorrupt;
  }
  void mend() {
    faults().writing = 0;
    faults().reading = 0;
  }

 private:
  static Faults& faults();
  static constexpr int kReadOnly = 8, kBroken = 10, kCorrupt = 11, kFull = 13;  // as sqlite3.h numbers them
};

}  // namespace tocsin::test
