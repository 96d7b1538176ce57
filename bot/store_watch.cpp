#include "bot/store_watch.hpp"

#include "bot/log.hpp"
#include "integrations/host/disks.hpp"
#include "integrations/host/files.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMostMountBytes = 1024 * 1024;
constexpr char const* kFailing = "health:store";  // what fails each second is one message, edited in place

char const* key_of(StoreUnavailable::Why why) {
  using enum StoreUnavailable::Why;
  switch (why) {
    case full:
      return "health.disk_full";
    case read_only:
      return "health.disk_read_only";
    case corrupt:
      return "health.store_damaged";
    case busy:
    case io:
      break;
  }
  return "health.store_unwritable";
}

/// Numbers the pages of one episode, its turns and its end: the same turn within a minute pages once.
std::int32_t occurrence_of(StoreHealth const& health) {
  auto const minute = std::chrono::floor<std::chrono::minutes>(health.since).time_since_epoch().count();
  auto const turn =
      !health.afloat ? 0 : 1 + 2 * static_cast<int>(health.why) + (health.journal_trouble.empty() ? 0 : 1);
  return static_cast<std::int32_t>(16 * minute + turn);
}

}  // namespace

std::optional<Fullness> fullness_of(std::filesystem::path const& folder) {
  auto const counts = host::ask_file_system(folder.string());
  if (counts.has_error()) return std::nullopt;
  Fullness fullness{folder.string(), host::space_of(*counts).used_percent};
  auto const text = host::read_whole("/proc/self/mountinfo", kMostMountBytes);
  auto const mounts = text ? host::parse_mountinfo(*text) : Result<std::vector<host::Mount>>(Error{});
  if (mounts.has_error()) return fullness;
  std::string best;
  auto const path = folder.string() + "/";
  for (auto const& mount : *mounts) {
    auto const point = mount.mount_point == "/" ? mount.mount_point : mount.mount_point + "/";
    if (path.starts_with(point) && mount.mount_point.size() >= best.size()) best = mount.mount_point;
  }
  if (!best.empty()) fullness.mount_point = best;
  return fullness;
}

Notice said_of(StoreHealth const& health, std::optional<Fullness> const& fullness,
               std::filesystem::path const& storage) {
  if (!health.afloat) {
    auto notice = Notice("health.store_back")
                      .with("at", health.until)
                      .with("length", health.until - health.since)
                      .with("count", health.commits);
    if (health.misfits > 0) notice.with("misfits", health.misfits).with("kept", health.kept);
    return notice;
  }
  auto notice = Notice(key_of(health.why))
                    .with("since", health.since)
                    .with("file", storage.string())
                    .with("detail", health.detail);
  if (fullness) notice.with("disk", fullness->mount_point).with("percent", std::int64_t{fullness->percent});
  if (!health.journal_trouble.empty()) notice.with("journal", health.journal_trouble);
  return notice;
}

void StoreWatch::changed(StoreHealth const& health) {
  {
    std::lock_guard const lock(mutex_);
    afloat_ = health.afloat ? "the database can't be written: " + health.detail : "";
    health_ = health;
    if (!started_) return;
  }
  announce(health);
}

void StoreWatch::start() {
  StoreHealth health;
  {
    std::lock_guard const lock(mutex_);
    started_ = true;
    health = health_;
  }
  if (health.afloat || health.until != Instant{}) announce(health);
}

void StoreWatch::announce(StoreHealth const& health) {
  if (health.afloat) {
    log_error("the database can't be written ({}); working in memory, emergency journal: {}", health.detail,
              health.journal_trouble.empty() ? "written" : health.journal_trouble);
  } else {
    log_warn("the database can be written again: {} commits back-filled, {} rows did not fit", health.commits,
             health.misfits);
  }
  auto const notice = said_of(health, fullness_of(parts_.storage.parent_path()), parts_.storage);
  parts_.alarm.say(notice, "");
  parts_.alarm.page(notice, kStepStore, occurrence_of(health));
}

void StoreWatch::failed(std::string const& detail) {
  {
    std::lock_guard const lock(mutex_);
    failed_ = detail;
  }
  if (detail.empty()) {
    log_info("the database works again");
  } else {
    log_error("database: {}", detail);
  }
  parts_.alarm.say(detail.empty() ? Notice("health.store_well") : Notice("health.store_trouble").with("detail", detail),
                   kFailing);
}

std::string StoreWatch::trouble() const {
  std::lock_guard const lock(mutex_);
  return failed_.empty() ? afloat_ : failed_;
}

}  // namespace tocsin
