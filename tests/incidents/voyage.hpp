// A store with a lifeboat on a disk that fails when told to.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "incidents/store/audit.hpp"
#include "incidents/store/lifeboat.hpp"
#include "tests/incidents/faulty_disk.hpp"
#include "tests/incidents/support.hpp"

namespace tocsin::test {

class Voyage {
 public:
  explicit Voyage(std::size_t journal_bytes = 1024 * 1024);
  ~Voyage();

  /// Boards and starts the writer; `refused` when that is the answer.
  std::string board();
  /// Ends the writer, which tries to land a last time.
  void end() { writer.reset(); }

  void unit(std::function<void(Desk const&)> const& work);
  template <class Work>
  auto in_unit(Work work) -> decltype(work(std::declval<Desk const&>())) {
    std::optional<decltype(work(std::declval<Desk const&>()))> result;
    unit([&](Desk const& desk) { result.emplace(work(desk)); });
    return std::move(*result);
  }
  Incident open(Severity severity, std::string title = "网站无法访问");
  void acknowledge(IncidentId id, PersonId const& by);
  void note(IncidentId id, std::string text);
  /// What the scheduler does: time acts, pages are handed out. Returns their people.
  std::vector<std::string> look();

  /// Lets the copy in memory catch up with what was committed.
  void settle();

  /// Waits until the health that was told last satisfies `wanted`.
  StoreHealth await(std::function<bool(StoreHealth const&)> const& wanted);
  [[nodiscard]] std::vector<StoreHealth> told();

  /// The files as a kill -9 now would leave them, in a folder of their own.
  void copy_files_to(Voyage& other) const;

  TempDir dir;
  std::filesystem::path file;
  FaultyDisk& disk;
  ManualClock clock;
  Directory directory;
  std::unique_ptr<Writer> writer;

 private:
  std::size_t journal_bytes_;
  Lifeboat* boat_ = nullptr;  // the writer's; to be asked inside units only
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StoreHealth> told_;
};

/// One for all voyages of a program: several stores stand on it at once.
FaultyDisk& the_disk();

/// Sound, its audit whole; the database as somebody else finds it.
std::unique_ptr<Database> check_whole(std::filesystem::path const& file);

}  // namespace tocsin::test
