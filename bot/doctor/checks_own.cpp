#include <date/tz.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "bot/backups.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/load.hpp"
#include "bot/records.hpp"
#include "bot/terminal/ask.hpp"
#include "bot/terminal/socket_path.hpp"
#include "incidents/store/inspection.hpp"
#include "incidents/store/sqlite.hpp"
#include "integrations/host/disks.hpp"

namespace tocsin::doctor {
namespace {

namespace fs = std::filesystem;

constexpr Millis kDatabaseDeadline{15'000};  // it is read from end to end
constexpr Millis kBackupDeadline{30'000};    // an archive is read whole and its checksum taken
constexpr Millis kAskDeadline{2'000};
constexpr std::chrono::microseconds kClockLimit{1'000'000};

Finding bad(Notice value, Notice cure) { return {Verdict::bad, std::move(value), std::move(cure)}; }

Finding look_at_database(Patient const& patient) {
  if (!fs::exists(patient.storage))
    return {Verdict::warning, Notice("doctor.database_missing"), Notice("doctor.cure_first_run")};
  auto database = open_sqlite(patient.storage, OpenMode::read_only);
  if (database.has_error()) return bad(told(database.error().detail), Notice("doctor.cure_storage"));
  if (auto const damage = store::first_damage(**database))
    return bad(Notice("doctor.database_damaged").with("detail", *damage), Notice("doctor.cure_damaged"));
  auto const version = store::schema_version(**database);
  auto value = Notice("doctor.database")
                   .with("version", version)
                   .with("limit", newest_schema())
                   .with("bytes", store::size_of(**database).bytes);
  if (auto const copied = last_backup(patient.storage)) value.with("at", *copied);
  if (version > newest_schema()) return bad(std::move(value), Notice("doctor.cure_newer"));
  if (version < newest_schema()) return {Verdict::warning, std::move(value), Notice("doctor.cure_older")};
  return {Verdict::good, std::move(value), {}};
}

Finding look_at_bot(Patient const& patient) {
  auto const state = ask_bot_state(socket_of(patient.storage), kAskDeadline);
  if (state.has_error()) return bad(told(state.error().detail), Notice("doctor.cure_not_running"));
  if (!state->trouble.empty()) return bad(told(state->trouble), Notice("doctor.cure_trouble"));
  auto value =
      Notice("doctor.bot").with("version", state->version).with("process", state->process).with("since", state->since);
  // Rights are those of whoever runs this: they say little about a bot of another user.
  if (state->user != static_cast<std::int64_t>(::geteuid()))
    return {Verdict::warning, std::move(value), Notice("doctor.cure_other_user")};
  return {Verdict::good, std::move(value), {}};
}

struct Folder {
  bool must_write = true;
  bool may_be_missing = false;  ///< it is made when first needed
};

Finding look_at_folder(fs::path const& path, Folder folder, Percent disk_limit) {
  auto place = path;
  std::error_code error;
  if (!fs::is_directory(place, error)) {
    if (!folder.may_be_missing) return bad(Notice("doctor.folder_missing"), Notice("doctor.cure_folder"));
    while (!fs::is_directory(place, error) && place.has_relative_path()) place = place.parent_path();
  }
  bool const writable = ::access(place.c_str(), W_OK | X_OK) == 0;
  auto const counts = host::ask_file_system(place.string());
  if (counts.has_error()) return bad(told(counts.error().detail), Notice("doctor.cure_folder"));
  auto const space = host::space_of(*counts);
  auto value = Notice(writable ? "doctor.folder" : "doctor.folder_read_only")
                   .with("used", std::int64_t{space.used_percent})
                   .with("limit", std::int64_t{std::llround(disk_limit.value())})
                   .with("free", static_cast<std::int64_t>(space.available_bytes));
  if (!writable && folder.must_write) return bad(std::move(value), Notice("doctor.cure_read_only"));
  if (space.used_percent >= disk_limit.value()) return bad(std::move(value), Notice("doctor.cure_disk"));
  if (!writable) return {Verdict::warning, std::move(value), Notice("doctor.cure_read_only")};
  return {Verdict::good, std::move(value), {}};
}

Finding look_at_log(fs::path const& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return bad(Notice("doctor.log_missing"), Notice("doctor.cure_log"));
  if (!fs::is_regular_file(path, error)) return bad(Notice("doctor.not_a_file"), Notice("doctor.cure_log"));
  if (::access(path.c_str(), R_OK) != 0) return bad(Notice("doctor.no_rights"), Notice("doctor.cure_log_rights"));
  auto value = Notice("doctor.log").with("bytes", static_cast<std::int64_t>(fs::file_size(path, error)));
  if (auto const written = written_at(path)) value.with("at", *written);
  return {Verdict::good, std::move(value), {}};
}

Finding look_at_program(fs::path const& path, std::vector<std::string> const& actions) {
  auto const used = [&](char const* key) {
    std::vector<Notice> names;
    for (auto const& name : actions) names.push_back(Notice("cell").with("value", name));
    return Notice(key).with("actions", std::move(names));
  };
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return bad(used("doctor.program_missing"), Notice("doctor.cure_program"));
  if (::access(path.c_str(), X_OK) != 0)
    return bad(used("doctor.program_no_rights"), Notice("doctor.cure_program_rights"));
  return {Verdict::good, used("doctor.program"), {}};
}

Finding look_at_backup(Patient const& patient, DataSet const& set) {
  auto const fresh = FolderBackups(patient.workdir).freshness(set, patient.now);
  if (!fresh) return {Verdict::warning, Notice("doctor.backup_none"), Notice("doctor.cure_backup")};
  auto value = Notice(fresh->verified ? "doctor.backup" : "doctor.backup_broken")
                   .with("age", fresh->age)
                   .with("limit", set.fresh_for);
  if (!fresh->verified) return bad(std::move(value), Notice("doctor.cure_backup"));
  if (fresh->age > set.fresh_for) return {Verdict::warning, std::move(value), Notice("doctor.cure_backup")};
  return {Verdict::good, std::move(value), {}};
}

Finding look_at_zone(std::string const& zone, Instant now) {
  try {
    std::ostringstream text;
    text << date::format("%Ez", date::make_zoned(zone, now));
    return {Verdict::good, Notice("doctor.zone").with("value", text.str()), {}};
  } catch (std::runtime_error const& error) {
    return bad(told(error.what()), Notice("doctor.cure_zone"));
  }
}

std::set<std::string> zones_of(Config const& config) {
  std::set<std::string> zones{config.time_zone};
  for (auto const& person : config.people) zones.insert(config.zone_of(person.id));
  for (auto const& window : config.maintenance) zones.insert(window.zone);
  if (config.duty.schedule.rotation) zones.insert(config.duty.schedule.rotation->zone);
  zones.erase("");
  return zones;
}

/// Each program once, with the actions that start it.
std::map<fs::path, std::vector<std::string>> programs_of(Patient const& patient) {
  std::map<fs::path, std::vector<std::string>> programs;
  for (auto const& action : patient.config.actions) {
    for (auto const* steps : {&action.steps, &action.verify, &action.undo}) {
      for (auto const& step : *steps) {
        auto const* run = std::get_if<RunStep>(&step);
        if (run == nullptr || run->run.empty()) continue;
        auto& users = programs[below(patient.workdir, run->run.front().literal).lexically_normal()];
        if (users.empty() || users.back() != action.name) users.push_back(action.name);
      }
    }
  }
  return programs;
}

void add_folders(PatientRef const& patient, std::vector<Check>& checks) {
  std::map<fs::path, Folder> folders;
  // What is asked of a folder by several is the strictest of it.
  auto const want = [&folders](fs::path const& path, Folder folder) {
    auto const [at, added] = folders.emplace(path.lexically_normal(), folder);
    if (added) return;
    at->second.must_write = at->second.must_write || folder.must_write;
    at->second.may_be_missing = at->second.may_be_missing && folder.may_be_missing;
  };
  bool const fresh = !fs::exists(patient->storage);
  want(patient->workdir, {false, fresh});
  want(patient->storage.parent_path(), {true, fresh});
  for (auto const& set : patient->config.data_sets) {
    if (set.kind != DataSet::Kind::folder) continue;
    want(below(patient->workdir, set.path), {false, false});
    want(below(patient->workdir, set.backups), {true, true});
  }
  for (auto const& [path, folder] : folders) {
    checks.push_back({Notice("doctor.what_folder").with("path", path.string()), Millis{5'000},
                      [patient, path = path, folder = folder] {
                        return look_at_folder(path, folder, patient->config.limits.disk);
                      }});
  }
}

}  // namespace

Finding judge_clock(host::ClockSync const& sync) {
  auto value = Notice(sync.synchronised ? "doctor.clock" : "doctor.clock_alone")
                   .with("error", std::chrono::ceil<Millis>(sync.maximum_error))
                   .with("limit", std::chrono::ceil<Millis>(kClockLimit));
  bool const fine = sync.synchronised && sync.maximum_error <= kClockLimit;
  return {fine ? Verdict::good : Verdict::warning, std::move(value), fine ? Notice() : Notice("doctor.cure_clock")};
}

std::vector<Check> checks_own(PatientRef const& patient) {
  std::vector<Check> checks;
  auto const add = [&checks](Notice what, std::function<Finding()> look, Millis deadline = Millis{5'000}) {
    checks.push_back({std::move(what), deadline, std::move(look)});
  };
  auto const& config = patient->config;
  add(
      Notice("doctor.what_database").with("path", patient->storage.string()),
      [patient] { return look_at_database(*patient); }, kDatabaseDeadline);
  add(Notice("doctor.what_bot"), [patient] { return look_at_bot(*patient); });
  add_folders(patient, checks);
  for (auto const& log : config.logs) {
    add(Notice("doctor.what_log").with("name", log.name),
        [path = below(patient->workdir, log.path)] { return look_at_log(path); });
  }
  for (auto const& [path, actions] : programs_of(*patient)) {
    add(Notice("doctor.what_program").with("path", path.string()),
        [path = path, actions = actions] { return look_at_program(path, actions); });
  }
  for (auto const& set : config.data_sets) {
    if (set.kind != DataSet::Kind::folder) continue;
    add(
        Notice("doctor.what_backup").with("name", set.name), [patient, set] { return look_at_backup(*patient, set); },
        kBackupDeadline);
  }
  for (auto const& zone : zones_of(config)) {
    add(Notice("doctor.what_zone").with("name", zone), [patient, zone] { return look_at_zone(zone, patient->now); });
  }
  add(Notice("doctor.what_clock"), [] {
    auto const sync = host::clock_sync();
    if (sync.has_error()) return Finding{Verdict::warning, told(sync.error().detail), Notice("doctor.cure_clock")};
    return judge_clock(*sync);
  });
  return checks;
}

}  // namespace tocsin::doctor
