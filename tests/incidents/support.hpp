// What the tests of incidents/ share: a clock that stands where it is put, a roster, the promises of the manual, a
// store in a directory of its own, and words for reading decisions.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/advance.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/desk.hpp"
#include "incidents/due.hpp"
#include "incidents/incident.hpp"
#include "incidents/lifecycle.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/sqlite.hpp"
#include "incidents/store/writer.hpp"

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static doctest::String convert(std::vector<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text += "\n    " + line;
    return text.c_str();
  }
};

namespace tocsin::test {

using namespace std::chrono_literals;

/// 2026-11-23 03:10:00 in Shanghai: the night of INC-42.
inline constexpr Instant kStart = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 19h + 10min;

inline PersonId const kAlice{"alice"};    // on duty
inline PersonId const kBob{"bob"};        // a responder
inline PersonId const kCarol{"carol"};    // another
inline PersonId const kLead{"li.lei"};    // tech lead
inline PersonId const kCto{"wang-fang"};  // CTO
inline PersonId const kSpare{"spare"};    // the backup of the duty
inline PersonId const kBot{};

/// "5:00" or "5:00.001" after kStart, "-1" before it; for failures that can be read.
std::string stamp(Instant at);
std::string stamp(std::optional<Instant> at);

/// Stands where it is put. Any thread may read it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant at = kStart) : millis_(to_millis(at)) {}
  [[nodiscard]] Instant now() const override { return from_millis(millis_.load()); }
  void set(Instant at) { millis_ = to_millis(at); }
  void move(Millis by) { millis_ += by.count(); }

 private:
  std::atomic<std::int64_t> millis_;
};

class FakeRoster final : public Roster {
 public:
  std::map<std::string, std::vector<PersonId>> roles{{"duty", {kAlice}}, {"tech-lead", {kLead}}, {"cto", {kCto}}};
  std::vector<PersonId> spares{kSpare};

  [[nodiscard]] std::vector<PersonId> holders(Recipient const& recipient, Instant) const override {
    if (recipient.kind == Recipient::Kind::person) return {{recipient.name}};
    auto const found = roles.find(recipient.name);
    return found == roles.end() ? std::vector<PersonId>{} : found->second;
  }
  [[nodiscard]] std::vector<PersonId> backups() const override { return spares; }
};

/// Targets of the manual, the chain of design.md.
Promises manual_promises();

inline Recipient role(std::string name) { return {Recipient::Kind::role, std::move(name)}; }

/// An incident that was opened by Alice at kStart and has got the number 42; nothing has fired yet.
Incident opened(Severity severity, Promises const& promises = manual_promises());

/// Lets time act once, as the caller of every decision has to.
Incident advanced(Incident const& incident, Instant now, Roster const& roster = FakeRoster{});

/// The value of a decision that must not be refused.
Decision made(Decided<Decision> decided);
/// The key of the refusal, or "ok".
template <class T>
std::string verdict(Decided<T> const& decided) {
  return decided.has_error() ? decided.error().key : "ok";
}

template <class T>
std::vector<T> all_of(Decision const& decision) {
  std::vector<T> found;
  for (auto const& each : decision.outgoing) {
    if (auto const* match = std::get_if<T>(&each)) found.push_back(*match);
  }
  return found;
}

/// "0:00 step 1#0 alice" for each page, " (folded)" behind those that another one speaks for.
std::vector<std::string> pages_in(Decision const& decision);
/// "2:30 timeline.response_warning" for each entry.
std::vector<std::string> entries_in(Decision const& decision);
/// "timeline.x" of the only entry.
std::string only_entry(Decision const& decision);

/// Lets the scheduler wake at each due instant up to and including `until`; returns what it did, in order.
struct Run {
  Incident incident;
  std::vector<std::string> pages;     // as pages_in
  std::vector<std::string> entries;   // as entries_in
  std::vector<std::string> whispers;  // "2:30 warning.response alice"
};
Run run_until(Incident incident, Instant until, Roster const& roster = FakeRoster{});

/// Removed with everything in it.
class TempDir {
 public:
  TempDir();
  TempDir(TempDir const&) = delete;
  TempDir& operator=(TempDir const&) = delete;
  ~TempDir();
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return path_ / name; }
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// PRAGMA integrity_check and foreign_key_check; also that no statement was left open.
void check_sound(Database& database);

/// Opened and migrated; throws when that fails.
std::unique_ptr<Database> open_store(std::filesystem::path const& file);

/// A migrated database, a clock and people, with units of work that commit. Checks the database when it ends.
class Store {
 public:
  Store();
  ~Store();
  Store(Store const&) = delete;
  Store& operator=(Store const&) = delete;

  /// Runs `work` as one unit of work at the clock's instant; throws what it throws.
  void unit(std::function<void(Desk const&)> const& work);
  /// The value that `work` returned from inside its unit.
  template <class Work>
  auto in_unit(Work work) -> decltype(work(std::declval<Desk const&>())) {
    std::optional<decltype(work(std::declval<Desk const&>()))> result;
    unit([&](Desk const& desk) { result.emplace(work(desk)); });
    return std::move(*result);
  }

  /// Opens by Alice; fires what is due at once.
  Incident open(Severity severity, std::string title = "网站无法访问");
  Decided<Done> decide(IncidentId id, PersonId const& by, Decide const& decide);
  Decided<Done> acknowledge(IncidentId id, PersonId const& by);
  Decided<Done> undo(IncidentId id, PersonId const& by);
  Incident load(IncidentId id);
  std::int64_t count(std::string const& table, std::string const& where = "1 = 1");

  TempDir dir;
  std::filesystem::path file;
  ManualClock clock;
  Directory directory;
  std::unique_ptr<Database> database;
};

/// Alice on duty for ever, the roles of FakeRoster, channels "email" then "inbox" for everybody.
Directory plain_directory();

}  // namespace tocsin::test
