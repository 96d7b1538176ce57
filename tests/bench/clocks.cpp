// What waits for its time: clocks and pages that become due.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

#include "incidents/due.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/sqlite.hpp"
#include "tests/bench/bare.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/house.hpp"

namespace tocsin::bench {
namespace {

/// Resident memory of this process, in KiB.
double resident() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    double kibibytes = 0;
    status >> kibibytes;
    return kibibytes;
  }
  throw std::runtime_error("no VmRSS in /proc/self/status");
}

/// Opens incidents as the bot does, so that what they hold is what it holds; everything said about them is gone.
void open_incidents(House& house, std::size_t count, Severity severity, Instant opened) {
  constexpr std::size_t kBatch = 500;
  for (std::size_t done = 0; done < count; done += kBatch) {
    house.unit([&](Database& database, Instant) {
      Desk const desk{database, house.setup().directory, opened};
      for (std::size_t i = done; i < std::min(count, done + kBatch); ++i) {
        OpenRequest request;
        request.severity = severity;
        request.title = "网站无法访问";
        request.room = {std::string(kLocalPlatform), std::string(kLocalRoom), ""};
        if (open_at(desk, request, PersonId{"alice"}).has_error()) throw std::runtime_error("not opened");
      }
    });
  }
  house.unit([](Database& database, Instant) {
    database.run("DELETE FROM outbox", {});
    // As after a page that was accepted.
    database.run("UPDATE pages SET state = 2, ended_at = created, next_due = NULL", {});
    database.run("UPDATE deliveries SET state = 2, next_due = NULL", {});
  });
}

/// One incident and its page, `count` times in a file, due from an hour from now on.
void fill_with_clocks(std::filesystem::path const& file, std::size_t count) {
  Bare bare(file);
  bare.script("PRAGMA synchronous=OFF; PRAGMA cache_size=-200000; PRAGMA foreign_keys=OFF; BEGIN");
  auto const columns = [&bare](std::string const& table, std::string const& but) {
    std::string list;
    auto const names = bare.column_names(table);
    for (auto const& name : names) {
      if (name != but) list += (list.empty() ? "" : ", ") + name;
    }
    return list;
  };
  auto const numbers =
      "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) + ") ";
  auto const copy = [&](std::string const& table, std::string const& key) {
    auto const list = columns(table, key);
    bare.script(numbers + "INSERT INTO " + table + " (" + key + ", " + list + ") SELECT i, " + list + " FROM n, " +
                table + " WHERE " + key + " = 1");
  };
  copy("incidents", "id");
  auto const pages = columns("pages", "id");
  auto shifted = pages;
  shifted.replace(shifted.find("incident"), 8, "i");
  bare.script(numbers + "INSERT INTO pages (id, " + pages + ") SELECT i, " + shifted + " FROM n, pages WHERE id = 1");
  copy("deliveries", "page");
  bare.script("UPDATE incidents SET next_due = next_due + 3600000 + id; COMMIT");
}

Instant wall_now() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

/// Puts the response targets of all incidents so that their lapses fall between `first` and `first + spread`; their
/// warnings have been given. Both are what opening them earlier would have left.
void arm_lapses(House& house, std::size_t count, Instant first, Millis spread) {
  house.unit([&](Database& database, Instant) {
    std::vector<std::int64_t> ids;
    database.each("SELECT id FROM incidents ORDER BY id", {}, [&](Row const& row) { ids.push_back(row.integer(0)); });
    std::int64_t n = 0;
    for (auto const id : ids) {
      auto incident = store::load_incident(database, {id});
      auto const due = first + spread * n++ / static_cast<std::int64_t>(count);
      incident->response.started_at = due - incident->response.target;
      incident->recovery.started_at = incident->response.started_at;
      incident->opened_at = incident->active_at = incident->response.started_at;
      incident->fired.marks = 0b011;
      store::update_incident(database, *incident);
    }
  });
}

struct Fired {
  std::vector<double> lateness;  ///< seconds, of each lapse, until the commit that holds it
  double all = 0;                ///< seconds from the first due instant to the last commit
};

Fired wait_for_lapses(House& house, std::size_t count, Instant first, Seconds limit) {
  auto const end = Monotonic::now() + std::chrono::duration_cast<Monotonic::duration>(limit);
  std::int64_t fired = 0;
  while (fired < static_cast<std::int64_t>(count)) {
    wait_until(Monotonic::now() + std::chrono::milliseconds{200});
    house.unit([&](Database& database, Instant) {
      fired = database.number("SELECT count(*) FROM incidents WHERE marks & 4 = 4").value_or(0);
    });
    if (Monotonic::now() > end) throw std::runtime_error("the clocks do not fire");
  }
  std::map<Instant, Instant> committed;
  for (auto const& each : house.timed().commits()) {
    auto& at = committed[each.unit];
    at = std::max(at, each.committed);
  }
  Fired result;
  house.unit([&](Database& database, Instant) {
    database.each("SELECT happened, recorded FROM timeline WHERE kind = 'lapse'", {}, [&](Row const& row) {
      auto const over = committed.at(row.instant(1));
      result.lateness.push_back(Seconds(over - row.instant(0)).count());
      result.all = std::max(result.all, Seconds(over - first).count());
    });
  });
  return result;
}

}  // namespace

void measure_armed_clocks(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  std::size_t const count = plan.quick ? 20'000 : 1'000'000;
  auto const file = scratch / "ours.db";
  auto const setup = make_setup(scratch.path());
  {
    House house(file, setup);
    open_incidents(house, 1, Severity::p0, wall_now());
  }
  fill_with_clocks(file, count);
  auto const before = resident();
  auto const begun = Monotonic::now();
  House house(file, setup);
  std::optional<Instant> next;
  // As bot/app does it at its start.
  house.unit([&](Database& database, Instant now) {
    Desk const desk{database, setup->directory, now};
    static_cast<void>(recover_pages(desk));
    next = look(desk, *setup).next;
  });
  auto const seconds = Seconds(Monotonic::now() - begun).count();
  auto const grown = std::max(0.0, resident() - before);
  if (!next) throw std::runtime_error("no clock is armed");
  report.add({fmt::format("{} armed clocks: first look done", count), "<= 100 ms", "", in_millis(seconds), 0,
              0.1 / seconds, true});
  // A start costs its thread and SQLite's page cache, however many there are.
  report.add({"memory for them", "<= 4 MiB", "", in_mebibytes(grown), 0, 4096 / std::max(1.0, grown), true});
}

void measure_due_clocks(Plan const& plan, Report& report) {
  std::size_t const count = plan.quick ? 1'000 : 10'000;
  {
    Scratch const scratch(plan.folder);
    House house(scratch / "ours.db", make_setup(scratch.path()));
    open_incidents(house, count, Severity::p0, wall_now());
    auto const first = wall_now() + std::chrono::seconds{3};
    arm_lapses(house, count, first, std::chrono::seconds{1});
    house.start_scheduler();
    auto const fired = wait_for_lapses(house, count, first, Seconds{60});
    auto const late = percentile(fired.lateness, 0.99);
    report.add({fmt::format("{} lapses spread over 1 s: lateness p99", count), "<= 50 ms", "", in_millis(late), 0,
                0.05 / late, true});
  }
  Scratch const scratch(plan.folder);
  House house(scratch / "ours.db", make_setup(scratch.path()));
  open_incidents(house, count, Severity::p0, wall_now());
  auto const first = wall_now() + std::chrono::seconds{3};
  arm_lapses(house, count, first, Millis{0});
  house.start_scheduler();
  auto const fired = wait_for_lapses(house, count, first, Seconds{60});
  report.add({fmt::format("{} lapses at one instant: all committed", count), "<= 500 ms", "", in_millis(fired.all), 0,
              0.5 / fired.all, true});
}

void measure_due_pages(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  std::size_t const count = plan.quick ? 600 : 6'000;
  House house(scratch / "ours.db", make_setup(scratch.path()));
  open_incidents(house, count, Severity::p0, wall_now());
  auto const due = wall_now() + std::chrono::seconds{2};
  house.unit([&](Database& database, Instant) {
    database.run("UPDATE pages SET state = 0, ended_at = NULL, due = ?1, next_due = ?1", {value_of(due)});
    database.run("UPDATE deliveries SET state = 0, next_due = ?1 WHERE position = 0", {value_of(due)});
  });
  house.start_scheduler();
  auto const begun = Monotonic::now() + (due - wall_now());
  auto const seconds = house.carrier().wait_for(count, begun, Seconds{60});
  report.add({fmt::format("{} pages due at once: handed to providers", count), "<= 2 s", "",
              fmt::format("{:.2f} s", seconds), 0, 2 / seconds, true});
}

}  // namespace tocsin::bench
