// Compares what the bot has stored with what the model expects.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bot/scheduler.hpp"
#include "tests/simulation/model.hpp"

namespace tocsin::simulation {

/// The bot and the model are not of one mind.
class Mismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "2 d 03:15:00.123" since the Monday of the simulation, UTC.
[[nodiscard]] std::string stamp(Time at);

/// Everything throws Mismatch. Remembers how far it has read.
class Checks {
 public:
  explicit Checks(Model& model) : model_(model) {}

  /// The page rows that are new: each expected, each once. Gives the model's pages their numbers.
  void new_pages(Database& database);
  /// What a look handed to carriers.
  void jobs(std::vector<ModelJob> const& expected, std::vector<PageJob> const& actual) const;
  /// Incidents that were touched: state, verdicts, deadlines, and what is new on their timelines. Now and then those
  /// that nothing should have touched, too.
  void incidents(Database& database, Time now);
  /// All of them.
  void every_incident(Database& database, Time now);
  /// What became of every page; the audit chain; the file itself.
  void whole(Database& database) const;
  /// Nothing is left to do.
  void settled(Database& database) const;

  /// The model's page of a job.
  [[nodiscard]] std::size_t page_of(PageId id) const { return index_.at(id.value); }

 private:
  /// State, verdicts and deadlines.
  void incident(Database& database, ModelIncident const& expected, Time now) const;
  /// Warnings and lapses that are new on the timeline; it has no gap.
  void new_marks(Database& database, std::int64_t incident, std::vector<ModelMark>& seen);

  Model& model_;
  int steps_ = 0;
  std::int64_t last_page_ = 0;
  std::size_t known_pages_ = 0;
  std::map<std::int64_t, std::int64_t> last_entry_;  // by incident
  std::map<std::int64_t, std::size_t> index_;        // by the page's number
};

}  // namespace tocsin::simulation
