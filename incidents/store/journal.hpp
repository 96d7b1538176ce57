// The emergency journal: a reserved file beside the database that takes what could not be written into it. Its blocks
// are there from the first start on, so that a full disk has room for what matters.
//
// A frame is a header (kind, episode, number, length, SHA-256) and its bytes; frames lie one behind the other from the
// beginning of the file. Only an unbroken row of frames of one episode counts: what lies behind it is zeros, a torn
// write or an older episode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"

namespace tocsin::store {

inline constexpr std::size_t kJournalBytes = 4 * 1024 * 1024;

struct JournalFrame {
  enum class Kind : std::uint8_t {
    start = 1,  ///< when and why the episode began
    image,      ///< the database in memory as it was then
    changes,    ///< one commit
  } kind{};
  std::string bytes;
};

/// One thread at a time. Nothing here throws for what the disk does.
class EmergencyJournal {
 public:
  /// Makes and reserves the file where that can still be done; else what is there is used as far as it goes.
  explicit EmergencyJournal(std::filesystem::path file, std::size_t bytes = kJournalBytes);
  EmergencyJournal(EmergencyJournal const&) = delete;
  EmergencyJournal& operator=(EmergencyJournal const&) = delete;
  ~EmergencyJournal();

  /// The whole frames of the episode that the file begins with, and its number; appending goes on behind them.
  struct Episode {
    std::int64_t number = 0;  ///< 0: the journal is empty
    std::vector<JournalFrame> frames;
  };
  [[nodiscard]] Episode read();

  /// From now on frames belong to this episode; the next one stands first in the file. `number` > 0, and another one
  /// each time.
  void begin(std::int64_t number);
  /// Durable on return. Errors: too_large (it has no room), unavailable (the file can't be written). After an error
  /// nothing more may be appended to this episode.
  [[nodiscard]] Result<void> append(JournalFrame::Kind kind, std::string_view bytes);
  /// Empty again, durably. Errors: unavailable.
  [[nodiscard]] Result<void> clear();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t used() const { return end_; }
  [[nodiscard]] std::filesystem::path const& file() const { return file_; }
  /// Why nothing can be appended; empty: it can.
  [[nodiscard]] std::string const& trouble() const { return trouble_; }

 private:
  void reserve(std::size_t bytes);

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::size_t capacity_ = 0;
  std::size_t end_ = 0;
  std::int64_t episode_ = 0;
  std::uint64_t next_ = 0;
  std::string trouble_;
};

}  // namespace tocsin::store
